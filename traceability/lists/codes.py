"""What each list is called in the facts, and what being on it means (``assessment-facts.schema.json``, entity_hits)."""

from dataclasses import dataclass
from typing import Final, Literal

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
    "us-uflpa": "UFLPA Entity List",
    "us-cbp-wro": "CBP withhold release orders",
    "un-sc": "UN Security Council list",
    "us-ofac-sdn": "OFAC SDN list",
    "eu-sanctions": "EU consolidated sanctions list",
    "eu-cahra": "EU list of conflict-affected and high-risk areas",
    "us-dol-tvpra": "DoL list of goods",
    "transit-watch": "transit watch areas",
    "forced-labour-areas": "forced-labour areas",
}


def party_list(list_id: str) -> PartyList:
    """Return list code and category of a name list; an operator's own list is OTHER, other."""
    return _PARTY_LISTS.get(list_id, _OWN)


def title(list_id: str) -> str:
    """Return the list's name in a sentence for people; an unknown list is called by its id."""
    return _TITLES.get(list_id, list_id)
