"""Merkle tree hashing and proof checking: RFC 6962, section 2.1, with the algorithms of RFC 9162, section 2.1.

Checks return nothing or raise `ProofError`. A consistency proof from size 0 proves nothing and is refused.
"""

from collections.abc import Sequence
from hashlib import sha256

from traceability.ledger.errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry), the leaf of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), the parent of two nodes."""
    return sha256(b"\x01" + left + right).digest()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash ``leaf`` stands at ``index`` of the tree of ``size`` leaves with ``root``.

    Raises:
        ProofError: it does not, or a part has the wrong form.

    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise ProofError(f"expected an index below the tree size {size}; got {index}")
    got = _climb(leaf, index, size - 1, proof)
    if got != root:
        raise ProofError(f"inclusion of index {index} in size {size}: expected root {root.hex()}; got {got.hex()}")


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``size2`` leaves begins with the tree of ``size1`` leaves (append-only).

    Raises:
        ProofError: it does not, ``size1`` is 0 (nothing would be proved), or a part has the wrong form.

    """
    if not 0 < size1 <= size2:
        raise ProofError(f"expected 0 < first size <= second size; got {size1} and {size2}")
    if size1 == size2:
        _require_same_tree(size1, root1, root2, proof)
        return
    _require_hashes(root1, root2, *proof)
    got1, got2 = _climb_both(size1, root1, size2, proof)
    if got1 != root1 or got2 != root2:
        raise ProofError(
            f"consistency of sizes {size1} and {size2}: expected roots {root1.hex()} and {root2.hex()}; "
            f"got {got1.hex()} and {got2.hex()}"
        )


def _require_hashes(*hashes: bytes) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise ProofError(f"expected hashes of {HASH_SIZE} bytes; got one of {len(value)}")


def _require_same_tree(size: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError(f"expected an empty proof between equal sizes; got {len(proof)} hashes")
    if root1 != root2:
        raise ProofError(f"two roots for size {size}: {root1.hex()} and {root2.hex()}")


def _climb(node: bytes, position: int, last: int, proof: Sequence[bytes]) -> bytes:
    """Hash upwards from ``position``; ``last`` is the position of the rightmost node on the same level."""
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            position, last = _skip_lone(position, last)
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    return node


def _climb_both(size1: int, root1: bytes, size2: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    position, last = size1 - 1, size2 - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    # A first tree that is a perfect one is itself the node from which the climb starts.
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    if not path:
        raise ProofError("expected a proof between different sizes; got none")
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _skip_lone(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    return old, new


def _skip_lone(position: int, last: int) -> tuple[int, int]:
    """Skip the levels on which the rightmost node has no sibling and is passed up unchanged."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last
