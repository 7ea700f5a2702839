"""Helpers of the storage tests."""

import contextlib
import threading
import time

import pytest

from traceability.ledger.entry import Entry, digest, milliseconds


@pytest.fixture
def entry():
    """Return a function that makes an entry about the given bytes."""

    def make(tx, about=b"x", **fields):
        return Entry(**{"kind": "capture", "body": digest(about), "at": milliseconds(tx.now), **fields})

    return make


@pytest.fixture
def append(entry):
    """Return a function that appends one entry in a transaction of its own and returns its index."""
    return lambda service, about=b"x": service.store.write(lambda tx: tx.log.append(entry(tx, about)))


@pytest.fixture
def together():
    """Return a function that runs use cases as one group: all wait while the writer is held, then share a commit.

    A pair is a function for several items, and one item for it.
    """

    def run(service, tasks):
        entered, gate, outcomes = threading.Event(), threading.Event(), [None] * len(tasks)

        def hold(_tx):
            entered.set()
            gate.wait(10)

        def call(number, task):
            try:
                if isinstance(task, tuple):
                    outcomes[number] = service.store.write_together(*task)
                else:
                    outcomes[number] = service.store.write(task)
            except Exception as error:  # noqa: BLE001  # the test looks at it
                outcomes[number] = error

        threads = [threading.Thread(target=service.store.write, args=(hold,))]
        threads[0].start()
        assert entered.wait(10)
        with contextlib.ExitStack() as stack:
            stack.callback(gate.set)
            for number, task in enumerate(tasks):  # in this order
                threads.append(threading.Thread(target=call, args=(number, task)))
                threads[-1].start()
                _until(lambda number=number: service.store._tasks.qsize() > number)
        for thread in threads:
            thread.join(10)
        return outcomes

    return run


def _until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.001)
