"""How often whom a misspelt name means is among the candidates that are compared: what blocking loses no scorer finds.

The UN's main names with one or two misspellings (`name_lists.altered`) are asked of an index of all shipped lists.
"""

from collections.abc import Iterator

from bench.invented_names import listed
from bench.name_lists import Listed, altered
from traceability.documents.evaluation import Rate
from traceability.lists.candidates import KEPT
from traceability.lists.entries import ListEntry
from traceability.lists.keys import asked_by
from traceability.lists.match import NameIndex
from traceability.lists.nameform import forms_of

LEAST = 0.995
"""What screening.md 8 and the issue of screening ask for."""


def measure() -> Rate:
    """Return of how many misspelt names the party is among the first 50 candidates."""
    parties = listed()
    index = NameIndex.build(parties)
    un = {entry.entry_key: entry for entry in parties if entry.list_id == "un-sc"}
    found = [entry in _candidates(index, name, entry.schema) for name, entry in altered(Listed(un, {}, {}, {}))]
    return Rate(sum(found), len(found))


def _candidates(index: NameIndex, name: str, schema: str) -> list[ListEntry]:
    return [index.names[number].entry for number in _numbers(index, name, schema)]


def _numbers(index: NameIndex, name: str, schema: str) -> Iterator[int]:
    for form in forms_of(name, schema, index.forms):
        yield from index.by_fold.get(form.folded, ())
        if form.searchable:
            yield from index.candidates.nearest(asked_by(form), KEPT)


def verdict(rate: Rate) -> str:
    """Return ``met`` or ``MISSED``."""
    return "met" if rate.right >= LEAST * rate.of else "MISSED"
