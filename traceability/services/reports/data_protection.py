"""What a data protection officer hands out: the record of processing (GDPR Art. 30), and an extract of the reads."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from traceability.diligence.reports import processing, reads
from traceability.diligence.reports.model import About, Report
from traceability.diligence.reports.reads import ReadLine
from traceability.diligence.retention import Ground, grounds_of
from traceability.errors import NotFound
from traceability.services import mandates
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports.registry import Query, report
from traceability.services.retention.terms import importer_facts
from traceability.storage import tables as t

#: Of each activity what is counted, the column of the party whose it is, and a condition.
_COUNTED: Final[Mapping[str, tuple[Any, Any, Any]]] = {
    "accounts": (t.User.id, t.User.party_id, None),
    "decisions": (t.Decision.id, t.Decision.owner_id, None),
    "openings": (t.PersonalData.id, t.PersonalData.party_id, col(t.PersonalData.erasure_index).is_(None)),
    "events": (t.Capture.id, t.Capture.party_id, col(t.Capture.erased_index).is_(None)),
    "shipments": (
        t.Shipment.id, t.Shipment.importer_id,
        sa.and_(col(t.Shipment.latest).is_(True), col(t.Shipment.erased_index).is_(None)),
    ),
    "documents": (t.Document.id, t.Document.owner_id, col(t.Document.erased_index).is_(None)),
    "screenings": (t.Screening.id, t.Screening.owner_id, None),
    "grievances": (
        t.CaseVersion.id, t.CaseVersion.owner_id,
        sa.and_(col(t.CaseVersion.latest).is_(True), col(t.CaseVersion.erased_index).is_(None)),
    ),
    "reporters": (
        t.GrievanceReporter.case_id, t.GrievanceReporter.owner_id, col(t.GrievanceReporter.identity).is_not(None)
    ),
    "mandates": (t.Mandate.id, t.Mandate.importer_id, None),
}  # fmt: skip


@report(
    processing.KIND, processing.TITLE, processing.ARTICLE, audience="authority", right="access_log",
    formats=("json", "pdf", "docx", "xlsx"),
)  # fmt: skip
def gdpr_record(service: Service, actor: Actor, query: Query) -> Report:
    """Return the record of the dpo's own party; of a dpo of the operator, that of the whole service."""
    _, number = mandates.reads_between(service, actor, query.first, query.last, 0)
    with service.store.read() as session:
        party = _party(session, actor)
        dpos = session.exec(
            select(t.User.name, t.User.email)
            .where(t.User.role == "dpo", t.User.party_id == actor.party_id, col(t.User.disabled_at).is_(None))
            .order_by(t.User.name)
        ).all()
        stored = {name: _count(session, actor, *asked) for name, asked in _COUNTED.items()} | {"reads": number}
        return processing.record(
            _about(service, party, query), party.address if party else None, dpos, stored, _grounds(session, party)
        )


@report(
    reads.KIND, reads.TITLE, reads.ARTICLE, audience="authority", right="access_log",
    formats=("json", "csv", "xlsx", "pdf"),
)  # fmt: skip
def access_log(service: Service, actor: Actor, query: Query) -> Report:
    """Return the reads of a period that the dpo may see."""
    found, left_out = mandates.reads_between(service, actor, query.first, query.last, reads.LONGEST)
    with service.store.read() as session:
        known = _mandates(session, {one.line.mandate_id for one in found})
        about = _about(service, _party(session, actor), query)
    return reads.extract(about, [_line(one, known) for one in found], left_out)


def _party(session: Session, actor: Actor) -> t.Party | None:
    """Return the dpo's party; None for the operator's dpo."""
    if actor.party_id is None:
        return None
    party = session.get(t.Party, actor.party_id)
    if party is None:
        raise NotFound("your party is not registered here")
    return party


def _about(service: Service, party: t.Party | None, query: Query) -> About:
    """Return whose report it is; the operator has no party, so it goes by the origin of its log."""
    if party is None:
        return About(service.settings.log_origin, "the operator of this service", query.period, query.as_of)
    return About(party.did, party.name, query.period, query.as_of)


def _count(session: Session, actor: Actor, counted: Any, owner: Any, only: Any) -> int:
    asked = select(func.count(counted))
    asked = asked if only is None else asked.where(only)
    return session.exec(asked if actor.party_id is None else asked.where(owner == actor.party_id)).one()


def _grounds(session: Session, party: t.Party | None) -> Sequence[Ground] | None:
    """Return the grounds that bind a party's records; the operator's are those of its parties, so none are named."""
    if party is None:
        return None
    records = session.exec(
        select(t.Shipment.record).where(t.Shipment.importer_id == party.id, col(t.Shipment.latest).is_(True))
    ).all()
    return grounds_of(importer_facts(session, party.id), records or None)


def _mandates(session: Session, ids: Collection[str | None]) -> Mapping[str, str]:
    rows = session.exec(select(t.Mandate)).all() if ids else []
    return {one.id: f"{one.authority}, {one.legal_article}" for one in rows if one.id in ids}


def _line(one: mandates.Read, known: Mapping[str, str]) -> ReadLine:
    line = one.line
    whose = tuple(party.name for party in one.importers)
    return ReadLine(
        line.at, line.actor, line.role, line.action, line.subject, whose, line.detail.get("purpose"),
        known.get(line.mandate_id or "", line.mandate_id),
    )  # fmt: skip


__all__ = ["access_log", "gdpr_record"]
