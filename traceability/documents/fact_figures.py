"""How much of what papers declare is read: every declared value counts, as F1 (document-labels.md 4)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

_ITEM = ("mineral", "kg", "origin_country", "origin_region", "lot", "tags")
_SMELTER = ("name", "metal", "id", "country", "status")
Fact = tuple[str, ...]


def facts(declared: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield every value that is declared, each with what it belongs to: an item by its lot, a smelter by its name."""
    if declared["number"]:
        yield "number", str(declared["number"])
    for date in declared["dates"]:
        yield "date", date["kind"], date["date"]
    for party in declared["parties"]:
        yield "party", party["role"], party["name"]
        if party["country"]:
            yield "party country", party["name"], party["country"]
    yield from _of_each("item", declared["items"], "lot", _ITEM)
    yield from _of_each("smelter", declared["smelters"], "name", _SMELTER)
    for claim in declared["claims"]:
        yield "claim", claim["type"], str(claim["country"]), str(claim["mineral"])


def _of_each(what: str, rows: Iterable[Mapping[str, Any]], key: str, names: Sequence[str]) -> Iterator[Fact]:
    for row in rows:
        for name in names:
            if row.get(name):
                yield f"{what} {name}", str(row.get(key)), _plain(row[name])


def _plain(value: Any) -> str:
    if isinstance(value, int | float | Decimal):
        return f"{Decimal(str(value)).normalize():f}"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def overlap(wanted: Iterable[Any], said: Iterable[Any]) -> tuple[int, int, int]:
    """Return how many are both wanted and said, how many wanted, how many said, doubles each time."""
    want, have = Counter(wanted), Counter(said)
    return (want & have).total(), want.total(), have.total()


def f1(counts: Iterable[tuple[int, int, int]]) -> dict[str, Any]:
    """Return F1 of the counts of several papers, with the counts it comes from; None where nothing was there."""
    hit, wanted, said = (sum(each) for each in zip(*counts, strict=True))
    both = wanted + said
    return {"f1": round(2 * hit / both, 4) if both else None, "found": hit, "wanted": wanted, "said": said}
