"""The lines of a pack against what its receipts have proved: each says what its record says, and none is left over.

The log's key signs the manifest, so whoever changes a file is found by its hash. What is asked here is asked of the log
itself: that the readable lines beside the records are no other story than the records.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from traceability.errors import TraceabilityError
from traceability.ledger.encoding import b64u, digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.errors import ProofError
from traceability.ledger.pack import EVENTS
from traceability.ledger.pack_names import PRIVATE
from traceability.ledger.signed_events import events_of
from traceability.ledger.verify import Item
from traceability.ledger.verify_chain import names_of, related
from traceability.ledger.verify_decided import decisions
from traceability.ledger.verify_found import facts, findings, lists, papers, rules, shipments
from traceability.ledger.verify_records import Records

_EVENT = ("index", "event_id", "file", "position", "received_at", "event")
_PAPER = (
    "importer", "sha256", "filename", "size", "media_type", "uploaded_at", "entry_index", "file", "why_no_file",
    "about", "read",
)  # fmt: skip
_LAYERS, _VIEWS = ("chain", "private"), ("everything", "own chain")


def items(records: Records) -> Iterator[Item]:
    """Yield what comes of comparing each file of lines with the records."""
    private = records.manifest.layer == "private"
    yield _checked("layer", _layer, records)
    for name, check in _CHECKS if private else _CHECKS[:1]:
        yield _checked(name, check, records)
    yield _checked("signatures", _signatures, records)
    yield from _untold(records)


def _checked(name: str, check: Callable[[Records, str], str], records: Records) -> Item:
    try:
        return Item(name, "ok", check(records, name))
    except TraceabilityError as error:
        return Item(name, "failed", error.detail)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return Item(name, "failed", f"a line lacks what it should hold: {error!r}"[:300])


def _layer(records: Records, _: str) -> str:
    """Check that the pack holds the records of the layer its manifest names, and no others."""
    manifest = records.manifest
    if manifest.layer not in _LAYERS or manifest.view not in _VIEWS:
        raise ProofError(f"expected a layer of {_LAYERS} and a view of {_VIEWS}; got {manifest.layer}, {manifest.view}")
    if manifest.layer == "chain":
        private = [name for name, _ in _CHECKS[1:] if name in records.files]
        private += [f"a receipt of entry {index}" for index in records.of_kind(*PRIVATE)]
        if private:
            raise ProofError(f"by its manifest the pack shows the chain alone, and it holds {private[0]}")
        return "the chain of custody alone; no documents, assessments, findings or decisions are in it"
    return f"the chain of custody, and the records of {', '.join(manifest.importers)[:300] or 'nobody'}"


def _events(records: Records, name: str) -> str:
    lines, before, told = records.lines(name, _EVENT), -1, set[str | None]()
    for number, line in enumerate(lines, 1):
        where, index = f"{name}, line {number}", line["index"]
        if index <= before:
            raise ProofError(f"{where}: expected the events in the order of the log, each once; got entry {index}")
        before, proven = index, records.entry(index, ("event",), where)
        if line["event"].get("eventID", line["event_id"]) != line["event_id"] or line["position"] != proven.entry.n:
            raise ProofError(f"{where}: the line names another event, or another place in its capture")
        if digest(line["event_id"].encode()) != proven.entry.eid or line["file"] != proven.file:
            raise ProofError(f"{where}: entry {index} is for another event, or signed in another file")
        _at(proven.entry, line["received_at"], where)
        if proven.said is None:
            records.unsigned += 1
        elif _plain(proven.said) != _plain(line["event"]):
            raise ProofError(f"{where}: the event is not the one that was signed ({line['event_id'][:200]})")
        told.add(proven.entry.eid)
        records.events.append(line["event"])
    left = [index for index, one in records.of_kind("event").items() if one.entry.eid not in told]
    if left:
        raise ProofError(f"{name}: no line tells the event of entry {left[0]}")
    gap = f"; of {records.unsigned} the signed bytes are not in the pack" if records.unsigned else ""
    return f"{len(lines)} events say what was signed{gap}"


def _at(entry: Entry, said: str, where: str) -> None:
    if milliseconds(datetime.fromisoformat(said)) != entry.at:
        raise ProofError(f"{where}: {said[:40]} is not when the log received it, {entry.received_at.isoformat()}")


def _plain(event: Any) -> Any:
    """Return an event without what the document around it may have said: its context, and an id the server made."""
    return {key: value for key, value in event.items() if key not in ("@context", "eventID")}


def _untold(records: Records) -> Iterator[Item]:
    """Yield what captures of the pack hold about its batches and no line tells: refused by the log, or left out."""
    batches = related(records.events, records.manifest.batch)
    told = {_text(event) for event in records.events}
    found = []
    for file, content in records.captures.items():
        rows = [one for one in events_of(content)[0] if isinstance(one, dict)]
        found += [file for one in rows if not batches.isdisjoint(names_of(one)) and _text(one) not in told]
    if found:
        records.gaps["untold"] += len(found)
        said = f"{len(found)} events about batches of this chain, the first in {found[0]}, are told by no line"
        yield Item("captures", "not checked", f"{said}: the log refused them, or the pack leaves them out")


def _text(event: Any) -> str:
    return json.dumps(_plain(event), sort_keys=True, default=str)


def _documents(records: Records, name: str) -> str:
    lines, told = records.lines(name, _PAPER), set[int]()
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number}"
        proven = records.entry(line["entry_index"], ("document",), where)
        if proven.entry.body != b64u(bytes.fromhex(line["sha256"])) or line["file"] != proven.file:
            raise ProofError(f"{where}: entry {line['entry_index']} is for another document")
        if proven.file is not None and line["size"] != len(records.files[proven.file]):
            raise ProofError(f"{where}: {proven.file} has another size")
        _at(proven.entry, line["uploaded_at"], where)
        records.belongs(proven, line["importer"], where)
        told.add(line["entry_index"])
    if len(told) != len(lines):
        raise ProofError(f"{name}: expected a line for each document, and no second one")
    records.all_told(name, ("document",), told)
    papers(records, lines)
    return f"{len(lines)} documents have the hashes that the log took in"


def _signatures(records: Records, _: str) -> str:
    known = {one.jws for one in records.proven.values()}
    found = [name for name in records.files if name.startswith("signatures/")]
    for name in found:
        if records.files[name].decode("ascii", "replace") not in known:
            raise ProofError(f"{name} is the signature of nothing in the pack")
    return f"{len(found)} detached signatures are those of the receipts"


_CHECKS: tuple[tuple[str, Callable[[Records, str], str]], ...] = (
    (EVENTS, _events),
    ("decisions.jsonl", decisions),
    ("findings.jsonl", findings),
    ("documents.jsonl", _documents),
    ("lists.jsonl", lists),
    ("facts", facts),
    ("rules", rules),
    ("shipments", shipments),
)
