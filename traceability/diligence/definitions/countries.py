"""Country groups of the catalogue, ISO 3166-1 alpha-2 (rule-catalogue.md 3)."""

from typing import Final


def _codes(*lines: str) -> frozenset[str]:
    return frozenset(code for line in lines for code in line.split())


EU27: Final = _codes(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT",
    "LV LT LU MT NL PL PT RO SK SI ES SE",
)
"""EU27: the Member States of the European Union."""

OECD38: Final = _codes(
    "AT AU BE CA CH CL CO CR CZ DE DK EE ES FI FR GB GR HU IE IL IS IT JP",
    "KR LT LU LV MX NL NO NZ PL PT SE SI SK TR US",
)
"""OECD38: the members of the OECD."""

DF10: Final = _codes("AO BI CD CF CG RW SS TZ UG ZM")
"""DF10: the Democratic Republic of the Congo and its adjoining countries (15 USC 78m(p))."""
