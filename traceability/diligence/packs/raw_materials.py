"""CRMA: Reg. (EU) 2024/1252 - strategic and critical raw materials, concentration of supply, risk assessment."""

from collections import defaultdict
from decimal import Decimal
from typing import Final

from traceability.diligence.case import Case
from traceability.diligence.definitions.countries import EU27
from traceability.diligence.definitions.dates import older_than, optional_day
from traceability.diligence.definitions.items import Item
from traceability.diligence.definitions.numbers import plain, product, total
from traceability.diligence.definitions.scopes import turnover
from traceability.diligence.packs.registry import Pack, Place, at
from traceability.diligence.tables import is_critical, is_strategic

PACK = Pack()

_BENCHMARK: Final = Decimal("0.65")
_LARGE_EMPLOYEES: Final = 500
_LARGE_TURNOVER: Final = Decimal(150_000_000)
_ASSESSMENT_MONTHS: Final = 36
_ASSESSED: Final = "supply_risk_assessment_on"


@PACK.rule("CRM-STRATEGIC")
def strategic(case: Case) -> list[Place]:
    return _materials(case, [material for material in case.materials if is_strategic(material)])


@PACK.rule("CRM-CRITICAL")
def critical(case: Case) -> list[Place]:
    if case.any_raised("CRM-STRATEGIC"):
        return []
    return _materials(case, [material for material in case.materials if is_critical(material)])


@PACK.rule("CRMA-65-INDICATOR")
def concentrated_supply(case: Case) -> list[Place]:
    flows: dict[tuple[str, str], dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for flow in case.items("portfolio"):
        if is_strategic(flow.value["material"]):
            key = (flow.value["material"], flow.value["stage"])
            flows[key][flow.value["country"]].append(flow)
    return [
        place
        for (material, stage), by_country in flows.items()
        for place in _concentrations(material, stage, by_country)
    ]


@PACK.rule("CRMA-24-ASSESSMENT")
def risk_assessment_missing(case: Case) -> list[Place]:
    importer, own = case.importer, turnover(case.importer)
    large = importer.get("employees", 0) > _LARGE_EMPLOYEES and own is not None and own > _LARGE_TURNOVER
    if importer.get("strategic_technology_manufacturer") is not True or not large or not case.has_system:
        return []
    if not older_than(case.system, (_ASSESSED,), _ASSESSMENT_MONTHS, case.as_of):
        return []
    return at(case.nearest(f"/importer/management_system/{_ASSESSED}"), date=optional_day(case.system, _ASSESSED))


def _materials(case: Case, found: list[str]) -> list[Place]:
    # Materials not stated are those of the Annex I row, so then the CN code is the evidence.
    evidence = "/shipment/materials" if "materials" in case.shipment else "/shipment/cn_code"
    return [Place((evidence,), {"material": material}) for material in found]


def _concentrations(material: str, stage: str, by_country: dict[str, list[Item]]) -> list[Place]:
    weights = {country: _weight(flows) for country, flows in by_country.items()}
    whole = total(weights.values())
    return [
        Place(
            tuple(flow.at for flow in by_country[country]),
            {"material": material, "stage": stage, "country": country, "share": plain(round(100 * weight / whole, 1))},
        )
        for country, weight in weights.items()
        if country not in EU27 and weight > product(_BENCHMARK, whole)
    ]


def _weight(flows: list[Item]) -> Decimal:
    return total(Decimal(flow.value["weight_kg"]) for flow in flows)
