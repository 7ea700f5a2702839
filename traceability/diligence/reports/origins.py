"""Where a consignment's kilograms were extracted, recycled and last processed, by the signed events of its chain.

Kilograms pass from the inputs of an event to its outputs by weight. What no valid signature tells has the country None:
it is never spread over what is known, and never left out.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from traceability.diligence.definitions.events import INPUT, OUTPUT, Entry, Event, created, effective_events, threads
from traceability.diligence.definitions.numbers import exceeds, total
from traceability.diligence.parameters import PARAMETERS

Stage = Literal["extraction", "processing", "recycling"]
STAGES: Final[tuple[Stage, ...]] = ("extraction", "processing", "recycling")
Countries = Mapping[str | None, Decimal]
"""Kilograms by country (ISO 3166-1 alpha-2); None is what is not recorded."""
_Parts = dict[Any, Decimal]  # of one: by (stage, country) for the source, by country for the last processing
_SOURCES: Final[Mapping[str, Stage]] = {"extraction": "extraction", "recycling": "recycling"}
_PROCESSING = frozenset({"smelting", "refining", "processing", "separation"})
_ONE = Decimal(1)
_UNKNOWN: _Parts = {None: _ONE}


def by_stage(facts: Mapping[str, Any]) -> dict[Stage, Countries]:
    """Return the kilograms of a shipment record's net weight by stage and country.

    Extraction and recycling together are the net weight, and so is processing. Without a net weight all are empty.
    What has no recorded source counts under recycling where the record declares recycled material.
    """
    shipment = facts.get("shipment", {})
    if "net_weight_kg" not in shipment:
        return {stage: {} for stage in STAGES}
    net = Decimal(shipment["net_weight_kg"])
    source, processed = _of_consignment(facts, shipment.get("batch_ids", []), net)
    unknown: Stage = "recycling" if shipment.get("material_class") == "recycled" else "extraction"
    found: dict[Stage, dict[str | None, Decimal]] = {stage: {} for stage in STAGES}
    for key, part in source.items():
        stage, country = (unknown, None) if key is None else key
        found[stage][country] = found[stage].get(country, Decimal(0)) + part * net
    found["processing"] = {country: part * net for country, part in processed.items()}
    return {stage: {c: kg for c, kg in countries.items() if kg} for stage, countries in found.items()}


def _of_consignment(facts: Mapping[str, Any], batches: list[str], net: Decimal) -> tuple[_Parts, _Parts]:
    events = effective_events(facts)
    kinds = _kinds(events)
    followed = threads(events)
    weights = {batch: _weight(followed.get(batch, [])) for batch in batches}
    known = [weight for weight in weights.values() if weight is not None]
    if not batches or (len(batches) > 1 and len(known) < len(batches)):
        return _UNKNOWN, _UNKNOWN  # how the consignment is made up of its batches is not known
    amounts = {batch: net if weights[batch] is None else weights[batch] or Decimal(0) for batch in batches}
    sources = _mixed([(kinds[0].get(batch, _UNKNOWN), kg) for batch, kg in amounts.items()], net)
    return sources, _mixed([(kinds[1].get(batch, _UNKNOWN), kg) for batch, kg in amounts.items()], net)


def _weight(thread: Iterable[Any]) -> Decimal | None:
    """Return what a batch last weighed where it was moved or observed, else when it was made."""
    steps = list(thread)
    moved = [step.moved.weight for step in steps if step.moved is not None]
    made = [entry.weight for step in steps for entry in step.entries if entry.listed_in == OUTPUT]
    return moved[-1] if moved else total(made) if made else None


def _kinds(events: Iterable[Event]) -> tuple[dict[str, _Parts], dict[str, _Parts]]:
    """Return of each batch its source and its last processing, as parts of one; events come in their order."""
    made: dict[str, list[tuple[_Parts, _Parts, Decimal]]] = {}
    sources: dict[str, _Parts] = {}
    processed: dict[str, _Parts] = {}
    for event in events:
        outputs = created(event)
        if not outputs:
            continue
        source, last = _of_event(event, outputs, sources, processed)
        for entry in outputs:
            one = made.setdefault(entry.batch, [])
            one.append((source, last, entry.weight))
            sources[entry.batch] = _mixed([(parts, kg) for parts, _, kg in one])
            processed[entry.batch] = _mixed([(parts, kg) for _, parts, kg in one])
    return sources, processed


def _of_event(
    event: Event, outputs: list[Entry], sources: Mapping[str, _Parts], processed: Mapping[str, _Parts]
) -> tuple[_Parts, _Parts]:
    if event.value.get("signature_status") != "valid":
        return _UNKNOWN, _UNKNOWN
    country = event.value.get("country")
    stage = _SOURCES.get(event.type)
    if stage is not None:
        return {(stage, country): _ONE}, _UNKNOWN
    inputs, out = event.listed(INPUT), total(entry.weight for entry in outputs)
    source = _mixed([(sources.get(one.batch, _UNKNOWN), one.weight) for one in inputs], out)
    if event.type in _PROCESSING:
        return source, {country: _ONE}
    return source, _mixed([(processed.get(one.batch, _UNKNOWN), one.weight) for one in inputs], out)


def _mixed(parts: list[tuple[_Parts, Decimal]], out: Decimal = Decimal(0)) -> _Parts:
    """Return several amounts as one; where more comes out than went in, the rest is of unknown origin."""
    whole = total(kg for _, kg in parts)
    short = out - whole if exceeds(out, whole, PARAMETERS.tolerance) else Decimal(0)
    if not whole:
        return _UNKNOWN
    amounts: _Parts = {None: short} if short else {}
    for one, kg in parts:
        for key, part in one.items():
            amounts[key] = amounts.get(key, Decimal(0)) + part * kg
    return {key: kg / (whole + short) for key, kg in amounts.items()}
