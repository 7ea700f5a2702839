"""The decisions of a pack: each line says what its entries stand for, no entry hides behind another's line.

A decision has an entry when it is proposed, and one more when a second person answers, which refers to the first. Of a
judgement that waits for a second person the pack may hold a hash alone (ADR 18): that is said, and never passed over.
"""

from collections.abc import Mapping
from typing import Any

from traceability.ledger.errors import ProofError
from traceability.ledger.pack_names import FOLDERS
from traceability.ledger.verify_records import Proven, Records

_KINDS = FOLDERS["decisions"]
_JUDGED = ("hit", "signal", "document", "doc_type", "correction")
"""What judgements are about; decisions are about a batch or a shipment record."""
_ANSWER = ("state", "confirmed_by", "confirmed_at", "confirmed_reason")
_SAID = (
    "id", "disposition", "reason", "reason_code", "findings", "evidence", "steps", "review_on", "inputs_hash",
    "needs_second", "proposed_by", "proposed_at", *_ANSWER,
)  # fmt: skip
_MEMBERS = (*_SAID, "about", "entry_index", "confirmed_index", "reopened", "importer")


def decisions(records: Records, name: str) -> str:
    """Check the lines against the entries; raises a TraceabilityError for the first that is another story."""
    told: dict[int, int] = {}
    lines = records.lines(name, _MEMBERS)
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number}"
        for index in _entries(records, line, where):
            if index in told:
                raise ProofError(f"{where}: entry {index} is told by line {told[index]} already")
            told[index] = number
    records.all_told(name, _KINDS, told)
    hashed = sum(records.proven[index].file is None for index in told)
    gap = f"; of {hashed} entries the pack holds the hash alone, so what the log took in is not checked"
    return f"{len(lines)} decisions say what was decided{gap if hashed else ''}"


def _entries(records: Records, line: Mapping[str, Any], where: str) -> list[int]:
    """Return the entries that a line tells, once it is found to say what they stand for."""
    place, answer = line["entry_index"], line["confirmed_index"]
    proposed = records.entry(place, _KINDS, where)
    records.belongs(proposed, line["importer"], where)
    if line.get("reopened") is not None:
        raise ProofError(f"{where}: says that the decision was reopened, which no record bears out")
    kind = "correction" if line["about"]["kind"] == "correction" else "decision"
    if proposed.entry.kind != kind:
        raise ProofError(f"{where}: entry {place} is a {proposed.entry.kind}, and the line is about a {kind}")
    _proposal(records, line, proposed, where)
    _rests_on(records, line, proposed, where)
    if answer is None:
        return [place]
    _answer(records, line, proposed, where)
    return [place, answer]


def _proposal(records: Records, line: Mapping[str, Any], proposed: Proven, where: str) -> None:
    judged, answered = line["about"]["kind"] in _JUDGED, line["confirmed_index"] is not None
    if proposed.file is None:
        if not judged or line["needs_second"] is not True or (not answered and line["state"] != "waiting"):
            raise ProofError(f"{where}: of entry {line['entry_index']} the pack holds the hash alone, not its record")
        return
    later = (*_ANSWER, *(("findings",) if judged else ())) if answered else ()
    _same(records, line, proposed.file, later, where)
    if answered and records.record(proposed.file)["state"] != "waiting":
        raise ProofError(f"{where}: entry {line['entry_index']} waits for no second person")


def _answer(records: Records, line: Mapping[str, Any], proposed: Proven, where: str) -> None:
    answered = records.entry(line["confirmed_index"], _KINDS, where)
    if answered.entry.ref != (line["entry_index"],) or answered.entry.who != proposed.entry.who:
        raise ProofError(f"{where}: entry {line['confirmed_index']} is no answer to entry {line['entry_index']}")
    if answered.file is None:
        raise ProofError(f"{where}: of entry {line['confirmed_index']} the pack holds the hash alone, not its record")
    _same(records, line, answered.file, (), where)


def _same(records: Records, line: Mapping[str, Any], file: str, later: tuple[str, ...], where: str) -> None:
    """Check a line against a record, but for what a later entry says."""
    record, about = records.record(file), line["about"]
    odd = [one for one in _SAID if one not in later and record[one] != line[one]]
    if not odd and (record["subject_kind"], record["subject"]) != (about["kind"], about["subject"]):
        odd = ["about"]
    if odd:
        raise ProofError(f"{where}: {odd[0]} is not what was decided")


def _rests_on(records: Records, line: Mapping[str, Any], proposed: Proven, where: str) -> None:
    """Check that the runs which a decision was made on are in the pack: a judgement may rest on others' as well."""
    if line["about"]["kind"] in _JUDGED:
        return
    here = records.of_kind("assessment")
    left = [one for one in proposed.entry.ref if one not in here]
    if left:
        raise ProofError(f"{where}: it was made on the assessment of entry {left[0]}, which is not in the pack")
