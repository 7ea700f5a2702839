"""The lines of a pack against what its receipts have proved: each says what its record says, and none is left over.

The log's key signs the manifest, so whoever changes a file is found by its hash. What is asked here is asked of the log
itself: that the readable lines beside the records are no other story than the records.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from traceability import strict_json
from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.encoding import b64u, digest
from traceability.ledger.entry import Entry
from traceability.ledger.errors import ProofError
from traceability.ledger.pack import EVENTS, json_lines
from traceability.ledger.verify import Item

_DEPTH, _TEXT = 128, 2_000_000_000
#: Which kinds of entry a file of each folder may stand for.
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
_DECIDED = (
    "id", "disposition", "state", "reason", "reason_code", "findings", "evidence", "steps", "review_on", "inputs_hash",
    "needs_second", "proposed_by", "confirmed_by", "confirmed_reason",
)  # fmt: skip
_LINE = ("importer", "kind", "subject", "file")  # what a line of findings.jsonl adds to the finding


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry whose receipt verified: the file that holds what it stands for, and the event at its place in it."""

    entry: Entry
    file: str | None
    event: Any = None
    jws: str | None = None


@dataclass(slots=True)
class Records:
    """The files of a pack, and what its receipts have proved, by ledger index."""

    files: Mapping[str, bytes]
    layer: str
    proven: dict[int, Proven] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    """The events of the lines, for whether the chain is whole."""
    unsigned: int = 0
    """How many of them are told by their line alone: the signed bytes are not in the pack."""
    parsed: dict[str, Any] = field(default_factory=dict)

    def lines(self, name: str) -> list[Any]:
        """Return the lines of a file, each an object."""
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {name}")
        rows = json_lines(self.files[name])
        if not all(isinstance(row, dict) for row in rows):
            raise InvalidInput(f"{name}: expected a JSON object in each line")
        return rows

    def record(self, name: Any) -> Any:
        """Return the JSON of a file."""
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {str(name)[:200]}")
        if name not in self.parsed:
            self.parsed[name] = strict_json.loads(self.files[name], max_depth=_DEPTH, max_string=_TEXT)
        return self.parsed[name]


def items(records: Records) -> Iterator[Item]:
    """Yield what comes of comparing each file of lines with the records."""
    private = records.layer == "private"
    for name, check in _CHECKS:
        if name == EVENTS or private or name in records.files:
            yield _checked(name, check, records)
    yield _checked("signatures", _signatures, records)
    if private:
        yield _checked("facts", _facts, records)


def _checked(name: str, check: Callable[[Records, str], str], records: Records) -> Item:
    try:
        return Item(name, "ok", check(records, name))
    except TraceabilityError as error:
        return Item(name, "failed", error.detail)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return Item(name, "failed", f"a line lacks what it should hold: {error!r}"[:300])


def _events(records: Records, name: str) -> str:
    lines, before, told = records.lines(name), -1, set[str | None]()
    for number, line in enumerate(lines, 1):
        where, index = f"{name}, line {number}", line["index"]
        if index <= before:
            raise ProofError(f"{where}: expected the events in the order of the log, each once; got entry {index}")
        before, proven = index, _entry(records, index, ("event",), where)
        if line["event"].get("eventID", line["event_id"]) != line["event_id"] or line["position"] != proven.entry.n:
            raise ProofError(f"{where}: the line names another event, or another place in its capture")
        if digest(line["event_id"].encode()) != proven.entry.eid or line["file"] != proven.file:
            raise ProofError(f"{where}: entry {index} is for another event, or signed in another file")
        if proven.event is None:
            records.unsigned += 1
        elif _plain(proven.event) != _plain(line["event"]):
            raise ProofError(f"{where}: the event is not the one that was signed ({line['event_id'][:200]})")
        told.add(proven.entry.eid)
        records.events.append(line["event"])
    left = [index for index, one in records.proven.items() if one.entry.kind == "event" and one.entry.eid not in told]
    if left:
        raise ProofError(f"{name}: no line tells the event of entry {left[0]}")
    gap = f"; of {records.unsigned} the signed bytes are not in the pack" if records.unsigned else ""
    return f"{len(lines)} events say what was signed{gap}"


def _plain(event: Any) -> Any:
    """Return an event without what the document around it may have said: its context, and an id the server made."""
    return {key: value for key, value in event.items() if key not in ("@context", "eventID")}


