"""ENTITY and SANCTION: name screening results, and gold of Russian origin. Confirming a match is left to an officer."""

from typing import Final

from traceability.diligence.case import Case
from traceability.diligence.definitions.countries import EU27
from traceability.diligence.definitions.items import Item
from traceability.diligence.definitions.watch import is_weak
from traceability.diligence.packs.registry import Pack, Place, at, each

PACK = Pack()

_US_LISTS: Final = frozenset({"UFLPA_ENTITY", "CBP_WRO"})
_GOLD_CODES: Final = ("7108", "711291")
_CODES_WITH_GOLD: Final = ("711890", "7113", "7114")


@PACK.rule("ENTITY-POSSIBLE-MATCH")
def possible_match(case: Case) -> list[Place]:
    return each(hit for hit in case.items("entity_hits") if is_weak(hit.value, case.as_of))


@PACK.rule("ENTITY-LISTED")
def listed_without_effect_here(case: Case) -> list[Place]:
    return each(hit for hit in case.strong_hits if _without_effect(case, hit))


@PACK.rule("SANCTION-ENTITY")
def sanctioned_party(case: Case) -> list[Place]:
    return each(hit for hit in case.strong_hits if hit.value["category"] == "sanctions")


@PACK.rule("SANCTION-EU-833-2014")
def russian_gold(case: Case) -> list[Place]:
    gold = case.cn_code.startswith(_GOLD_CODES) or (
        case.cn_code.startswith(_CODES_WITH_GOLD) and "gold" in case.materials
    )
    bound = case.eu_dest or case.importer.get("country") in EU27
    russian = [country.at for country in case.origins + case.extracted_in if country.code == "RU"]
    return at("/shipment/cn_code", *russian) if gold and bound and russian else []


def _without_effect(case: Case, hit: Item) -> bool:
    """A forced-labour listing bites on the Union market and, on two lists, in the US; elsewhere it informs."""
    category = hit.value["category"]
    in_us = case.us_dest and hit.value["list_code"] in _US_LISTS
    return category == "other" or (category == "forced_labour" and not case.eu_market and not in_us)
