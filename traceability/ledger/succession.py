"""From a log key that somebody pinned to the one that signs now: one link for each rotation in between.

The old key signed a checkpoint whose tree holds the entry that names the new one; a signature line of another key below
that checkpoint would prove nothing, since anybody can add one. The new key signed the same checkpoint, and what it
signed later continues it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.entry import Entry
from traceability.ledger.errors import InvalidKey, ProofError
from traceability.ledger.log_change import Rotation, read_record, stands_for
from traceability.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof

_MEMBERS = {"record", "entry", "proof", "consistency"}
_MOST = 64


@dataclass(frozen=True, slots=True)
class Link:
    """One rotation: its record and entry, the entry's proof in the checkpoint both keys signed, and the way from there.

    ``consistency`` leads from that checkpoint to the one of the receipt or pack which holds the link.
    """

    record: bytes
    entry: bytes
    proof: str
    consistency: tuple[bytes, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object: bytes as base64."""
        path = [b64(one) for one in self.consistency]
        return {"record": b64(self.record), "entry": b64(self.entry), "proof": self.proof, "consistency": path}

    @classmethod
    def from_value(cls, value: Any) -> "Link":
        """Read a link; nothing in it is verified.

        Raises:
            InvalidInput: another form.

        """
        if not isinstance(value, dict) or value.keys() != _MEMBERS or not isinstance(value["consistency"], list):
            raise InvalidInput(f"expected a link from key to key as an object with {', '.join(sorted(_MEMBERS))}")
        texts = [value["record"], value["entry"], value["proof"], *value["consistency"]]
        if not all(isinstance(text, str) for text in texts):
            raise InvalidInput("a link from key to key: expected texts")
        try:
            path = tuple(map(from_b64, value["consistency"]))
            return cls(from_b64(value["record"]), from_b64(value["entry"]), value["proof"], path)
        except ValueError as error:
            raise InvalidInput(f"a link from key to key: {error}") from error


def read_links(value: Any) -> tuple[Link, ...]:
    """Read the links of a receipt or pack, oldest first; raises InvalidInput for another form."""
    if not isinstance(value, list) or len(value) > _MOST:
        raise InvalidInput(f"expected a list of at most {_MOST} links from key to key")
    return tuple(map(Link.from_value, value))


def succeed(links: Sequence[Link], policy: Policy, head: Checkpoint) -> Mapping[str, str]:
    """Return the keys that followed those of the policy on the way to ``head``: each with how it came about.

    Raises:
        TraceabilityError: a link from a trusted key does not hold. Links from other keys are passed over.

    """
    trusted = {key.vkey: "pinned" for key in policy.logs}
    for link in links:
        change = read_record(link.record)
        # From a key that the policy ends nothing leads on: whoever holds it could date a rotation before its end.
        if isinstance(change, Rotation) and change.old in trusted and change.old not in policy.ends:
            size = _hold(link, change, head)
            trusted[change.new] = f"follows {change.old.split('+')[1]} since the checkpoint of {size} that both signed"
    return trusted


def _hold(link: Link, change: Rotation, head: Checkpoint) -> int:
    """Check one link and return the size of the checkpoint both keys signed."""
    proof = parse_proof(link.proof)
    old, new = VerifierKey.parse(change.old), VerifierKey.parse(change.new)
    both, _ = verify_checkpoint(proof.checkpoint, [old])
    verify_checkpoint(proof.checkpoint, [new])
    if both.origin != head.origin or both.size > head.size:
        raise InvalidKey(f"expected a checkpoint of {head.origin} both keys signed before {head.size} entries")
    verify_inclusion(leaf_hash(link.entry), proof.index, both.size, proof.path, both.root)
    if not stands_for(Entry.parse(link.entry), link.record):
        raise ProofError("the entry that should name the next log key is about something else")
    verify_consistency(both.size, both.root, head.size, head.root, link.consistency)
    return both.size
