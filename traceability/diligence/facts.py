"""The assessment-facts document: what may be assessed (rule-catalogue.md 1) and its hash (facts.md 11)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from operator import is_not
from typing import Any, Final

import orjson
import rfc8785

from traceability.diligence.schema import facts_schema, fits, schema_problems
from traceability.errors import Problem, Unprocessable

__all__ = ["check_facts", "facts_schema", "inputs_hash"]

_MAX_PROBLEMS: Final = 50
_PLAIN: Final = frozenset({str, int, bool})
_NESTED: Final = frozenset({dict, list})
_RFC_8785: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_QUANTITY_LISTS: Final = ("quantity_list", "input_quantity_list", "output_quantity_list")
_PLACES: Final = (("country", "subdivision"), ("country_of_origin", "origin_subdivision"))


def check_facts(facts: Any) -> None:
    """Reject a document that may not be assessed (rule-catalogue.md 1).

    Raises:
        Unprocessable: with at most 50 problems, each with the JSON Pointer of its place and what was expected there.

    """
    try:
        quick = fits(facts)
        problems = [] if quick else _first(schema_problems(facts))
        problems = problems or _first(_contradictions(facts, is_plain=quick and _is_plain(facts)))
    except RecursionError:
        problems = [Problem("", "the document is nested too deeply to be an assessment-facts document")]
    if problems:
        first = problems[0]
        detail = f"these are no assessment facts (schema_version 1.0): {first.path or 'document'}: {first.message}"
        raise Unprocessable(detail, problems=problems)


def inputs_hash(facts: Mapping[str, Any]) -> str:
    """Return ``sha256:`` + hex of the facts without assessment_id, as facts.md 11 defines it.

    Arrays other than custody_events are sets: they are sorted by the RFC 8785 bytes of their members.

    Raises:
        Unprocessable: a number or text has no RFC 8785 form (beyond 2^53 - 1, a lone surrogate).

    """
    try:
        return "sha256:" + hashlib.sha256(_quick_bytes(facts)).hexdigest()
    except (_NotPlain, TypeError):  # TypeError: what orjson does not write, such as half a surrogate pair
        pass
    try:
        return "sha256:" + hashlib.sha256(rfc8785.dumps(_as_sets(facts, _sorted))).hexdigest()
    except rfc8785.CanonicalizationError as error:
        raise Unprocessable(f"these facts cannot be hashed by RFC 8785: {error}") from error


class _NotPlain(Exception):
    """A value whose RFC 8785 form is not what orjson writes."""


def _quick_bytes(facts: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 form of plain facts: ASCII names, and no number but whole ones within 53 bits."""
    form = _bytes(_as_sets(facts, _plain))
    if not form.isascii() and not _has_ascii_names(facts):
        raise _NotPlain
    return form


def _has_ascii_names(value: Any) -> bool:
    if type(value) is dict:
        return all(map(str.isascii, value)) and all(map(_has_ascii_names, value.values()))
    return type(value) is not list or all(map(_has_ascii_names, value))


def _as_sets(facts: Mapping[str, Any], ordered: Callable[..., Any]) -> dict[str, Any]:
    return {key: ordered(facts[key], keep=key == "custody_events") for key in facts if key != "assessment_id"}


def _plain(value: Any, *, keep: bool = False) -> Any:
    """Return the value with its arrays sorted; itself where there is nothing to sort in it."""
    kind = type(value)
    if kind is dict:
        other = {}
        for key, member in value.items():
            if type(member) is not str and (sorted_member := _plain(member)) is not member:
                other[key] = sorted_member
        return {**value, **other} if other else value
    if kind is list:
        members = [member if type(member) is str else _plain(member) for member in value]
        if len(members) > 1 and not keep:
            return sorted(members, key=_bytes)
        return members if any(map(is_not, members, value)) else value
    if kind in _PLAIN:
        return value
    raise _NotPlain


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, option=_RFC_8785)


def _sorted(value: Any, *, keep: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(member) for key, member in value.items()}
    if not isinstance(value, list):
        return value
    members = [_sorted(member) for member in value]
    return members if keep or len(members) == 1 else sorted(members, key=rfc8785.dumps)


def _first(problems: Iterator[Problem]) -> list[Problem]:
    return list(islice(problems, _MAX_PROBLEMS))


def _contradictions(facts: Mapping[str, Any], *, is_plain: bool) -> Iterator[Problem]:
    """Find what the schema cannot say: identifiers used twice, places that contradict themselves, what has no hash."""
    yield from _repeated(facts.get("documents", ()), "document_id", "/documents")
    for number, event in enumerate(facts.get("custody_events", ())):
        for name in _QUANTITY_LISTS:
            if len(event.get(name, ())) > 1:
                yield from _repeated(event[name], "batch_id", f"/custody_events/{number}/{name}")
    if not is_plain:
        yield from _walk(facts, "")


def _repeated(members: Any, key: str, at: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, member in enumerate(members):
        first = seen.setdefault(member[key], number)
        if first != number:
            expected = f"expected each {key} once, got {member[key]!r} again (first at {at}/{first})"
            yield Problem(f"{at}/{number}/{key}", expected)


def _is_plain(facts: Mapping[str, Any]) -> bool:
    """Tell quickly whether ``_walk`` finds nothing in facts that fit the schema; where not, it looks for the places.

    The schema has no numbers but whole ones, and orjson refuses those beyond 53 bits; ASCII has no lone surrogates.
    """
    try:
        return orjson.dumps(facts, option=orjson.OPT_STRICT_INTEGER).isascii() and _agrees(facts)
    except TypeError:  # what orjson does not write
        return False


def _agrees(node: Any) -> bool:
    """Tell whether every subdivision is one of the country beside it."""
    if type(node) is dict:
        for country, subdivision in _PLACES:
            if subdivision in node and country in node and node[subdivision][:2] != node[country]:
                return False
        node = node.values()
    for member in node:  # noqa: SIM110  # a generator for each of thousands of objects takes as long as all else here
        if type(member) is not str and type(member) in _NESTED and not _agrees(member):
            return False
    return True


def _walk(node: Any, at: str) -> Iterator[Problem]:
    if isinstance(node, dict):
        yield from _foreign_subdivisions(node, at)
        for key, member in node.items():
            yield from _walk(member, f"{at}/{key}")
    elif isinstance(node, list):
        for number, member in enumerate(node):
            yield from _walk(member, f"{at}/{number}")
    elif not (isinstance(node, str) and node.isascii()):
        yield from _without_hash(node, at)


def _foreign_subdivisions(node: Mapping[str, Any], at: str) -> Iterator[Problem]:
    for country, subdivision in _PLACES:
        if country in node and subdivision in node and node[subdivision][:2] != node[country]:
            expected = f"expected a subdivision of {node[country]}, got {node[subdivision]}; correct one of the two"
            yield Problem(f"{at}/{subdivision}", expected)


def _without_hash(value: Any, at: str) -> Iterator[Problem]:
    try:
        rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        yield Problem(at, f"expected a number up to 2^53 - 1 or valid Unicode text (RFC 8785); {error}")
