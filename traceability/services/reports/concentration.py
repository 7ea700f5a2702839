"""Concentration of raw materials (Reg. (EU) 2024/1252): the consignments of a period, followed through their chains."""

from decimal import Decimal

from traceability.diligence.reports import concentration
from traceability.diligence.reports.concentration import Consignment
from traceability.diligence.reports.model import About, Report
from traceability.diligence.reports.origins import by_stage
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports.chains import Facts, chains, materials
from traceability.services.reports.records import limits_under, read
from traceability.services.reports.registry import Query, report


@report(concentration.KIND, concentration.TITLE, concentration.ARTICLE, audience="own")
def crma_concentration(service: Service, actor: Actor, query: Query) -> Report:
    """Return the report of the importer's shipment records of the period."""
    with service.store.read() as session:
        had = read(session, actor, query)
        found = [_consignment(facts) for facts in chains(session, had)]
    about = About(had.party.did, had.party.name, query.period, query.as_of)
    importer = had.profile.profile if had.profile else {}
    return concentration.concentration(about, found, importer, limits_under(had, concentration.ARTICLE))


def _consignment(facts: Facts) -> Consignment:
    record = facts["shipment"]
    supplier, kg = record.get("supplier", {}), record.get("net_weight_kg")
    named = supplier.get("party_id") or supplier.get("name")
    return Consignment(materials(record), None if kg is None else Decimal(kg), by_stage(facts), named)
