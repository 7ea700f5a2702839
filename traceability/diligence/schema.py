"""The JSON Schema of assessment facts (2020-12) and its validator: strict at the end of texts, formats asserted."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from traceability.diligence.acceptance import Test, acceptance
from traceability.errors import Problem

if TYPE_CHECKING:
    from jsonschema import FormatChecker, ValidationError
    from jsonschema.protocols import Validator

Formats = Mapping[str, Callable[[str], bool]]

_MAX_MESSAGE: Final = 300

# datetime.fromisoformat alone takes more than RFC 3339 allows, such as offsets of 99 minutes.
_RFC_3339: Final = re.compile(
    r"[0-9-]{10}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def facts_schema() -> dict[str, Any]:
    """Return the JSON Schema of an assessment-facts document, as published; the caller may change its copy."""
    text = (files("traceability.diligence") / "data" / "assessment-facts.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def fits(facts: Any) -> bool:
    """Tell quickly whether the document surely fits the schema; where not, ``schema_problems`` knows."""
    return _quick()(facts)


@cache
def _quick() -> Test:
    schema = facts_schema()
    return acceptance(
        _inlined(schema, schema["$defs"]), {"date": _quietly(_is_date), "date-time": _quietly(_is_date_time)}
    )


def _quietly(holds: Callable[[str], bool]) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        try:
            return holds(text)
        except ValueError:
            return False

    return test


def schema_problems(facts: Any) -> Iterator[Problem]:
    """Yield each way in which the document breaks the schema: JSON Pointer, what is wrong, what the place means."""
    for error in _validator().iter_errors(facts):
        meaning = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
        pointer = "".join(f"/{_escaped(part)}" for part in error.absolute_path)
        yield Problem(pointer, f"{_short(error.message)}. {meaning}".rstrip())


@cache
def _validator() -> "Validator":
    return strict_validator(facts_schema())


def strict_validator(schema: Mapping[str, Any], formats: Formats | None = None) -> "Validator":
    """Return a validator that asserts the formats date and date-time and those given, and takes $ as the very end.

    References are inlined, because resolving them takes most of the time; build a validator once.

    Args:
        schema: a JSON Schema (2020-12) whose references are all to its own ``$defs``.
        formats: for each further format, whether a text is of it.

    """
    from jsonschema import Draft202012Validator, validators

    linear: type[Validator] = validators.extend(  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        Draft202012Validator, {"uniqueItems": _unique_texts}
    )
    return linear(_inlined(schema, schema["$defs"]), format_checker=_checker(formats or {}))


def _checker(formats: Formats) -> "FormatChecker":
    """Return the formats of the schema, so that an unknown one cannot pass because a library is missing."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    checker.checks("date", raises=ValueError)(_is_date)
    checker.checks("date-time", raises=ValueError)(_is_date_time)
    for name, holds in formats.items():
        checker.checks(name)(_for_texts(holds))
    return checker


def _for_texts(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(_RFC_3339.fullmatch(value) and datetime.fromisoformat(value))


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(member, definitions) for member in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        node = definitions[node["$ref"].removeprefix("#/$defs/")] | {key: node[key] for key in node if key != "$ref"}
    inlined = {key: _inlined(member, definitions) for key, member in node.items() if key != "$defs"}
    pattern = inlined.get("pattern")
    if isinstance(pattern, str):
        # In JSON Schema $ is the very end; in Python it also allows a newline, and "DE\n" would pass every list unseen.
        inlined["pattern"] = pattern.removesuffix("$") + r"\Z"
    return inlined


def _unique_texts(_validator: "Validator", unique: bool, instance: Any, _schema: Any) -> "Iterator[ValidationError]":  # noqa: FBT001 - jsonschema calls it by position
    """Check uniqueItems in linear time; all such arrays hold texts, and other members are reported by ``items``."""
    from jsonschema import ValidationError

    texts = [member for member in instance if isinstance(member, str)] if isinstance(instance, list) else []
    if unique and len(set(texts)) < len(texts):
        yield ValidationError("expected each member once, got one of them twice; remove the repetition")


def _short(message: str) -> str:
    return message if len(message) <= _MAX_MESSAGE else message[:_MAX_MESSAGE] + "..."


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
