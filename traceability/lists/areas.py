"""List entries as sections of the facts (facts.md 9): areas, and goods by country.

A date stands in the facts only where the publisher gives one; areas and goods are copied when their country occurs in
the document, and none of them is an empty array: the list was asked and holds nothing relevant.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final

from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, ListVersion

_SECTIONS: Final = {
    "eu-cahra": "cahra",
    "transit-watch": "transit_watch",
    "forced-labour-areas": "forced_labour_areas",
    "us-dol-tvpra": "tvpra",
}
_NAMED_BY: Final = {"eu-cahra": "union_indicative", "transit-watch": "other", "forced-labour-areas": "authority"}
_LONGEST_VERSION: Final = 200


def section_name(list_id: str) -> str | None:
    """Return the name of the list's section in the facts; None when it feeds none."""
    return _SECTIONS.get(list_id)


def facts_section(
    version: ListVersion,
    entries: Iterable[ListEntry],
    countries: Collection[str],
    materials: Collection[str] | None = None,
) -> dict[str, Any]:
    """Return one section of ``lists`` in the facts.

    Args:
        version: the list version; its id decides between areas and goods.
        entries: its entries, and with them dropped ones that carry their ``valid_to``.
        countries: the ISO 3166-1 codes that occur in the facts document.
        materials: if given, only goods of these material codes are copied; areas are not affected.

    Raises:
        InvalidInput: the list feeds no section of the facts.

    """
    name = section_name(version.list_id)
    if name is None:
        raise InvalidInput(f"{version.list_id} feeds no section of the facts; those that do: {', '.join(_SECTIONS)}")
    make = _goods if name == "tvpra" else _areas
    section: dict[str, Any] = {"list_version": version.version[:_LONGEST_VERSION]}
    if version.published_at:
        section["published_on"] = version.published_at.isoformat()
    section["entries"] = make(entries, countries, materials)
    return section


def area_entry(code: str, *, entry_id: str, named_by: str, entry: ListEntry | None = None) -> dict[str, Any]:
    """Return one area of the facts; an importer's own area is named by ``importer`` and adds to the list's."""
    area = {"code": code, "source": named_by, "entry_id": entry_id}
    return area | _dates(entry) if entry else area


def with_own_areas(section: dict[str, Any], own: Iterable[ListEntry], countries: Collection[str]) -> dict[str, Any]:
    """Return a section of areas with those an operator's own lists add: they count the same, and nothing goes."""
    added = _areas((entry for entry in own if entry.kind == "area"), countries, None)
    return section | {"entries": _sorted([*section["entries"], *added])}


def _areas(
    entries: Iterable[ListEntry], countries: Collection[str], _materials: Collection[str] | None
) -> list[dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in entries:
        code = entry.code or ""
        if code[:2] in countries:
            named_by = _NAMED_BY.get(entry.list_id, "importer")
            # A country named by several sources is one area; other dates make it another entry.
            key = (code, entry.valid_from, entry.valid_to, named_by)
            found[key] = area_entry(code, entry_id=code, named_by=named_by, entry=entry)
    return _sorted(found.values())


def _goods(
    entries: Iterable[ListEntry], countries: Collection[str], materials: Collection[str] | None
) -> list[dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in entries:
        if not entry.material or entry.country not in countries:
            continue
        if materials is not None and entry.material not in materials:
            continue
        key = (entry.material, entry.country, entry.valid_from, entry.valid_to)
        good = found.setdefault(key, {"material": entry.material, "country": entry.country} | _dates(entry))
        good["child_labour"] = good.get("child_labour", False) or entry.child_labour
        good["forced_labour"] = good.get("forced_labour", False) or entry.forced_labour
    return _sorted(found.values())


def _dates(entry: ListEntry) -> dict[str, str]:
    bounds = {"valid_from": entry.valid_from, "valid_to": entry.valid_to}
    return {name: bound.isoformat() for name, bound in bounds.items() if bound}


def _sorted(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda item: sorted((key, str(value)) for key, value in item.items()))
