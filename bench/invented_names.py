"""Names by the hundred thousand, made of the words of the shipped lists: common where those are, and nobody's."""

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from traceability.lists.entries import ListEntry, Name
from traceability.lists.seedfile import read_list, read_manifest

_LISTS = Path(__file__).resolve().parents[1] / "seed" / "lists"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PER_ENTRY = 2


def listed() -> list[ListEntry]:
    """Return the parties of the shipped lists."""
    rows = read_manifest(_LISTS)
    return [entry for row in rows for entry in read_list(_LISTS, row)[1] if entry.kind == "party"]


def invented(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield names with their schema: the first half of one listed name and the second of another."""
    drawn = random.Random(seed)
    pools: dict[str, list[list[str]]] = {"Person": [], "Organization": []}
    for entry in listed():
        pool = pools["Person" if entry.schema == "Person" else "Organization"]
        pool += [name.text.split() for name in entry.names if name.text.strip()]
    for _ in range(count):
        schema = "Person" if drawn.random() < 0.5 else "Organization"
        one, other = drawn.choice(pools[schema]), drawn.choice(pools[schema])
        middle = max(1, len(one) // 2)
        yield " ".join([*one[:middle], *other[middle:]]), schema


def entries_of(names: int, seed: int) -> list[ListEntry]:
    """Return entries with that many names, two each."""
    source, made = invented(names, seed), []
    while pair := list(islice(source, _PER_ENTRY)):
        texts = tuple(Name(text) for text, _ in pair)
        made.append(ListEntry("bench", str(len(made)), "party", texts, extra={"schema": pair[0][1]}))
    return made


def misspelt(names: list[tuple[str, str]], seed: int) -> list[tuple[str, str]]:
    """Return the names with one letter replaced each."""
    drawn = random.Random(seed)
    changed = []
    for name, schema in names:
        at = drawn.randrange(len(name))
        changed.append((name[:at] + drawn.choice(_LETTERS) + name[at + 1 :], schema))
    return changed
