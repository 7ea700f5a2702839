"""The assessment-facts document: what may be assessed (rule-catalogue.md 1) and its hash (facts.md 11)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import orjson
import rfc8785

from traceability.diligence.schema import facts_schema, fits, schema_problems
from traceability.errors import Problem, Unprocessable

__all__ = ["check_facts", "facts_schema", "inputs_hash"]

_MAX_PROBLEMS: Final = 50
_MOST: Final = 2**53 - 1
_RFC_8785: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_QUANTITY_LISTS: Final = ("quantity_list", "input_quantity_list", "output_quantity_list")
_PLACES: Final = (("country", "subdivision"), ("country_of_origin", "origin_subdivision"))


def check_facts(facts: Any) -> None:
    """Reject a document that may not be assessed (rule-catalogue.md 1).

    Raises:
        Unprocessable: with at most 50 problems, each with the JSON Pointer of its place and what was expected there.

    """
    try:
        problems = [] if fits(facts) else _first(schema_problems(facts))
        problems = problems or _first(_contradictions(facts))
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
    if not all(map(str.isascii, facts)):
        raise _NotPlain
    return _bytes(_as_sets(facts, _plain))


def _as_sets(facts: Mapping[str, Any], ordered: Callable[..., Any]) -> dict[str, Any]:
    return {key: ordered(facts[key], keep=key == "custody_events") for key in facts if key != "assessment_id"}


def _plain(value: Any, *, keep: bool = False) -> Any:
    kind = type(value)
    if kind is dict:
        if not all(map(str.isascii, value)):
            raise _NotPlain
        return {key: member if type(member) is str else _plain(member) for key, member in value.items()}
    if kind is list:
        members = [member if type(member) is str else _plain(member) for member in value]
        return members if keep or len(members) <= 1 else sorted(members, key=_bytes)
    if kind in {str, int, bool}:
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


def _contradictions(facts: Mapping[str, Any]) -> Iterator[Problem]:
    """Find what the schema cannot say: identifiers used twice, places that contradict themselves, what has no hash."""
    yield from _repeated(facts.get("documents", ()), "document_id", "/documents")
    for number, event in enumerate(facts.get("custody_events", ())):
        for name in _QUANTITY_LISTS:
            yield from _repeated(event.get(name, ()), "batch_id", f"/custody_events/{number}/{name}")
    if not _surely_hashed(facts):
        yield from _walk(facts, "")


def _repeated(members: Any, key: str, at: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, member in enumerate(members):
        first = seen.setdefault(member[key], number)
        if first != number:
            expected = f"expected each {key} once, got {member[key]!r} again (first at {at}/{first})"
            yield Problem(f"{at}/{number}/{key}", expected)


def _surely_hashed(node: Any) -> bool:
    """Tell quickly whether ``_walk`` finds nothing; where not, it looks for the places."""
    kind = type(node)
    if kind is str:
        return bool(node.isascii())
    if kind is dict:
        return all(map(_surely_hashed, node.values())) and next(_foreign_subdivisions(node, ""), None) is None
    return kind is bool or (kind is list and all(map(_surely_hashed, node))) or (kind is int and abs(node) <= _MOST)


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
