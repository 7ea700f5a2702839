"""Steps of offline verification that ask the log (ledger.md 5): head signed, entry included, signer's key taken in."""

from datetime import UTC, datetime

from traceability.ledger import ml_dsa
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.cosignature import cosignatures
from traceability.ledger.entry import Entry
from traceability.ledger.errors import BadSignature, InvalidKey, ProofError
from traceability.ledger.history import KeyAdded
from traceability.ledger.merkle import leaf_hash, verify_inclusion
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import KeyEvidence
from traceability.ledger.verify_case import Case, NotChecked

_BRINGS_KEY = ("key-add", "key-rotate")
_BY_FILE, _BY_ENTRIES = "as this file says", "by the entries about it in this pack"


def checkpoint(case: Case) -> str:
    """Check the log's signature on the checkpoint."""
    note, key = case.proof.checkpoint, case.log_key
    case.head, _ = case.once(("head", note, key.vkey), lambda: verify_checkpoint(note, [key]))
    within(key, case.head, case.policy)
    return f"{case.head.origin} signed its head of {case.head.size} entries, root {case.head.root.hex()}"


def within(key: VerifierKey, head: Checkpoint, policy: Policy | None) -> None:
    """Check that the policy lets the key have signed a head of this size.

    Raises:
        InvalidKey: the key ended before; what it proves is that the log's key, or who had it, signed this all the same.

    """
    ended = None if policy is None else policy.ends.get(key.vkey)
    if ended is not None and head.size > ended:
        raise InvalidKey(
            f"by the policy the key {key.name}+{key.key_id.hex()} ended at {ended} entries, and it signed this head of "
            f"{head.size}: entries of the log that were lost, a branch it left, or a key in wrong hands. Keep this "
            "file: it proves that it was signed"
        )


def second_signature(case: Case) -> str | None:
    """Check the signature of the log's second key, where the policy names one."""
    note, head, policy = case.proof.checkpoint, case.head, case.policy
    return None if policy is None else case.once(("second", note), lambda: second_of(note, head, policy))


def second_of(note: str, head: Checkpoint, policy: Policy) -> str | None:
    """Return which second key of the policy signed a checkpoint; None where the policy has none of this log.

    Raises:
        BadSignature: a signature of such a key does not fit.
        InvalidKey: the key ended before.
        NotChecked: there is no such signature, or ML-DSA-44 is not available here.

    """
    keys = [key for key in policy.seconds if key.name == head.origin]
    if not keys:
        return None
    if not ml_dsa.available():
        raise NotChecked(ml_dsa.MISSING)
    found = cosignatures(note, keys)
    if not found:
        raise NotChecked("the log has not signed this checkpoint with its ML-DSA-44 key; a later receipt may have it")
    for one in found:
        ended = policy.ends.get(one.key.vkey)
        if ended is not None and head.size > ended:
            raise InvalidKey(f"by the policy the ML-DSA-44 key ended at {ended} entries; it signed {head.size}")
    return f"signed with ML-DSA-44 by {', '.join(f'{one.key.name}+{one.key.key_id.hex()}' for one in found)}"


def witnesses(case: Case) -> str | None:
    """Check the quorum of witnesses the policy asks for; cosignatures nobody asked for are not looked at."""
    note, policy = case.proof.checkpoint, case.policy
    return None if policy is None else case.once(("quorum", note), lambda: quorum_of(note, policy))


def quorum_of(note: str, policy: Policy) -> str | None:
    """Return who cosigned a checkpoint, by the names of the policy; None where it asks for nobody, or nobody has to.

    Raises:
        BadSignature: a cosignature does not fit, or they do not make up the quorum.

    """
    if not policy.witnesses:
        return None
    keys = {witness.key: name for name, witness in policy.witnesses.items()}
    found = cosignatures(note, list(keys))
    names = {keys[cosigned.key] for cosigned in found}
    said = ", ".join(f"{keys[cosigned.key]} at {_moment(cosigned.at)}" for cosigned in found) or "none"
    if not policy.witnessed(names):
        raise BadSignature(f"expected cosignatures that make up the quorum {policy.quorum!r}; got {said}")
    return f"cosigned by {said}" if found else None


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"


def inclusion(case: Case) -> str:
    """Check that the entry is in the tree of the checkpoint."""
    verify_inclusion(leaf_hash(case.receipt.entry), case.proof.index, case.head.size, case.proof.path, case.head.root)
    return f"the entry ({case.entry.kind}) is number {case.proof.index} of the log"


def key(case: Case) -> str | None:
    """Check that the log had taken in the signer's key, for the same party, before the entry."""
    entry, evidence = case.entry, case.receipt.key
    if entry.key is None and evidence is None:
        return None
    if evidence is None or case.public().thumbprint != entry.key:
        raise InvalidKey(f"expected the key {entry.key}, which the entry names; got another or none")
    added, index = _added(case, evidence)
    if (added.key, added.alg, added.who) != (entry.key, entry.alg, entry.who) or added.kind not in _BRINGS_KEY:
        raise InvalidKey("the entry that should bring the key is for another key, another party or another purpose")
    if index > case.proof.index:
        raise InvalidKey(f"the key was added by entry {index}, after entry {case.proof.index} that it should sign")
    return f"the log took in the key {entry.key} with entry {index}"


def end_of_key(case: Case) -> str | None:
    """Check that nothing here says that the key had ended at the entry, or is disputed there.

    What a receipt says of it, nobody signs: none of its entries proves that another one did not end the key.

    Raises:
        InvalidKey: the key had ended, or is disputed.
        NotChecked: the receipt stands alone, with no entries that tell the life of the key.

    """
    entry, evidence, index = case.entry, case.receipt.key, case.proof.index
    if entry.key is None or evidence is None or entry.kind == "key-revoke":
        return None
    history = case.keys.get(entry.key)
    proved = "active" if history is None else history.state_at(index)
    state, by = (evidence.state, _BY_FILE) if proved == "active" else (proved, _BY_ENTRIES)
    if state == "disputed":
        since = None if history is None else history.compromised_since_index
        said = "this entry or an earlier one" if since is None else f"entry {since}"
        doubt = f"who signed entry {index} is not certain"
        case.disputed = f"disputed: the key is reported as compromised since {said}; {doubt}, {by}"
        raise InvalidKey(case.disputed)
    if state != "active":
        raise InvalidKey(f"expected a key that was active at entry {index}; it was {state}, {by}")
    if history is None:
        raise NotChecked(f"active at entry {index}, {_BY_FILE}; ask the log whether an entry ended the key")
    return f"active at entry {index}, {_BY_ENTRIES}"


def key_brought(case: Case) -> KeyAdded | None:
    """Return the entry that brought the signer's key, as the receipt proves it; None where it names none."""
    if case.receipt.key is None or case.entry.key is None:
        return None
    added, index = _added(case, case.receipt.key)
    return KeyAdded(index, added.key or "") if added.kind in _BRINGS_KEY else None


def _added(case: Case, evidence: KeyEvidence) -> tuple[Entry, int]:
    proof = case.once(("key", evidence.proof), lambda: parse_proof(evidence.proof))
    # One checkpoint for both: two heads of one log might lie on two branches of a fork.
    if proof.checkpoint != case.proof.checkpoint:
        raise ProofError("expected the key's proof against the same checkpoint as the entry's")
    verify_inclusion(leaf_hash(evidence.entry), proof.index, case.head.size, proof.path, case.head.root)
    return Entry.parse(evidence.entry), proof.index
