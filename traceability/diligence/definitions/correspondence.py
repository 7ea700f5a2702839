"""Which dispatches and receipts of a thread correspond (rule-catalogue.md 4), found without comparing every pair."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from traceability.diligence.definitions.events import Event, Step
from traceability.diligence.definitions.numbers import total

# No identifier is empty, so the empty text can stand for "whoever, stated or not".
_ANYBODY = ""

Parties = tuple[str | None, str | None]


def parties(event: Event) -> Parties:
    """Return source_party and destination_party, none where absent."""
    return event.value.get("source_party"), event.value.get("destination_party")


class Movements:
    """The dispatches, or the receipts, of one thread by their parties; positions are those in the thread."""

    def __init__(self, thread: list[Step], event_type: str) -> None:
        self.positions = [number for number, step in enumerate(thread) if step.event.type == event_type]
        self._thread = thread
        self._by_parties: dict[Parties, list[int]] = {}
        for number in self.positions:
            source, destination = parties(thread[number].event)
            for key in product((source, _ANYBODY), (destination, _ANYBODY)):
                self._by_parties.setdefault(key, []).append(number)

    def exact(self) -> dict[Parties, int]:
        """Return each pair of parties that occurs (absent equals absent), with its first position."""
        return {key: found[0] for key, found in self._by_parties.items() if _ANYBODY not in key}

    def first(self, with_parties: Parties) -> int | None:
        """Return the earliest position that corresponds with these parties."""
        return min((found[0] for found in self._corresponding(with_parties)), default=None)

    def last(self, with_parties: Parties) -> int | None:
        """Return the latest position that corresponds with these parties."""
        return max((found[-1] for found in self._corresponding(with_parties)), default=None)

    def first_after(self, position: int, with_parties: Parties) -> int | None:
        """Return the earliest later position that corresponds with these parties."""
        later = ((found, bisect_right(found, position)) for found in self._corresponding(with_parties))
        return min((found[index] for found, index in later if index < len(found)), default=None)

    def weight_corresponding(self, with_parties: Parties) -> Decimal:
        """Return the kilograms of all movements that correspond with these parties."""
        return total(self._weight(found) for found in self._corresponding(with_parties))

    def weight_before(self, position: int, of_parties: Parties) -> Decimal:
        """Return the kilograms of the movements of exactly these parties that stand before ``position``."""
        found = self._by_parties[of_parties]
        return self._weight(found[: bisect_left(found, position)])

    def _weight(self, positions: list[int]) -> Decimal:
        every = (self._thread[number].moved for number in positions)
        return total(moved.weight for moved in every if moved is not None)

    def _corresponding(self, with_parties: Parties) -> Iterator[list[int]]:
        return (self._by_parties[key] for key in self._keys(with_parties))

    def _keys(self, with_parties: Parties) -> list[Parties]:
        """A stated party corresponds with itself and with an absent one, an absent party with anybody; no overlap."""
        sources, destinations = (((party, None) if party is not None else (_ANYBODY,)) for party in with_parties)
        return [key for key in product(sources, destinations) if key in self._by_parties]
