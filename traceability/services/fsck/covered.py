"""What an audit can find, and what it cannot, column by column: a change of the tables has to say which.

FOUND: any change of the value is found by `fsck --deep`. FORM: only a value outside the allowed ones. LEFT: not found,
with the reason. UNCOVERED: whole tables that no entry of the log speaks of.
"""

from collections.abc import Mapping

_NUMBER = "a number of the database's own; what hangs on its order is checked"
_MANIFEST = "stated by the manifest when the list was loaded; the entry holds the hash of the table alone"
_REGISTER = "kept by admins; the entry holds key, party and proof of possession"
_READING = "what the reading of the file gave under the rules of that day; the file itself is checked"


def _columns(text: str) -> frozenset[str]:
    return frozenset(text.split())


FOUND: Mapping[str, frozenset[str]] = {
    "ledger_entry": frozenset({"index", "kind", "body"}),
    "ledger_tile": frozenset({"level", "index", "hashes"}),
    "log_head": frozenset({"id", "size", "root", "at"}),
    "checkpoint": frozenset({"size", "root", "note", "at"}),
    "capture": _columns(
        "id party_id key_id body jws sha256 event_count new_events entry_index success events received_at"
    ),
    "event": _columns(
        "index event_id declares_error capture_id position type biz_step event_time received_at signer_id key_id "
        "credential_by evidence content body"
    ),
    "item": frozenset({"id", "key", "uri", "is_batch"}),
    "event_item": frozenset({"item_id", "event_index", "role", "kg"}),
    "batch_edge": frozenset({"child_id", "parent_id", "event_index"}),
    "holding": frozenset({"party_id", "item_id", "event_index"}),
    "shipment": _columns("importer_id shipment_id version latest record body jws key_id entry_index received_at"),
    "shipment_batch": frozenset({"importer_id", "shipment_id", "batch_key"}),
    "document": frozenset({"sha256", "owner_id", "size", "uploaded_at", "entry_index", "state", "outcome"}),
    "importer_profile": frozenset(
        {"importer_id", "profile", "volume_statements", "body", "jws", "entry_index", "received_at"}
    ),
    "site": _columns(
        "uri party_id name country subdivision latitude longitude valid_from valid_to body jws entry_index received_at"
    ),
    "party_key": _columns("id kid party_id alg thumbprint jwk proof state added_index revoked_index compromised_since"),
    "list_version": frozenset({"list_id", "loaded_at", "table_sha256", "row_count", "state", "entry_index"}),
    "list_entry": frozenset({"version_id", "entry_key", "kind", "code", "name", "valid_from", "valid_to"}),
    "screening": frozenset(
        {"subject_key", "subject", "as_of", "at", "versions", "matcher", "outcome", "hits", "entry_index"}
    ),
    "assessment": _columns(
        "owner_id subject_kind subject as_of at facts result status criticals inputs_hash entry_index"
    ),
    "decision": _columns(
        "id owner_id subject_kind subject disposition reason_code reason findings assessment_id inputs_hash evidence "
        "steps review_on needs_second state proposed_by proposed_at confirmed_by confirmed_at "
        "confirmed_reason entry_index confirmed_index"
    ),
}

FORM: Mapping[str, frozenset[str]] = {
    "capture": frozenset({"media_type", "error_behaviour"}),
    "shipment": frozenset({"media_type"}),
}

LEFT: Mapping[str, Mapping[str, str]] = {
    "capture": {
        "actor": "the name of the API key; what proves who sent it is the signature",
        "errors": "what was refused depends on rules and events of that day; that something was is held by success",
    },
    "shipment": {"id": _NUMBER},
    "document": {
        "id": "drawn by chance; only links name it",
        "filename": "as the sender named it", "media_type": "as the sender stated it; the bytes decide",
        "uploaded_by": "a person's name, which never enters the ledger",
        "confirmed_type": "what a person says of the paper; no entry is made of it yet",
        "report": _READING, "read_at": _READING,
    },
    "importer_profile": {"id": _NUMBER},
    "site": {"id": _NUMBER},
    "party_key": {"applicant": _REGISTER, "applied_at": _REGISTER, "decided_by": _REGISTER, "reason": _REGISTER},
    "list_version": {
        "id": _NUMBER, "version": _MANIFEST, "title": _MANIFEST, "publisher": _MANIFEST, "published_at": _MANIFEST,
        "retrieved_at": _MANIFEST, "source_url": _MANIFEST, "source_sha256": _MANIFEST, "expected_min": _MANIFEST,
        "expected_max": _MANIFEST, "coverage": _MANIFEST, "max_age_days": _MANIFEST, "terms": _MANIFEST,
    },
    "list_entry": {
        "id": _NUMBER,
        "payload": "the table's file is not kept; columns and payload are compared with each other",
    },
    "screening": {"id": _NUMBER},
    "assessment": {
        "id": _NUMBER,
        "notes": "said beside the result, whose hash the entry holds",
        "pending": "said beside the result, whose hash the entry holds",
        "coverage": "said beside the result, whose hash the entry holds",
        "batches": "said beside the result, whose hash the entry holds",
    },
}  # fmt: skip

UNCOVERED: Mapping[str, str] = {
    "party": "the register of parties is kept by admins; entries hold pseudonyms",
    "party_claim": "the register of parties is kept by admins",
    "document_link": "what a paper is about is said by its party at any time; no entry is made of it",
    "incident": "refused captures enter no facts and no ledger",
    "app_user": "accounts of people never enter the ledger",
    "api_key": "machine access never enters the ledger",
    "mandate": "who may read; no entry is made of it yet",
    "access_log": "who read what; personal data never enters the ledger",
    "job": "work to be done, gone once it is done",
}
