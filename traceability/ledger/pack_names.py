"""What the files of an evidence pack are called: nothing else lies in one, so that nothing rides along unlooked at."""

from collections.abc import Iterable, Mapping

from traceability.errors import InvalidInput
from traceability.ledger import pack as packs

LINES = ("decisions.jsonl", "findings.jsonl", "documents.jsonl", "lists.jsonl")
"""The readable lines of the private layer."""
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "captures": ("event",),
    "shipments": ("shipment",),
    "documents": ("document",),
    "assessments": ("assessment",),
    "decisions": ("decision", "correction"),
    "lists": ("list-version",),
    "rules": ("rule-set",),
    "keys": ("key-add", "key-rotate", "key-revoke"),
    "erasures": ("erasure",),
}
"""Folders whose every file is something the log holds an entry of, with the kinds it may be of."""
PRIVATE = ("shipment", "document", "assessment", "decision", "correction", "list-version", "rule-set")
"""Kinds of entries that a pack of the chain alone never proves."""

_BESIDE = ("signatures", "facts")
_NEEDED = (packs.CHECKPOINT, packs.RECEIPTS, packs.EVENTS)
_ROOT = frozenset(
    {
        *_NEEDED, *LINES, packs.MANIFEST, packs.SIGNATURE, packs.CONSISTENCY, packs.SUCCESSION, packs.TIMESTAMPS,
        packs.REPORT, "policy.txt", "verify.py", "README.txt",
    }
)  # fmt: skip


def check_names(names: Iterable[str]) -> None:
    """Check that a pack holds files of known kinds alone, and those it never lacks.

    Raises:
        InvalidInput: it names the first one that is unknown, or missing.

    """
    there = set(names)
    for name in sorted(there):
        folder, slash, file = name.partition("/")
        known = (folder in FOLDERS or folder in _BESIDE) and "/" not in file if slash else name in _ROOT
        if not known:
            raise InvalidInput(f"{name[:200]} is no file of a pack: nothing would check what it says")
    if missing := [name for name in _NEEDED if name not in there]:
        raise InvalidInput(f"the pack has no file {missing[0]}")
