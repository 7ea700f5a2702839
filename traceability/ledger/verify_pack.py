"""Offline verification of evidence packs (ledger.md 5): every file, proof and signature, and if the chain is whole.

As for receipts trust comes from the policy alone; hostile bytes give a verdict, never an error.
"""

import contextlib
import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger import verify_chain, verify_records, verify_stamp
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.errors import ProofError
from traceability.ledger.history import KeyAdded, KeyFact, KeyHistory, KeyRevoked, KeyRotated
from traceability.ledger.jose import read_detached, verify
from traceability.ledger.log_change import read_record
from traceability.ledger.merkle import verify_consistency
from traceability.ledger.note import VerifierKey
from traceability.ledger.pack import (
    CHECKPOINT,
    CONSISTENCY,
    MANIFEST,
    RECEIPTS,
    SIGNATURE,
    SUCCESSION,
    TIMESTAMPS,
    Manifest,
    json_lines,
    read_pack,
)
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import ErasedNotice, Receipt, Timestamp
from traceability.ledger.revocation import key_facts
from traceability.ledger.signed_events import event_at
from traceability.ledger.succession import read_links
from traceability.ledger.verify import NOT_PINNED, Item, Verdict, pinned, run_steps
from traceability.ledger.verify_case import Case, EventId, NotChecked, StampCheck
from traceability.ledger.verify_log import key_brought, second_of, within
from traceability.ledger.verify_records import Proven

#: Every file in these folders is something the log holds an entry of.
_ENDS_KEYS = ("key-revoke", "key-rotate")
_PROVED = tuple(f"{name}/" for name in verify_records.FOLDERS)


@dataclass(slots=True)
class _Pack:
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
    erasures: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """What every erasure entry that is proved refers to."""
    memo: dict[Any, Any] = field(default_factory=dict)

    def file(self, name: str) -> bytes:
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {name[:200]}")
        return self.files[name]


def verify_pack(
    data: bytes,
    *,
    policy: Policy | None,
    older: Sequence[bytes] = (),
    event_id: EventId | None = None,
    check_stamp: StampCheck | None = None,
) -> Verdict:
    """Verify an evidence pack, and that the heads of ``older`` receipts of the same log lie on its tree.

    Never raises for the content of ``data``.
    """
    try:
        files = read_pack(data)
        manifest = Manifest.from_json(files.get(MANIFEST, b""))
        pack = _Pack(files, manifest, VerifierKey.parse(manifest.log_key), policy, event_id, check_stamp)
    except TraceabilityError as error:
        return Verdict("failed", error.detail, None, (Item("pack", "failed", error.detail),))
    items = (_pinned(pack), *_items(pack, older))
    failed = next((item for item in items if item.verdict == "failed"), None)
    if items[0].verdict != "ok":
        return Verdict("failed", NOT_PINNED, pack.key, items)
    if failed is not None:
        return Verdict("failed", f"{failed.what}: {failed.why}", pack.key, items)
    return Verdict("ok", _summary(pack, items), pack.key, items)


def _pinned(pack: _Pack) -> Item:
    """Judge the key that signed the manifest: pinned, or followed one that is by the way to the pack's head."""
    manifest = pack.manifest
    try:
        head = Checkpoint(manifest.origin, manifest.size, from_b64(manifest.root))
        links = read_links(json_lines(pack.files.get(SUCCESSION, b"")))
    except (TraceabilityError, ValueError) as error:
        return Item("log key", "failed", f"the way from an earlier log key cannot be read: {error}")
    return pinned(pack.key, pack.policy, head, links)


def _items(pack: _Pack, older: Sequence[bytes]) -> Iterator[Item]:
    yield from (_step(what, step, pack) for what, step in (("files", _files), ("manifest", _signature)))
    head = _step("checkpoint", _checkpoint, pack)
    yield head
    if head.verdict == "failed":
        return  # every proof is against it
    yield from _second(pack)
    if TIMESTAMPS in pack.files:
        yield _step("time stamp", _timestamps, pack)
    yield from _receipts(pack)
    pack.proved = {one.file for one in pack.proven.values() if one.file is not None}
    yield _step("complete", _complete, pack)
    if pack.erased:
        yield _step("erased", _erased, pack)
    yield from _told(pack)
    for number, receipt in enumerate(older, 1):
        yield _step(f"older receipt {number}", partial(_consistent, receipt), pack)


