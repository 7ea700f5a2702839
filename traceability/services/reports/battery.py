"""The yearly public report on battery due diligence: consignments of raw materials of Annex X, and what was done."""

from dataclasses import replace

from traceability.diligence.reports import battery
from traceability.diligence.reports.battery import Goods
from traceability.diligence.reports.model import About, Report
from traceability.diligence.tables import annex_x_materials
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports.records import Records, limits_under, records
from traceability.services.reports.registry import Query, report
from traceability.storage.tables import Shipment


@report(battery.KIND, battery.TITLE, battery.ARTICLE, audience="public", formats=("json", "pdf", "docx", "xlsx"))
def battery_due_diligence(service: Service, actor: Actor, query: Query) -> Report:
    """Return the draft; it names no supplier, batch, person or country, and no weight."""
    had = records(service, actor, query)
    concerned = [one for one in had.shipments if battery.is_concerned(one.record)]
    about = About(had.party.did, had.party.name, query.period, query.as_of)
    importer = had.profile.profile if had.profile else {}
    found = [_goods(had, one) for one in concerned]
    limits = limits_under(had, battery.ARTICLE)
    made = battery.battery_report(about, importer, found, _measures(had, concerned), limits)
    return replace(made, list_versions=had.lists_of(concerned))


def _goods(had: Records, one: Shipment) -> Goods:
    record, run = one.record, had.assessed.get(one.shipment_id)
    stated = [entry for entry in record.get("battery_raw_materials", []) if entry["material"] in annex_x_materials()]
    raised = None if run is None else frozenset(found["code"] for found in run.result["findings"])
    return Goods(
        frozenset(record.get("materials", [])), stated, str(record.get("cn_code", "")).startswith("8507"),
        record.get("material_class") == "recycled", raised,
    )  # fmt: skip


def _measures(had: Records, concerned: list[Shipment]) -> list[tuple[str, bool]]:
    """Return the decisions of the period about these consignments or their batches."""
    about = {("shipment", one.shipment_id) for one in concerned}
    about |= {("batch", normalise(batch)) for one in concerned for batch in one.record.get("batch_ids", [])}
    return [(one.disposition, bool(one.steps)) for one in had.decisions if (one.subject_kind, one.subject) in about]
