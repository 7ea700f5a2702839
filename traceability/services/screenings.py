"""Reading the screening record: an importer's own screenings, those a mandate opens, or all of them for an admin."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, get_args

from sqlmodel import Session, col, or_, select

from traceability.clock import latest_date
from traceability.errors import InvalidQuery, NotFound, Unprocessable
from traceability.events.identifiers import normalise
from traceability.lists.coverage import Outcome
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.period import within
from traceability.services.reviewer_memory import Asked, Memory, memory
from traceability.storage.tables import Party, Screening, ScreeningHit

MOST_ROWS: Final = 1000
MOST_EXPORTED: Final = 100_000
OUTCOMES: Final = (*get_args(Outcome), "not_screened")
_END_OF_IDS: Final = 2**31


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which screenings: what is None narrows nothing.

    ``subject`` is a name as it was screened or the key of a subject, ``party`` a DID or CID, ``list_id`` and ``entry``
    what was met, ``since`` and ``until`` days (UTC, both inclusive), ``after`` the last id of the page before.
    """

    subject: str | None = None
    party: str | None = None
    list_id: str | None = None
    entry: str | None = None
    outcome: str | None = None
    since: date | None = None
    until: date | None = None
    after: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Found:
    """One screening, and the party it was made for."""

    row: Screening
    owner: Party | None


def screenings(service: Service, actor: Actor, wanted: Wanted) -> list[Found]:
    """Return screenings, newest first.

    Raises:
        Forbidden: the role may not read them, or an officer's or auditor's account has no party.
        InvalidQuery: there is no such outcome, or the page is larger than allowed.

    """
    _check(actor, wanted)
    with service.store.read() as session:
        return _page(session, actor, wanted)


def screening(service: Service, actor: Actor, number: int) -> Found:
    """Return one screening; raises NotFound where the actor can see none of this id."""
    _check(actor, Wanted())
    with service.store.read() as session:
        query = select(Screening).where(*_mine(actor), Screening.id == number)
        row = session.exec(query).one_or_none() if 0 < number < _END_OF_IDS else None
        if row is None:
            raise NotFound(f"there is no screening {str(number)[:20]} that you may see")
        return Found(row, session.get(Party, row.owner_id) if row.owner_id else None)


def remembered(service: Service, found: Found) -> list[dict[str, Any]]:
    """Return what people have said about each hit of a screening by now: a dismissed hit is shown as such."""
    if found.owner is None:
        return [{"said": None, "again": None} for _ in found.row.hits]
    with service.store.read() as session:
        known = memory(session, found.owner.id, latest_date(service.clock()))
    return [_recalled(known, found.row, hit) for hit in found.row.hits]


def _recalled(known: Memory, row: Screening, hit: Mapping[str, Any]) -> dict[str, Any]:
    asked = Asked(hit["list_id"], hit["entry_key"], row.subject_key, row.party_id, hit.get("identity"))
    said = known.recall(asked)
    return {"said": said.disposition, "again": said.again}


def every(service: Service, actor: Actor, wanted: Wanted) -> Iterator[Found]:
    """Yield screenings for an export, page by page, newest first.

    Raises:
        Unprocessable: they are more than 100,000, found out before the first is given; and as ``screenings``.

    """
    _check(actor, wanted)
    with service.store.read() as session:
        query = _query(actor, wanted, select(Screening.id))
        more = session.exec(query.offset(MOST_EXPORTED).limit(1)).first() is not None
    if more:
        said = f"these are more than {MOST_EXPORTED} screenings: narrow them with from and to, and take several files"
        raise Unprocessable(said)
    return _pages(service, actor, replace(wanted, limit=MOST_ROWS))


def _pages(service: Service, actor: Actor, wanted: Wanted) -> Iterator[Found]:
    while True:
        with service.store.read() as session:
            page = _page(session, actor, wanted)
        yield from page
        if len(page) < wanted.limit:
            return
        wanted = replace(wanted, after=page[-1].row.id)


def _check(actor: Actor, wanted: Wanted) -> None:
    actor.require("screenings", scope="read")
    if wanted.outcome is not None and wanted.outcome not in OUTCOMES:
        raise InvalidQuery(f"expected an outcome of {', '.join(OUTCOMES)}; got {wanted.outcome[:40]!r}")
    if not 1 <= wanted.limit <= MOST_ROWS:
        raise InvalidQuery(f"expected a limit of 1 to {MOST_ROWS}; got {str(wanted.limit)[:20]}")


def _page(session: Session, actor: Actor, wanted: Wanted) -> list[Found]:
    rows = session.exec(_query(actor, wanted, select(Screening)).limit(wanted.limit)).all()
    owners = {row.owner_id for row in rows if row.owner_id}
    parties = {one.id: one for one in session.exec(select(Party).where(col(Party.id).in_(owners)))}
    return [Found(row, parties.get(row.owner_id or "")) for row in rows]


def _query(actor: Actor, wanted: Wanted, query: Any) -> Any:
    return query.where(*_mine(actor), *_conditions(wanted)).order_by(col(Screening.id).desc())


def _mine(actor: Actor) -> Iterator[Any]:
    if actor.role != "admin":
        yield Screening.owner_id == actor.own_party()
        yield within(actor, col(Screening.at))


def _conditions(wanted: Wanted) -> Iterator[Any]:
    if wanted.subject is not None:
        name = col(Screening.subject)["name"].as_string()
        yield or_(col(Screening.subject_key) == wanted.subject, name == wanted.subject)
    if wanted.party is not None:
        yield col(Screening.party_id).in_(sorted({wanted.party, normalise(wanted.party)}))
    if wanted.list_id is not None or wanted.entry is not None:
        yield col(Screening.id).in_(_met(wanted))
    if wanted.outcome is not None:
        yield Screening.outcome == wanted.outcome
    if wanted.since is not None:
        yield Screening.at >= _midnight(wanted.since)
    if wanted.until is not None and wanted.until < date.max:
        yield Screening.at < _midnight(wanted.until + timedelta(days=1))
    if wanted.after is not None:
        yield col(Screening.id) < min(wanted.after, _END_OF_IDS - 1)


def _met(wanted: Wanted) -> Any:
    query = select(ScreeningHit.screening_id)
    if wanted.list_id is not None:
        query = query.where(ScreeningHit.list_id == wanted.list_id)
    return query if wanted.entry is None else query.where(ScreeningHit.entry_key == wanted.entry[:500])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def shown(found: Found, said: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return a screening as JSON; ``said`` is what ``remembered`` gives for its hits."""
    row, owner = found.row, found.owner
    versions = {item["list_id"]: item["version"] for item in row.versions}
    hits = [{**hit, "list_version": versions.get(hit["list_id"])} for hit in row.hits]
    return {
        "id": row.id,
        "at": _moment(row.at),
        "as_of": row.as_of.isoformat(),
        "known_at": row.known_at and _moment(row.known_at),
        "kind": row.kind or "party",
        "subject": row.subject,
        "subject_key": row.subject_key,
        "party_id": row.party_id,
        "importer": owner and owner.did,
        "asked_by": row.asked_by,
        "lists": row.versions,
        "matcher": row.matcher,
        "threshold": row.threshold,
        "settings_hash": row.settings_hash,
        "status": row.status or "done",
        "failure": row.failure,
        "outcome": row.outcome,
        "hits": [{**hit, **more} for hit, more in zip(hits, said or [{}] * len(hits), strict=True)],
        "entry_index": row.entry_index,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
