"""What is wrong with a field of a shipment record, in a sentence: what was expected, what came, how to mend it."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from traceability.errors import Problem

if TYPE_CHECKING:
    from jsonschema import ValidationError

_MAX_SHOWN = 60
_MANY = 12
_TYPES: Final = {
    "string": "text",
    "array": "a list",
    "object": "an object",
    "boolean": "true or false",
    "null": "nothing",
}
#: What people write for a country, and what to do then.
_NO_COUNTRIES: Final = {
    "EU": "the Union is no country: name the Member State",
    "UE": "the Union is no country: name the Member State",
    "UK": "the United Kingdom is GB",
    "EL": "Greece is GR",
}


def told(error: "ValidationError") -> Iterator[Problem]:
    """Yield what a person has to mend, by the field's dotted path; a missing field is told under its own name."""
    path = ".".join(map(str, error.absolute_path))
    came: Any = error.instance
    asked: Any = error.validator_value
    schema: Any = error.schema
    if error.validator == "required":
        fields = schema["properties"]
        for name in (name for name in asked if name not in came):
            yield Problem(_join(path, name), f"is missing: expected {_expected(fields[name])}")
    elif error.validator == "additionalProperties":
        known = schema["properties"]
        for name in sorted(came.keys() - known.keys()):
            shown = name if name.isprintable() else ascii(name)
            yield Problem(_join(path, _cut(shown)), f"is no field here; expected {_among(known)}")
    else:
        tell = _TOLD.get(str(error.validator), lambda *_: f"expected {_expected(schema)}; got {_shown(came)}")
        yield Problem(path or "record", tell(asked, came))


#: By the rule of the schema that a value breaks: the sentence, from what was asked and what came.
_TOLD: Final[Mapping[str, Callable[[Any, Any], str]]] = {
    "minLength": lambda _, __: "is empty; leave it out when you do not know it",
    "maxLength": lambda most, came: f"expected at most {most} characters; got {len(came)}",
    "maxItems": lambda most, came: f"expected at most {most} members; got {len(came)}",
    "uniqueItems": lambda _, __: "names something twice; expected each once",
    "minProperties": lambda _, __: "says nothing; state at least one field of it, or leave it out when you do not know",
    "anyOf": lambda _, __: "expected a name or a smelter id (CID): without either nobody can be screened",
}


def _expected(schema: Mapping[str, Any]) -> str:
    if "title" in schema and "$id" not in schema:
        return str(schema["title"])
    return _among(schema["enum"]) if "enum" in schema else _TYPES.get(schema.get("type", ""), "another value")


def _among(words: Any) -> str:
    named = list(words)
    return f"one of {', '.join(named)}" if len(named) <= _MANY else "one of those in shipment-record.schema.json"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"{_cut(repr(value))}{country_hint(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else f'the number {_cut(str(value))}; write it as text: "{value!s:.30}"'


def country_hint(text: str) -> str:
    """Return what to write instead of a usual slip for a country, in brackets; nothing for others."""
    hint = _NO_COUNTRIES.get(text.strip().upper())
    return f" ({hint})" if hint else ""


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
