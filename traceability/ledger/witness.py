"""The witness protocol (C2SP tlog-witness): the request, and what a witness has to answer to it.

A witness remembers one checkpoint a log. `judge` is pure: who stores and signs calls it while nobody else may.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.errors import ProofError
from traceability.ledger.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from traceability.ledger.note import VerifierKey

SIZE_TYPE = "text/x.tlog.size"
MAX_REQUEST = 64_000
_MAX_PROOF = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The body of a request ``add-checkpoint``."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def to_bytes(self) -> bytes:
        """Return the request body."""
        lines = [f"old {self.old_size}", *map(b64, self.proof)]
        return ("\n".join(lines) + "\n\n" + self.checkpoint).encode()

    @classmethod
    def parse(cls, data: bytes) -> "AddCheckpoint":
        """Read a request body; the checkpoint's signature is not checked.

        Raises:
            WitnessRefusal: 400, another form.

        """
        try:
            head, separator, checkpoint = data.decode("utf-8").partition("\n\n")
        except UnicodeDecodeError as error:
            raise WitnessRefusal(400, "expected UTF-8 (C2SP signed-note)") from error
        lines = head.split("\n")
        old = _OLD.fullmatch(lines[0])
        if len(data) > MAX_REQUEST or not separator or old is None or len(lines) > 1 + _MAX_PROOF:
            raise WitnessRefusal(400, "expected 'old <size>', at most 63 hashes, an empty line, and a checkpoint")
        try:
            proof = tuple(map(from_b64, lines[1:]))
            read_checkpoint(checkpoint)
        except (ValueError, TraceabilityError) as error:
            raise WitnessRefusal(400, str(error)) from error
        if any(len(value) != HASH_SIZE for value in proof):
            raise WitnessRefusal(400, f"expected hashes of {HASH_SIZE} bytes")
        return cls(int(old[1]), proof, checkpoint)


class WitnessRefusal(Exception):
    """What a witness answers instead of a cosignature; ``size`` where the answer is the size it last cosigned."""

    def __init__(self, status: int, detail: str, size: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.size = size


def judge(
    asked: AddCheckpoint,
    logs: Mapping[str, Sequence[VerifierKey]],
    latest: Checkpoint | None,
    ends: Mapping[str, int] = MappingProxyType({}),
) -> Checkpoint:
    """Return the checkpoint that may be cosigned, given the ``latest`` one cosigned for its origin.

    Args:
        asked: the request.
        logs: the keys of each known log.
        latest: what was cosigned last.
        ends: up to which size a key that was rotated signs, by its verifier key.

    Raises:
        WitnessRefusal: the status and body the specification asks for.

    """
    claimed = read_checkpoint(asked.checkpoint)
    if claimed.origin not in logs:
        raise WitnessRefusal(404, f"this witness does not know the log {claimed.origin}")
    try:
        head, key = verify_checkpoint(asked.checkpoint, logs[claimed.origin])
    except TraceabilityError as error:
        raise WitnessRefusal(403, error.detail) from error
    if head.size > ends.get(key.vkey, head.size):
        raise WitnessRefusal(403, f"the key {key.name}+{key.key_id.hex()} ended at {ends[key.vkey]} entries")
    if asked.old_size > head.size:
        raise WitnessRefusal(400, f"the old size {asked.old_size} is larger than the checkpoint's {head.size}")
    seen = latest or Checkpoint(head.origin, 0, EMPTY_ROOT)
    if asked.old_size != seen.size:
        raise WitnessRefusal(409, "another size was cosigned last", seen.size)
    _require_growth(asked, seen, head)
    return head


def _require_growth(asked: AddCheckpoint, seen: Checkpoint, head: Checkpoint) -> None:
    if seen.size == head.size and seen.root != head.root:
        raise WitnessRefusal(409, "two roots of one size: the log has forked", seen.size)
    if seen.size == 0:
        if asked.proof:
            raise WitnessRefusal(422, "expected no proof from size 0")
        return
    try:
        verify_consistency(seen.size, seen.root, head.size, head.root, asked.proof)
    except ProofError as error:
        raise WitnessRefusal(422, error.detail) from error


__all__ = ["SIZE_TYPE", "AddCheckpoint", "WitnessRefusal", "judge"]
