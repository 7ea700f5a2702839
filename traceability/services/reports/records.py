"""What a report on a period is made of: the importer's records and statements, and what rules found in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.reports.model import Gap
from traceability.errors import NotFound
from traceability.lists.codes import named
from traceability.services.access import Actor
from traceability.services.assess import newest_ids
from traceability.services.cases import newest
from traceability.services.context import Service
from traceability.services.facts.importer import latest_profile, released
from traceability.services.period import falls_within, shipment_within
from traceability.services.reports.registry import Query
from traceability.services.same import importers_of
from traceability.storage.tables import AssessmentRow, CaseVersion, Decision, ImporterProfile, Party, Shipment

LAW = "Reg. (EU) 2017/821"
PROFILE = "the importer profile, POST /v1/profile"


@dataclass(frozen=True, slots=True)
class Assessed:
    """The newest assessment of a shipment record: what it found, with which lists, and why it would wait."""

    result: Mapping[str, Any]
    coverage: Sequence[Mapping[str, Any]]
    pending: Sequence[str]
    notes: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Also:
    """Another record that is read as the same importer; of it yearly volumes count alone, and nothing is shown.

    ``shipments`` are the newest versions released in the period, ``erased`` how many of them are no longer stored.
    """

    did: str
    profile: ImporterProfile | None
    shipments: tuple[Shipment, ...]
    erased: int


@dataclass(frozen=True, slots=True)
class Records:
    """An importer's records: newest versions released in the period, its newest profile, assessments and decisions.

    ``decisions`` took effect in the period; ``decided`` are the shipments about which one is in force, whenever it was.
    ``erased`` counts the shipment records of the period whose content is no longer stored. ``notices`` are the newest
    versions of all that authorities sent, whenever it was.
    """

    party: Party
    profile: ImporterProfile | None
    shipments: tuple[Shipment, ...]
    assessed: Mapping[str, Assessed]
    decisions: tuple[Decision, ...]
    decided: frozenset[str]
    erased: int
    limits: tuple[Gap, ...]
    period: tuple[date, date]
    notices: tuple[CaseVersion, ...]
    also: tuple[Also, ...] = ()

    @property
    def system(self) -> Mapping[str, Any]:
        """Return what the importer states about its management system; empty where it states nothing."""
        found = self.profile.profile.get("management_system", {}) if self.profile else {}
        return found if isinstance(found, Mapping) else {}

    @property
    def covered(self) -> tuple[Shipment, ...]:
        """Return the shipments of a row of Annex I, whatever their yearly volume."""
        return tuple(one for one in self.shipments if annex_row(one.record) is not None)

    @property
    def list_versions(self) -> dict[str, str]:
        """Return the versions of lists that the assessments of Annex I read, by the name of the list."""
        return self.lists_of(self.covered)

    def lists_of(self, shipments: Iterable[Shipment]) -> dict[str, str]:
        """Return the versions of lists that the assessments of some shipments read, by the name of the list."""
        used: dict[str, set[str]] = {}
        asked = {one.shipment_id for one in shipments}
        for name, one in self.assessed.items():
            for item in one.coverage if name in asked else ():
                said = item["version"] or "none loaded"
                used.setdefault(named(item["list_id"]), set()).add(said)
        return {title: ", ".join(sorted(found)) for title, found in sorted(used.items())}


def records(service: Service, actor: Actor, query: Query) -> Records:
    """Return the records of the actor's own party in the period; an auditor's are those that its mandate opens.

    Raises:
        Forbidden: the account belongs to no party.
        NotFound: the party is not registered.

    """
    with service.store.read() as session:
        return read(session, actor, query)


def read(session: Session, actor: Actor, query: Query) -> Records:
    """Return the records as ``records`` does, within a session."""
    party = session.get(Party, actor.own_party())
    if party is None:
        raise NotFound("your party is not registered here")
    found = _shipments(session, actor, query)
    kept = tuple(one for one in found if one.erased_index is None)
    ids = {one.shipment_id for one in kept}
    assessed = {name: one for name, one in _assessments(session, party.id) if name in ids}
    erased = len(found) - len(kept)
    limits = _limits(actor, query, ids - assessed.keys(), sum(bool(one.pending) for one in assessed.values()), erased)
    every = _decisions(session, actor, party.id)
    made = tuple(one for at, one in every if query.first <= at.date() <= query.last)
    decided = frozenset(one.subject for _, one in every if one.subject_kind == "shipment")
    notices = tuple(newest(session, actor, "notice"))
    profile = latest_profile(session, party.id)
    also = tuple(_also(session, party.id, query))
    return Records(party, profile, kept, assessed, made, decided, erased, limits, query.period, notices, also)


def _also(session: Session, party_id: str, query: Query) -> Iterator[Also]:
    for one in importers_of(session, party_id):
        if one != party_id:
            rows = select(Shipment).where(Shipment.importer_id == one, col(Shipment.latest).is_(True))
            found = [row for row in session.exec(rows) if query.first <= released(row) <= query.last]
            kept = tuple(row for row in found if row.erased_index is None)
            did = session.get_one(Party, one).did
            yield Also(did, latest_profile(session, one), kept, len(found) - len(kept))


def _shipments(session: Session, actor: Actor, query: Query) -> list[Shipment]:
    asked = select(Shipment).where(Shipment.importer_id == actor.own_party(), col(Shipment.latest).is_(True))
    rows = session.exec(asked.where(shipment_within(actor)).order_by(col(Shipment.shipment_id))).all()
    return [one for one in rows if query.first <= released(one) <= query.last]


def _assessments(session: Session, owner_id: str) -> list[tuple[str, Assessed]]:
    columns: Any = (
        AssessmentRow.subject, AssessmentRow.result, AssessmentRow.coverage, AssessmentRow.pending, AssessmentRow.notes,
    )  # fmt: skip
    asked = select(*columns).where(
        AssessmentRow.subject_kind == "shipment", col(AssessmentRow.id).in_(newest_ids(owner_id))
    )
    return [(subject, Assessed(*said)) for subject, *said in session.exec(asked)]


def _decisions(session: Session, actor: Actor, owner_id: str) -> list[tuple[datetime, Decision]]:
    """Return the decisions in force on shipments and batches with when they took effect, in that order."""
    asked = select(Decision).where(
        Decision.owner_id == owner_id, Decision.state == "in_force",
        col(Decision.subject_kind).in_(("shipment", "batch")),
    )  # fmt: skip
    made = [(one.confirmed_at or one.proposed_at, one) for one in session.exec(asked)]
    seen = [(at, one) for at, one in made if falls_within(actor, at)]
    return sorted(seen, key=lambda pair: (pair[0], pair[1].id))


def _limits(actor: Actor, query: Query, unassessed: set[str], pending: int, erased: int) -> tuple[Gap, ...]:
    """Return what keeps these records from being all there are: unknown is never nothing."""
    found = []
    if unassessed:
        said = f"the assessment of {number(len(unassessed), 'shipment record')} of the period: not made yet"
        found.append(Gap(said, f"{LAW} Art. 5(1)(a)", "wait for their assessment, or ask an admin what holds it up"))
    if pending:
        said = f"a complete assessment of {number(pending, 'shipment record')}: a paper unread, a name not screened"
        found.append(Gap(said, f"{LAW} Art. 5(1)(a)", "open each on its page; what it waits for stands there"))
    if erased:
        said = f"{number(erased, 'shipment record')} of the period, erased when the retention ended"
        found.append(Gap(said, f"{LAW} Art. 4(c)", "nowhere: the ledger keeps their hashes alone"))
    if actor.records is not None and not (actor.records[0] <= query.first and query.last <= actor.records[1]):
        said = f"records outside {actor.records[0]} to {actor.records[1]}, which this mandate does not open"
        found.append(Gap(said, "the mandate", "a mandate whose records are those of the whole period"))
    if query.first <= query.as_of <= query.last:
        said = f"what comes after {query.as_of}: the period is not over"
        found.append(Gap(said, "the period asked for", "ask again after its last day"))
    return tuple(found)


def limits_under(had: Records, law: str) -> tuple[Gap, ...]:
    """Return what keeps the records from being all there are, for a report that rests on another law."""
    return tuple(replace(one, law=law) if one.law.startswith(LAW) else one for one in had.limits)


def number(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 consignment`` or ``3 consignments``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
