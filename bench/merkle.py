"""Append and prove in one process: our tree of tiles beside other implementations, over the same entries.

Each batch is appended, its root is taken, and every entry of it gets its inclusion proof for that root. Processor time:
other work on the machine does not count. pymerkle is GPL: `make bench` puts it in a folder of its own, for this table
alone; aics-tlog needs Python 3.12.
"""

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tiles import TileTree

Batches = Sequence[Sequence[bytes]]
_ENTRY_BYTES = 300
_ENTRIES, _FEW = 16_384, 2_000  # the references that build each proof anew get fewer: more would be slower still
_BATCHES = (1, 64, 500)
_RUNS = 3


def run(say: Callable[..., None]) -> None:
    """Print the rates for entries one by one, for a full group of the writer, and for a full capture."""
    print("append and prove in process (processor time, best of three)")
    for size in _BATCHES:
        found = {name: _rate(name, append, size) for name, append in _REFERENCES.items()}
        known = {name: rate for name, rate in found.items() if rate}
        best = max(known, key=known.__getitem__) if known else None
        for name, rate in known.items():
            say(f"({name}, {size} a batch)", rate, "entries/s")
        say(f"ours, {size} a batch", _best(_ours, size, _ENTRIES), "entries/s", (), best and (best, known[best]))


def _rate(name: str, append: Callable[[Batches], int], size: int) -> float | None:
    if importlib.util.find_spec(name.replace("-", "_")) is None:
        print(f"  ({name} is not installed here)")
        return None
    return _best(append, size, _ENTRIES if name == "pymerkle" else _FEW)


def _best(append: Callable[[Batches], int], size: int, entries: int) -> float:
    batches = list(_batches(size, entries))
    best = float("inf")
    for _ in range(_RUNS):
        begun = time.process_time()
        append(batches)
        best = min(best, time.process_time() - begun)
    return entries / best


def _batches(size: int, entries: int) -> Iterator[list[bytes]]:
    made = [n.to_bytes(_ENTRY_BYTES, "big") for n in range(entries)]
    return (made[start : start + size] for start in range(0, entries, size))


def _ours(batches: Batches) -> int:
    """Do what the writer does: append, take what is to be stored, take the root; then prove each entry."""
    stored: dict[tuple[int, int], bytes] = {}
    tree = TileTree(lambda level, index: stored.get((level, index)))
    for batch in batches:
        first = tree.size
        tree.append([leaf_hash(entry) for entry in batch])
        stored |= tree.changed()
        tree.saved()
        tree.root()
        for index in range(first, tree.size):
            tree.inclusion(index, tree.size)
    return tree.size


def _pymerkle(batches: Batches) -> int:
    import pymerkle  # type: ignore[import-not-found]  # a peer, for this table alone

    tree: Any = pymerkle.InmemoryTree(algorithm="sha256")
    for batch in batches:
        first = tree.get_size()
        tree.append_entries(batch)
        size = tree.get_size()
        tree.get_root()
        for index in range(first, size):
            tree.prove_inclusion(index + 1, size)
    return int(tree.get_size())


def _aics(batches: Batches) -> int:
    import aics_tlog  # type: ignore[import-not-found,unused-ignore]  # only for Python 3.12 and later

    tree: Any = aics_tlog.MerkleTree()
    for batch in batches:
        first = tree.size
        tree.extend(batch)
        tree.root()
        for index in range(first, tree.size):
            tree.inclusion_proof(index, tree.size)
    return int(tree.size)


def _scales(batches: Batches) -> int:
    """Append to tiles in files, as this one can do nothing else; its disk flushes are no processor time."""
    import tempfile
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from tlog_scales.signing import PlainEd25519Signer
    from tlog_scales.writer import TilesWriter

    signer = PlainEd25519Signer("bench", Ed25519PrivateKey.generate())
    with tempfile.TemporaryDirectory(prefix="ts-") as folder:
        writer = TilesWriter.create(Path(folder) / "log", "bench")
        for batch in batches:
            first = writer.size
            for entry in batch:
                writer.add_leaf(entry)
            writer.commit([signer], gc=False)
            for index in range(first, writer.size):
                writer.reader.get_inclusion_proof(index, writer.size)
        return int(writer.size)


_REFERENCES: dict[str, Callable[[Batches], int]] = {
    "pymerkle": _pymerkle,
    "tlog-scales": _scales,
    "aics-tlog": _aics,
}
