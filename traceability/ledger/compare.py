"""Comparing two checkpoints of one log: they are consistent, or two signed heads that cannot both be prove a fork.

What proves is the log itself, as its static resources (C2SP tlog-tiles), from wherever they come: nothing read from
there is believed before it gives a signed root.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.errors import LedgerDamaged, ProofError
from traceability.ledger.merkle import HASH_SIZE, verify_consistency
from traceability.ledger.mirror import Source
from traceability.ledger.note import VerifierKey
from traceability.ledger.tile_paths import CHECKPOINT, TilePlace
from traceability.ledger.tiles import TILE_HEIGHT, TILE_WIDTH, TileTree

FORMAT = "traceability-fork@v1"
_MEMBERS = {"format", "checkpoints", "root", "consistency"}


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that verified, and its note verbatim."""

    head: Checkpoint
    note: str


@dataclass(frozen=True, slots=True)
class Fork:
    """Two signed heads of one log that cannot both be; transferable, checked with the log's keys alone.

    Where the sizes differ, ``consistency`` proves that the larger head's own history has ``root`` at the smaller size.
    """

    smaller: str
    larger: str
    root: bytes | None = None
    consistency: tuple[bytes, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object: hashes as base64."""
        return {
            "format": FORMAT,
            "checkpoints": [self.smaller, self.larger],
            "root": None if self.root is None else b64(self.root),
            "consistency": [b64(one) for one in self.consistency],
        }

    @classmethod
    def from_value(cls, value: Any) -> "Fork":
        """Read the evidence of a fork; nothing in it is verified.

        Raises:
            InvalidInput: another form.

        """
        if not isinstance(value, dict) or value.keys() != _MEMBERS or value["format"] != FORMAT:
            raise InvalidInput(f"expected the evidence of a fork, of format {FORMAT}")
        notes, path, root = value["checkpoints"], value["consistency"], value["root"]
        if not isinstance(notes, list) or len(notes) != 2 or not isinstance(path, list):  # noqa: PLR2004  # a pair
            raise InvalidInput("the evidence of a fork: expected two checkpoints and a list of hashes")
        if not all(isinstance(text, str) for text in [*notes, *path, root or ""]):
            raise InvalidInput("the evidence of a fork: expected texts")
        try:
            return cls(notes[0], notes[1], None if root is None else from_b64(root), tuple(map(from_b64, path)))
        except ValueError as error:
            raise InvalidInput(f"the evidence of a fork: {error}") from error

    def verify(self, keys: Sequence[VerifierKey]) -> str:
        """Return what the evidence proves to somebody who knows the log's keys.

        Raises:
            TraceabilityError: it proves nothing.

        """
        (small, _), (large, _) = (verify_checkpoint(note, keys) for note in (self.smaller, self.larger))
        if small.origin != large.origin or small.size > large.size:
            raise InvalidInput("expected two heads of one log, the smaller first")
        root = large.root if small.size == large.size else self.root
        if root is None or len(root) != HASH_SIZE or root == small.root:
            raise ProofError("the evidence names no other root than the one that was signed: it shows no fork")
        verify_consistency(small.size, root, large.size, large.root, self.consistency)
        return (
            f"{small.origin} signed {small.size} entries with root {small.root.hex()}, and {large.size} entries in "
            f"whose history the first {small.size} have root {root.hex()}"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a comparison; a ``proof`` (from the smaller size) where consistent, ``evidence`` of a fork."""

    verdict: Literal["consistent", "fork", "unknown"]
    reason: str
    proof: tuple[bytes, ...] | None = None
    evidence: Fork | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the answer of the command ``compare-checkpoints`` (cli.md)."""
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "proof": None if self.proof is None else [b64(one) for one in self.proof],
            "evidence": None if self.evidence is None else self.evidence.as_dict(),
        }


def compare(notes: Sequence[str], keys: Sequence[VerifierKey], sources: Sequence[Source]) -> Comparison:
    """Compare two checkpoints, signed by keys known beforehand, with what the ``sources`` show of the log.

    Raises:
        InvalidInput, InvalidKey, BadSignature: one is no checkpoint of a log of these keys.
        Unavailable: a source does not answer.

    """
    first, second = sorted((_signed(note, keys) for note in notes), key=lambda one: one.head.size)
    if first.head.origin != second.head.origin:
        raise InvalidInput(f"two logs, {first.head.origin} and {second.head.origin}: expected two heads of one")
    if first.head.size == second.head.size:
        return _same_size(first, second)
    if first.head.size == 0:
        return Comparison("unknown", "every log begins with nothing: a head of 0 entries proves nothing")
    found = [_guarded(first, second, keys, source) for source in sources]
    order = ("fork", "consistent", "unknown")
    return min(found, key=lambda one: order.index(one.verdict), default=Comparison("unknown", _NOTHING))


_NOTHING = "the sizes differ, and nothing shows the entries between: name a copy of the log, or its address"


def _signed(note: str, keys: Sequence[VerifierKey]) -> Signed:
    return Signed(verify_checkpoint(note, keys)[0], note)


def _same_size(first: Signed, second: Signed) -> Comparison:
    size, root = first.head.size, first.head.root
    if root == second.head.root:
        return Comparison("consistent", f"the same head of {size} entries", ())
    return Comparison("fork", f"two roots of {size} entries, both signed", evidence=Fork(first.note, second.note))


def _guarded(first: Signed, second: Signed, keys: Sequence[VerifierKey], source: Source) -> Comparison:
    try:
        return _by_source(first, second, keys, source)
    except (ProofError, LedgerDamaged) as error:
        return Comparison("unknown", f"what was named is damaged, or is not this log: {error.detail}")


def _by_source(first: Signed, second: Signed, keys: Sequence[VerifierKey], source: Source) -> Comparison:
    """Compare through the tree that a source shows: of its own head, or of the larger one."""
    own = _own_head(source)
    tree = None if own is None else _tree(source, own.head)
    if tree is None or tree.size < second.head.size:
        exact = _tree(source, second.head)
        tree, own = (exact, None) if exact is not None else (tree, own)
    if tree is not None and tree.size >= second.head.size and tree.root(second.head.size) == second.head.root:
        return _on_tree(first, second, tree)
    if tree is None or own is None or not _is_signed(own, keys, first.head.origin):
        return Comparison("unknown", f"what was named does not hold the tree of {second.head.size} entries")
    for one in (second, first):  # the source is on another branch than one of them
        if one.head.size <= own.head.size and tree.root(one.head.size) != one.head.root:
            return _on_tree(one, own, tree)
    return Comparison("unknown", f"what was named holds {own.head.size} entries; ask where there are more")


def _on_tree(small: Signed, large: Signed, tree: TileTree) -> Comparison:
    """Compare with a tree that has the root of the larger head."""
    size = small.head.size
    root, path = tree.root(size), tuple(tree.consistency(size, large.head.size))
    verify_consistency(size, root, large.head.size, large.head.root, path)
    if root == small.head.root:
        return Comparison("consistent", f"the log of {large.head.size} entries begins with that of {size}", path)
    told = f"the log of {large.head.size} entries has another history than the signed one of {size}"
    return Comparison("fork", told, evidence=Fork(small.note, large.note, root, path))


def _own_head(source: Source) -> Signed | None:
    """Return the head a source shows, not verified yet; None where it shows none that could be compared with."""
    data = source.get(CHECKPOINT)
    try:
        note = b"" if data is None else data
        own = Signed(read_checkpoint(note.decode("utf-8", "replace")), note.decode("utf-8", "replace"))
    except TraceabilityError:
        return None
    return own if own.head.size else None


def _is_signed(own: Signed, keys: Sequence[VerifierKey], origin: str) -> bool:
    try:
        return verify_checkpoint(own.note, keys)[0].origin == origin
    except TraceabilityError:
        return False


def _tree(source: Source, head: Checkpoint) -> TileTree | None:
    """Return the tree of a head, from the tiles of a source; None where they do not give its root."""
    try:
        tree = TileTree(_reader(source, head.size), head.size)
        return tree if tree.root() == head.root else None
    except (InvalidInput, LedgerDamaged):
        return None


def _reader(source: Source, size: int) -> Callable[[int, int], bytes | None]:
    def read(level: int, index: int) -> bytes | None:
        width = min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)
        data = source.get(TilePlace(level, index, width).path) if width > 0 else None
        if data is None and 0 < width < TILE_WIDTH:  # a log may drop a partial tile when it has the full one
            data = source.get(TilePlace(level, index).path)
        return None if data is None else data[: width * HASH_SIZE]

    return read
