"""Offline verification of evidence packs (ledger.md 5): every file, proof and signature, and if the chain is whole.

As for receipts trust comes from the policy alone; hostile bytes give a verdict, never an error.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger import verify_chain, verify_gaps, verify_stamp, verify_told
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.errors import ProofError
from traceability.ledger.jose import read_detached, verify
from traceability.ledger.log_change import read_record
from traceability.ledger.merkle import verify_consistency
from traceability.ledger.note import VerifierKey
from traceability.ledger.pack import (
    CHECKPOINT,
    CONSISTENCY,
    MANIFEST,
    REPORT,
    SIGNATURE,
    SUCCESSION,
    TIMESTAMPS,
    Manifest,
    json_lines,
    read_pack,
)
from traceability.ledger.pack_names import FOLDERS, check_names
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import Receipt, Timestamp
from traceability.ledger.succession import read_links
from traceability.ledger.verify import NOT_PINNED, Item, Verdict, pinned
from traceability.ledger.verify_case import EventId, NotChecked, StampCheck
from traceability.ledger.verify_erased import erased
from traceability.ledger.verify_keys import keys_told, parties_told
from traceability.ledger.verify_log import quorum_of, second_of, within
from traceability.ledger.verify_pack_case import PackCase
from traceability.ledger.verify_records import Records
from traceability.ledger.verify_rows import receipts

_PROVED = tuple(f"{name}/" for name in FOLDERS)


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
        pack = PackCase(files, manifest, VerifierKey.parse(manifest.log_key), policy, event_id, check_stamp)
    except TraceabilityError as error:
        return Verdict("failed", error.detail, None, (Item("pack", "failed", error.detail),))
    items = (_pinned(pack), *_items(pack, older))
    failed = next((item for item in items if item.verdict == "failed"), None)
    if items[0].verdict != "ok":
        return Verdict("failed", NOT_PINNED, pack.key, items)
    if failed is not None:
        return Verdict("failed", f"{failed.what}: {failed.why}", pack.key, items)
    open_ = verify_gaps.told(pack.gaps)
    return Verdict("ok", _summary(pack, open_), pack.key, items, open_)


def _pinned(pack: PackCase) -> Item:
    """Judge the key that signed the manifest: pinned, or followed one that is by the way to the pack's head."""
    manifest = pack.manifest
    try:
        head = Checkpoint(manifest.origin, manifest.size, from_b64(manifest.root))
        links = read_links(json_lines(pack.files.get(SUCCESSION, b"")))
    except (TraceabilityError, ValueError) as error:
        return Item("log key", "failed", f"the way from an earlier log key cannot be read: {error}")
    return pinned(pack.key, pack.policy, head, links)


def _items(pack: PackCase, older: Sequence[bytes]) -> Iterator[Item]:
    yield from (_step(what, step, pack) for what, step in (("files", _files), ("manifest", _signature)))
    head = _step("checkpoint", _checkpoint, pack)
    yield head
    if head.verdict == "failed":
        return  # every proof is against it
    yield from _second(pack)
    yield from _witnesses(pack)
    if TIMESTAMPS in pack.files:
        yield _step("time stamp", _timestamps, pack)
    yield from receipts(pack)
    pack.proved = {one.file for one in pack.proven.values() if one.file is not None}
    yield _step("complete", _complete, pack)
    yield _step("keys", keys_told, pack)
    yield _step("parties", parties_told, pack)
    if REPORT in pack.files:
        yield _step("report", _report, pack)
    yield from _told(pack)
    for number, receipt in enumerate(older, 1):
        yield _step(f"older receipt {number}", partial(_consistent, receipt), pack)


def _told(pack: PackCase) -> Iterator[Item]:
    """Yield whether the lines in words say what the records say, and whether the chain is whole."""
    records = Records(pack.files, pack.manifest, pack.proven, pack.captures, pack.gaps)
    if pack.erased:
        yield _step("erased", partial(_erased, records), pack)
    yield from verify_told.items(records)
    yield from verify_chain.items(records.events, pack.manifest, pack.gaps, records.unsigned)


