"""Time-stamp tokens (RFC 3161) in what is verified offline: what they have to be over, and what came of it.

The check of a token itself is a port: the verifier in one file has none, and says "not checked".
"""

import hashlib
from collections.abc import Sequence

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.note import VerifierKey, note_text
from traceability.ledger.receipt import Timestamp
from traceability.ledger.verify_case import Case, NotChecked, StampCheck

_HOW = "`traceability verify --tsa-cert FILE` with the extra traceability[tsa] checks it"


def timestamp(case: Case) -> str | None:
    """Check the time-stamp tokens over the checkpoint."""
    return stamped(case.proof.checkpoint, case.log_key, case.receipt.timestamps, case.check_stamp)


def stamped(note: str, key: VerifierKey, tokens: Sequence[Timestamp], check: StampCheck | None) -> str | None:
    """Return who stamped a checkpoint and when; None where there is no token.

    Raises:
        NotChecked: there is nothing to check a token with.
        ProofError: a token is over other bytes.
        BadSignature: no token is by an authority that is trusted.

    """
    if not tokens:
        return None
    if check is None:
        raise NotChecked(f"RFC 3161 token of {', '.join(one.authority for one in tokens)}; {_HOW}")
    digests = _digests(note, key)
    said: list[str] = []
    refused: list[TraceabilityError] = []
    for one in tokens:
        try:
            said.append(f"{one.authority} at {check(one.token, digests).isoformat()}")
        except ProofError:
            raise
        except TraceabilityError as error:
            refused.append(error)
    if not said:
        raise BadSignature("; ".join(error.detail for error in refused))
    return f"stamped by {', '.join(said)}" + (f"; {len(refused)} not by these certificates" if refused else "")


def _digests(note: str, key: VerifierKey) -> list[bytes]:
    """Return the SHA-256 of the note as it was signed by the log, and with each further signature line.

    Cosignatures follow the lines the log stored; a token is over the note before the first of them came.
    """
    text = note_text(note)
    lines = note[len(text) + 1 :].splitlines(keepends=True)
    digests: list[bytes] = []
    for count in range(1, len(lines) + 1):
        part = text + "\n" + "".join(lines[:count])
        if digests or _is_signed(part, key):
            digests.append(hashlib.sha256(part.encode()).digest())
    return digests


def _is_signed(note: str, key: VerifierKey) -> bool:
    try:
        verify_checkpoint(note, [key])
    except TraceabilityError:
        return False
    return True
