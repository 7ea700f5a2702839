"""Custody events as the rules see them: effective events, their quantity entries, and the thread of each batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from traceability.diligence.definitions.dates import day
from traceability.diligence.definitions.items import Item, items
from traceability.diligence.definitions.numbers import product, rest, share

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


@dataclass(frozen=True)
class Event:
    """One effective event; its entries, in the order of ``LISTS``, are read by those rules alone that need them."""

    at: str
    value: Mapping[str, Any]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(_entry(quantity, name) for name in LISTS for quantity in items(self.value, name, self.at))

    @property
    def id(self) -> str:
        return str(self.value["event_id"])

    @property
    def type(self) -> str:
        return str(self.value["type"])

    @property
    def on(self) -> date:
        """The calendar date as written in event_time."""
        return day(self.value["event_time"])

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
        return next((entry for entry in self.entries if entry.listed_in == QUANTITY), None)


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
        by_batch: dict[str | None, list[Entry]] = {}
        for entry in event.entries:
            by_batch.setdefault(entry.batch, []).append(entry)
        for batch, entries in (by_batch or {None: []}).items():
            result.setdefault(batch, []).append(Step(event, tuple(entries)))
    return result


def created(event: Event) -> list[Entry]:
    """Return the entries by which the event creates batches: outputs, and quantities of an extraction."""
    return [
        entry
        for entry in event.entries
        if entry.listed_in == OUTPUT or (entry.listed_in == QUANTITY and event.type == "extraction")
    ]


def _entry(item: Item, listed_in: str) -> Entry:
    value = item.value
    weight = Decimal(value["weight_kg"])
    moisture, grade = value.get("moisture_pct"), value.get("grade_pct")
    dry = weight if moisture is None else product(weight, rest(share(Decimal(moisture))))
    contained = None if grade is None else product(dry, share(Decimal(grade)))
    partial = value.get("partial") is True
    return Entry(item.at, listed_in, value["batch_id"], weight, dry, contained, partial, value)
