"""What an audit can find, and what it cannot, column by column: a change of the tables has to say which.

FOUND: any change of the value is found by `fsck --deep`. FORM: only a value outside the allowed ones. LEFT: not found,
with the reason. UNCOVERED: whole tables that no entry of the log speaks of. FORGOTTEN: a deleted row is not missed.
"""

from collections.abc import Mapping

_NUMBER = "a number of the database's own; what hangs on its order is checked"
_KEY = "of a first or rotated key: its entry holds key, party and proof; of one approved by itself a change is found"
_LOOKED_UP = "made from list versions and screenings, and made again when the matcher changes; no entry speaks of it"


def _columns(text: str) -> frozenset[str]:
    return frozenset(text.split())


FOUND: Mapping[str, frozenset[str]] = {
    "ledger_entry": _columns("index kind body"),
    "ledger_tile": _columns("level index hashes"),
    "log_head": _columns("id size root at key"),
    "log_change": _columns("entry_index record"),
    "second_signature": _columns("size key line at"),
    "pack_head": _columns("size note timestamps"),
    "checkpoint": _columns("size root note at"),
    "cosignature": _columns("size witness line at"),
    "checkpoint_timestamp": _columns("size at"),
    "capture": _columns(
        "id party_id key_id body jws sha256 event_count new_events entry_index success events received_at erased_index "
        "last_verdict"
    ),
    "event": _columns(
        "index event_id declares_error capture_id position type biz_step event_time received_at signer_id key_id "
        "credential_by evidence content body erased_index"
    ),
    "counter_signature": _columns("entry_index event_index signer_id key_id capture_id position"),
    "item": _columns("id key uri is_batch"),
    "event_item": _columns("item_id event_index role kg"),
    "batch_edge": _columns("child_id parent_id event_index"),
    "holding": _columns("party_id item_id event_index made"),
    "handover": _columns("item_id giver_id receiver_id"),
    "shipment": _columns(
        "importer_id shipment_id version latest record body jws key_id entry_index received_at released_on erased_index"
    ),
    "shipment_batch": _columns("importer_id shipment_id batch_key"),
    "document": _columns(
        "id sha256 owner_id filename media_type size uploaded_by uploaded_at entry_index state outcome report read_at "
        "read_index erased_index"
    ),
    "document_link": _columns("document_id kind target linked_by linked_at entry_index"),
    "importer_profile": _columns("importer_id profile volume_statements body jws key_id entry_index received_at"),
    "site": _columns(
        "key uri party_id name country subdivision latitude longitude valid_from valid_to body jws key_id "
        "entry_index received_at"
    ),
    "party": _columns(
        "id did name country address roles state applicant applied_at decided_by decided_at reason entry_index"
    ),
    "party_merge": _columns(
        "id act kept_id merged_id undoes reason state proposed_by proposed_at decided_by decided_at decided_reason "
        "entry_index undone_index"
    ),
    "party_departure": _columns("party_id reason left_by left_at entry_index"),
    "party_claim": _columns("party_id kind value state decided_by decided_at"),
    "party_key": _columns(
        "id kid party_id alg thumbprint jwk proof state added_index approved_index revoked_index compromised_since"
    ),
    "erasure": _columns("entry_index what record at"),
    "erased_entry": _columns("target_index erasure_index verdict_index"),
    "personal_data": _columns("event_index party_id commitment value salt erasure_index"),
    "key_revocation": _columns("entry_index key_id compromised_since body salt reason revoked_at"),
    "mandate": _columns(
        "id user_id authority legal_article purpose importer_id valid_from valid_to records_from records_to "
        "created_by created_at entry_index"
    ),
    "list_version": _columns(
        "id list_id version title publisher published_at retrieved_at loaded_at source_url source_sha256 table_sha256 "
        "row_count expected_min expected_max coverage max_age_days terms state entry_index for_review sources"
    ),
    "list_entry": _columns("version_id entry_key kind code name valid_from valid_to payload"),
    "list_review": _columns("version_id entry_key field raw reason lost state read_by read_at note entry_index"),
    "rule_set": _columns("name version record at entry_index"),
    "screening": _columns(
        "subject_key subject as_of at versions matcher outcome hits entry_index owner_id asked_by kind party_id "
        "threshold settings_hash known_at status failure"
    ),
    "screening_hit": _columns("screening_id list_id entry_key"),
    "assessment": _columns(
        "id owner_id subject_kind subject as_of at facts result status notes pending coverage batches criticals "
        "inputs_hash entry_index erased_index"
    ),
    "case_version": _columns(
        "case_id version owner_id kind addressee_id latest record written_by written_at entry_index erased_index"
    ),
    "batch_critical": _columns("owner_id batch_key code subject_kind subject assessment_id"),
    "decision": _columns(
        "id owner_id subject_kind subject disposition reason_code reason findings assessment_id inputs_hash evidence "
        "steps review_on needs_second state proposed_by proposed_at confirmed_by confirmed_at "
        "confirmed_reason entry_index confirmed_index proposed sides"
    ),
}

