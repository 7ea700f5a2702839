"""Checking a shipment record: its schema, what contradicts itself in it, and dates that cannot be."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from traceability.diligence.schema import strict_validator
from traceability.errors import InvalidInput, Problem
from traceability.events.identifiers import is_lot, normalise
from traceability.iso import is_subdivision
from traceability.services.goods_codes import is_known
from traceability.services.shipment_messages import told
from traceability.services.shipment_schema import CN_FORMAT, LOT_FORMAT, SUBDIVISION_FORMAT, shipment_schema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_MAX_PROBLEMS = 100
_MAX_ERRORS = 1000
_AHEAD = timedelta(days=366)
#: Dates of what has happened, or is about to; those of a validity may lie years ahead.
_DATES = frozenset({"released_on", "start", "end", "stock_created_on", "processed_on", "paid_on", "date"})
_PLACES = (("country", "subdivision"), ("country_of_origin", "origin_subdivision"))
_PERIODS = (("start", "end"), ("valid_from", "valid_to"))


@lru_cache(maxsize=1)
def _validator() -> "Validator":
    formats = {LOT_FORMAT: is_lot, SUBDIVISION_FORMAT: is_subdivision, CN_FORMAT: is_known}
    return strict_validator(shipment_schema(), formats)


def problems_of(record: Any, today: date) -> list[Problem]:
    """Return what is wrong with a shipment record, by field, one sentence each.

    Args:
        record: the JSON value of a declaration.
        today: the date now; what has happened is dated at most a year after it.

    """
    errors = list(islice(_validator().iter_errors(record), _MAX_ERRORS))
    found: dict[str, Problem] = {}
    for error in sorted(errors, key=lambda error: list(map(str, error.absolute_path))):
        for problem in told(error):
            found.setdefault(problem.path, problem)
    return (list(found.values()) or list(_contradictions(record, today)))[:_MAX_PROBLEMS]


def _contradictions(record: Mapping[str, Any], today: date) -> Iterator[Problem]:
    batches = [normalise(batch) for batch in record.get("batch_ids", [])]
    if len(set(batches)) != len(batches):
        yield Problem("batch_ids", "names a batch twice, in two spellings; expected each once")
    yield from _walk(record, "", (today + _AHEAD).isoformat())


def _walk(node: Any, path: str, last: str) -> Iterator[Problem]:
    if isinstance(node, Mapping):
        yield from _places(node, path)
        yield from _dates(node, path, last)
        for name, member in node.items():
            yield from _walk(member, f"{path}{name}.", last)
    elif isinstance(node, list):
        for number, member in enumerate(node):
            yield from _walk(member, f"{path}{number}.", last)


def _places(node: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for country, part in _PLACES:
        if country in node and part in node and node[part][:2] != node[country]:
            said = (
                f"lies in another country than the {node[country]} beside it: got {node[part]}; correct one of the two"
            )
            yield Problem(f"{path}{part}", said)


def _dates(node: Mapping[str, Any], path: str, last: str) -> Iterator[Problem]:
    for name in sorted(_DATES & node.keys()):
        if node[name] > last:
            yield Problem(f"{path}{name}", f"expected a date until {last}, a year from now; got {node[name]}")
    for first, end in _PERIODS:
        if first in node and end in node and node[end] < node[first]:
            yield Problem(f"{path}{end}", f"lies before its beginning {node[first]}: got {node[end]}")


def check(record: Any, today: date) -> Mapping[str, Any]:
    """Return the record.

    Raises:
        InvalidInput: fields are missing, unknown or not of their form.

    """
    problems = problems_of(record, today)
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was recorded", problems=problems)
    checked: Mapping[str, Any] = record
    return checked
