"""The receipts of an evidence pack, each verified against its head: entries, signatures, and the lives of the keys."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.errors import ProofError
from traceability.ledger.history import KeyAdded, KeyFact, KeyHistory, KeyRevoked, KeyRotated
from traceability.ledger.pack import RECEIPTS, json_lines
from traceability.ledger.pack_names import FOLDERS
from traceability.ledger.receipt import Receipt
from traceability.ledger.revocation import key_facts
from traceability.ledger.signed_events import event_at
from traceability.ledger.verify import Item, run_steps
from traceability.ledger.verify_case import Case
from traceability.ledger.verify_gaps import by_hash
from traceability.ledger.verify_log import key_brought
from traceability.ledger.verify_pack_case import PackCase
from traceability.ledger.verify_records import Proven, approves

_ENDS_KEYS = ("key-revoke", "key-rotate")


def receipts(pack: PackCase) -> Iterator[Item]:
    """Yield what comes of each line of receipts.jsonl; what holds is kept in the pack for what is asked later."""
    try:
        rows = json_lines(pack.file(RECEIPTS))
    except TraceabilityError as error:
        yield Item("receipts", "failed", error.detail)
        return
    read = [_read(pack, row) for row in rows]
    pack.keys = _lives(pack, [one for one in read if isinstance(one, _Row)])
    for number, one in enumerate(read, 1):
        yield _receipt(pack, f"receipt {number}", one)


def _lives(pack: PackCase, rows: Sequence["_Row"]) -> dict[str, KeyHistory | None]:
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


def _receipt(pack: PackCase, what: str, row: _Row | TraceabilityError) -> Item:
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
    _count(pack, row, items)
    said = f"entry {index} ({case.entry.kind})"
    if row.file is None and case.receipt.erased is None:
        return Item(row.about, "not checked", f"{said}: in the log, and the pack holds the hash of it alone")
    gaps = [item.why for item in items if item.verdict == "not checked" and item.what == "signature"]
    return Item(row.about, "ok" if row.file is not None else "not checked", "; ".join([said, *gaps]))


def _count(pack: PackCase, row: _Row, items: Sequence[Item]) -> None:
    """Count what of a receipt could not be checked; that nobody signs a record of the log's own is no gap."""
    receipt = row.case.receipt
    if row.file is None:
        approval = approves(pack.proven, row.case.proof.index)
        kind = "approval" if approval else by_hash(row.case.entry.kind)
        pack.gaps["erased" if receipt.erased is not None else kind] += 1
        return
    open_ = {item.what for item in items if item.verdict == "not checked"}
    pack.gaps["id"] += "event" in open_
    pack.gaps["token"] += len(receipt.timestamps) if "time stamp" in open_ else 0
    pack.gaps["opening"] += len(receipt.openings) if "commitments" in open_ else 0


def _unfit(pack: PackCase, row: _Row) -> str | None:
    """Say what is wrong with a receipt beside the others of its pack."""
    entry, index = row.case.entry, row.case.proof.index
    if index <= pack.last:
        return f"expected receipts in the order of the log; got entry {index} again"
    if entry.key in pack.keys and pack.keys[entry.key] is None:
        return f"the entries about the key {entry.key} contradict each other"
    if entry.kind in _ENDS_KEYS and row.file is None:
        return f"entry {index} ends a key, and its record is not in the pack"
    if row.file is not None and row.case.receipt.erased is not None:
        return f"its body is said to be erased, and lies in {row.file}"
    return None


def _proved(pack: PackCase, row: _Row) -> None:
    case, index = row.case, row.case.proof.index
    said = None
    if case.entry.kind == "event" and case.content is not None:
        said = event_at(case.content, case.entry.n or 0)
        pack.captures.setdefault(row.file or "", case.content)
    elif case.entry.kind == "shipment":
        said = case.content
    pack.proven[index] = Proven(case.entry, row.file, said, case.receipt.jws)
    case.content = None  # many receipts share a capture, which is held once for all of them
    if case.receipt.erased is not None:
        pack.erased.append((index, case.receipt.erased))
    if case.receipt.key is not None:
        _bring(pack, case)


def _bring(pack: PackCase, case: Case) -> None:
    with contextlib.suppress(TraceabilityError):
        if (fact := key_brought(case)) is not None:
            pack.brought[fact.index] = fact.thumbprint


def _read(pack: PackCase, row: Any) -> _Row | TraceabilityError:
    try:
        return _row(pack, row)
    except TraceabilityError as error:
        return error


def _row(pack: PackCase, row: Any) -> _Row:
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
    if name is not None and case.entry.kind not in FOLDERS.get(name.partition("/")[0], ()):
        raise ProofError(f"{name[:200]}: an entry of the kind {case.entry.kind} does not stand for such a file")
    case.memo = pack.memo
    return _Row(name, about[:300], case)