FORM: Mapping[str, frozenset[str]] = {
    "capture": frozenset({"media_type", "error_behaviour"}),
    "shipment": frozenset({"media_type"}),
}

LEFT: Mapping[str, Mapping[str, str]] = {
    "checkpoint_timestamp": {
        "authority": "the operator's name for it; the token of one that is not configured is counted as not checked",
        "token": "checked under the authority's certificates; bits that its signature leaves out carry nothing",
        "received_at": "when it came to us; what counts is the authority's time in the token",
    },
    "capture": {
        "actor": "the name of the API key; what proves who sent it is the signature",
        "errors": "what was refused depends on rules and events of that day; that something was is held by success",
    },
    "shipment": {"id": _NUMBER},
    "importer_profile": {"id": _NUMBER},
    "site": {"id": _NUMBER},
    "party_claim": {"id": _NUMBER},
    "personal_data": {
        "id": _NUMBER,
        "name": "what kind of value it is, in the depositor's words; a commitment is to the value alone",
        "deposited_at": "when the opening came to us; no entry says that it did",
    },
    "key_revocation": {"revoked_by": "a person's name, which never enters the ledger; the entry commits to the reason"},
    "party_key": {
        "applicant": _KEY,
        "applied_at": _KEY,
        "decided_by": _KEY,
        "reason": "for people; what ends a key commits to its own words",
    },
    "list_version": {"delta": "what its coming led to, for people; what was assessed again stands by itself"},
    "list_entry": {"id": _NUMBER},
    "list_review": {"id": _NUMBER},
    "rule_set": {"id": _NUMBER},
    "case_version": {"id": _NUMBER},
    "screening": {"id": _NUMBER},
}

UNCOVERED: Mapping[str, str] = {
    "incident": "a refused capture enters no facts and no ledger; what it says is proved by its own signature or not",
    "incident_link": "an officer's note on a refused capture, which changes no state",
    "key_application": "waiting or refused it counts for nothing; an approved one is held to the key it brought",
    "idempotency_key": "a sender's own name for a body, so that it finds its own mistake; it proves nothing",
    "retention_report": "what was proposed on a day; what was erased is held by erasure entries and their records",
    "retention_line": "as retention_report",
    "legal_hold": "who keeps what for how long, changed at any time; nothing goes without a dpo's approval",
    "app_user": "accounts of people, changed at any time by admins and by themselves; they never enter the ledger",
    "api_key": "machine access, ended at any time; what a capture proves is held by its signature, not by the API key",
    "access_log": "who read what: personal, kept for the dpo, and no ground of any finding",
    "access_log_party": "whose records a read showed: as access_log",
    "grievance_reporter": "who reported a grievance: personal, erased the soonest, and no ground of any finding",
    "work_handover": "who goes on with the open work of somebody who left; who did what stays with the work itself",
    "assignment": "who of the officers looks at what; it decides nothing, and the last word counts",
    "saved_view": "filters that a person keeps for the queue",
    "contest_link": "how a party without an account comes in, until it expires; what it then says is a case_version",
    "match_name": _LOOKED_UP,
    "match_key": _LOOKED_UP,
    "match_posting": _LOOKED_UP,
    "match_word": _LOOKED_UP,
    "match_indexed": _LOOKED_UP,
    "list_reminder": "who was told that a list is old, and how that went; what an answer rests on is in its coverage",
    "case_reminder": "who was told that a request or contest waits, and how that went; the case is a case_version",
    "job": "the operator's work to be done, with leases and attempts; gone once it is done",
}

FORGOTTEN: Mapping[str, str] = {
    "personal_data": "handing in an opening is free and no entry says that one came; of one that was erased, one does",
    "checkpoint_timestamp": "a token is added to a receipt when it is there; no entry says that it came",
    "cosignature": "a witness's word is added to a receipt when it is there; no entry says that it came",
    "second_signature": "one is added when a checkpoint is published; no entry says so",
    "pack_head": "the next pack of its size writes it again; no entry says what was shown",
    "checkpoint": "every later one vouches for what an earlier one signed; only the last is missed",
}