def _second(pack: PackCase) -> Iterator[Item]:
    """Yield what comes of the log's second signature, where the policy names its key."""
    note = pack.file(CHECKPOINT).decode("utf-8", "replace")
    try:
        why = None if pack.policy is None else second_of(note, pack.head, pack.policy)
    except NotChecked as gap:
        pack.gaps["second"] += 1
        yield Item("second signature", "not checked", str(gap))
    except TraceabilityError as error:
        yield Item("second signature", "failed", error.detail)
    else:
        yield from [Item("second signature", "ok", why)] if why else []


def _witnesses(pack: PackCase) -> Iterator[Item]:
    """Yield whether the policy's quorum of witnesses cosigned the head, where it names witnesses."""
    try:
        why = None if pack.policy is None else quorum_of(pack.note, pack.policy)
    except TraceabilityError as error:
        yield Item("witnesses", "failed", error.detail)
    else:
        yield from [Item("witnesses", "ok", why)] if why else []


def _step(what: str, step: Callable[[PackCase], str], pack: PackCase) -> Item:
    try:
        return Item(what, "ok", step(pack))
    except NotChecked as gap:
        return Item(what, "not checked", str(gap))
    except TraceabilityError as error:
        return Item(what, "failed", error.detail)


def _files(pack: PackCase) -> str:
    named, there = pack.manifest.files, pack.files.keys() - {MANIFEST, SIGNATURE}
    if beside := sorted(there - named.keys()):
        raise InvalidInput(f"{beside[0]} lies in the pack and is not named by the manifest")
    if lost := sorted(named.keys() - there):
        raise InvalidInput(f"{lost[0][:200]} is named by the manifest and not in the pack")
    check_names(named)
    for name, expected in named.items():
        got = hashlib.sha256(pack.files[name]).hexdigest()
        if got != expected:
            raise InvalidInput(f"{name}: expected the SHA-256 {expected}; got {got}")
    return f"{len(named)} files have the hashes of the manifest"


def _signature(pack: PackCase) -> str:
    signed = read_detached(pack.file(SIGNATURE).decode("ascii", "replace"), pack.file(MANIFEST))
    verify(signed, pack.key.public)
    return f"{pack.key.name} signed the manifest"


def _checkpoint(pack: PackCase) -> str:
    note, manifest = pack.file(CHECKPOINT).decode("utf-8", "replace"), pack.manifest
    pack.note, (pack.head, _) = note, verify_checkpoint(note, [pack.key])
    within(pack.key, pack.head, pack.policy)
    expected = (manifest.origin, manifest.size, manifest.root)
    if (pack.head.origin, pack.head.size, b64(pack.head.root)) != expected:
        raise ProofError(f"expected the head the manifest is bound to, {manifest.size} entries; got {pack.head.size}")
    return f"bound to the head of {manifest.size} entries, signed {manifest.as_of}"


def _timestamps(pack: PackCase) -> str:
    tokens = [Timestamp.from_value(row) for row in json_lines(pack.file(TIMESTAMPS))]
    note = pack.file(CHECKPOINT).decode("utf-8", "replace")
    try:
        return verify_stamp.stamped(note, pack.key, tokens, pack.check_stamp) or "no token"
    except NotChecked:
        pack.gaps["token"] += len(tokens)
        raise


def _complete(pack: PackCase) -> str:
    """Everything that has to have an entry has a proof of it."""
    unproved = sorted(name for name in pack.files if name.startswith(_PROVED) and name not in pack.proved)
    if unproved:
        raise ProofError(f"{unproved[0]} has no proof (and {len(unproved) - 1} more)")
    _none_later(pack)
    return f"{len(pack.proved)} files are proved to be in the log"


def _erased(records: Records, pack: PackCase) -> str:
    """Check every body that is said to be erased; lines that lack what they should hold are no proof."""
    try:
        for index, notice in pack.erased:
            erased(records, index, notice)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofError(f"the record of an erasure lacks what it should hold: {error!r}"[:300]) from error
    return f"the log says of {len(pack.erased)} bodies that they were erased, and what it had found of them before"


