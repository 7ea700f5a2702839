"""Handing work to the writer and waiting for it: a thread waits, unless it has other requests to go on with."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

T = TypeVar("T")
_here = threading.local()


class Lane(Protocol):
    """What a thread goes on with meanwhile."""

    def wait(self, future: "Future[T]", hand_over: Callable[[], None]) -> None:
        """Call ``hand_over``, now or together with others' soon, and return when ``future`` is done."""


def go_on_with(lane: Lane | None) -> None:
    """Have this thread do other work of ``lane`` where it would wait; None: it waits again."""
    _here.lane = lane


def result_of(future: "Future[T]", hand_over: Callable[[], None]) -> T:
    """Hand work over and return what its future holds when it is done, or raise its exception."""
    lane: Lane | None = getattr(_here, "lane", None)
    if lane is None:
        hand_over()
    else:
        lane.wait(future, hand_over)
    return future.result()
