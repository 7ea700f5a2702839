"""What each list is called, what reads it, and what being on it means in the facts (entity_hits of their schema)."""

from dataclasses import dataclass
from typing import Final, Literal

from traceability.texts import phrase

ListCode = Literal["UFLPA_ENTITY", "CBP_WRO", "EU_SANCTIONS", "UN_SANCTIONS", "US_SDN", "OTHER"]
Category = Literal["forced_labour", "sanctions", "other"]


@dataclass(frozen=True, slots=True)
class PartyList:
    """How a name list is named in the facts, in sentences for people, and what listing means."""

    list_code: ListCode
    category: Category


_PARTY_LISTS: Final = {
    "us-uflpa": PartyList("UFLPA_ENTITY", "forced_labour"),
    "us-cbp-wro": PartyList("CBP_WRO", "forced_labour"),
    "un-sc": PartyList("UN_SANCTIONS", "sanctions"),
    "us-ofac-sdn": PartyList("US_SDN", "sanctions"),
    "eu-sanctions": PartyList("EU_SANCTIONS", "sanctions"),
}
_OWN: Final = PartyList("OTHER", "other")
_TITLES: Final = {
    "us-uflpa": phrase("UFLPA Entity List"),
    "us-cbp-wro": phrase("CBP withhold release orders"),
    "un-sc": phrase("UN Security Council list"),
    "us-ofac-sdn": phrase("OFAC SDN list"),
    "eu-sanctions": phrase("EU consolidated sanctions list"),
    "eu-cahra": phrase("EU list of conflict-affected and high-risk areas"),
    "us-dol-tvpra": phrase("DoL list of goods"),
    "transit-watch": phrase("transit watch areas"),
    "forced-labour-areas": phrase("forced-labour areas"),
    "eu-2017-821-annex-i": phrase("Annex I of Reg. (EU) 2017/821"),
    "eu-2024-1252-annex-i-ii": phrase("Annexes I and II of Reg. (EU) 2024/1252"),
    "eu-2023-1542-annex-x": phrase("Annex X of Reg. (EU) 2023/1542"),
    "us-uflpa-sectors": phrase("UFLPA high-priority sectors"),
    "us-dol-goods-materials": phrase("table of DoL goods and materials"),
    "iso-3166-1": phrase("table of countries"),
    "iso-3166-2": phrase("table of subdivisions"),
    "iso-3166-2-history": phrase("table of former subdivisions"),
    "hs": phrase("Harmonized System"),
    "rmi-smelter-look-up": phrase("RMI smelter look-up"),
}
_CODES: Final = phrase("reference only: records are checked against the copy in this program")
#: A newer version of a table that only stands here for reference changes no answer; the program has to be newer too.
_USES: Final = {
    "eu-cahra": phrase("the rules read its areas"),
    "transit-watch": phrase("the rules read its areas"),
    "forced-labour-areas": phrase("the rules read its areas"),
    "us-dol-tvpra": phrase("the rules read its goods"),
    "eu-2017-821-annex-i": phrase("reference only: the rules use the copy in their pack CMR"),
    "eu-2024-1252-annex-i-ii": phrase("reference only: the rules use the copy in their pack CRMA"),
    "eu-2023-1542-annex-x": phrase("reference only: the rules use the copy in their pack BATT"),
    "us-uflpa-sectors": phrase(
        "goods are compared with it by code; by material the rules use the copy in their pack UFLPA"
    ),
    "us-dol-goods-materials": phrase("reference only: applied when the DoL list of goods was built"),
    "iso-3166-1": _CODES,
    "iso-3166-2": _CODES,
    "iso-3166-2-history": _CODES,
    "hs": phrase("reference only: no rule reads it"),
    "rmi-smelter-look-up": phrase(
        "reference only: names and ids of smelters; standing in it says nothing against anybody"
    ),
}
_SCREENED: Final = phrase("parties are screened against its names")


def party_list(list_id: str) -> PartyList:
    """Return list code and category of a name list; an operator's own list is OTHER, other."""
    return _PARTY_LISTS.get(list_id, _OWN)


def named(list_id: str, own: str = "") -> str:
    """Return the list's name in a sentence for people; another's list by its own title, else by its id."""
    return _TITLES.get(list_id) or own or list_id


def use(list_id: str) -> str:
    """Return what reads the list: screening, the rules, or nothing because a copy in the program decides."""
    return _USES.get(list_id, _SCREENED)


def is_reference(list_id: str) -> bool:
    """Return whether the list stands here for reference only: loading a newer one changes no answer."""
    return use(list_id).startswith("reference only")
