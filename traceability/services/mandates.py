"""Mandates: what entitles a regulator or auditor to read, and the log of every read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from traceability.clock import latest_date
from traceability.errors import Forbidden, InvalidInput, InvalidQuery, NotFound, Problem, PurposeNeeded
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.whole import mandate_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import AccessLog, AccessLogParty, Mandate, Party, User

_MIN_PURPOSE = 10
_LONGEST = timedelta(days=3 * 366)
_LATEST_RECORD = timedelta(days=366)  # how long after its first day a mandate may still be recorded
UNDER_MANDATE = ("regulator", "auditor")
PACK_READ = "evidence pack"  # as the access log names the read; its detail has the SHA-256 of the file


def grant(  # noqa: PLR0917, PLR0913  # what a mandate says
    service: Service, admin: Actor, user: str, authority: str, article: str, purpose: str, period: tuple[date, date],
    importer: str | None = None, records: tuple[date, date] | None = None,
) -> Mandate:  # fmt: skip
    """Record the mandate of a regulator, or of an auditor for one importer and the records of a period.

    Args:
        service: the service.
        admin: who records it.
        user: the name of the regulator or auditor.
        authority: in whose name it reads.
        article: the legal article the mandate rests on.
        purpose: what for.
        period: first and last day on which it may read.
        importer: id or DID of the one importer; for an auditor.
        records: first and last day of the records it may read; for an auditor.

    Raises:
        InvalidInput: the user is neither, a period is empty, that of reading is longer than three years or began over a
            year ago, or an auditor's importer or period of records is missing.
        NotFound: there is no such user or importer.

    """
    admin.require("grant_mandates", scope="write")
    _check_period(period, latest_date(service.clock()))
    if records is not None and records[1] < records[0]:
        problem = Problem("records_to", f"write the last day of the records, on or after {records[0]}")
        raise InvalidInput("the period of the records ends before it begins", problems=[problem])
    _check_words(authority, article, purpose)

    def change(tx: Transaction) -> Mandate:
        person = tx.session.exec(select(User).where(User.name == user)).one_or_none()
        if person is None:
            raise NotFound(f"there is no user {user!r}")
        if person.role not in ("regulator", "auditor"):
            raise InvalidInput(f"{user} has the role {person.role}; mandates are for regulators and auditors")
        if (person.role == "auditor") != (importer is not None):
            said = "an auditor's mandate names one importer, a regulator's names none"
            raise InvalidInput(said, problems=[Problem("importer", said)])
        if (person.role == "auditor") != (records is not None):
            said = "an auditor's mandate says from when to when its records are, a regulator's does not"
            raise InvalidInput(said, problems=[Problem("records_from", said)])
        row = Mandate(
            id=new_id(), user_id=person.id, authority=authority, legal_article=article, purpose=purpose,
            importer_id=None if importer is None else _importer(tx.session, importer), valid_from=period[0],
            valid_to=period[1], records_from=records and records[0], records_to=records and records[1],
            created_by=admin.person, created_at=tx.now,
        )  # fmt: skip
        body = digest(mandate_bytes(row, service.who))
        row.entry_index = tx.log.append(Entry(kind="decision", body=body, at=milliseconds(tx.now)))
        tx.session.add(row)
        return row

    return service.store.write(change)


def _check_words(authority: str, article: str, purpose: str) -> None:
    asked = (("authority", authority, 1), ("article", article, 1), ("purpose", purpose, _MIN_PURPOSE))
    problems = [
        Problem(name, f"write it in at least {least} characters" if least > 1 else "write what it is")
        for name, text, least in asked
        if len(text.strip()) < least
    ]
    if problems:
        said = "a mandate names the authority, the article it rests on, and a purpose in words"
        raise InvalidInput(said, problems=problems)


def _check_period(period: tuple[date, date], today: date) -> None:
    """Refuse a period no authority would write: reading without end is what a mandate is there to prevent."""
    first, last = period
    if last < first:
        problem = Problem("valid_to", f"write the last day, on or after {first}")
        raise InvalidInput("the mandate ends before it begins", problems=[problem])
    if last - first > _LONGEST:
        problem = Problem("valid_to", f"write a day up to {_day_after(first, _LONGEST)}; record a new mandate after it")
        raise InvalidInput("a mandate lasts three years at most", problems=[problem])
    if today - first > _LATEST_RECORD:
        problem = Problem("valid_from", f"write a day from {today - _LATEST_RECORD} on")
        raise InvalidInput("the mandate would have begun more than a year ago", problems=[problem])


def _day_after(first: date, time: timedelta) -> date:
    return first + time if date.max - first > time else date.max


def _importer(session: Session, importer: str) -> str:
    row = session.exec(select(Party).where((col(Party.id) == importer) | (col(Party.did) == importer))).one_or_none()
    if row is None:
        raise NotFound(f"there is no party {importer!r}")
    return row.id


def granted(service: Service, admin: Actor) -> list[tuple[Mandate, str, str | None]]:
    """Return every mandate with the user it is for and the importer it names, newest first; for admins."""
    admin.require("administer")
    query = (
        select(Mandate, User.name, Party.name)
        .join(User, col(User.id) == col(Mandate.user_id))
        .join(Party, col(Party.id) == col(Mandate.importer_id), isouter=True)
        .order_by(col(Mandate.created_at).desc())
    )
    with service.store.read() as session:
        return [(row, user, importer) for row, user, importer in session.exec(query)]


def in_force(service: Service, actor: Actor) -> list[Mandate]:
    """Return the mandates of the actor in force today; it reads under the first, the one of the shortest period.

    Raises:
        Forbidden: there is none, or it has run out.

    """
    today = latest_date(service.clock())
    with service.store.read() as session:
        person = session.exec(select(User).where(User.name == actor.person)).one_or_none()
        rows = session.exec(select(Mandate).where(Mandate.user_id == (person.id if person else ""))).all()
    valid = [row for row in rows if row.valid_from <= today <= row.valid_to]
    if not valid:
        raise Forbidden("you have no mandate in force today; the operator's admin records it with article and period")
    return sorted(valid, key=lambda row: (row.valid_to - row.valid_from, row.valid_to, row.id))


def check_purpose(purpose: str | None) -> str:
    """Return the purpose a regulator or auditor states for a read.

    Raises:
        PurposeNeeded: none was stated, or too short a one.

    """
    if purpose is None or len(purpose.strip()) < _MIN_PURPOSE:
        raise PurposeNeeded(f"state the purpose of this read in at least {_MIN_PURPOSE} characters (header X-Purpose)")
    return purpose.strip()[:500]


def reader(service: Service, actor: Actor, purpose: str | None) -> tuple[Mandate | None, Actor]:
    """Return the mandate in force and the actor to read as; an auditor sees what its mandate's importer sees.

    Raises:
        Forbidden: a regulator or auditor has no mandate in force, or states no purpose.

    """
    if actor.role not in UNDER_MANDATE:
        return None, actor
    check_purpose(purpose)
    return _as_reader(service, actor)


def _as_reader(service: Service, actor: Actor) -> tuple[Mandate, Actor]:
    mandate = in_force(service, actor)[0]
    if actor.role == "auditor":
        return mandate, replace(actor, party_id=mandate.importer_id, records=records_of(mandate))
    return mandate, actor


def records_of(mandate: Mandate) -> tuple[date, date] | None:
    """Return the first and last day of the records an auditor's mandate opens.

    One recorded before mandates said so opens the records of its own time.
    """
    if mandate.importer_id is None:
        return None
    return mandate.records_from or mandate.valid_from, mandate.records_to or mandate.valid_to


def private_reader(service: Service, actor: Actor, purpose: str | None, importer: str | None, subject: str) -> Actor:
    """Return the actor to read one importer's private layer as; the read is logged before it is answered.

    An auditor reads the importer of its mandate, and may name no other; a regulator reads the one it names. Everybody
    else reads as themselves.

    Raises:
        Forbidden: no mandate in force, or no purpose stated.
        InvalidQuery: a regulator names no importer.
        NotFound: there is no such importer.

    """
    if actor.role not in UNDER_MANDATE:
        return actor
    check_purpose(purpose)
    mandate, actor = _as_reader(service, actor)
    if actor.role == "regulator":
        if not importer:
            raise InvalidQuery("name the importer whose records you read: ?importer=DID")
        with service.store.read() as session:
            actor = replace(actor, party_id=_importer(session, importer))
    elif importer:
        with service.store.read() as session:
            if _importer(session, importer) != actor.party_id:
                raise NotFound(f"there is no party {importer!r}")
    log_read(service, actor, "private", subject, mandate, {"purpose": purpose}, [actor.own_party()])
    return actor


def log_read(
    service: Service, actor: Actor, action: str, subject: str, mandate: Mandate | None, detail: Mapping[str, Any],
    importers: Collection[str] = (),
) -> None:  # fmt: skip
    """Write one line of the access log; ``importers`` are those whose private records the answer shows."""
    shown = {*importers, *([mandate.importer_id] if mandate and mandate.importer_id else [])}

    def change(tx: Transaction) -> None:
        line = AccessLog(
            at=service.clock(), actor=actor.person, role=actor.role, party_id=actor.party_id,
            mandate_id=mandate.id if mandate else None, action=action[:60], subject=subject[:500], detail=dict(detail),
        )  # fmt: skip
        tx.session.add(line)
        tx.session.flush()
        tx.session.add_all(AccessLogParty(read_id=line.id or 0, party_id=party_id) for party_id in shown)

    service.store.write(change)


@dataclass(frozen=True, slots=True)
class Read:
    """One read as a dpo sees it: the line of the log, and whose private records it showed (DID and name)."""

    line: AccessLog
    importers: tuple[Party, ...]


def access_log(service: Service, actor: Actor, *, limit: int = 200) -> list[Read]:
    """Return the newest reads: of the records of the dpo's own party, or all for a dpo of the operator."""
    actor.require("access_log", scope="read")
    with service.store.read() as session:
        return _reads(session, actor, _of(actor, select(AccessLog)).limit(limit))


