"""Which lists an answer needs, and for whom (screening.md 1): data, read by one small function."""

from dataclasses import dataclass
from typing import Final, Literal

from traceability.iso import is_country

Destination = Literal["any", "us", "eu", "eu_annex_i"]
Subject = Literal["shipment", "party", "batch"]

EU27: Final = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905 - reads as a list
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One list and where goods must be bound for it to be needed; ``why`` names the act."""

    list_id: str
    subject: Subject
    bound_for: Destination
    why: str


REQUIREMENTS: Final = (
    Requirement("us-uflpa", "shipment", "us", "Pub. L. 117-78 s. 3; 19 USC 1307"),
    Requirement("us-cbp-wro", "shipment", "us", "19 USC 1307"),
    Requirement("us-dol-tvpra", "shipment", "us", "22 USC 7112(b)"),
    Requirement("us-ofac-sdn", "shipment", "us", "31 CFR chapter V"),
    Requirement("un-sc", "shipment", "any", "UN Charter Art. 41: asset freezes bind every member state"),
    Requirement("eu-cahra", "shipment", "eu_annex_i", "Reg. (EU) 2017/821 Art. 4, 14(2)"),
    Requirement("transit-watch", "shipment", "eu_annex_i", "OECD Due Diligence Guidance, red flag locations"),
    Requirement("transit-watch", "batch", "any", "OECD Due Diligence Guidance, red flag locations"),
    Requirement("forced-labour-areas", "shipment", "eu", "Reg. (EU) 2024/3015 Art. 3, 8"),
    Requirement("un-sc", "party", "any", "UN Charter Art. 41: asset freezes bind every member state"),
)


def required_lists(subject: Subject, *, destination: str | None = None, annex_i: bool | None = None) -> frozenset[str]:
    """Return the ids of the lists an answer about a subject needs.

    Args:
        subject: a shipment, a party by itself, or a batch without a shipment.
        destination: ISO 3166-1 code the goods are bound for; one that is absent or no country counts as every
            destination, so that an invented code never makes fewer lists needed.
        annex_i: whether the goods stand in Annex I of Reg. (EU) 2017/821; unknown counts as yes.

    """
    anywhere = destination is None or not is_country(destination)
    us = anywhere or destination == "US"
    union = anywhere or destination in EU27
    reached = {"any": True, "us": us, "eu": union, "eu_annex_i": union and annex_i is not False}
    return frozenset(item.list_id for item in REQUIREMENTS if item.subject == subject and reached[item.bound_for])
