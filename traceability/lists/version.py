"""Which matcher answered, recorded with each screening: the version of its rules, a digest of the tables it reads."""

import hashlib
from pathlib import Path
from typing import Final

_RULES: Final = "fuzzy/2"  # goes up with every change of a rule or a constant that can change an answer
_TABLES: Final = ("org_forms.csv", "word_counts.csv")
_DIGITS: Final = 8


def _digest() -> str:
    folder = Path(__file__).parent / "data"
    tables = b"".join(hashlib.sha256((folder / name).read_bytes()).digest() for name in _TABLES)
    return hashlib.sha256(tables).hexdigest()[:_DIGITS]


MATCHER_VERSION: Final = f"{_RULES}+{_digest()}"
