"""An evidence pack while it is verified: its parts, and what the steps have established so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint
from traceability.ledger.history import KeyHistory
from traceability.ledger.note import VerifierKey
from traceability.ledger.pack import Manifest
from traceability.ledger.policy import Policy
from traceability.ledger.receipt import ErasedNotice
from traceability.ledger.verify_case import EventId, StampCheck
from traceability.ledger.verify_gaps import Gaps
from traceability.ledger.verify_records import Proven


@dataclass(slots=True)
class PackCase:
    """A pack under verification."""

    files: Mapping[str, bytes]
    manifest: Manifest
    key: VerifierKey
    policy: Policy | None
    event_id: EventId | None
    check_stamp: StampCheck | None = None
    head: Checkpoint = field(default_factory=lambda: Checkpoint("", 0, b""))
    note: str = ""
    """The signed head of the pack, as it is in every proof."""
    proven: dict[int, Proven] = field(default_factory=dict)
    """What the receipts have proved, by ledger index."""
    proved: set[str] = field(default_factory=set)
    """The files that a receipt proves."""
    last: int = -1
    """Index of the receipt before: they stand in the order of the log, each entry once."""
    keys: dict[str, KeyHistory | None] = field(default_factory=dict)
    """The lives of the keys that signed, by thumbprint, as the pack's own key entries tell them."""
    erased: list[tuple[int, ErasedNotice]] = field(default_factory=list)
    """Ledger index of every entry whose body the pack says was erased, and where the log says so."""
    captures: dict[str, Any] = field(default_factory=dict)
    """What was signed in each capture that the pack holds, by file."""
    brought: dict[int, str] = field(default_factory=dict)
    """Ledger index of every entry that brought a key of a receipt, and the key."""
    gaps: Gaps = field(default_factory=Gaps)
    """What was not checked, and how often."""
    memo: dict[Any, Any] = field(default_factory=dict)

    def file(self, name: str) -> bytes:
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {name[:200]}")
        return self.files[name]
