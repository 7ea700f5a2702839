"""Findings name the versions of the lists they rest on, also where the facts have no room for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from traceability.diligence.sources import version_words
from traceability.lists.areas import section_name
from traceability.lists.codes import named, party_list
from traceability.lists.entries import ListVersion
from traceability.services.screening import Screened
from traceability.texts import phrase

_Hit = tuple[str, str, str]


def with_versions(
    finding: Mapping[str, Any], facts: Mapping[str, Any], screened: Sequence[Screened], lists: Mapping[str, ListVersion]
) -> dict[str, Any]:
    """Return a finding with ``lists``: id, title and version of every list its evidence names.

    Versions of name lists join its message too; those of area and goods lists, which the facts carry, stand there.
    """
    sections = {section_name(list_id): list_id for list_id in lists}
    listed = _listed(screened)
    parts = [pointer.split("/")[1:] for pointer in finding["evidence"]]
    areas = [sections.get(part[1]) for part in parts if part[0] == "lists" and len(part) > 1]
    hits = [listed.get(_key(facts["entity_hits"][int(part[1])])) for part in parts if _is_hit(part)]
    found = list(dict.fromkeys(list_id for list_id in (*areas, *hits) if list_id in lists))
    versions = [{"list_id": one, "title": named(one), "version": lists[one].version} for one in found if one]
    by_name = [one for one in versions if one["list_id"] in hits]
    said = "; ".join(f"{one['title']}, {version_words(one['version'])}" for one in by_name)
    return {**finding, "message": _with(finding["message"], said, len(by_name)), "lists": versions}


def _with(text: str, versions: str, count: int) -> str:
    if count == 0:
        return text
    return phrase(f"{text} List: {versions}.") if count == 1 else phrase(f"{text} Lists: {versions}.")


def _is_hit(part: Sequence[str]) -> bool:
    return part[0] == "entity_hits" and len(part) > 1


def _listed(screened: Sequence[Screened]) -> dict[_Hit, str]:
    return {
        (party_list(hit.list_id).list_code, hit.entry_key[:500], one.subject.name[:500]): hit.list_id
        for one in screened
        for hit in one.hits
    }


def _key(hit: Mapping[str, Any]) -> _Hit:
    return hit["list_code"], hit["entry_id"], hit["party_name"]