def _told(pack: _Pack) -> Iterator[Item]:
    """Yield whether the lines in words say what the records say, and whether the chain is whole."""
    records = verify_records.Records(pack.files, pack.manifest.layer, pack.proven)
    yield from verify_records.items(records)
    if pack.erased and len(records.events) == records.unsigned:
        yield Item("chain", "not checked", f"the bodies of {len(pack.erased)} entries were erased when retention ended")
    else:
        yield from verify_chain.items(records.events, pack.manifest.batch, pack.manifest.view, records.unsigned)


def _second(pack: _Pack) -> Iterator[Item]:
    """Yield what comes of the log's second signature, where the policy names its key."""
    note = pack.file(CHECKPOINT).decode("utf-8", "replace")
    try:
        why = None if pack.policy is None else second_of(note, pack.head, pack.policy)
    except NotChecked as gap:
        yield Item("second signature", "not checked", str(gap))
    except TraceabilityError as error:
        yield Item("second signature", "failed", error.detail)
    else:
        yield from [Item("second signature", "ok", why)] if why else []


def _step(what: str, step: Callable[[_Pack], str], pack: _Pack) -> Item:
    try:
        return Item(what, "ok", step(pack))
    except NotChecked as gap:
        return Item(what, "not checked", str(gap))
    except TraceabilityError as error:
        return Item(what, "failed", error.detail)


def _files(pack: _Pack) -> str:
    named, there = pack.manifest.files, pack.files.keys() - {MANIFEST, SIGNATURE}
    if named.keys() != there:
        odd = sorted(named.keys() ^ there)
        raise InvalidInput(f"expected exactly the files of the manifest; {odd[0]} is in one of the two only")
    for name, expected in named.items():
        got = hashlib.sha256(pack.files[name]).hexdigest()
        if got != expected:
            raise InvalidInput(f"{name}: expected the SHA-256 {expected}; got {got}")
    return f"{len(named)} files have the hashes of the manifest"


def _signature(pack: _Pack) -> str:
    signed = read_detached(pack.file(SIGNATURE).decode("ascii", "replace"), pack.file(MANIFEST))
    verify(signed, pack.key.public)
    return f"{pack.key.name} signed the manifest"


def _checkpoint(pack: _Pack) -> str:
    note, manifest = pack.file(CHECKPOINT).decode("utf-8", "replace"), pack.manifest
    pack.note, (pack.head, _) = note, verify_checkpoint(note, [pack.key])
    within(pack.key, pack.head, pack.policy)
    expected = (manifest.origin, manifest.size, manifest.root)
    if (pack.head.origin, pack.head.size, b64(pack.head.root)) != expected:
        raise ProofError(f"expected the head the manifest is bound to, {manifest.size} entries; got {pack.head.size}")
    return f"bound to the head of {manifest.size} entries, signed {manifest.as_of}"


def _timestamps(pack: _Pack) -> str:
    tokens = [Timestamp.from_value(row) for row in json_lines(pack.file(TIMESTAMPS))]
    note = pack.file(CHECKPOINT).decode("utf-8", "replace")
    return verify_stamp.stamped(note, pack.key, tokens, pack.check_stamp) or "no token"


def _receipts(pack: _Pack) -> Iterator[Item]:
    try:
        rows = json_lines(pack.file(RECEIPTS))
    except TraceabilityError as error:
        yield Item("receipts", "failed", error.detail)
        return
    read = [_read(pack, row) for row in rows]
    pack.keys = _lives(pack, [one for one in read if isinstance(one, _Row)])
    for number, one in enumerate(read, 1):
        yield _receipt(pack, f"receipt {number}", one)


