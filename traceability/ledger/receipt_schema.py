"""The JSON schema of a receipt (ledger.md 4), published as schemas/receipt.schema.json.

A reader takes exactly these members; another version has another ``format``.
"""

from typing import Any

from traceability.ledger.receipt import FORMAT, MAX_OPENINGS, MAX_STAMPS

_BASE64 = r"^[A-Za-z0-9+/]*={0,2}$"
_HASH = r"^[A-Za-z0-9_-]{43}$"
_PROOF = "c2sp.org/tlog-proof@v1: index, hashes, an empty line, and the checkpoint with its signatures, verbatim"

_STAMPS = (
    "time-stamp tokens (RFC 3161), left out where there is none; each is over the SHA-256 of the checkpoint in `proof` "
    "as the log stored it: text, empty line, the log's own signature lines, in UTF-8, without cosignatures after them"
)


def receipt_schema() -> dict[str, Any]:
    """Return the published document (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "traceability receipt, version 1",
        "description": "Proves, offline and with a log key got elsewhere, that an entry is in the log.",
        **_object(
            {
                "format": {"const": FORMAT},
                "log_key": _text("verifier key of the log, name+hash+key (C2SP signed-note): a claim, never trusted"),
                "entry": _bytes("the exact bytes of the ledger entry"),
                "proof": _text(_PROOF),
                "body": _or_null(_bytes("the signed bytes the entry stands for; null where the holder has them")),
                "body_hash": _text("SHA-256 of those bytes, base64url", _HASH),
                "jws": _or_null(_text("the detached JWS as received; null in the enveloped form")),
                "key": _or_null(_key()),
            },
            timestamps={
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_STAMPS,
                "description": _STAMPS,
                "items": _stamp(),
            },
            erased=_erased(),
            openings={
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_OPENINGS,
                "description": "what opens commitments of the event, where its holder asked for it (openings=yes)",
                "items": _opening(),
            },
        ),
    }


def _key() -> dict[str, Any]:
    jwk = {"type": "object", "required": ["kty", "crv", "x"], "additionalProperties": {"type": "string"}}
    return _object(
        {
            "jwk": jwk | {"description": "the signer's public key (RFC 7517)"},
            "state": _text("its state at the entry's index, as the file says: no signature covers this word"),
            "entry": _bytes("the entry that brought the key"),
            "proof": _text("proof of that entry against the same checkpoint"),
        }
    )


def _stamp() -> dict[str, Any]:
    return _object(
        {
            "authority": _text("what the log's operator calls the authority: a claim"),
            "token": _bytes("the TimeStampToken (CMS SignedData), DER"),
        }
    )


def _erased() -> dict[str, Any]:
    index = {"type": "integer", "minimum": 0}
    said = "left out unless the body was erased when its retention ended; a claim, to be looked up in the log"
    return _object(
        {
            "entry": index | {"description": "the erasure entry that refers to this one"},
            "verdict_entry": index | {"description": "the entry before it that keeps the last verdict"},
            "verdict": _text("ok, invalid or unsigned: what the signature was found to be"),
        }
    ) | {"description": said}


def _opening() -> dict[str, Any]:
    return _object(
        {
            "commitment": _bytes("SHA-256 of salt and value, as the signed event holds it"),
            "name": _text("what the value is, never whose"),
            "value": _text("the personal value, hashed in UTF-8"),
            "salt": _bytes("16 to 32 random bytes"),
        }
    )


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": {**required, **optional}, "required": list(required),
        "additionalProperties": False,
    }  # fmt: skip


def _text(meaning: str, pattern: str | None = None) -> dict[str, Any]:
    return {"type": "string", "description": meaning, **({"pattern": pattern} if pattern else {})}


def _bytes(meaning: str) -> dict[str, Any]:
    return _text(f"base64: {meaning}", _BASE64)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
