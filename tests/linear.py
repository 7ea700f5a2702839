"""Whether work grows with the length of a text and no faster, by a ratio of the same run: no absolute time is asserted."""

import time
from collections.abc import Callable

#: A text eight times as long may take this many times as long: quadratic work takes 64 times, noise hardly thrice.
LONGER, MOST = 8, 24
_FLOOR = 0.002
_TRIES = 3


def is_linear(work: Callable[[int], object], length: int) -> bool:
    """Return whether ``work`` on a text eight times as long takes at most 24 times as long; the least of three tries."""
    short = max(_seconds(work, length // LONGER), _FLOOR)
    return _seconds(work, length) <= MOST * short


def _seconds(work: Callable[[int], object], length: int) -> float:
    taken = []
    for _ in range(_TRIES):
        started = time.process_time()
        work(length)
        taken.append(time.process_time() - started)
    return min(taken)
