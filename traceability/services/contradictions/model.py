"""The two sides that are compared, and what is said where they contradict each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from traceability.diligence.definitions.numbers import product, rest, share
from traceability.documents.report import Declared, Finding, Read
from traceability.services.contradictions.names import Lots, tail
from traceability.texts import phrase

Event = Mapping[str, Any]
_LISTS: Final = ("quantity_list", "input_quantity_list", "output_quantity_list")
_BORN: Final = ("extraction", "recycling")
_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that was read to the end: its type in the facts, and what was read in it."""

    type: str
    declared: Declared
    findings: tuple[Finding, ...] = ()
    handed_over: date | None = None
    """The day (UTC) the service received it, and its entry in the ledger."""
    entry_index: int | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed fact: what it is, its value in words, and the custody event or ledger entry that says so."""

    what: str
    value: str
    event_id: str | None = None
    day: str | None = None
    signature: str | None = None

    def __str__(self) -> str:
        """Say it in words, for messages."""
        beside = ", ".join(filter(None, (self.what, self.day)))
        return beside if self.value == self.day else f"{self.value} ({beside})"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One thing a paper says against signed facts, and why; ``review`` where an officer has to look at it."""

    kind: str
    read: Read
    signed: tuple[Signed, ...]
    why: str
    review: bool

    def message(self, name: str) -> str:
        """Return both sides and the reason in one sentence; ``name`` is that of the paper."""
        facts, why = _some(self.signed), self.why
        said = _read(name, self.read)
        return phrase(f"{said}; signed: {facts}: {why}")


@dataclass(frozen=True, slots=True)
class Amount:
    """Kilograms of a batch as a custody event states them, with moisture and grade in per cent where it does."""

    batch: str
    kg: Decimal
    signed: Signed
    moisture: Decimal | None = None
    grade: Decimal | None = None

    @property
    def dry(self) -> Decimal:
        """Return the dry kilograms; a moisture that is not stated counts as none."""
        return self.kg if self.moisture is None else product(self.kg, rest(share(self.moisture)))

    @property
    def measures(self) -> set[Decimal]:
        """Return the weights a paper may rightly state: as weighed, dry, and of the metal contained."""
        contained = () if self.grade is None else (product(self.dry, share(self.grade)),)
        return {self.kg, self.dry, *contained}


@dataclass(frozen=True)
class Chain:
    """Effective custody events as the facts carry them, and the shipment record; {} for a batch without one.

    ``minerals`` are those of the batches as they were born, ``smelters`` those the record or the chain name.
    """

    events: Sequence[Event]
    record: Mapping[str, Any] = field(default_factory=dict)
    minerals: Mapping[str, str] = field(default_factory=dict)
    smelters: Sequence["SignedSmelter"] = ()

    @cached_property
    def amounts(self) -> dict[str, list[Amount]]:
        """Return every weight of a lot by the number of the lot, in the order of the events."""
        found: dict[str, list[Amount]] = {}
        for event in self.events:
            for line in lines(event):
                found.setdefault(tail(line["batch_id"]), []).append(_amount(event, line))
        return found

    @cached_property
    def lots(self) -> Lots:
        """Return the numbers of the lots."""
        return Lots(self.amounts)

    @cached_property
    def by_type(self) -> dict[str, list[Event]]:
        """Return the events of each type, the earliest day first."""
        found: dict[str, list[Event]] = {}
        for event in sorted(self.events, key=day_of):
            found.setdefault(event["type"], []).append(event)
        return found

    @cached_property
    def born(self) -> list[Event]:
        """Return the events with which goods were mined or recovered, the earliest day first."""
        return sorted((event for kind in _BORN for event in self.by_type.get(kind, ())), key=day_of)

    @cached_property
    def begins(self) -> Event | None:
        """Return the first event if the goods were born with it: before that day there was nothing to write about."""
        first = min(self.events, key=day_of, default=None)
        return first if first is not None and first["type"] in _BORN else None


@dataclass(frozen=True, slots=True)
class SignedSmelter:
    """A smelter that the signed record names, or where an event of the chain stands."""

    name: str | None
    cid: str | None
    signed: Signed


def lines(event: Event) -> Iterator[Mapping[str, Any]]:
    """Yield the quantities of an event."""
    for name in _LISTS:
        yield from event.get(name, ())


def signed(event: Event, value: str) -> Signed:
    """Return what an event says of a value."""
    return Signed(event["type"], value, event["event_id"], day_of(event).isoformat(), event["signature_status"])


def day_of(event: Event) -> date:
    """Return the day of an event where it happened."""
    return date.fromisoformat(event["event_time"][:10])


def _read(name: str, read: Read) -> str:
    place = read.label or read.of
    if read.confidence == "high":
        return phrase(f"{name}, page {read.page}, {place}: {read.quote!r} (read by machine)")
    return phrase(f"{name}, page {read.page}, {place}: {read.quote!r} (read by machine, with low confidence)")


def _some(values: Sequence[Any]) -> str:
    """Return the first few of some values in words, and how many more there are."""
    shown = "; ".join(map(str, values[:_MOST]))
    return shown if len(values) <= _MOST else f"{shown}; and {len(values) - _MOST} more"


def _amount(event: Event, line: Mapping[str, Any]) -> Amount:
    kg = Decimal(line["weight_kg"])
    moisture, grade = (Decimal(line[name]) if name in line else None for name in ("moisture_pct", "grade_pct"))
    return Amount(line["batch_id"], kg, signed(event, f"{line['weight_kg']} kg"), moisture, grade)
