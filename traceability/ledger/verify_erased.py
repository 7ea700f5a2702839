"""Bodies that a pack says were erased: the word of a receipt alone excuses no body that is missing.

Two entries of the log have to say the same, what the last verdict was and that the body went, each with its record and
its proof in the pack.
"""

from typing import Any

from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.receipt import ErasedNotice
from traceability.ledger.verify_records import Records

_BY_PARTIES = ("capture", "event", "shipment")
_KINDS = {"event": "capture"}  # what the record calls the thing an entry of another name stands for


def erased(records: Records, index: int, notice: ErasedNotice) -> None:
    """Check what is said of the body of one entry against the records of its erasure.

    Raises:
        ProofError: an erasure entry is not in the pack, is later than it may be, or says something else.
        BadSignature: the log found that nobody had rightly signed it.

    """
    verdict = _record(records, index, notice.verdict_entry, "verdict")
    gone = _record(records, index, notice.entry, "bodies")
    if not index < notice.verdict_entry < notice.entry:
        raise ProofError(f"entry {index}: expected the last verdict after it, and the erasure after that")
    if index not in gone["entries"] or gone["verdict_entry"] != notice.verdict_entry:
        raise ProofError(f"entry {index}: the erasure of entry {notice.entry} is about other bodies")
    kind = records.proven[index].entry.kind
    said = [(one["kind"], one["verdict"]) for one in verdict["verdicts"] if one["entry"] == index]
    if said != [(_KINDS.get(kind, kind), notice.verdict)]:
        raise ProofError(f"entry {index}: the receipt says {notice.verdict[:20]!r}; the log's last verdict was {said}")
    if kind in _BY_PARTIES and notice.verdict != "ok":
        raise BadSignature(f"entry {index}: its signature was found {notice.verdict[:20]} before the body was erased")


def _record(records: Records, index: int, place: int, what: str) -> Any:
    one = records.proven.get(place)
    if one is None or one.entry.kind != "erasure" or one.file is None or index not in one.entry.ref:
        raise ProofError(f"no erasure entry {place} in the pack refers to entry {index}, whose body is not there")
    record = records.record(one.file)
    if record["what"] != what:
        raise ProofError(f"entry {place} is no erasure of the kind {what!r}")
    return record
