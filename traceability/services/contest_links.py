"""Links by which a party without an account contests: an officer sends one; it opens one contest and nothing else.

The secret has 256 bits, is shown to the officer once and kept as its SHA-256. The link contests once; after that it
reads the answer, until it expires. Every use is counted by the source it comes from, and a link that is wrong, expired
or replaced is told in the same words, so that nobody learns what there is.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlmodel import Session, col, select

from traceability.errors import Conflict, NotFound, Problem, TooLarge
from traceability.services import assess, cases, contests, documents
from traceability.services.access import Actor
from traceability.services.contest_forms import FROM
from traceability.services.context import Service
from traceability.services.documents import Brought
from traceability.services.request_forms import check_reason, refuse
from traceability.storage.store import Transaction
from traceability.storage.tables import CaseVersion, ContestLink

MOST_PAPERS: Final = 5
#: Stands for whoever uses a link: nobody knows who that is, but that an officer sent it.
BY_LINK: Final = Actor(id="link", name="a link without an account", role="supplier", scopes=frozenset())


@dataclass(frozen=True, slots=True)
class Made:
    """A link as it is shown this once, and until when it can be used."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens: the newest version of its contest, and whether it may still contest."""

    row: CaseVersion
    link: ContestLink
    may_contest: bool


def make(service: Service, actor: Actor, case_id: str) -> Made:
    """Make the link that an officer sends; an earlier one of the same contest ends.

    Raises:
        Forbidden: the actor is no officer.
        NotFound: the officer's importer has no such contest.
        Conflict: it was taken back or erased.

    """
    actor.require("tell", scope="write")
    secret = secrets.token_urlsafe(32)

    def change(tx: Transaction) -> Made:
        _ = tx.now  # locks the head: of two links made at once the second ends the first
        row = contests.one_of(tx.session, actor, case_id)
        if row.owner_id != actor.own_party():
            raise NotFound(f"there is no contest {case_id[:60]} of your importer")
        if row.record.get("status") not in ("told", "contested", "answered"):
            raise Conflict("it was taken back or erased: there is nothing for a link to open")
        for earlier in tx.session.exec(select(ContestLink).where(ContestLink.case_id == case_id)):
            earlier.ended_at = earlier.ended_at or tx.now
            tx.session.add(earlier)
        expires = tx.now + timedelta(days=service.settings.contest_link_days)
        link = ContestLink(
            digest=_digest(secret), case_id=case_id, made_by=actor.person, made_at=tx.now, expires_at=expires
        )
        tx.session.add(link)
        return Made(secret, expires)

    return service.store.write(change)


def open_link(service: Service, secret: str, source: str) -> Opened:
    """Return what a link opens.

    Raises:
        NotFound: it opens nothing, or nothing any more.
        TooManyRequests: too many were used from this source.

    """
    service.rates.check("contest", source)
    with service.store.read() as session:
        return _opened(session, secret, service.clock())


def contest(service: Service, secret: str, source: str, text: str, papers: Sequence[Brought]) -> CaseVersion:
    """Record what a party says by its link, once; its papers go to the office and are read as every document is.

    Raises:
        NotFound, TooManyRequests: as ``open_link``.
        Conflict: the link has contested, or the contest stands otherwise by now.
        InvalidInput, TooLarge: the text or the papers cannot be taken.

    """
    _check_may(open_link(service, secret, source))
    _check(service, text, papers)
    documents.keep(service, papers)

    def change(tx: Transaction) -> CaseVersion:
        _ = tx.now  # locks the head: of two uses of one link the second finds the first
        opened = _opened(tx.session, secret, tx.now)
        _check_may(opened)
        before = opened.row
        taken = documents.take_in(service, tx, papers, before.owner_id, f"contest {before.case_id}, by link")
        shown = [{"sha256": row.sha256, "filename": row.filename} for row in taken]
        record = contests.contested_record(service, tx, before.record, BY_LINK.name, text.strip(), shown)
        opened.link.used_at, opened.link.expires_at = tx.now, _readable_until(service, record["due_on"])
        tx.session.add(opened.link)
        row = cases.append(service, tx, BY_LINK, contests.KIND, before.case_id, record, before)
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def links_of(service: Service, actor: Actor, case_id: str) -> list[ContestLink]:
    """Return the links an officer's importer has made of a contest, the newest first; never their secrets."""
    actor.require("tell", scope="read")
    with service.store.read() as session:
        row = contests.one_of(session, actor, case_id)
        if row.owner_id != actor.own_party():
            return []
        query = select(ContestLink).where(ContestLink.case_id == case_id)
        return list(session.exec(query.order_by(col(ContestLink.made_at).desc())))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _opened(session: Session, secret: str, now: datetime) -> Opened:
    link = session.get(ContestLink, _digest(secret))
    if link is not None and link.ended_at is None and link.expires_at > now:
        query = select(CaseVersion).where(CaseVersion.case_id == link.case_id, col(CaseVersion.latest).is_(True))
        row = session.exec(query).one()
        if row.record:
            return Opened(row, link, link.used_at is None and row.record["status"] in FROM["contested"])
    raise NotFound("this link opens nothing, or nothing any more; ask the office that sent it to you for a new one")


def _readable_until(service: Service, due_on: str) -> datetime:
    """Return until when a used link reads the answer: as long after the answer's day as a fresh one could be used."""
    end = date.fromisoformat(due_on) + timedelta(days=service.settings.contest_link_days)
    return datetime.combine(end, time(), UTC)


def _check_may(opened: Opened) -> None:
    if not opened.may_contest:
        raise Conflict("this link has been used to contest; what you sent then is recorded and waits for its answer")


def _check(service: Service, text: str, papers: Sequence[Brought]) -> None:
    check_reason(text, "text")
    if len(papers) > MOST_PAPERS:
        refuse([Problem("papers", f"hand over at most {MOST_PAPERS} papers at once; got {len(papers)}")])
    most = service.settings.contest_limit_mb
    if sum(len(one.data) for one in papers) > most * 1_000_000:
        told = f"the papers may have {most} MB together"
        raise TooLarge(told, problems=[Problem("papers", told)])
