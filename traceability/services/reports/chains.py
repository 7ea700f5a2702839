"""The shipment records of a period, each with the facts of its newest assessment: its chain and its papers."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence.definitions.annex_i import annex_row
from traceability.services.assess import newest_ids
from traceability.services.facts.importer import shipment_facts
from traceability.services.reports.records import Records
from traceability.storage.tables import AssessmentRow

Facts = Mapping[str, Any]


def chains(session: Session, had: Records) -> Iterator[Facts]:
    """Yield the facts of each shipment record, read one after the other.

    ``shipment`` is the record as it is now. Of one not assessed, or whose facts were erased, there is nothing else.
    """
    left = {one.shipment_id: shipment_facts(one.record) for one in had.shipments}
    asked = select(AssessmentRow.subject, AssessmentRow.facts).where(
        AssessmentRow.subject_kind == "shipment", col(AssessmentRow.id).in_(newest_ids(had.party.id)),
        col(AssessmentRow.erased_index).is_(None),
    )  # fmt: skip
    for subject, facts in session.exec(asked.execution_options(yield_per=50)):
        if subject in left:
            yield {**facts, "shipment": left.pop(subject)}
    yield from ({"shipment": record} for record in left.values())


def materials(record: Facts) -> tuple[str, ...]:
    """Return the materials of a record by code: those it states, else the metal of its row of Annex I."""
    row = annex_row(record)
    return tuple(dict.fromkeys(record.get("materials", [row.metal] if row else [])))