def _lives(pack: _Pack, rows: Sequence["_Row"]) -> dict[str, KeyHistory | None]:
    """Read the lives of keys from the key entries of the pack; what does not verify is told where its turn comes."""
    facts: list[KeyFact] = []
    for row in rows:
        entry, index = row.case.entry, row.case.proof.index
        try:
            if entry.kind.startswith("key-") and row.file is not None and _holds(row.case):
                facts += key_facts(entry, index, pack.file(row.file))
        except TraceabilityError:
            continue
    facts = list(dict.fromkeys(facts))  # a line that stands twice is told where its turn comes
    begun = {fact.new if isinstance(fact, KeyRotated) else fact.thumbprint for fact in facts if not _is_end(fact)}
    facts += [fact for fact in _brought(rows) if fact.thumbprint not in begun]
    named = {fact.new if isinstance(fact, KeyRotated) else fact.thumbprint for fact in facts}
    named |= {fact.old for fact in facts if isinstance(fact, KeyRotated)}
    return {key: _life(key, facts) for key in sorted(named)}


def _is_end(fact: KeyFact) -> bool:
    return isinstance(fact, KeyRevoked)


def _brought(rows: Sequence["_Row"]) -> list[KeyAdded]:
    """Return when the keys of the receipts began, as each receipt proves it besides the signer's signature."""
    found: dict[str, KeyAdded] = {}
    for row in rows:
        with contextlib.suppress(TraceabilityError):
            if (fact := key_brought(row.case)) is not None:
                found.setdefault(fact.thumbprint, fact)
    return list(found.values())


def _holds(case: Case) -> bool:
    failed = [item for item in run_steps(case) if item.verdict == "failed"]
    return not failed or case.disputed is not None


