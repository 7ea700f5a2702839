"""Candidates from memory: for each key the numbers of the names that bear it, ascending, four bytes each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import nlargest
from typing import TypeAlias

from traceability.lists.candidates import KEPT, chosen

_Numbers: TypeAlias = (
    "int | array[int]"  # most keys are borne by one name alone: an array would cost four times as much
)


class Postings:
    """The in-memory adapter of `candidates.Candidates`; filled once by `add`, then only asked."""

    __slots__ = ("_borne", "_names")

    def __init__(self) -> None:
        self._borne: dict[str, _Numbers] = {}
        self._names = 0

    def add(self, keys: Iterable[str]) -> int:
        """Take in the next name with its keys, each given once; return its number."""
        number, borne = self._names, self._borne
        self._names += 1
        for key in keys:
            there = borne.get(key)
            if there is None:
                borne[key] = number
            elif isinstance(there, int):
                borne[key] = array("I", (there, number))
            else:
                there.append(number)
        return number

    def nearest(self, keys: Sequence[str], kept: int = KEPT) -> Sequence[int]:
        """Return the numbers of the names that share most with ``keys``; of equals the earlier name first."""
        counts = {
            key: 1 if isinstance(there, int) else len(there)
            for key in keys
            if (there := self._borne.get(key)) is not None
        }
        asked = list(chosen(counts, self._names))
        left = sum(weight for _, weight in asked)
        shared: dict[int, int] = {}
        complete = False
        for key, weight in asked:
            left -= weight
            there = self._borne[key]
            numbers = (there,) if isinstance(there, int) else there
            if complete:
                _add_known(shared, numbers, weight)
                continue
            for number in numbers:
                shared[number] = shared.get(number, 0) + weight
            # Who is not among these can get no more than what is left: below the last that is kept, it never counts.
            complete = len(shared) >= kept and nlargest(kept, shared.values())[-1] > left
        return _likeliest(shared, kept)


def _add_known(shared: dict[int, int], numbers: Sequence[int], weight: int) -> None:
    if len(numbers) < len(shared):
        for number in numbers:
            if number in shared:
                shared[number] += weight
        return
    for number in shared:
        at = bisect_left(numbers, number)
        if at < len(numbers) and numbers[at] == number:
            shared[number] += weight


def _likeliest(shared: dict[int, int], kept: int) -> list[int]:
    least = nlargest(kept, shared.values())[-1] if len(shared) > kept else 0
    best = [(-weight, number) for number, weight in shared.items() if weight >= least]
    best.sort()
    return [number for _, number in best[:kept]]


__all__ = ["Postings"]
