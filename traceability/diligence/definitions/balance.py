"""Mass balance: more out than in (rule-catalogue.md 5, mb_1 to mb_4). Weights in kg; equality is within tolerance."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from traceability.diligence.definitions.events import INPUT, OUTPUT, QUANTITY, Entry, Event, Threads
from traceability.diligence.definitions.numbers import exceeds, total
from traceability.diligence.parameters import PARAMETERS


class Comparison(NamedTuple):
    """Kilograms out against kilograms in (contained, dry or weighed); ``within`` is a gain inside the tolerance."""

    out: Decimal
    base: Decimal
    basis: str
    exceeds: bool
    within: bool
    evidence: tuple[str, ...]


def comparisons(events: Iterable[Event], threads: Threads, shipment: Mapping[str, Any]) -> list[Comparison]:
    """Return all comparisons of mb_1 to mb_4, those without any gain included."""
    found = list(mb_1(events))
    for batch, thread in threads.items():
        if batch is not None:
            entries = [entry for step in thread for entry in step.entries]
            found += mb_2(entries)
            found += mb_3(entries)
    return found + list(mb_4(threads, shipment))


def mb_1(events: Iterable[Event]) -> Iterator[Comparison]:
    """mb_1: outputs of one event against its inputs; contained if every entry states its grade, else dry."""
    for event in events:
        if not event.value.get(INPUT) or not event.value.get(OUTPUT):
            continue
        inputs, outputs = event.listed(INPUT), event.listed(OUTPUT)
        if inputs and outputs:
            basis = _basis(inputs + outputs)
            out, base = (total(_measure(entry, basis) for entry in entries) for entries in (outputs, inputs))
            heavier = total(entry.weight for entry in outputs) > total(entry.weight for entry in inputs)
            yield _comparison(out, base, basis, (event.at,), heavier=heavier)


def mb_2(entries: list[Entry]) -> Iterator[Comparison]:
    """mb_2: every later quantity_list entry of a batch against its baseline, its first entry that is not partial."""
    start = next((number for number, entry in enumerate(entries) if not entry.partial), len(entries))
    for entry in entries[start + 1 :]:
        if entry.listed_in == QUANTITY:
            baseline = entries[start]
            basis = _basis([baseline, entry])
            out, base = _measure(entry, basis), _measure(baseline, basis)
            yield _comparison(out, base, basis, (entry.at, baseline.at), heavier=entry.weight > baseline.weight)


def mb_3(entries: list[Entry]) -> Iterator[Comparison]:
    """mb_3: dry kilograms of a batch used as input, all together, against its baseline; never "within tolerance"."""
    baseline = next((entry for entry in entries if not entry.partial), None)
    used = [entry for entry in entries if entry.listed_in == INPUT]
    if baseline is not None and used:
        evidence = (baseline.at, *(entry.at for entry in used))
        yield _whole(total(entry.dry for entry in used), baseline.dry, "dry", evidence)


def mb_4(threads: Threads, shipment: Mapping[str, Any]) -> Iterator[Comparison]:
    """mb_4: net weight of the shipment against the last known weights of its batches; never "within tolerance"."""
    if not shipment.get("batch_ids") or "net_weight_kg" not in shipment:
        return
    last = [_last_whole(threads, batch) for batch in shipment["batch_ids"]]
    known = [entry for entry in last if entry is not None]
    if len(known) == len(last):
        evidence = ("/shipment/net_weight_kg", *(entry.at for entry in known))
        base = total(entry.weight for entry in known)
        yield _whole(Decimal(shipment["net_weight_kg"]), base, "weighed", evidence)


def _last_whole(threads: Threads, batch: str) -> Entry | None:
    found = (
        entry
        for step in reversed(threads.get(batch, ()))
        for entry in reversed(step.entries)
        if entry.listed_in in {QUANTITY, OUTPUT} and not entry.partial
    )
    return next(found, None)


def _basis(entries: list[Entry]) -> str:
    for entry in entries:
        if entry.contained is None:
            return "dry"
    return "contained"


def _measure(entry: Entry, basis: str) -> Decimal:
    return entry.contained if basis == "contained" and entry.contained is not None else entry.dry


def _comparison(out: Decimal, base: Decimal, basis: str, at: tuple[str, ...], *, heavier: bool) -> Comparison:
    over = exceeds(out, base, PARAMETERS.tolerance)
    return Comparison(out, base, basis, over, not over and (out > base or heavier), at)


def _whole(out: Decimal, base: Decimal, basis: str, at: tuple[str, ...]) -> Comparison:
    """Return a comparison that is never within tolerance."""
    return Comparison(out, base, basis, exceeds(out, base, PARAMETERS.tolerance), within=False, evidence=at)
