"""UFLPA and DOL: goods bound for the United States, and goods on the list under the TVPRA."""

from typing import Final

from traceability.diligence.case import Case
from traceability.diligence.definitions.dates import in_force
from traceability.diligence.definitions.items import Item, items
from traceability.diligence.packs.registry import Escalation, Pack, Place, Test, at, each
from traceability.diligence.tables import sectors

PACK = Pack()

XINJIANG: Final = "CN-XJ"
TRACING_PACKAGE: Final = (
    "supply_chain_map",
    "purchase_order",
    "invoice",
    "contract",
    "proof_of_payment",
    "packing_list",
    "bill_of_lading",
    "certificate_of_origin",
    "production_record",
)
_KINDS: Final = {"child_labour": "child labour", "forced_labour": "forced labour"}


def _on_us_list(list_code: str) -> Test:
    def test(case: Case) -> list[Place]:
        return each(hit for hit in case.strong_hits if case.us_dest and hit.value["list_code"] == list_code)

    return test


for _code, _list in (("UFLPA-ENTITY", "UFLPA_ENTITY"), ("US307-WRO", "CBP_WRO")):
    PACK.rule(_code)(_on_us_list(_list))


@PACK.rule("UFLPA-XUAR")
def xinjiang_in_the_chain(case: Case) -> list[Place]:
    if not case.us_dest:
        return []
    return [Place((place.at,), {"place": place.name}) for place in case.geo if place.subdivision == XINJIANG]


@PACK.rule("UFLPA-SECTOR", Escalation("major", when=lambda case: any(place.country == "CN" for place in case.geo)))
def high_priority_sector(case: Case) -> list[Place]:
    if not case.us_dest:
        return []
    return [
        Place((case.nearest("/shipment/materials"),), {"material": sector.material, "sector": sector.name})
        for sector in sectors()
        if sector.material in case.materials and sector.added_year <= case.as_of.year
    ]


@PACK.rule("UFLPA-CBP-PACKAGE")
def tracing_package_incomplete(case: Case) -> list[Place]:
    present = {document.value["type"] for document in case.items("documents")}
    missing = [kind for kind in TRACING_PACKAGE if kind not in present]
    if not case.any_raised("UFLPA-ENTITY", "UFLPA-XUAR") or not missing:
        return []
    return at(case.nearest("/documents") or "/shipment/destination_country", types=missing)


@PACK.rule(
    "DOL-TVPRA",
    Escalation("major", when=lambda case: bool(case.reports_of("forced_labour", "worst_forms_child_labour"))),
)
def listed_good(case: Case) -> list[Place]:
    produced: dict[str, str] = {country.code: country.at for country in case.origins + case.extracted_in}
    listed = [
        entry
        for entry in items(case.lists.get("tvpra", {}), "entries", "/lists/tvpra")
        if entry.value["country"] in produced and entry.value["material"] in case.materials
    ]
    return [
        Place((produced[entry.value["country"]], entry.at), {**entry.value, "kinds": _kinds(entry)})
        for entry in listed
        if _kinds(entry) and in_force(entry.value, case.as_of)
    ]


def _kinds(entry: Item) -> list[str]:
    return [words for key, words in _KINDS.items() if entry.value[key]]