def _consistent(data: bytes, pack: PackCase) -> str:
    """The head of a receipt given earlier is an earlier head of the same tree."""
    receipt = Receipt.from_json(data)
    key = VerifierKey.parse(receipt.log_key)
    if receipt.log_key not in _keys(pack):
        raise InvalidInput("the receipt is of another log than the pack")
    head, _ = verify_checkpoint(parse_proof(receipt.proof).checkpoint, [key])
    if head.size == pack.head.size:
        verify_consistency(head.size, head.root, pack.head.size, pack.head.root, [])
        return f"the same head of {head.size} entries"
    if head.size > pack.head.size:
        pack.gaps["later"] += 1
        raise NotChecked(_later(receipt, head))
    for row in json_lines(pack.file(CONSISTENCY)):
        if isinstance(row, dict) and row.get("size") == head.size:
            verify_consistency(head.size, head.root, pack.head.size, pack.head.root, _path(row.get("proof")))
            return f"the tree of {pack.head.size} entries begins with that of {head.size}"
    raise ProofError(_unproved(head, pack))


def _later(receipt: Receipt, head: Checkpoint) -> str:
    said = f"its head of {head.size} entries is later than that of the pack"
    compare = "compare both heads (`traceability compare-checkpoints`)"
    if Entry.parse(receipt.entry).kind == "evidence-pack":
        return f"{said}, as a pack is handed out before its entry is made; {compare}"
    return f"{said}; ask for a pack of as many entries, or {compare}"


def _unproved(head: Checkpoint, pack: PackCase) -> str:
    """Say that a proof is missing, which a pack holds for receipts of its own entries alone, and where it is had."""
    return (
        f"it is not shown that the tree of {pack.head.size} entries begins with that of {head.size}: the pack holds no "
        "proof of that, as is usual for receipts of other batches, and nothing here contradicts it. Verify each file "
        "by itself, and compare the heads with `traceability compare-checkpoints RECEIPT.json checkpoint --log "
        "URL/ledger`, where checkpoint is that file of the pack. The proof itself is what the log answers at "
        f"/v1/ledger/proofs/consistency?from={head.size}&to={pack.head.size}"
    )


def _path(value: Any) -> list[bytes]:
    try:
        return [from_b64(one) for one in value]
    except (TypeError, ValueError, AttributeError) as error:
        raise ProofError(f"{CONSISTENCY}: expected a proof as a list of hashes in base64") from error


def _keys(pack: PackCase) -> set[str]:
    """Return the verifier keys of the pack's log: its own, those the policy pins, and those it has followed."""
    changes = [read_record(link.record) for link in read_links(json_lines(pack.files.get(SUCCESSION, b"")))]
    pinned_too = [] if pack.policy is None else [key.vkey for key in pack.policy.logs if key.name == pack.key.name]
    return {pack.key.vkey, *pinned_too, *(change.old for change in changes), *(change.new for change in changes)}


def _none_later(pack: PackCase) -> None:
    """Check that no entry of the pack is of after its head was signed, as the manifest says it."""
    try:
        until = milliseconds(datetime.fromisoformat(pack.manifest.as_of))
    except ValueError as error:
        raise ProofError(f"expected when the head was signed; got {pack.manifest.as_of[:40]!r}") from error
    later = [index for index, one in sorted(pack.proven.items()) if one.entry.at > until]
    if later:
        raise ProofError(f"entry {later[0]} is of after {pack.manifest.as_of}, when the head is said to be signed")


def _report(pack: PackCase) -> str:
    pack.gaps["report"] += 1
    raise NotChecked(f"{REPORT} is how the log reads these files, which count; its words are not compared with them")


def _summary(pack: PackCase, open_: Sequence[str]) -> str:
    said = f"{len(pack.proved)} files about {pack.manifest.batch} are in the log as they stand here"
    return said + (f"; not checked: {', '.join(open_)}" if open_ else "")
