"""A receipt while it is verified: its parts, and what the steps have established so far.

A step returns what it found, raises a TraceabilityError with expected and got, raises `NotChecked` where the receipt
holds too little to check, or returns None where it does not concern this entry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from traceability.ledger.checkpoint import Checkpoint
from traceability.ledger.entry import Entry
from traceability.ledger.errors import InvalidKey
from traceability.ledger.history import KeyHistory
from traceability.ledger.keys import PublicKey
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import LogProof, parse_proof
from traceability.ledger.receipt import Receipt

T = TypeVar("T")

EventId = Callable[[Mapping[str, Any], Any], str]
"""Port to who knows events: (an event without eventID, the @context around it) -> the id that a server makes for it.

It raises InvalidInput for what is no event."""

StampCheck = Callable[[bytes, Sequence[bytes]], datetime]
"""Port to who checks time-stamp tokens: (a token, the SHA-256 it may be over, any of them) -> the authority's time.

It raises ProofError for a token over other bytes, BadSignature where nobody that is trusted signed it, and `NotChecked`
where there is nothing to check it with."""


class NotChecked(Exception):  # not an error: there was nothing to check with
    """The receipt does not hold what this step needs; the verdict stands without it."""


@dataclass(slots=True)
class Case:
    """A receipt under verification, and what its steps have established."""

    receipt: Receipt
    entry: Entry
    log_key: VerifierKey
    proof: LogProof
    policy: Policy | None
    """Whom the verifier trusts; None where nothing was pinned."""
    head: Checkpoint
    """The verified head, once the first step has put it here; before that an empty one."""
    content: Any = None
    """What was signed, parsed from the verified bytes; None before that, and when the receipt does not hold it."""
    event_id: EventId | None = None
    check_stamp: StampCheck | None = None
    keys: Mapping[str, KeyHistory] = field(default_factory=dict)
    """The lives of keys as the entries of a pack tell them, by thumbprint; empty for a receipt alone."""
    packs: Mapping[str, str] = field(default_factory=dict)
    """Evidence packs given beside the receipt: the name of each file, by its SHA-256 in base64url."""
    disputed: str | None = None
    """Why the signature is disputed, once the last step has put it here: everything else had held."""
    memo: dict[Any, Any] = field(default_factory=dict)
    """What was established for other receipts of one pack: many share a checkpoint, a capture and a key."""

    @classmethod
    def of(cls, receipt: Receipt, policy: Policy | None = None, event_id: EventId | None = None) -> "Case":
        """Read the parts of a receipt.

        Raises:
            InvalidInput: a part cannot be read.

        """
        proof = parse_proof(receipt.proof)
        entry = Entry.parse(receipt.entry)
        key = VerifierKey.parse(receipt.log_key)
        return cls(receipt, entry, key, proof, policy, Checkpoint("", 0, b""), event_id=event_id)

    def once(self, about: Any, work: Callable[[], T]) -> T:
        """Return what ``work`` gives, done once for everything ``about`` names."""
        if about not in self.memo:
            self.memo[about] = work()
        found: T = self.memo[about]
        return found

    def public(self) -> PublicKey:
        """Return the signer's key as the receipt holds it.

        Raises:
            InvalidKey: the receipt holds none.

        """
        if self.receipt.key is None:
            raise InvalidKey(f"expected the key {self.entry.key}, which the entry names; the receipt holds none")
        return PublicKey.from_jwk(self.receipt.key.jwk)
