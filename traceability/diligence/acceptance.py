"""Saying quickly that a document fits a schema; what it does not say yes to, the real validator judges.

Validating thousands of custody events one keyword at a time takes longer than all rules together. Here the schema
becomes plain functions, once. They accept nothing that the validator would refuse; where they say no - also to a whole
number written as 5.0 - the validator has the word, and its messages are what people read.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Test = Callable[[Any], bool]
Schema = Mapping[str, Any]

_WORDS: Final = frozenset({"$schema", "$id", "$defs", "title", "description", "type"})
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"properties", "required", "additionalProperties", "propertyNames"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"enum", "const", "pattern", "minLength", "maxLength", "format"}),
    "integer": frozenset({"minimum", "maximum"}),
    "boolean": frozenset(),
}


def acceptance(schema: Schema, formats: Mapping[str, Callable[[str], bool]]) -> Test:
    """Return a function that is true for documents that fit a schema without references.

    Raises:
        ValueError: the schema uses something that is not known here, so it cannot be said what fits.

    """
    kind = schema.get("type", "string")
    unknown = schema.keys() - _WORDS - _KNOWN.get(kind, frozenset())
    if kind not in _KNOWN or unknown:
        raise ValueError(f"no quick test is made for {kind} with {', '.join(sorted(unknown)) or 'this type'}")
    return _MAKERS[kind](schema, formats)


def _object(schema: Schema, formats: Any) -> Test:
    properties = {name: acceptance(of, formats) for name, of in schema.get("properties", {}).items()}
    required = frozenset(schema.get("required", ()))
    others = schema.get("additionalProperties", True)
    if others is True:
        raise ValueError("no quick test is made for objects that may have any property")
    other = acceptance(others, formats) if others else None
    named = acceptance(schema["propertyNames"], formats) if "propertyNames" in schema else None

    def test(value: Any) -> bool:
        if type(value) is not dict or not value.keys() >= required:
            return False
        for key, member in value.items():
            inner = properties.get(key, other)
            if inner is None or not inner(member) or (named is not None and not named(key)):
                return False
        return True

    return test


def _array(schema: Schema, formats: Any) -> Test:
    least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
    unique = schema.get("uniqueItems", False)
    item = acceptance(schema["items"], formats)
    if unique and schema["items"].get("type") != "string":
        raise ValueError("no quick test is made for unique members that are no texts")

    def test(value: Any) -> bool:
        if type(value) is not list or not least <= len(value) <= most:
            return False
        return all(map(item, value)) and (not unique or len(set(value)) == len(value))

    return test


def _string(schema: Schema, formats: Any) -> Test:
    allowed = {schema["const"]} if "const" in schema else set(schema["enum"]) if "enum" in schema else None
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    search = re.compile(schema["pattern"]).search if "pattern" in schema else None
    holds = formats[schema["format"]] if "format" in schema else None

    def test(value: Any) -> bool:
        if type(value) is not str or not least <= len(value) <= most or (search is not None and search(value) is None):
            return False
        return (allowed is None or value in allowed) and (holds is None or holds(value))

    if allowed is not None and schema.keys() <= _WORDS | {"const", "enum"}:
        return lambda value: type(value) is str and value in allowed
    if allowed is None and holds is None:
        if search is None:
            return lambda value: type(value) is str and least <= len(value) <= most
        if not schema.keys() & {"minLength", "maxLength"}:
            return lambda value: type(value) is str and search(value) is not None
    return test


def _integer(schema: Schema, _formats: Any) -> Test:
    least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    return lambda value: type(value) is int and least <= value <= most


def _boolean(_schema: Schema, _formats: Any) -> Test:
    return lambda value: type(value) is bool


_MAKERS: Final[Mapping[str, Callable[[Schema, Any], Test]]] = {
    "object": _object, "array": _array, "string": _string, "integer": _integer, "boolean": _boolean,
}  # fmt: skip
