"""Tags of a traceability programme on batches: missing, never issued, or used for two batches (RF-X1)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from traceability.diligence.definitions.events import INPUT, QUANTITY, Entry, Event

_MUST_BE_TAGGED = (("extraction", QUANTITY), ("consolidation", INPUT))


@dataclass(frozen=True, slots=True)
class TagProblem:
    """What is wrong with the tags at one place, in words, and the batch where it is about untagged kilograms."""

    text: str
    evidence: tuple[str, ...]
    untagged_batch: str | None = None


def any_tag(events: Iterable[Event]) -> bool:
    """Tell whether any quantity of any event has a tag."""
    return any(entry.value.get("tag_ids") for event in events for entry in event.entries)


def untagged(events: Iterable[Event]) -> list[TagProblem]:
    """untagged: an extracted batch, or an input of a consolidation, is without tags or partly so."""
    return [
        TagProblem("without tags, or partly so", (entry.at,), entry.batch)
        for event in events
        for entry in event.entries
        if (event.type, entry.listed_in) in _MUST_BE_TAGGED and _lacks_tags(entry)
    ]


def not_issued(events: Iterable[Event], issued: Collection[str] | None) -> list[TagProblem]:
    """not_issued: the programme's registry is known and does not have the tag."""
    if issued is None:
        return []
    return [TagProblem(f"{tag} was not issued", (at,)) for tag, at, _ in _tags(events) if tag not in issued]


def reused(events: Iterable[Event]) -> list[TagProblem]:
    """reused: one tag is attached to two different batches anywhere."""
    batches: dict[str, dict[str, str]] = {}
    for tag, at, batch in _tags(events):
        batches.setdefault(tag, {}).setdefault(batch, at)
    return [
        TagProblem(f"{tag} is on {', '.join(sorted(by_batch))}", tuple(by_batch.values()))
        for tag, by_batch in batches.items()
        if len(by_batch) > 1
    ]


def _tags(events: Iterable[Event]) -> Iterator[tuple[str, str, str]]:
    for event in events:
        for entry in event.entries:
            for number, tag in enumerate(entry.value.get("tag_ids", ())):
                yield tag, f"{entry.at}/tag_ids/{number}", entry.batch


def _lacks_tags(entry: Entry) -> bool:
    return not entry.value.get("tag_ids") or Decimal(entry.value.get("untagged_kg", "0")) > 0
