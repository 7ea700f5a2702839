"""Steps of offline verification that ask what the entry stands for (ledger.md 5): bytes, signature, event."""

from collections.abc import Iterator
from typing import Any

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import digest, from_b64u
from traceability.ledger.entry import Entry
from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.jose import Signed, read_compact, read_detached, verify
from traceability.ledger.receipt import ErasedNotice
from traceability.ledger.signed_events import event_at, events_of
from traceability.ledger.verify_case import Case, NotChecked

_BY_PARTIES = ("capture", "event", "shipment")
_DEPTH = 128  # more than capture takes: a receipt once given stays readable


def body(case: Case) -> str:
    """Check that the entry stands for these bytes and this detached JWS."""
    receipt, entry = case.receipt, case.entry
    hashes = {receipt.body_hash} if receipt.body is None else {receipt.body_hash, digest(receipt.body)}
    if hashes != {entry.body}:
        raise ProofError(f"expected bytes with the hash {entry.body}; got {', '.join(sorted(hashes))}")
    jws = None if receipt.jws is None else digest(receipt.jws.encode())
    if jws != entry.jws:
        raise ProofError(f"expected a detached JWS with the hash {entry.jws}; got {jws}")
    return f"the entry stands for exactly these bytes, received {_moment(entry)}"


def pack(case: Case) -> str | None:
    """Check that the entry of an evidence pack stands for a file that was given beside the receipt."""
    if case.entry.kind != "evidence-pack":
        return None
    expected = from_b64u(case.entry.body).hex()
    if not case.packs:
        raise NotChecked(f"the entry stands for a pack with the SHA-256 {expected}; give that file beside the receipt")
    if case.entry.body not in case.packs:
        raise ProofError(
            f"expected the pack with the SHA-256 {expected}, for which the entry stands; none of the {len(case.packs)} "
            "given beside the receipt is that file. Give that one, or the receipt by itself"
        )
    return f"the entry stands for exactly this file: {case.packs[case.entry.body]}, SHA-256 {expected}"


def _moment(entry: Entry) -> str:
    try:
        return entry.received_at.isoformat()
    except OverflowError:
        return f"{entry.at} milliseconds after 1970"


def signature(case: Case) -> str:
    """Check the signer's JWS over the exact bytes."""
    receipt, entry = case.receipt, case.entry
    if entry.kind in _BY_PARTIES and entry.key is None:
        raise BadSignature(f"expected the key of a party in an entry of kind {entry.kind}; nobody signed this")
    if entry.kind == "evidence-pack":
        raise NotChecked("no party signed the entry: it is a record of the log's own")
    if receipt.body is None and receipt.erased is not None:
        raise NotChecked(_erased(receipt.erased))
    if receipt.body is None:
        raise NotChecked("the receipt holds only the hash of what was signed; compare it with your copy")
    if entry.key is None or (entry.kind.startswith("key-") and entry.jws is None):
        case.content = _parsed(receipt.body)
        raise NotChecked("no party signed this: it is a record of the log's own")
    about = ("signed", entry.body, entry.jws, case.public().thumbprint)
    signed, case.content = case.once(about, lambda: _signed(case, receipt.body or b""))
    _check_binding(signed, case)
    return f"signed by {signed.kid} with {signed.alg} over the exact bytes"


def _erased(said: ErasedNotice) -> str:
    """Say what a receipt claims was erased; the proof of it is in the log, not here."""
    return (
        f"the receipt says that the body was erased (ledger entry {said.entry}) and that the signature was found "
        f"{said.verdict[:20]} before (entry {said.verdict_entry}). Whoever kept the bytes can still check it"
    )


def _signed(case: Case, data: bytes) -> tuple[Signed, Any]:
    """Verify the bytes, which ``body`` has found to be those of the entry, and parse them."""
    enveloped = case.entry.jws is None
    signed = read_compact(data, typ=None, cty=None) if enveloped else read_detached(case.receipt.jws, data)
    verify(signed, case.public())
    return signed, _parsed(signed.payload)


def event(case: Case) -> str | None:
    """Check that the entry names the event at its position in the capture."""
    entry = case.entry
    if entry.kind != "event":
        return None
    if case.content is None:
        raise NotChecked("the receipt does not hold the event in a form that can be read")
    events, context = events_of(case.content)
    if entry.n is None or entry.n >= len(events):
        raise ProofError(f"expected an event at position {entry.n}; the capture holds {len(events)}")
    found = events[entry.n]
    name = found.get("eventID") if isinstance(found, dict) else None
    if not isinstance(name, str):
        name = _made_id(case, found, context)
    if digest(name.encode()) != entry.eid:
        raise ProofError(f"expected the eventID with the hash {entry.eid} at position {entry.n}; got {name}")
    return f"the entry is for the event {name}"


def commitments(case: Case) -> str | None:
    """Check that every opening opens its commitment, and that the signed event holds that one."""
    if not case.receipt.openings:
        return None
    if case.content is None or case.entry.kind != "event":
        raise NotChecked("the receipt does not hold the event that the openings are about")
    held = set(_texts(event_at(case.content, case.entry.n or 0)))
    for one in case.receipt.openings:
        if not one.opens or one.commitment not in held:
            raise ProofError(f"expected value and salt of the {one.name[:40]} to open a commitment of the event")
    return f"{len(case.receipt.openings)} values are the ones the signer committed to"


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that is a value in parsed JSON."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)


def _made_id(case: Case, event: Any, context: Any) -> str:
    """Return the id that the server made for an event which carries none."""
    gap = f"the event at position {case.entry.n} carries no eventID to compare"
    if case.event_id is None or not isinstance(event, dict) or "eventID" in event:
        raise NotChecked(gap)
    try:
        return case.event_id(event, context)
    except InvalidInput as error:
        raise NotChecked(f"{gap}, and is no event whose id can be made: {error.detail}") from error


def _check_binding(signed: Signed, case: Case) -> None:
    if signed.log_origin not in (None, case.head.origin):
        raise BadSignature(f"signed for the log {signed.log_origin} only; got it from {case.head.origin}")
    anchor = signed.log_anchor
    if anchor is not None and anchor.size > case.proof.index:
        raise BadSignature(
            f"signed after a checkpoint of {anchor.size} entries had been seen; entry {case.proof.index} is older"
        )


def _parsed(data: bytes) -> Any:
    try:
        return strict_json.loads(data, max_depth=_DEPTH, max_string=len(data))
    except InvalidInput:
        return None  # not every record is JSON; a document's file is not
