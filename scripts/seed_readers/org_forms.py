"""Legal forms of organisations, folded, with the spelling equal forms share; made from opensanctions/rigour (MIT)."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from seed_readers.table import read_csv
from traceability.lists.fold import fold, is_latin

# Folded, these are ordinary words of names, or letters that any name may begin or end with.
_ORDINARY = frozenset({"in", "is", "at", "charity", "ii"})
_SHORTEST_TRANSLITERATED = 3
_SHORTEST = 2


def rows(path: Path, own: Path) -> list[dict[str, str]]:
    """Return the forms in order, each folded form once: ours, then the first type of the source that claims it."""
    found = {row["form"]: row["canonical"] for row in read_csv(own)}
    for kind in yaml.safe_load(path.read_text(encoding="utf-8"))["types"]:
        canonical = next(
            (fold(kind[key]) for key in ("compare", "display", "generic") if fold(kind.get(key) or "")), ""
        )
        for alias in _spellings(kind):
            form = fold(alias)
            if _usable(alias, form):
                found.setdefault(form, canonical or form)
    return [{"form": form, "canonical": found[form]} for form in sorted(found)]


def _spellings(kind: dict[str, object]) -> Iterator[str]:
    for key in ("display", "compare"):
        if kind.get(key):
            yield str(kind[key])
    aliases = kind.get("aliases")
    yield from (str(alias) for alias in aliases) if isinstance(aliases, list) else ()


def _usable(alias: str, form: str) -> bool:
    shortest = _SHORTEST if is_latin(alias) else _SHORTEST_TRANSLITERATED
    return len(form) >= shortest and form not in _ORDINARY and not form.isdigit()
