"""Offline verification of evidence packs (ledger.md 5): every file, proof and signature, and if the chain is whole.

As for receipts trust comes from the policy alone; hostile bytes give a verdict, never an error.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger import verify_chain, verify_stamp
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.errors import ProofError
from traceability.ledger.history import KeyFact, KeyHistory, KeyRotated
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
from traceability.ledger.receipt import Receipt, Timestamp
from traceability.ledger.revocation import key_facts
from traceability.ledger.signed_events import event_at
from traceability.ledger.succession import read_links
from traceability.ledger.verify import NOT_PINNED, Item, Verdict, pinned, run_steps
from traceability.ledger.verify_case import Case, EventId, NotChecked, StampCheck
from traceability.ledger.verify_log import second_of, within

#: Every file in these folders is something the log holds an entry of.
_PROVED = ("captures/", "shipments/", "documents/", "assessments/", "decisions/", "lists/", "keys/")


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
    proved: set[str] = field(default_factory=set)
    events: list[tuple[int, Any]] = field(default_factory=list)
    """Ledger index and parsed event of every event whose receipt verified with its content."""
    keys: dict[str, KeyHistory] = field(default_factory=dict)
    """The lives of the keys that signed, by thumbprint, as the pack's own key entries tell them."""
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
    yield _step("complete", _complete, pack)
    yield from verify_chain.items(pack.events, pack.manifest.batch)
    for number, receipt in enumerate(older, 1):
        yield _step(f"older receipt {number}", partial(_consistent, receipt), pack)


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
    pack.head, _ = verify_checkpoint(note, [pack.key])
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
    pack.keys = _lives(pack, rows)
    for number, row in enumerate(rows, 1):
        yield _receipt(pack, f"receipt {number}", row)


def _lives(pack: _Pack, rows: Sequence[Any]) -> dict[str, KeyHistory]:
    """Read the lives of keys from the key entries of the pack; what does not verify is told where its turn comes."""
    facts: list[KeyFact] = []
    for row in rows:
        try:
            name, _, case = _case(pack, row)
            if case.entry.kind.startswith("key-") and name is not None and _holds(case):
                facts += key_facts(case.entry, case.proof.index, pack.file(name))
        except TraceabilityError:
            continue
    named = {fact.new if isinstance(fact, KeyRotated) else fact.thumbprint for fact in facts}
    return {key: life for key in sorted(named) if (life := _life(key, facts)) is not None}


def _holds(case: Case) -> bool:
    failed = [item for item in run_steps(case) if item.verdict == "failed"]
    return not failed or case.disputed is not None


def _life(key: str, facts: Sequence[KeyFact]) -> KeyHistory | None:
    try:
        return KeyHistory.of(key, facts)
    except TraceabilityError:
        return None  # the entries contradict each other; each receipt still says in what state it had the key


def _receipt(pack: _Pack, what: str, row: Any) -> Item:
    """Verify one receipt against the head of the pack, with the bytes of the file it names."""
    try:
        name, about, case = _case(pack, row)
    except TraceabilityError as error:
        return Item(what, "failed", error.detail)
    items = tuple(run_steps(case))
    failed = next((item for item in items if item.verdict == "failed"), None)
    if failed is not None and case.disputed is None:
        return Item(about, "failed", f"{failed.what}: {failed.why}")
    pack.proved |= {name} if name is not None else set()
    if case.entry.kind == "event" and case.content is not None:
        pack.events.append((case.proof.index, event_at(case.content, case.entry.n or 0)))
    if case.disputed is not None:  # it stands in the log as it is here; who signed it is not certain
        return Item(about, "failed", case.disputed)
    gaps = [item.why for item in items if item.verdict == "not checked" and item.what == "signature"]
    return Item(about, "ok", f"entry {case.proof.index} ({case.entry.kind})" + "".join(f"; {gap}" for gap in gaps))


def _case(pack: _Pack, row: Any) -> tuple[str | None, str, Case]:
    if not isinstance(row, dict) or row.keys() != {"file", "about", "receipt"}:
        raise InvalidInput("expected lines with file, about and receipt")
    name, about = row["file"], row["about"]
    if not isinstance(name, str | None) or not isinstance(about, str):
        raise InvalidInput("expected file and about as text; no file where the pack holds a hash alone")
    body = None if name is None else pack.file(name)
    receipt = dataclasses.replace(Receipt.from_value(row["receipt"]), body=body, log_key=pack.key.vkey)
    if parse_proof(receipt.proof).checkpoint != pack.file(CHECKPOINT).decode("utf-8", "replace"):
        raise ProofError(f"{about[:200]}: expected a proof against the head of the pack")
    case = Case.of(receipt, pack.policy, pack.event_id)
    case.memo, case.keys = pack.memo, pack.keys
    return name, about[:300], case


def _complete(pack: _Pack) -> str:
    """Everything that has to have an entry has a proof of it."""
    unproved = sorted(name for name in pack.files if name.startswith(_PROVED) and name not in pack.proved)
    if unproved:
        raise ProofError(f"{unproved[0]} has no proof (and {len(unproved) - 1} more)")
    return f"{len(pack.proved)} files are proved to be in the log"


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
        if row.get("size") == head.size:
            verify_consistency(head.size, head.root, pack.head.size, pack.head.root, list(map(from_b64, row["proof"])))
            return f"the tree of {pack.head.size} entries begins with that of {head.size}"
    raise ProofError(f"the pack has no proof from {head.size} entries on; ask the log for one")


def _keys(pack: _Pack) -> set[str]:
    """Return the verifier keys of the pack's log: its own, those the policy pins, and those it has followed."""
    changes = [read_record(link.record) for link in read_links(json_lines(pack.files.get(SUCCESSION, b"")))]
    pinned_too = [] if pack.policy is None else [key.vkey for key in pack.policy.logs if key.name == pack.key.name]
    return {pack.key.vkey, *pinned_too, *(change.old for change in changes), *(change.new for change in changes)}


def _summary(pack: _Pack, items: Sequence[Item]) -> str:
    gaps = [f"{item.what} ({item.why})" for item in items if item.verdict == "not checked"]
    said = f"{len(pack.proved)} files about {pack.manifest.batch} are in the log as they stand here"
    return said + ("; not checked: " + "; ".join(gaps) if gaps else "")
