"""The six-digit codes of goods that a record may name (Harmonized System, edition of 2022); needs no database.

The table is made of the committed table ``hs`` by ``scripts/build_seed.py``. The Combined Nomenclature divides these
subheadings further and has no other goods: its chapters 98 and 99 are collective codes, which say of no goods what
they are.
"""

import csv
from functools import cache
from importlib.resources import files

_DIGITS = 6
_TABLE = "hs.csv"


@cache
def _subheadings() -> frozenset[str]:
    text = (files("traceability.lists") / "data" / _TABLE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return frozenset(row["heading"] + rest for row in rows for rest in row["subheadings"].split("|"))


def is_goods_code(code: str) -> bool:
    """Tell whether a code of goods, of six digits or more, begins with a subheading that exists."""
    return code[:_DIGITS] in _subheadings()
