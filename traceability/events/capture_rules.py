"""What capture refuses although the EPCIS 2.0 schema is silent about it (epcis.md 5, 7 and 9).

Only what cannot be recorded sensibly is refused; a contradiction in the chain of custody is evidence, and recorded.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from traceability.errors import Problem
from traceability.events import formats
from traceability.events.checks import MAX_PROBLEMS, curtailed
from traceability.events.equality import same_content, without_declaration
from traceability.events.identifiers import normalise
from traceability.events.personal import uncommitted
from traceability.events.reading import parse_time

CAPTURE_LIMIT = 500
"""Events in one capture; exactly as many are accepted, and the limit is announced."""

CAPTURE_BYTES = 5_000_000
"""Bytes of one capture; exactly as many are accepted, and the limit is announced."""

MAX_QUANTITY = 10**12
"""In any unit: more than every mine on Earth moves in a year, so a typing error or an attack on the balances."""

MAX_IDENTIFIER = 500
"""Characters of an identifier, as sent; its normalised form, under which it is indexed, is no longer than that."""

_QUANTITY_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_IDENTIFIERS = frozenset({"eventID", "type", "bizStep", "disposition", "parentID", "transformationID"})
_PLACES = frozenset({"readPoint", "bizLocation"})
_LISTED: dict[str, str | None] = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList")),
    **dict.fromkeys(_QUANTITY_LISTS, "epcClass"),
    "sourceList": "source",
    "destinationList": "destination",
}
"""The lists that hold identifiers, and under which name; None where the entries are identifiers themselves."""

_LISTS = {"EPCISDocument": ("epcisBody",), "EPCISQueryDocument": ("epcisBody", "queryResults", "resultsBody")}
_ABSENT = object()


def capture_problems(body: Any) -> list[Problem]:
    """Return what keeps an EPCIS body from being captured, besides what ``document_problems`` finds.

    Total: what the schema refuses is passed over here without a word. The number of events and of bytes is judged by
    the caller, who raises TooLarge. Where there are more than MAX_PROBLEMS, the last one is about the whole body.
    """
    events, base = _events(body)
    if events == []:
        return [Problem(base, "expected at least one event, got none: there is nothing to record")]
    problems: list[Problem] = []
    known: dict[str, Mapping[str, Any]] = {}
    for index, event in enumerate(events):
        if not isinstance(event, dict):
            continue
        path = base if event is body else f"{base}[{index}]"
        problems.extend(_quantity_problems(event, path))
        problems.extend(_time_problems(event, path))
        problems.extend(_length_problems(event, path))
        problems.extend(uncommitted(event, path))
        problems.extend(_repetition_problems(event, path, known))
        if len(problems) >= MAX_PROBLEMS:
            break
    return curtailed(problems)


def _events(body: Any) -> tuple[list[Any], str]:
    """Return the events of a body and the path of their list; a body without a list is judged as one event."""
    kind = body.get("type") if isinstance(body, dict) else None
    if not isinstance(kind, str) or kind not in _LISTS:
        return [body], "$"
    holder: Any = body
    for step in _LISTS[kind]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    events = holder.get("eventList") if isinstance(holder, dict) else None
    return events if isinstance(events, list) else [None], ".".join(("$", *_LISTS[kind], "eventList"))


def event_path(body: Mapping[str, Any], position: int) -> str:
    """Return where an event stands in a body, as the path that problems give."""
    events, base = _events(body)
    return base if events == [body] else f"{base}[{position}]"


def _entries(event: Mapping[str, Any], name: str) -> list[Any]:
    value = event.get(name)
    return value if isinstance(value, list) else []


def _quantity_problems(event: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for name in _QUANTITY_LISTS:
        for index, entry in enumerate(_entries(event, name)):
            quantity = entry.get("quantity") if isinstance(entry, dict) else None
            if message := _quantity_message(quantity):
                yield Problem(f"{path}.{name}[{index}].quantity", message)


def _quantity_message(quantity: Any) -> str | None:
    if not formats.is_number(quantity):
        return None
    if not math.isfinite(quantity):
        return "expected a number, got one that is not finite"
    if quantity < 0:
        return f"expected a quantity of 0 or more, got {quantity}: goods that leave are an event with action DELETE"
    if quantity > MAX_QUANTITY:
        return f"expected a quantity of at most {MAX_QUANTITY}, got a larger one: check number and unit"
    return None


def _time_problems(event: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Yield the times that have no instant in UTC, at the very ends of the calendar; all others can be recorded."""
    declaration = event.get("errorDeclaration")
    declared = declaration.get("declarationTime") if isinstance(declaration, dict) else None
    times = {name: event.get(name) for name in ("eventTime", "recordTime")}
    for name, text in (times | {"errorDeclaration.declarationTime": declared}).items():
        if formats.is_date_time(text) and not _in_calendar(str(text)):
            yield Problem(f"{path}.{name}", f"expected a time between the years 1 and 9999 in UTC, got {text}")


def _in_calendar(text: str) -> bool:
    try:
        parse_time(text).astimezone(UTC)
    except OverflowError:
        return False
    return True


def _length_problems(event: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Yield the identifiers that are too long to be indexed: left out of an index, their batch would be lost."""
    for where, text in _identifiers(event):
        if isinstance(text, str) and len(text) > MAX_IDENTIFIER:
            at = path + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
            yield Problem(at, f"expected an identifier of at most {MAX_IDENTIFIER} characters")


def _identifiers(event: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the steps to each identifier, and what stands there."""
    for name, value in event.items():
        if name in _IDENTIFIERS:
            yield (name,), value
        elif name in _PLACES:
            yield (name, "id"), value.get("id") if isinstance(value, dict) else None
        elif name in _LISTED:
            member = _LISTED[name]
            for index, entry in enumerate(_entries(event, name)):
                if member is None:
                    yield (name, index), entry
                elif isinstance(entry, dict):
                    yield (name, index, member), entry.get(member)


def _repetition_problems(event: Mapping[str, Any], path: str, known: dict[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield a problem where an eventID of this capture stands for other content; a repetition or correction may."""
    text = event.get("eventID")
    if not isinstance(text, str):
        return
    event_id = normalise(text)
    first = known.setdefault(event_id, event)
    if first is event or _may_repeat(first, event):
        known[event_id] = event if "errorDeclaration" in event else first
        return
    yield Problem(f"{path}.eventID", f"{text} stands in this capture for other content: give each event its own id")


def _may_repeat(first: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    declared, again = first.get("errorDeclaration", _ABSENT), event.get("errorDeclaration", _ABSENT)
    if not same_content(without_declaration(first), without_declaration(event)):
        return False
    return declared is _ABSENT or again is _ABSENT or same_content(declared, again)
