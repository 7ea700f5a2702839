"""Append and prove in one process: our tree of tiles beside other implementations, over the same entries.

Each batch is appended, its root is taken, and every entry of it gets its inclusion proof for that root. Processor time:
other work on the machine does not count. Before a tree is timed, its roots are compared with ours and a sample of its
proofs is checked, so that nobody is timed doing something else. pymerkle is GPL: `make bench` puts it in a folder of
its own, for this table alone; aics-tlog needs Python 3.12.
"""

import sys
import time
from collections.abc import Iterator, Sequence

from bench.lines import Say, at_least
from bench.trees import PEERS, Tree, is_installed, new_tree

Batches = Sequence[Sequence[bytes]]
_ENTRY_BYTES = 300
_TARGET = 100_000
_ENTRIES = 4_096  # of every tree: the slowest takes half a minute for them, and a larger tree has longer proofs
_MANY = 131_072  # of ours for the target alone
_BATCHES = (1, 64, 500)  # one by one, a full group of the writer (64 clients), a full capture
_RUNS = 3
_SAMPLE = 97  # every so many-th proof is checked


def run(say: Say) -> None:
    """Print the rates for entries one by one, for a full group of the writer, and for a full capture."""
    peers = [name for name in PEERS if is_installed(name)]
    absent = _told_absent(peers)
    for size in _BATCHES:
        found = {name: _rate(name, size, _ENTRIES) for name in peers}
        for name, rate in found.items():
            say(f"({name}, {size} a batch, {_ENTRIES:,} entries)", rate, "entries/s")
        best = max(found, key=found.__getitem__, default="")
        say(
            f"ours, {size} a batch, {_ENTRIES:,} entries", _rate("ours", size, _ENTRIES), "entries/s", (),
            (best, found[best]) if best else None,
            [at_least(found.get(best, 0.0), "/s (the fastest reference)", unjudged=absent)],
        )  # fmt: skip
        if size > 1:
            rate = _rate("ours", size, _MANY)
            say(f"ours, {size} a batch, {_MANY:,} entries", rate, "entries/s", (), None, [at_least(_TARGET, "/s")])


def _told_absent(peers: Sequence[str]) -> str | None:
    """Say which references are not here, and return why "never slower than the fastest" is not judged without them."""
    absent = [name for name in PEERS if name not in peers]
    for name in absent:
        print(f"  ({name} is not installed here)")
    if sys.version_info < (3, 12):  # it needs that
        absent = [name for name in absent if name != "aics-tlog"]
    return f"without {' and '.join(absent)}" if absent else None


def _rate(name: str, size: int, entries: int) -> float:
    """Return entries a second, the best of some runs: each implementation's own."""
    batches = list(_batches(size, entries))
    with new_tree(name) as tree, new_tree("ours") as ours:
        _check(tree, ours, batches)
    best = float("inf")
    for _ in range(_RUNS):
        with new_tree(name) as tree:
            begun = time.process_time()
            _work(tree, batches)
            best = min(best, time.process_time() - begun)
    return entries / best


def _work(tree: Tree, batches: Batches) -> None:
    size = 0
    for batch in batches:
        first, size = size, size + len(batch)
        tree.append(batch)
        tree.root()
        for index in range(first, size):
            tree.prove(index, size)


def _check(tree: Tree, ours: Tree, batches: Batches) -> None:
    """Do the same work once, untimed, and check the roots and a sample of the proofs.

    Raises:
        Exception: a proof proves nothing, or the roots differ; there is no figure then.

    """
    size = 0
    for batch in batches:
        first, size = size, size + len(batch)
        tree.append(batch)
        ours.append(batch)
        root = tree.root()
        assert root == ours.root(), f"another root at size {size}"
        for index in range(first + -first % _SAMPLE, size, _SAMPLE):
            tree.check(batch[index - first], index, size, root, tree.prove(index, size))


def _batches(size: int, entries: int) -> Iterator[list[bytes]]:
    made = [n.to_bytes(_ENTRY_BYTES, "big") for n in range(entries)]
    return (made[start : start + size] for start in range(0, entries, size))
