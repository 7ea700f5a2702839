"""Reading the facts document with JSON Pointers (RFC 6901), so that every finding can show its evidence."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Item(NamedTuple):
    """One object of the facts and the JSON Pointer at which it stands."""

    at: str
    value: Mapping[str, Any]


def items(parent: Mapping[str, Any], key: str, at: str = "") -> list[Item]:
    """Return the members of the array ``key`` of ``parent``, which stands at ``at``; absent counts as empty here."""
    return [Item(f"{at}/{key}/{number}", value) for number, value in enumerate(parent.get(key, ()))]


def nearest(facts: Mapping[str, Any], pointer: str) -> str:
    """Return the longest part of ``pointer`` that exists: where a missing fact would have to stand.

    Array members are not followed; a missing fact is always one of an object.
    """
    node: Any = facts
    found = ""
    for part in pointer.split("/")[1:]:
        if not isinstance(node, Mapping) or part not in node:
            break
        node, found = node[part], f"{found}/{part}"
    return found


def value_at(facts: Any, pointer: str) -> Any:
    """Return what stands at a JSON Pointer.

    Raises:
        KeyError, IndexError: nothing does.

    """
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        facts = facts[int(name)] if isinstance(facts, list) else facts[name]
    return facts
