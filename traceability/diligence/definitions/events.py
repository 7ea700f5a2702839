"""Custody events as the rules see them: effective events, their quantity entries, and the thread of each batch."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from traceability.diligence.definitions.dates import day
from traceability.diligence.definitions.items import items
from traceability.diligence.definitions.numbers import product, stated_rest, stated_share

QUANTITY, INPUT, OUTPUT = LISTS = ("quantity_list", "input_quantity_list", "output_quantity_list")
"""The three quantity lists of an event, in the order in which they count as array order (rule-catalogue.md 5)."""


class Entry(NamedTuple):
    """One batch in one quantity list. Weights in kg: as weighed, dry, and contained where the grade is stated."""

    at: str
    listed_in: str
    batch: str
    weight: Decimal
    dry: Decimal
    contained: Decimal | None
    partial: bool
    value: Mapping[str, Any]


class Event:
    """One effective event; its entries, in the order of ``LISTS``, are read by those rules alone that need them.

    A chain has thousands of them, and every rule asks for their type: it is read once.
    """

    __slots__ = ("_entries", "_on", "at", "id", "type", "value")

    def __init__(self, at: str, value: Mapping[str, Any]) -> None:
        self.at = at
        self.value = value
        self.id: str = value["event_id"]
        self.type: str = value["type"]
        self._entries: tuple[Entry, ...] | None = None
        self._on: date | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        if self._entries is None:
            here = [(name, self.value[name]) for name in LISTS if name in self.value]
            self._entries = tuple(
                _entry(f"{self.at}/{name}/{number}", value, name)
                for name, values in here
                for number, value in enumerate(values)
            )
        return self._entries

    @property
    def on(self) -> date:
        """The calendar date as written in event_time."""
        if self._on is None:
            self._on = day(self.value["event_time"])
        return self._on

    def listed(self, name: str) -> list[Entry]:
        """Return the entries of one of the three lists."""
        return [entry for entry in self.entries if entry.listed_in == name]


class Step(NamedTuple):
    """One event in the thread of a batch, with the batch's entries in it; the unnamed thread has none."""

    event: Event
    entries: tuple[Entry, ...]

    @property
    def partial(self) -> bool:
        return any(entry.partial for entry in self.entries)

    @property
    def moved(self) -> Entry | None:
        """The entry of the batch in the event's quantity_list: what was observed or moved."""
        for entry in self.entries:
            if entry.listed_in == QUANTITY:
                return entry
        return None


Threads = Mapping[str | None, list[Step]]


def effective_events(facts: Mapping[str, Any]) -> list[Event]:
    """Effective events, in array order: a declared error removes the event and the declaration."""
    entries = items(facts, "custody_events")
    declared = {item.value["event_id"] for item in entries if item.value.get("error_declaration") is True}
    return [Event(*item) for item in entries if item.value["event_id"] not in declared]


def threads(events: Iterable[Event]) -> Threads:
    """Return the thread of each batch_id in array order; events without any quantity entry form the thread of None."""
    result: dict[str | None, list[Step]] = {}
    for event in events:
        entries = event.entries
        if len(entries) <= 1:  # as most have
            batch = entries[0].batch if entries else None
            result.setdefault(batch, []).append(Step(event, entries))
            continue
        by_batch: dict[str | None, list[Entry]] = {}
        for entry in entries:
            by_batch.setdefault(entry.batch, []).append(entry)
        for batch, of_batch in by_batch.items():
            result.setdefault(batch, []).append(Step(event, tuple(of_batch)))
    return result


def created(event: Event) -> list[Entry]:
    """Return the entries by which the event creates batches: outputs, and quantities of an extraction."""
    by = {OUTPUT, QUANTITY} if event.type == "extraction" else {OUTPUT}
    return [entry for entry in event.entries if entry.listed_in in by]


def _entry(at: str, value: Mapping[str, Any], listed_in: str) -> Entry:
    weight = Decimal(value["weight_kg"])
    moisture, grade = value.get("moisture_pct"), value.get("grade_pct")
    dry = weight if moisture is None else product(weight, stated_rest(moisture))
    contained = None if grade is None else product(dry, stated_share(grade))
    partial = value.get("partial") is True
    return Entry(at, listed_in, value["batch_id"], weight, dry, contained, partial, value)
