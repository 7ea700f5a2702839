"""When two JSON values are the same: by parsed value (RFC 8259), where true is not 1 and 200 is 200.0."""

from collections.abc import Mapping
from typing import Any

_DECLARATION = "errorDeclaration"


def comparable(value: Any) -> Any:
    """Return a hashable stand-in that is equal for two JSON values exactly where these are the same."""
    if isinstance(value, Mapping):
        return frozenset((name, comparable(member)) for name, member in value.items())
    if isinstance(value, list):
        return tuple(map(comparable, value))
    return ("boolean", value) if isinstance(value, bool) else value


def same_content(first: Any, second: Any) -> bool:
    """Tell whether two parsed JSON values say the same; the order of keys and the spelling of numbers do not count."""
    return bool(comparable(first) == comparable(second))


def without_declaration(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event as it was before somebody declared it wrong (EPCIS 2.0, errorDeclaration)."""
    return {name: value for name, value in event.items() if name != _DECLARATION}


def is_correction_of(repetition: Mapping[str, Any], original: Mapping[str, Any]) -> bool:
    """Tell whether the repetition is the original plus an errorDeclaration, and nothing else changed."""
    return _DECLARATION in repetition and same_content(without_declaration(repetition), without_declaration(original))
