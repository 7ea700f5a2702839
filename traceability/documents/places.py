"""Places of a text as ISO 3166-1 and 3166-2 codes, and which of them the room treats as areas of attention.

The list in force decides about a finding later (services/); this copy only says which passages an officer should
see first. It is the Commission's indicative list (Regulation (EU) 2017/821, Article 14) and Xinjiang.
"""

import csv
from functools import lru_cache

from traceability.documents.rulefiles import FOLDER, Rule

OTHER_PART = "-0"
"""How the code of a part ends that is known not to be on the list ("MX-0": in Mexico, in none of the listed states)."""


@lru_cache(maxsize=1)
def _areas() -> tuple[frozenset[str], frozenset[str]]:
    """Codes of whole countries and of sub-regions."""
    whole: set[str] = set()
    parts: set[str] = set()
    with (FOLDER / "areas.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            (parts if "-" in row["code"] else whole).add(row["code"])
    return frozenset(whole), frozenset(parts)


def of_attention(country: str | None, region: str | None) -> bool:
    """Whether the place is listed, or may lie in a listed part (an unknown part excludes nothing)."""
    whole, parts = _areas()
    if country is None:
        return False
    if country in whole or (region is not None and region in parts):
        return True
    return region is None and country != "CN" and any(part.startswith(country + "-") for part in parts)


def codes(rule: Rule) -> tuple[str, str | None]:
    """Return country and region of a place rule."""
    value = rule.value or ""
    return value[:2], value if "-" in value else None


def shown(region: str | None) -> str | None:
    """Return the region as it is told: a part of a country that no list names has no code here."""
    return None if region is None or region.endswith(OTHER_PART) else region
