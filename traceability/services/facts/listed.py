"""The lists section of the facts: one version each, and of it what concerns this document (facts.md 9)."""

from collections.abc import Iterator, Mapping
from typing import Any

from traceability.lists.areas import facts_section, section_name, with_own_areas
from traceability.lists.entries import ListEntry
from traceability.services.lists import ListBook

_COUNTRY_FIELDS = frozenset(
    {"country", "dispatch_country", "destination_country", "refined_in", "country_of_origin", "declared_origin_country"}
)
_AREA_FIELDS = frozenset({"subdivision", "origin_subdivision"})


def lists(book: ListBook, facts: Mapping[str, Any], *, only: frozenset[str] | None = None) -> dict[str, Any]:
    """Return the ``lists`` section; ``only`` names the sections a batch by itself needs."""
    places = set(countries(facts))
    sections = {}
    for list_id, version in book.versions.items():
        name = section_name(list_id)
        if name is not None and (only is None or name in only):
            sections[name] = facts_section(version, book.entries[list_id], places)
    # An operator's own areas join the conflict areas; alone they would pass for the list that is not loaded.
    if "cahra" in sections:
        sections["cahra"] = with_own_areas(sections["cahra"], own_areas(book), places)
    return sections


def own_areas(book: ListBook) -> list[ListEntry]:
    """Return the areas of lists that feed no section of their own: those that an operator adds."""
    own = (entries for list_id, entries in book.entries.items() if section_name(list_id) is None)
    return [entry for entries in own for entry in entries if entry.kind == "area"]


def countries(node: Any) -> Iterator[str]:
    """Yield every country that occurs in a facts document, also as the first part of a subdivision."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name in _COUNTRY_FIELDS and isinstance(value, str):
                yield value
            elif name in _AREA_FIELDS and isinstance(value, str):
                yield value[:2]
            elif name == "countries_of_origin":
                yield from value
            else:
                yield from countries(value)
    elif isinstance(node, list):
        for item in node:
            yield from countries(item)
