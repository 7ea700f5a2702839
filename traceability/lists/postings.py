"""Candidates from memory: for each key the numbers of the names that bear it, ascending, four bytes each."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from traceability.lists.candidates import KEPT, chosen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Numbers: TypeAlias = (
    "int | array[int]"  # most keys are borne by one name alone: an array would cost four times as much
)


class Postings:
    """The in-memory adapter of `candidates.Candidates`; filled once by `add`, then only asked."""

    __slots__ = ("_borne", "_names")

    def __init__(self, borne: "Mapping[str, array[int]] | None" = None, names: int = 0) -> None:
        """Make it empty, or of the numbers that bear each key, and of how many names there are in all."""
        self._borne: dict[str, _Numbers] = dict(borne or {})
        self._names = names

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

    def nearest(
        self, keys: Sequence[str], kept: int = KEPT, among: Callable[[int], bool] | None = None
    ) -> Sequence[int]:
        """Return the numbers of the names that share most with ``keys``; of equals the earlier name first.

        With ``among`` only of those of which it is so: others take no place.
        """
        counts = {
            key: 1 if isinstance(there, int) else len(there)
            for key in keys
            if (there := self._borne.get(key)) is not None
        }
        asked = list(chosen(counts, self._names))
        if not asked:
            return ()
        numbers, shared = _summed(
            [self._borne[key] for key, _ in asked], [weight for _, weight in asked], [counts[key] for key, _ in asked]
        )
        if among is None:
            return _likeliest(numbers, shared, kept)
        return list(islice(filter(among, _likeliest(numbers, shared, len(numbers))), kept))


class Narrowed:
    """The same candidates, but only some of the names: what is not asked takes no place among them."""

    def __init__(self, postings: Postings, among: Callable[[int], bool]) -> None:
        self._postings, self._among = postings, among

    def nearest(self, keys: Sequence[str], kept: int = KEPT) -> Sequence[int]:
        """Return the numbers of the names that share most with ``keys``."""
        return self._postings.nearest(keys, kept, self._among)


def _summed(
    borne: Sequence[_Numbers], weights: Sequence[int], counts: Sequence[int]
) -> "tuple[NDArray[np.uint32], NDArray[np.int32]]":
    """Return the names that bear any of the keys, ascending, and what each shares."""
    import numpy as np

    several = [array("I", (numbers,)) if isinstance(numbers, int) else numbers for numbers in borne]
    numbers = np.concatenate([np.frombuffer(one, dtype=np.uint32) for one in several])
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    first = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
    return numbers[first], np.add.reduceat(np.repeat(np.array(weights, np.int32), counts)[order], first)


def _likeliest(numbers: "NDArray[np.uint32]", shared: "NDArray[np.int32]", kept: int) -> list[int]:
    import numpy as np

    if len(numbers) > kept:
        least = np.partition(shared, len(shared) - kept)[len(shared) - kept]
        likely = shared >= least
        numbers, shared = numbers[likely], shared[likely]
    best: list[int] = numbers[np.argsort(-shared, kind="stable")][:kept].tolist()
    return best


__all__ = ["Narrowed", "Postings"]
