"""The codes of countries and their parts (ISO 3166-1 alpha-2, ISO 3166-2) that a record may name; needs no database.

The table is made of the committed tables ``iso-3166-1``, ``iso-3166-2`` and ``iso-3166-2-history`` by
``scripts/build_seed.py``: the codes of UN/LOCODE, Kosovo (XK), Bouvet Island (BV), and withdrawn codes of parts that
lists still use.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_TABLE = "iso_3166.csv"


@cache
def _subdivisions() -> Mapping[str, frozenset[str]]:
    """Return the codes of the parts of every country that exists today."""
    text = (files("traceability") / "data" / _TABLE).read_text(encoding="utf-8")
    return {
        row["country"]: frozenset(f"{row['country']}-{part}" for part in row["subdivisions"].split("|") if part)
        for row in csv.DictReader(text.splitlines())
        if row["status"] != "former"
    }


def countries() -> tuple[str, ...]:
    """Return every ISO 3166-1 alpha-2 code in use, and XK, sorted."""
    return tuple(sorted(_subdivisions()))


def is_country(code: str) -> bool:
    """Tell whether a text is the code of a country that exists; "EU" is none, and an invented one is none."""
    return code in _subdivisions()


def is_subdivision(code: str) -> bool:
    """Tell whether a text is an ISO 3166-2 code; withdrawn codes that the area lists still use are."""
    return code in _subdivisions().get(code[:2], ())
