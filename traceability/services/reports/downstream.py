"""What the immediate buyer of a batch or shipment is told (Reg. (EU) 2017/821 Art. 7(2)).

Nothing of the private layer is in it: prices, suppliers, papers, findings and decisions stay out.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.reports.model import Cell, Column, Gap, Report, Section, Table
from traceability.errors import InvalidQuery, NotFound
from traceability.lists.codes import named
from traceability.services.access import Actor
from traceability.services.assess import latest
from traceability.services.batches import require_visible
from traceability.services.context import Service
from traceability.services.facts.importer import released
from traceability.services.reports.records import LAW
from traceability.services.reports.registry import Query, report
from traceability.services.shipments import for_batch, in_period
from traceability.services.shipments import latest as newest
from traceability.storage.tables import AssessmentRow, Party, Shipment

TITLE = "Information for the immediate buyer"
ARTICLE = f"{LAW} Art. 7(2)"
_WHAT = (Column("what", "What"), Column("stated", "As recorded"))
_STEPS = (Column("date", "Date"), Column("step", "Step"), Column("country", "Country"), Column("area", "Area"),
          Column("signature", "Signature"))  # fmt: skip
_SMELTERS = (
    Column("name", "Smelter or refiner"), Column("country", "Country"), Column("cid", "Identification"),
    Column("processed_on", "Processed on"), Column("evidence", "Evidence and its dates"),
)  # fmt: skip


@report(
    "downstream-information", TITLE, ARTICLE, audience="customer", right="read_shipments",
    parameters=("batch", "shipment"), formats=("json", "pdf", "docx"),
)  # fmt: skip
def downstream_information(service: Service, actor: Actor, query: Query) -> Report:
    """Return what a buyer of one batch or shipment is told.

    Raises:
        InvalidQuery: neither a batch nor a shipment is named, or both.
        NotFound: there is none of that name that the actor may see.

    """
    if (query.batch is None) == (query.shipment is None):
        raise InvalidQuery("name one batch or one shipment: ?batch=URI or ?shipment=ID")
    with service.store.read() as session:
        party = session.get(Party, actor.own_party())
        if party is None:
            raise NotFound("your party is not registered here")
        found = _shipments(session, actor, party.id, query)
        runs = {one.shipment_id: latest(session, party.id, "shipment", one.shipment_id) for one in found}
    gaps = tuple(gap for one in found for gap in _gaps(one))
    none = Gap("a shipment record that names this batch", ARTICLE, "the shipment record: batch_ids")
    sections = tuple(section for one in found for section in _sections(one, runs[one.shipment_id]))
    lists: dict[str, str] = {}
    for run in runs.values():
        lists |= {named(item["list_id"]): item["version"] or "none loaded" for item in run.coverage} if run else {}
    return Report(
        kind="downstream-information", title=TITLE, law=ARTICLE, party_id=party.did, party_name=party.name,
        period=_period(found, query), as_of=query.as_of,
        sections=sections or (Section("The batch", (str(query.batch),)),),
        gaps=gaps if found else (none,), list_versions=lists, audience="customer",
    )  # fmt: skip


def _shipments(session: Session, actor: Actor, party_id: str, query: Query) -> list[Shipment]:
    if query.batch is not None:
        require_visible(session, actor, query.batch)
        ids = for_batch(session, party_id, query.batch)
    else:
        ids = [query.shipment or ""]
    rows = [newest(session, party_id, one) for one in ids if in_period(session, actor, one)]
    found = [row for row in rows if row is not None and row.erased_index is None]
    if query.shipment is not None and not found:
        raise NotFound(f"there is no shipment record {query.shipment[:200]} of yours")
    return found


def _period(found: list[Shipment], query: Query) -> tuple[date, date]:
    """Return the days from the first release to the last; of a batch without any, today."""
    days = sorted(released(one) for one in found) or [query.as_of]
    return days[0], days[-1]


def _sections(one: Shipment, run: AssessmentRow | None) -> list[Section]:
    record = one.record
    row = annex_row(record)
    origins = ", ".join(place.get("subdivision") or place.get("country", "") for place in record.get("origins", []))
    stated: tuple[tuple[str, Cell], ...] = (
        ("Trade name", record.get("trade_name")), ("Type", record.get("material_type")),
        ("CN code", record.get("cn_code")), ("Row of Annex I", row.row_id if row else "none"),
        ("Nature of the material as declared", str(record.get("material_class", "")).replace("_", " ") or None),
        ("Countries or areas of origin as declared", origins or None),
        ("Batches", "; ".join(record.get("batch_ids", [])) or None),
    )  # fmt: skip
    tables = [
        Table("goods", "The goods", _WHAT, stated),
        Table("smelters", "Smelters and refiners", _SMELTERS, tuple(map(_smelter, record.get("smelters", [])))),
        Table("steps", "Steps of the chain, by country", _STEPS, tuple(_steps(run)), _SAID),
    ]
    return [Section(f"Consignment {one.shipment_id}", (), tuple(tables), law=ARTICLE)]


_SAID = (
    "From the signed custody events of the batches and of what they were made of. Parties between are not named: an "
    "authority reads them in the evidence pack."
)


def _smelter(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    said = "; ".join(
        f"{item['kind'].replace('_', ' ')}, {item.get('valid_from', 'start not stated')} to "
        f"{item.get('valid_to', 'end not stated')}"
        for item in one.get("assurances", [])
    )
    return one.get("name"), one.get("country"), one.get("smelter_id"), one.get("processed_on"), said or "none stated"


def _steps(run: AssessmentRow | None) -> list[tuple[Cell, ...]]:
    events = run.facts.get("custody_events", []) if run and run.erased_index is None else []
    found = [
        (
            event["event_time"][:10], event["type"].replace("_", " "), event.get("country"), event.get("subdivision"),
            event["signature_status"].replace("_", " "),
        )
        for event in events
        if not event.get("error_declaration")
    ]  # fmt: skip
    return sorted(dict.fromkeys(found), key=lambda one: str(one[0]))


def _gaps(one: Shipment) -> list[Gap]:
    asked = {"trade_name": "the trade name", "material_type": "the type", "origins": "the countries of origin"}
    row = annex_row(one.record)
    if row is not None and row.part == "B":
        asked["smelters"] = "the smelters and refiners"
    article = f"{LAW} Art. 4(f), (g)"
    return [
        Gap(f"{said} of consignment {one.shipment_id}", article, f"the shipment record: {name}")
        for name, said in asked.items()
        if not one.record.get(name)
    ]


__all__ = ["downstream_information"]
