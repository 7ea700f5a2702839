"""Registered keys against the entries that brought and ended them (ledger.md 6)."""

from collections.abc import Mapping
from typing import Any

import orjson

from traceability.errors import TraceabilityError
from traceability.events.identifiers import normalise
from traceability.ledger import jose
from traceability.ledger.encoding import digest, from_b64
from traceability.ledger.keys import PublicKey
from traceability.services.fsck.audit import Audit, Said
from traceability.services.fsck.key_approvals import check_key_approvals
from traceability.services.fsck.key_ends import check_border, check_ends
from traceability.services.fsck.lost import approved_applications, check_application, check_replaced

_BROUGHT = ("key-add", "key-rotate")
_ENDED = ("key-revoke", "key-rotate")


def check_keys(audit: Audit) -> None:
    """Check every registered key; waiting and refused ones never entered the ledger."""
    ends, applications = check_ends(audit), approved_applications(audit)
    for row in audit.keys.values():
        entries = audit.entries([row.added_index, row.revoked_index])
        _check_key(audit, row)
        if row.added_index is not None:
            _check_brought(audit, row, entries.get(row.added_index), applications)
        if row.revoked_index is not None:
            _check_ended(audit, row, entries.get(row.revoked_index))
        check_border(audit, row, ends.get(row.thumbprint, []))
    for application in applications.values():
        check_application(audit, application)
    check_replaced(audit, applications, ends)
    check_key_approvals(audit, applications)


def _check_key(audit: Audit, row: Any) -> None:
    try:
        public = PublicKey.from_jwk(row.jwk)
    except TraceabilityError as error:
        audit.problem("party_key", row.added_index, f"jwk: {error.detail}")
        return
    expected = {"thumbprint": public.thumbprint, "alg": public.alg, "jwk": dict(public.jwk), "state": _state_of(row)}
    audit.same("party_key", row.added_index, expected, row)


def _state_of(row: Any) -> str:
    """Return the state that the indices of a key give; before its entry it is what an admin has said."""
    if row.added_index is None:
        return str(row.state) if row.state in ("waiting", "refused") else "waiting"
    return "active" if row.revoked_index is None else "revoked"


def _check_brought(audit: Audit, row: Any, entry: Said | None, applications: Mapping[str, Any]) -> None:
    body = _proof_body(row)
    said = {
        "kind": _BROUGHT, "body": None if body is None else digest(body), "alg": row.alg,
        "key": row.thumbprint, "who": audit.who(row.party_id), "ref": (),
    }  # fmt: skip
    if entry is not None and entry.jws is not None:  # entries of before 2026-11 hold no hash of the signature
        said["jws"] = digest(str(row.proof.get("jws")).encode())
    if not audit.stands_for("party_key", row.added_index, entry, said) or body is None:
        return
    try:
        claim = orjson.loads(body)
        signed = jose.read_detached(row.proof.get("jws"), body)
        jose.verify(signed, PublicKey.from_jwk(row.jwk))
        if not signed.kid == row.kid == claim.get("kid"):
            audit.problem("party_key", row.added_index, f"kid: the proof of possession is for {claim.get('kid')!r}")
        _check_did(audit, row, claim.get("party"), applied=row.thumbprint in applications)
        if entry is not None and entry.kind == "key-rotate":
            _check_old_signature(audit, row, body)
    except (TraceabilityError, orjson.JSONDecodeError, AttributeError) as error:
        audit.problem("party_key", row.added_index, f"proof: the proof of possession does not hold: {error}")


def _check_did(audit: Audit, row: Any, claimed: Any, *, applied: bool) -> None:
    """Check whose key the proof says it is; only an application after a lost key may spell the DID in another way."""
    did = audit.dids.get(row.party_id)
    same = claimed == did
    if applied and isinstance(claimed, str) and did is not None:
        same = normalise(claimed) == normalise(did)  # as lost_keys.apply finds the party
    if not same:
        audit.problem("party", row.added_index, f"did: {did!r} is not that of the proof of possession")


def _check_old_signature(audit: Audit, row: Any, body: bytes) -> None:
    """Check that the key which was replaced signed the rotation too."""
    old = next((key for key in audit.keys.values() if key.kid == row.proof.get("old_kid")), None)
    signed = jose.read_detached(row.proof.get("old_jws"), body)
    if old is None or signed.kid != old.kid or old.revoked_index != row.added_index:
        audit.problem("party_key", row.added_index, "proof: the rotation does not name the key that it ended")
        return
    jose.verify(signed, PublicKey.from_jwk(old.jwk))


def _proof_body(row: Any) -> bytes | None:
    try:
        return from_b64(row.proof["body"])
    except (KeyError, TypeError, ValueError):
        return None


def _check_ended(audit: Audit, row: Any, entry: Said | None) -> None:
    index = row.revoked_index
    if entry is None or entry.kind not in _ENDED or entry.who != audit.who(row.party_id):
        audit.problem("party_key", index, "revoked_index: it names no entry that ends a key of this party")
    elif entry.kind == "key-revoke" and (entry.key, entry.ref[:1]) != (row.thumbprint, (row.added_index,)):
        audit.problem("party_key", index, "revoked_index: the entry ends another key")
    elif entry.kind == "key-rotate" and not _rotated(audit, row, entry):
        audit.problem("party_key", index, "revoked_index: the rotation ends another key")


def _rotated(audit: Audit, row: Any, entry: Said) -> bool:
    """Return whether the rotation that brought the key of ``entry`` names this key as the old one."""
    new = audit.by_thumbprint.get(entry.key or "")
    body = None if new is None else _proof_body(new)
    try:
        return body is not None and orjson.loads(body).get("old") == row.thumbprint
    except (orjson.JSONDecodeError, AttributeError):
        return False
