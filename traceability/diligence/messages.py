"""Filling the message templates of the catalogue; the wording is for people and is not part of any contract."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from traceability.diligence.catalogue import Row
from traceability.diligence.packs import Place
from traceability.texts import phrase

_BRACES = re.compile(r"\{([^{}]+)\}")
_SHOWN = 3


def message(row: Row, places: Sequence[Place], *, advisory: bool) -> str:
    """Return what the finding says: the first places in words, how many more, and whether the law applies yet."""
    text = " ".join(dict.fromkeys(fill(row.message, place.values) for place in places[:_SHOWN]))
    more = len(places) - _SHOWN
    if more > 0:
        text = phrase(f"{text} And {more} more, see the evidence.")
    return phrase(f"Would apply from {row.applicable_from}: {text}") if advisory else text


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Replace each ``{name}`` by its value; the second ``{name}`` takes the value of ``name 2`` where there is one."""
    seen: Counter[str] = Counter()

    def value(found: re.Match[str]) -> str:
        name = found[1]
        seen[name] += 1
        return _show(values.get(f"{name} {seen[name]}", values.get(name)))

    return _BRACES.sub(value, template).strip()


def _show(value: Any) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return str(value)
