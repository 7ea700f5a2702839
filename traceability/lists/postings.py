"""Candidates from memory: for each key the numbers of the names that bear it, ascending, four bytes each."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from traceability.lists.candidates import KEPT, chosen
from traceability.lists.misspelt import SURE_FROM, Vocabulary, doubtful, key_of, word_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Numbers: TypeAlias = (
    # Most keys are borne by one name alone: an array would cost four times as much.
    "int | array[int] | NDArray[np.uint32]"
)


class Postings:
    """The in-memory adapter of `candidates.Candidates`; filled once by `add`, then only asked."""

    __slots__ = ("_borne", "_names", "_sure_from", "_words")

    def __init__(
        self, borne: "Mapping[str, NDArray[np.uint32]] | None" = None, names: int = 0, sure_from: int = SURE_FROM
    ) -> None:
        """Make it empty, or of the numbers that bear each key, and of how many names there are in all.

        A word that ``sure_from`` names bear, or more, is not asked for what it may have been meant to be.
        """
        self._borne: dict[str, _Numbers] = dict(borne or {})
        self._names, self._sure_from = names, sure_from
        self._words = Vocabulary()
        for word in filter(None, map(word_of, self._borne)):
            self._words.add(word)

    def add(self, keys: Iterable[str]) -> int:
        """Take in the next name with its keys, each given once; return its number."""
        number, borne = self._names, self._borne
        self._names += 1
        for key in keys:
            there = borne.get(key)
            if there is None:
                borne[key] = number
                if word := word_of(key):
                    self._words.add(word)
            elif isinstance(there, int):
                borne[key] = array("I", (there, number))
            elif isinstance(there, array):
                there.append(number)
        return number

    def nearest(
        self, keys: Sequence[str], kept: int = KEPT, among: Callable[[int], bool] | None = None
    ) -> Sequence[int]:
        """Return the numbers of the names that share most with ``keys``; of equals the earlier name first.

        With ``among`` only of those of which it is so: others take no place.
        """
        counts = self._counted(keys)
        words = [word for one in doubtful(keys, counts, self._sure_from) for word in self._words.meant(one)]
        meant = self._counted({*map(key_of, words)} - counts.keys())
        counts |= meant
        asked = [(self._borne[key], weight) for key, weight in chosen(counts, self._names, meant)]
        return likeliest(asked, kept, among)

    def _counted(self, keys: Iterable[str]) -> dict[str, int]:
        """Return how many names bear each of the keys that any bears."""
        borne = self._borne
        return {
            key: 1 if isinstance(there, int) else len(there) for key in keys if (there := borne.get(key)) is not None
        }


class Narrowed:
    """The same candidates, but only some of the names: what is not asked takes no place among them."""

    def __init__(self, postings: Postings, among: Callable[[int], bool]) -> None:
        self._postings, self._among = postings, among

    def nearest(self, keys: Sequence[str], kept: int = KEPT) -> Sequence[int]:
        """Return the numbers of the names that share most with ``keys``."""
        return self._postings.nearest(keys, kept, self._among)


def likeliest(
    asked: Sequence[tuple[_Numbers, int]], kept: int, among: Callable[[int], bool] | None = None
) -> Sequence[int]:
    """Return the numbers that share most of some keys, each given by who bears it and its weight."""
    if not asked:
        return ()
    numbers, shared = _summed(asked)
    if among is None:
        return _likeliest(numbers, shared, kept)
    return list(islice(filter(among, _likeliest(numbers, shared, len(numbers))), kept))


def _summed(asked: Sequence[tuple[_Numbers, int]]) -> "tuple[NDArray[np.uint32], NDArray[np.int32]]":
    """Return the names that bear any of the keys, ascending, and what each shares."""
    import numpy as np

    borne = [array("I", (there,)) if isinstance(there, int) else there for there, _ in asked]
    weights = np.repeat(np.array([weight for _, weight in asked], np.int32), list(map(len, borne)))
    numbers = np.concatenate([np.frombuffer(one, dtype=np.uint32) for one in borne])
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    first = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
    return numbers[first], np.add.reduceat(weights[order], first)


def _likeliest(numbers: "NDArray[np.uint32]", shared: "NDArray[np.int32]", kept: int) -> list[int]:
    import numpy as np

    if len(numbers) > kept:
        least = np.partition(shared, len(shared) - kept)[len(shared) - kept]
        likely = shared >= least
        numbers, shared = numbers[likely], shared[likely]
    best: list[int] = numbers[np.argsort(-shared, kind="stable")][:kept].tolist()
    return best


__all__ = ["Narrowed", "Postings", "likeliest"]