def _decisions(records: Records, name: str) -> str:
    lines, told, hashed = records.lines(name), set[int](), 0
    for number, line in enumerate(lines, 1):
        last = line["entry_index"] if line["confirmed_index"] is None else line["confirmed_index"]
        told |= {line["entry_index"], last}
        proven = _entry(records, last, FOLDERS["decisions"], f"{name}, line {number}")
        _entry(records, line["entry_index"], FOLDERS["decisions"], f"{name}, line {number}")
        if proven.file is None:
            hashed += 1
            continue
        record = records.record(proven.file)
        odd = [one for one in _DECIDED if record[one] != line[one]]
        if odd or (record["subject_kind"], record["subject"]) != (line["about"]["kind"], line["about"]["subject"]):
            raise ProofError(f"{name}, line {number}: {odd[0] if odd else 'about'} is not what was decided")
    _all_told(records, name, FOLDERS["decisions"], told)
    gap = f"; of {hashed} the pack holds the hash alone" if hashed else ""
    return f"{len(lines)} decisions say what was decided{gap}"


def _findings(records: Records, name: str) -> str:
    lines = records.lines(name)
    runs = {one.file for one in records.proven.values() if one.entry.kind == "assessment"}
    for number, line in enumerate(lines, 1):
        if line["file"] not in runs:
            raise ProofError(f"{name}, line {number}: {str(line['file'])[:100]} is no assessment that the log took in")
        run = records.record(line["file"])
        result = run.get("result", run)
        if {key: value for key, value in line.items() if key not in _LINE} not in result["findings"]:
            raise ProofError(f"{name}, line {number}: {line['code']} is no finding of {line['file']}")
    return f"{len(lines)} findings stand in the assessments"


def _documents(records: Records, name: str) -> str:
    lines, told = records.lines(name), set[int]()
    for number, line in enumerate(lines, 1):
        proven = _entry(records, line["entry_index"], ("document",), f"{name}, line {number}")
        if proven.entry.body != b64u(bytes.fromhex(line["sha256"])) or line["file"] != proven.file:
            raise ProofError(f"{name}, line {number}: entry {line['entry_index']} is for another document")
        told.add(line["entry_index"])
    _all_told(records, name, ("document",), told)
    return f"{len(lines)} documents have the hashes that the log took in"


def _lists(records: Records, name: str) -> str:
    lines, told = records.lines(name), set[int]()
    for number, line in enumerate(lines, 1):
        proven = _entry(records, line["entry_index"], ("list-version",), f"{name}, line {number}")
        if proven.file is None and proven.entry.body != b64u(bytes.fromhex(line["table_sha256"])):
            raise ProofError(f"{name}, line {number}: the log took in another table than {line['table_sha256']}")
        if proven.file is not None:
            record = records.record(proven.file)
            odd = [key for key in record.keys() & line.keys() if record[key] != line[key]]
            if odd:
                raise ProofError(f"{name}, line {number}: {odd[0]} is not what the log took in")
        told.add(line["entry_index"])
    _all_told(records, name, ("list-version",), told)
    return f"{len(lines)} list versions are those the log took in"


def _signatures(records: Records, _: str) -> str:
    known = {one.jws for one in records.proven.values()}
    found = [name for name in records.files if name.startswith("signatures/")]
    for name in found:
        if records.files[name].decode("ascii", "replace") not in known:
            raise ProofError(f"{name} is the signature of nothing in the pack")
    return f"{len(found)} detached signatures are those of the receipts"


def _facts(records: Records, _: str) -> str:
    """Check that the facts are those the runs were reached from, as their records hold them by hash."""
    found, unheld = [name for name in records.files if name.startswith("facts/")], 0
    for name in found:
        run = records.record(f"assessments/{name.partition('/')[2]}")
        if "facts" not in run:
            unheld += 1  # recorded before a run's record named its facts
        elif digest(records.files[name]) != run["facts"]:
            raise ProofError(f"{name}: the run was reached from other facts")
    gap = f"; {unheld} are of runs whose record does not name them" if unheld else ""
    return f"{len(found)} facts documents are those the assessments name{gap}"


def _entry(records: Records, index: int, kinds: tuple[str, ...], where: str) -> Proven:
    proven = records.proven.get(index)
    if proven is None or proven.entry.kind not in kinds:
        raise ProofError(f"{where}: no receipt proves an entry {str(index)[:20]} of the kind {' or '.join(kinds)}")
    return proven


def _all_told(records: Records, name: str, kinds: tuple[str, ...], told: set[int]) -> None:
    left = [index for index, one in records.proven.items() if one.entry.kind in kinds and index not in told]
    if left:
        raise ProofError(f"{name}: no line is about entry {left[0]}, which a receipt proves")


_CHECKS: tuple[tuple[str, Callable[[Records, str], str]], ...] = (
    (EVENTS, _events),
    ("decisions.jsonl", _decisions),
    ("findings.jsonl", _findings),
    ("documents.jsonl", _documents),
    ("lists.jsonl", _lists),
)