def reads_between(service: Service, actor: Actor, first: date, last: date, most: int) -> tuple[list[Read], int]:
    """Return the newest reads of a period (days, UTC, both included), at most so many, and how many older ones it has.

    They are those that ``access_log`` shows the actor.
    """
    actor.require("access_log", scope="read")
    start, end = datetime.combine(first, time(), UTC), datetime.combine(last, time.max, UTC)
    within = col(AccessLog.at).between(start, end)
    with service.store.read() as session:
        found = _reads(session, actor, _of(actor, select(AccessLog)).where(within).limit(most))
        every = session.exec(_of(actor, select(func.count(col(AccessLog.id)))).where(within).order_by(None)).one()
    return found, every - len(found)


def _of(actor: Actor, query: Any) -> Any:
    """Return a question about the log, newest first, kept to the records of the dpo's own party."""
    query = query.order_by(col(AccessLog.id).desc())
    if actor.party_id is None:
        return query
    own = select(AccessLogParty.read_id).where(AccessLogParty.party_id == actor.party_id)
    return query.where(col(AccessLog.id).in_(own))


def _reads(session: Session, actor: Actor, query: Any) -> list[Read]:
    lines = session.exec(query).all()
    shown = _whose(session, actor, [line.id or 0 for line in lines])
    return [Read(line, tuple(shown.get(line.id or 0, ()))) for line in lines]


def _whose(session: Session, actor: Actor, reads: Collection[int]) -> dict[int, list[Party]]:
    """Return whose records each read showed; a party is told of its own alone, not who else was looked at."""
    query = select(AccessLogParty.read_id, Party).join(Party, col(Party.id) == col(AccessLogParty.party_id))
    query = query.where(col(AccessLogParty.read_id).in_(reads)).order_by(col(Party.name))
    if actor.party_id is not None:
        query = query.where(Party.id == actor.party_id)
    found: dict[int, list[Party]] = {}
    for read_id, party in session.exec(query):
        found.setdefault(read_id, []).append(party)
    return found
