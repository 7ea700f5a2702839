"""Offline verification of receipts (ledger.md 5): trust comes from the policy alone, never from the file under test.

The first step that fails ends it; later ones are "not checked". Hostile bytes give a verdict, never an error.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from traceability.errors import TraceabilityError
from traceability.ledger import verify_content, verify_log, verify_stamp
from traceability.ledger.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.receipt import Receipt
from traceability.ledger.succession import Link, succeed
from traceability.ledger.verify_case import Case, EventId, NotChecked, StampCheck

NOT_PINNED = "log key not pinned"

_Step = Callable[[Case], str | None]
_STEPS: Sequence[tuple[str, _Step]] = (
    ("checkpoint", verify_log.checkpoint),
    ("second signature", verify_log.second_signature),
    ("witnesses", verify_log.witnesses),
    ("inclusion", verify_log.inclusion),
    ("body", verify_content.body),
    ("pack", verify_content.pack),
    ("signature", verify_content.signature),
    ("event", verify_content.event),
    ("key", verify_log.key),
    ("end of key", verify_log.end_of_key),
    ("commitments", verify_content.commitments),
    ("time stamp", verify_stamp.timestamp),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was looked at, and what came of it."""

    what: str
    verdict: Literal["ok", "failed", "not checked"]
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one receipt; ``log_key`` is None where the file names no key that can be read."""

    verdict: Literal["ok", "failed"]
    reason: str
    log_key: VerifierKey | None
    items: tuple[Item, ...]
    not_checked: tuple[str, ...] = ()
    """What the verdict leaves open, in a few words each, counted: it stands without that."""

    def as_dict(self) -> dict[str, Any]:
        """Return the answer of the command ``verify`` (cli.md), without ``file``."""
        key = self.log_key
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "not_checked": list(self.not_checked),
            "log_key": None if key is None else {"name": key.name, "fingerprint": key.fingerprint},
            "items": [{"what": item.what, "verdict": item.verdict, "why": item.why} for item in self.items],
        }


def verify_receipt(
    data: bytes,
    *,
    policy: Policy | None,
    event_id: EventId | None = None,
    check_stamp: StampCheck | None = None,
    packs: Mapping[str, str] | None = None,
) -> Verdict:
    """Verify a receipt against the log keys of ``policy``; never raises for the content of ``data``.

    Without ``event_id``, an event whose id the server made is "not checked" against its entry; without ``check_stamp``,
    time-stamp tokens are "not checked". ``packs`` are the evidence packs given beside it, by their SHA-256 (base64url):
    the receipt of a pack has to be that of one of them.

    Where the receipt's log key is not among them, or there is no policy, the verdict is ``failed``, "log key not
    pinned"; the items say what is consistent in itself, under the key the receipt names.
    """
    try:
        case = Case.of(Receipt.from_json(data), policy, event_id)
        case.check_stamp, case.packs = check_stamp, packs or {}
    except TraceabilityError as error:
        unread = (Item("receipt", "failed", error.detail), *(_after_failure(what) for what, _ in _STEPS))
        return Verdict("failed", error.detail, None, unread)
    items = (_pinned(case), *run_steps(case))
    failed = [item for item in items if item.verdict == "failed"]
    if items[0].verdict != "ok":
        return Verdict("failed", NOT_PINNED, case.log_key, items)
    if case.disputed is not None:
        return Verdict("failed", case.disputed, case.log_key, items)
    if failed:
        return Verdict("failed", f"{failed[0].what}: {failed[0].why}", case.log_key, items)
    open_ = tuple(item.what for item in items if item.verdict == "not checked")
    return Verdict("ok", _summary(items), case.log_key, items, open_)


def pinned(key: VerifierKey, policy: Policy | None, head: Checkpoint, links: Sequence[Link]) -> Item:
    """Return whether the log key is one the policy trusts, or follows such a one by the ``links`` to ``head``."""
    if policy is None:
        return Item("log key", "not checked", f"{NOT_PINNED}: give a policy or the log's verifier key, got elsewhere")
    if key in policy.logs:
        return Item("log key", "ok", f"{key.name} {key.fingerprint} is pinned")
    try:
        how = succeed(links, policy, head).get(key.vkey)
    except TraceabilityError as error:
        return Item("log key", "failed", f"{NOT_PINNED}, and it does not follow one that is: {error.detail}")
    if how is not None:
        return Item("log key", "ok", f"{key.name} {key.fingerprint} {how}")
    trusted = ", ".join(f"{log.name} {log.fingerprint}" for log in policy.logs)
    return Item("log key", "failed", f"{NOT_PINNED}: expected one of {trusted}; got {key.name} {key.fingerprint}")


def _pinned(case: Case) -> Item:
    """Judge the log key of a receipt; where several keys signed the checkpoint, one that is pinned will do."""
    note, policy = case.proof.checkpoint, case.policy
    try:
        if policy is not None and case.log_key not in policy.logs:
            _, case.log_key = verify_checkpoint(note, policy.logs)
    except TraceabilityError:
        pass  # so the key that the receipt names is judged
    try:
        head = read_checkpoint(note)
    except TraceabilityError:
        head = Checkpoint("", 0, b"")  # said by the next step
    return pinned(case.log_key, policy, head, case.receipt.succession)


def run_steps(case: Case) -> Iterator[Item]:
    """Yield what comes of each step; after the first that fails the others are not checked."""
    going = True
    for what, step in _STEPS:
        item = _one(what, step, case) if going else _after_failure(what)
        if item is not None:
            going = going and item.verdict != "failed"
            yield item


def _one(what: str, step: _Step, case: Case) -> Item | None:
    try:
        why = step(case)
    except NotChecked as gap:
        return Item(what, "not checked", str(gap))
    except TraceabilityError as error:
        return Item(what, "failed", error.detail)
    return None if why is None else Item(what, "ok", why)


def _after_failure(what: str) -> Item:
    return Item(what, "not checked", "an earlier check failed")


def _summary(items: tuple[Item, ...]) -> str:
    gaps = [f"{item.what} ({item.why})" for item in items if item.verdict == "not checked"]
    if not gaps:
        return "the entry is in the log, and what it stands for is signed as it says"
    return "the entry is in the log; not checked: " + "; ".join(gaps)
