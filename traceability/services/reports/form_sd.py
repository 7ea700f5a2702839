"""The data for Form SD: consignments of tin, tantalum, tungsten and gold of a year, their chains and their smelters."""

from collections.abc import Iterator, Mapping
from typing import Any

from traceability.diligence.definitions.annex_i import annex_row, recycled_proofs
from traceability.diligence.definitions.events import effective_events
from traceability.diligence.definitions.items import items
from traceability.diligence.definitions.scopes import CONFLICT_MINERALS
from traceability.diligence.reports import form_sd as form
from traceability.diligence.reports.form_sd import Facility, Supply
from traceability.diligence.reports.model import About, Report
from traceability.diligence.reports.origins import by_stage
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports.chains import Facts, chains, materials
from traceability.services.reports.records import limits_under, read
from traceability.services.reports.registry import Query, report


@report(
    form.KIND, form.TITLE, form.ARTICLE, audience="public", parameters=("year",),
    formats=("json", "pdf", "docx", "xlsx", "csv"),
)  # fmt: skip
def form_sd(service: Service, actor: Actor, query: Query) -> Report:
    """Return the data sheet; it names no supplier, batch or person, and no weight."""
    supplies: list[Supply] = []
    facilities: list[Facility] = []
    with service.store.read() as session:
        had = read(session, actor, query)
        for facts in chains(session, had):
            for mineral in sorted(CONFLICT_MINERALS.intersection(materials(facts["shipment"]))):
                supplies.append(_supply(mineral, facts))
                facilities += _facilities(mineral, facts["shipment"])
    about = About(had.party.did, had.party.name, query.period, query.as_of)
    stated = had.profile.profile if had.profile else {}
    facilities.sort(key=lambda one: (one.mineral, one.name or "", one.evidence))
    limits = limits_under(had, form.ARTICLE)
    return form.form_sd(about, supplies, facilities, limits, issuer=stated.get("sec_issuer"))


def _supply(mineral: str, facts: Facts) -> Supply:
    record = facts["shipment"]
    # Where the kilograms are not stated the countries still are: any positive weight gives them.
    stages = by_stage({**facts, "shipment": {"net_weight_kg": "1", **record}})
    row = annex_row(record)
    known = {document.value["document_id"]: document for document in items(facts, "documents")}
    return Supply(
        mineral=mineral,
        countries=frozenset(country for country in stages["extraction"] if country is not None),
        unknown=None in stages["extraction"] or None in stages["recycling"] or not any(stages.values()),
        declared=frozenset(place["country"] for place in record.get("origins", []) if "country" in place),
        recycled=record.get("material_class") == "recycled",
        proved=row is not None and bool(recycled_proofs(record, row, known)),
        mine_stated="mine_of_origin" in record,
        mine_signed=any(_is_extraction(event.value) for event in effective_events(facts)),
        smelters=bool(record.get("smelters")),
    )


def _is_extraction(event: Mapping[str, Any]) -> bool:
    return event["type"] == "extraction" and event.get("signature_status") == "valid" and "site_id" in event


def _facilities(mineral: str, record: Mapping[str, Any]) -> Iterator[Facility]:
    for one in record.get("smelters", []):
        evidence = "; ".join(map(_evidence, one.get("assurances", []))) or "none stated"
        origins = ", ".join(one.get("countries_of_origin", [])) or None
        yield Facility(mineral, one.get("name"), one.get("country"), one.get("smelter_id"), evidence, origins)


def _evidence(item: Mapping[str, Any]) -> str:
    first, last = item.get("valid_from", "start not stated"), item.get("valid_to", "end not stated")
    return f"{item['kind'].replace('_', ' ')}, {first} to {last}"
