"""What a verdict leaves open, counted in a few words, such as ``2 time-stamp tokens, 1 judgement by hash only``."""

from collections import Counter
from collections.abc import Mapping

Gaps = Counter[str]
"""How many there are of each kind that `told` has words for."""

_HASH = "by hash only"
_WORDS: Mapping[str, tuple[str, str]] = {
    "token": ("time-stamp token", "time-stamp tokens"),
    "second": ("second signature of the log", "second signatures of the log"),
    "erased": ("body erased when retention ended", "bodies erased when retention ended"),
    "event": (f"event {_HASH}", f"events {_HASH}"),
    "shipment": (f"shipment record {_HASH}", f"shipment records {_HASH}"),
    "document": (f"document {_HASH}", f"documents {_HASH}"),
    "assessment": (f"assessment {_HASH}", f"assessments {_HASH}"),
    "decision": (f"judgement {_HASH}", f"judgements {_HASH}"),
    "list-version": (f"list version {_HASH}", f"list versions {_HASH}"),
    "record": (f"record {_HASH}", f"records {_HASH}"),
    "id": ("event id made by the log", "event ids made by the log"),
    "opening": ("opened commitment", "opened commitments"),
    "older": ("assessment of an older form", "assessments of an older form"),
    "rules": ("rule set by name only", "rule sets by name only"),
    "paper": ("document of a run that is not listed", "documents of runs that are not listed"),
    "untold": ("event in a capture that no line tells", "events in captures that no line tells"),
    "origin": ("batch that no event here made", "batches that no event here made"),
    "beside": ("batch of another chain", "batches of other chains"),
    "same": ("batch of two names", "batches of two names"),
    "corrective": ("correction that is not here", "corrections that are not here"),
    "later": ("receipt of a later head", "receipts of later heads"),
    "approval": (f"approval of a party or key {_HASH}", f"approvals of parties and keys {_HASH}"),
    "party": ("party whose approval is not here", "parties whose approval is not here"),
    "unapproved": ("key whose approval is not here", "keys whose approval is not here"),
    "end": ("end of a key", "ends of keys"),
    "report": ("report in words", "reports in words"),
}  # fmt: skip


def by_hash(kind: str) -> str:
    """Return under which name an entry of a kind counts whose bytes the pack does not hold."""
    said = "decision" if kind == "correction" else kind
    return said if said in _WORDS else "record"


def told(gaps: Gaps) -> tuple[str, ...]:
    """Return each kind with its number, always in the same order."""
    return tuple(f"{gaps[kind]} {words[gaps[kind] > 1]}" for kind, words in _WORDS.items() if gaps[kind])