def _life(key: str, facts: Sequence[KeyFact]) -> KeyHistory | None:
    """Return the life of a key; None where the entries about it contradict each other: then nothing it signed holds."""
    try:
        return KeyHistory.of(key, facts)
    except TraceabilityError:
        return None


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of receipts.jsonl that could be read; ``file`` is None where the pack holds a hash alone."""

    file: str | None
    about: str
    case: Case


def _receipt(pack: _Pack, what: str, row: _Row | TraceabilityError) -> Item:
    """Verify one receipt against the head of the pack, with the bytes of the file it names."""
    if isinstance(row, TraceabilityError):
        return Item(what, "failed", row.detail)
    case, index = row.case, row.case.proof.index
    if (told := _unfit(pack, row)) is not None:
        return Item(what, "failed", f"{row.about}: {told}")
    pack.last = index
    case.keys = {name: life for name, life in pack.keys.items() if life is not None}
    items = tuple(run_steps(case))
    failed = next((item for item in items if item.verdict == "failed"), None)
    if failed is not None and case.disputed is None:
        return Item(row.about, "failed", f"{failed.what}: {failed.why}")
    _proved(pack, row)
    if case.disputed is not None:  # it stands in the log as it is here; who signed it is not certain
        return Item(row.about, "failed", case.disputed)
    gaps = [item.why for item in items if item.verdict == "not checked" and item.what == "signature"]
    return Item(row.about, "ok", f"entry {index} ({case.entry.kind})" + "".join(f"; {gap}" for gap in gaps))


def _unfit(pack: _Pack, row: _Row) -> str | None:
    """Say what is wrong with a receipt beside the others of its pack."""
    entry, index = row.case.entry, row.case.proof.index
    if index <= pack.last:
        return f"expected receipts in the order of the log; got entry {index} again"
    if entry.key in pack.keys and pack.keys[entry.key] is None:
        return f"the entries about the key {entry.key} contradict each other"
    if entry.kind in _ENDS_KEYS and row.file is None:
        return f"entry {index} ends a key, and its record is not in the pack"
    return None


def _proved(pack: _Pack, row: _Row) -> None:
    case, index = row.case, row.case.proof.index
    read = case.entry.kind == "event" and case.content is not None
    event = event_at(case.content, case.entry.n or 0) if read else None
    pack.proven[index] = Proven(case.entry, row.file, event, case.receipt.jws)
    case.content = None  # many receipts share a capture, which is held once for all of them
    if case.receipt.erased is not None:
        pack.erased.append((index, case.receipt.erased))
    if case.entry.kind == "erasure":
        pack.erasures[index] = case.entry.ref


def _read(pack: _Pack, row: Any) -> _Row | TraceabilityError:
    try:
        return _row(pack, row)
    except TraceabilityError as error:
        return error


def _row(pack: _Pack, row: Any) -> _Row:
    if not isinstance(row, dict) or row.keys() != {"file", "about", "receipt"}:
        raise InvalidInput("expected lines with file, about and receipt")
    name, about = row["file"], row["about"]
    if not isinstance(name, str | None) or not isinstance(about, str):
        raise InvalidInput("expected file and about as text; no file where the pack holds a hash alone")
    body = None if name is None else pack.file(name)
    receipt = dataclasses.replace(Receipt.from_value(row["receipt"]), body=body, log_key=pack.key.vkey)
    case = Case.of(receipt, pack.policy, pack.event_id)
    if case.proof.checkpoint != pack.note:
        raise ProofError(f"{about[:200]}: expected a proof against the head of the pack")
    if name is not None and case.entry.kind not in verify_records.FOLDERS.get(name.partition("/")[0], ()):
        raise ProofError(f"{name[:200]}: an entry of the kind {case.entry.kind} does not stand for such a file")
    case.memo = pack.memo
    return _Row(name, about[:300], case)


def _complete(pack: _Pack) -> str:
    """Everything that has to have an entry has a proof of it."""
    unproved = sorted(name for name in pack.files if name.startswith(_PROVED) and name not in pack.proved)
    if unproved:
        raise ProofError(f"{unproved[0]} has no proof (and {len(unproved) - 1} more)")
    return f"{len(pack.proved)} files are proved to be in the log"


def _erased(pack: _Pack) -> str:
    """Every body that is said to be erased has two entries of the log that refer to it: its verdict, and its end."""
    for index, notice in pack.erased:
        for place in (notice.entry, notice.verdict_entry):
            if index not in pack.erasures.get(place, ()):
                raise ProofError(
                    f"no erasure entry {place} in the pack refers to entry {index}, whose body is not there"
                )
    return f"the log says of {len(pack.erased)} bodies that they were erased"


def _consistent(data: bytes, pack: _Pack) -> str:
    """The head of a receipt given earlier is an earlier head of the same tree."""
    receipt = Receipt.from_json(data)
    key = VerifierKey.parse(receipt.log_key)
    if receipt.log_key not in _keys(pack):
        raise InvalidInput("the receipt is of another log than the pack")
    head, _ = verify_checkpoint(parse_proof(receipt.proof).checkpoint, [key])
    if head.size == pack.head.size:
        verify_consistency(head.size, head.root, pack.head.size, pack.head.root, [])
        return f"the same head of {head.size} entries"
    for row in json_lines(pack.file(CONSISTENCY)):
        if isinstance(row, dict) and row.get("size") == head.size:
            verify_consistency(head.size, head.root, pack.head.size, pack.head.root, _path(row.get("proof")))
            return f"the tree of {pack.head.size} entries begins with that of {head.size}"
    raise ProofError(f"the pack has no proof from {head.size} entries on; ask the log for one")


def _path(value: Any) -> list[bytes]:
    try:
        return [from_b64(one) for one in value]
    except (TypeError, ValueError, AttributeError) as error:
        raise ProofError(f"{CONSISTENCY}: expected a proof as a list of hashes in base64") from error


def _keys(pack: _Pack) -> set[str]:
    """Return the verifier keys of the pack's log: its own, those the policy pins, and those it has followed."""
    changes = [read_record(link.record) for link in read_links(json_lines(pack.files.get(SUCCESSION, b"")))]
    pinned_too = [] if pack.policy is None else [key.vkey for key in pack.policy.logs if key.name == pack.key.name]
    return {pack.key.vkey, *pinned_too, *(change.old for change in changes), *(change.new for change in changes)}


def _summary(pack: _Pack, items: Sequence[Item]) -> str:
    gaps = [f"{item.what} ({item.why})" for item in items if item.verdict == "not checked"]
    said = f"{len(pack.proved)} files about {pack.manifest.batch} are in the log as they stand here"
    return said + ("; not checked: " + "; ".join(gaps) if gaps else "")
