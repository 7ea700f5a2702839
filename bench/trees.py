"""Trees to append to and to prove from: ours and those of other projects, each asked for the same through one door."""

import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from traceability.ledger.merkle import leaf_hash, verify_inclusion
from traceability.ledger.tiles import TileTree


class Tree(Protocol):
    """A Merkle tree (RFC 6962) that is appended to."""

    def append(self, batch: Sequence[bytes]) -> None:
        """Append entries."""

    def root(self) -> bytes:
        """Return the root of what was appended."""

    def prove(self, index: int, size: int) -> Any:
        """Return the inclusion proof of an entry in its own form."""

    def check(self, entry: bytes, index: int, size: int, root: bytes, proof: Any) -> None:
        """Check such a proof; raises where it proves nothing."""


class Ours:
    """What the writer does: append, take what is to be stored, take the root, prove."""

    def __init__(self) -> None:
        self._stored: dict[tuple[int, int], bytes] = {}
        self._tree = TileTree(lambda level, index: self._stored.get((level, index)))

    def append(self, batch: Sequence[bytes]) -> None:
        self._tree.append([leaf_hash(entry) for entry in batch])
        self._stored |= self._tree.changed()
        self._tree.saved()

    def root(self) -> bytes:
        return self._tree.root()

    def prove(self, index: int, size: int) -> Sequence[bytes]:
        return self._tree.inclusion(index, size)

    def check(self, entry: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
        verify_inclusion(leaf_hash(entry), index, size, proof, root)


class Pymerkle:
    """pymerkle, in memory; it counts entries from one."""

    def __init__(self) -> None:
        import pymerkle  # type: ignore[import-not-found]  # a peer, for this table alone

        self._tree: Any = pymerkle.InmemoryTree(algorithm="sha256")
        self._verify: Any = pymerkle.verify_inclusion

    def append(self, batch: Sequence[bytes]) -> None:
        self._tree.append_entries(batch)

    def root(self) -> bytes:
        return bytes(self._tree.get_root())

    def prove(self, index: int, size: int) -> Any:
        return self._tree.prove_inclusion(index + 1, size)

    def check(self, entry: bytes, index: int, size: int, root: bytes, proof: Any) -> None:
        self._verify(leaf_hash(entry), root, proof, index=index + 1, size=size)


class AicsTlog:
    """aics-tlog, in memory; its proofs have our form."""

    def __init__(self) -> None:
        import aics_tlog  # type: ignore[import-not-found,unused-ignore]  # only for Python 3.12 and later

        self._tree: Any = aics_tlog.MerkleTree()

    def append(self, batch: Sequence[bytes]) -> None:
        self._tree.extend(batch)

    def root(self) -> bytes:
        return bytes(self._tree.root())

    def prove(self, index: int, size: int) -> Any:
        return self._tree.inclusion_proof(index, size)

    def check(self, entry: bytes, index: int, size: int, root: bytes, proof: Any) -> None:
        verify_inclusion(leaf_hash(entry), index, size, proof, root)


class TlogScales:
    """tlog-scales, which appends to tiles in files and signs each batch, and can do nothing else.

    Its disk flushes are no processor time; its files and signatures are, which ours has to do elsewhere.
    """

    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from tlog_scales.signing import PlainEd25519Signer
        from tlog_scales.writer import TilesWriter

        self._signer = PlainEd25519Signer("bench", Ed25519PrivateKey.generate())
        self._writer: Any = TilesWriter.create(folder / "log", "bench")

    def append(self, batch: Sequence[bytes]) -> None:
        for entry in batch:
            self._writer.add_leaf(entry)
        self._writer.commit([self._signer], gc=False)

    def root(self) -> bytes:
        return bytes(self._writer.reader.get_checkpoint().root_hash)

    def prove(self, index: int, size: int) -> Any:
        return self._writer.reader.get_inclusion_proof(index, size)

    def check(self, entry: bytes, index: int, size: int, root: bytes, proof: Any) -> None:
        assert (proof.leaf_index, proof.tree_size) == (index, size)
        proof.check(leaf_hash(entry), root)


@contextmanager
def new_tree(name: str) -> Iterator[Tree]:
    """Yield an empty tree."""
    if name != "tlog-scales":
        yield _TREES[name]()
        return
    with tempfile.TemporaryDirectory(prefix="ts-") as folder:
        yield TlogScales(Path(folder))


_TREES: Mapping[str, Callable[[], Tree]] = {"ours": Ours, "pymerkle": Pymerkle, "aics-tlog": AicsTlog}
PEERS = ("pymerkle", "tlog-scales", "aics-tlog")


def is_installed(name: str) -> bool:
    """Return whether a peer is here."""
    return importlib.util.find_spec(name.replace("-", "_")) is not None
