"""The shapes that commands answer with ``--json``, as JSON Schema 2020-12; published as schemas/cli.schema.json.

Fields may be added, never renamed. ``--jsonl`` gives each item of an array, or of an object's one list, on its line.
"""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ANY: Schema = {}
_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number"}
_TRUTH: Schema = {"type": "boolean"}
_OBJECT: Schema = {"type": "object"}


def _object(optional: Mapping[str, Schema] | None = None, /, **required: Schema) -> Schema:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _one_of(*words: str) -> Schema:
    return {"enum": list(words)}


def _or_unused(schema: Schema) -> Schema:
    """Return the shape of an input, or of one that could not be used."""
    return {"anyOf": [schema, _object(file=_TEXT, error=_TEXT)]}


_PROBLEMS = _list(_object(path=_TEXT, message=_TEXT))
_CELLS = _list(_object(row=_WHOLE, column=_TEXT, message=_TEXT))
_DECISION = _one_of("match", "review", "none")
_ALIGNMENT = _list(
    _object({"similarity": _NUMBER, "weight": _NUMBER}, how=_TEXT, query=_TEXT, listed=_TEXT, points=_NUMBER)
)
_VALID = _object(file=_TEXT, valid=_TRUTH, problems=_PROBLEMS)
_KEY = _object(kid=_TEXT, state=_one_of("waiting", "active", "revoked", "refused"), receipt=_maybe(_OBJECT))
_CAPTURE = {
    "capture_id": _maybe(_TEXT),
    "success": _TRUTH,
    "events": _list(_object(event_id=_TEXT, receipt=_maybe(_OBJECT))),
    "errors": _PROBLEMS,
}
_ONE_TIME = _object(name=_TEXT, role=_TEXT, password=_TEXT)
_PARTY = _object(
    {"address": _maybe(_TEXT), "roles": _list(_TEXT), "applied_at": _TEXT, "decided_at": _maybe(_TEXT),
     "reason": _maybe(_TEXT)},
    id=_TEXT, did=_TEXT, name=_TEXT, country=_TEXT, state=_TEXT,
)  # fmt: skip
_DECIDED_PARTY = _object(id=_TEXT, did=_TEXT, state=_TEXT)
_COPY = {
    "entries": _WHOLE,
    "root": _TEXT,
    "files": _WHOLE,
    "sha256": _TEXT,
    "verdict": _one_of("ok", "failed"),
    "problems": _list(_TEXT),
}
_RULE = _object(
    code=_TEXT, requirement_ids=_list(_TEXT), pack=_TEXT, title=_TEXT, severity=_TEXT, severity_changes=_TEXT,
    law_ref=_TEXT, applicable_from=_maybe(_TEXT), applicable_to=_maybe(_TEXT), facts_used=_list(_TEXT), logic=_TEXT,
    message=_TEXT, reviewer_options=_list(_TEXT), provenance=_TEXT, pack_version=_TEXT,
)  # fmt: skip
_PACK = _object(
    pack=_TEXT, title=_TEXT, law=_TEXT, version=_TEXT, applicable_from=_maybe(_TEXT), applicable_to=_maybe(_TEXT),
    codes=_list(_TEXT),
)  # fmt: skip
_EXPLAINED = _object(
    id=_TEXT, code=_TEXT, title=_TEXT, severity=_TEXT, severity_words=_TEXT, advisory=_TRUTH, message=_TEXT,
    evidence=_list(_TEXT), lists=_list(_object(list_id=_TEXT, title=_TEXT, version=_TEXT)),
    about=_object(
        kind=_one_of("shipment", "batch"), subject=_TEXT, importer=_maybe(_TEXT), as_of=_TEXT, at=_TEXT,
        inputs_hash=_TEXT, entry_index=_WHOLE,
    ),
    law=_object(
        law_ref=_TEXT, provenance=_TEXT, provenance_words=_TEXT, applicable_from=_maybe(_TEXT),
        applicable_to=_maybe(_TEXT), requirement_ids=_list(_TEXT),
    ),
    rule=_object(
        pack=_TEXT, logic=_TEXT, terms=_list(_object(term=_TEXT, meaning=_TEXT)), severity_changes=_maybe(_TEXT),
        version=_TEXT, pack_version=_maybe(_TEXT), entry_index=_maybe(_WHOLE),
    ),
    facts=_list(_object(at=_TEXT, stated=_TRUTH, value=_ANY, evidence=_TRUTH)), raised=_list(_TEXT),
    not_raised=_list(_TEXT),
    clears=_object(
        said=_TEXT, conditions=_list(_TEXT), remarks=_TEXT, options=_list(_TEXT), two_persons=_TRUTH
    ),
    notes=_list(_TEXT),
)  # fmt: skip
_LIST = _object(
    list_id=_TEXT, name=_TEXT, title=_TEXT, use=_TEXT, publisher=_TEXT, version=_TEXT, published_at=_maybe(_TEXT),
    retrieved_at=_maybe(_TEXT), rows=_WHOLE, for_review=_WHOLE, coverage=_TEXT, sources=_list(_OBJECT),
    age_days=_maybe(_WHOLE), max_age_days=_maybe(_WHOLE), sentence=_TEXT, source_url=_TEXT, source_sha256=_TEXT,
    entry_index=_WHOLE, delta=_maybe(_OBJECT),
)  # fmt: skip
_QUESTION = _object(
    {"read_by": _maybe(_TEXT)},
    id=_WHOLE, entry_key=_TEXT, field=_TEXT, raw=_TEXT, reason=_TEXT, lost=_TRUTH, state=_one_of("waiting", "read"),
    read_at=_maybe(_TEXT), note=_maybe(_TEXT),
)  # fmt: skip
_FETCHED = _object(list_id=_TEXT, format=_TEXT, part=_TEXT, address=_TEXT, retrieved_at=_TEXT, sha256=_TEXT, size=_TEXT)
_LIST_VERSION = _object(
    id=_WHOLE, version=_TEXT, speaks_for=_TEXT, published_at=_maybe(_TEXT), retrieved_at=_maybe(_TEXT), loaded_at=_TEXT,
    rows=_WHOLE, for_review=_WHOLE, coverage=_TEXT, state=_TEXT, source_url=_TEXT, source_sha256=_TEXT,
    entry_index=_WHOLE, delta=_maybe(_OBJECT),
)  # fmt: skip
_LIST_HISTORY = _object(
    list_id=_TEXT, name=_TEXT, title=_TEXT, publisher=_TEXT, age_days=_maybe(_WHOLE), max_age_days=_WHOLE,
    level=_one_of("fresh", "due", "overdue"), sentence=_TEXT, versions=_list(_LIST_VERSION),
)  # fmt: skip
_LIST_CHANGE = _object(entry_key=_TEXT, name=_TEXT, fields=_list(_object(field=_TEXT, before=_ANY, after=_ANY)))
_LIST_DIFF = _object(
    {"from": _maybe(_LIST_VERSION)},
    list_id=_TEXT, to=_LIST_VERSION, counts=_object(added=_WHOLE, removed=_WHOLE, changed=_WHOLE),
    added=_list(_OBJECT), removed=_list(_OBJECT), changed=_list(_LIST_CHANGE), next_after=_maybe(_TEXT),
)  # fmt: skip
_LOST_KEY = _object(
    {"applicant": _TEXT, "checked_by": _maybe(_TEXT), "decided_by": _maybe(_TEXT)},
    id=_TEXT, party_id=_TEXT, kid=_TEXT, alg=_TEXT, thumbprint=_TEXT, reason=_TEXT,
    state=_one_of("waiting", "approved", "refused"), applied_at=_TEXT, decided_at=_maybe(_TEXT), method=_maybe(_TEXT),
    decided_reason=_maybe(_TEXT),
)  # fmt: skip
_API_KEY = _object(
    id=_TEXT, prefix=_TEXT, name=_TEXT, role=_TEXT, scopes=_list(_TEXT), created_by=_TEXT, created_at=_TEXT,
    expires_at=_TEXT, revoked_at=_maybe(_TEXT),
)  # fmt: skip
_BAD = _maybe(_object(index=_maybe(_WHOLE), what=_TEXT))
_OUTCOME = _object(at=_TEXT, verdict=_one_of("ok", "failed"), entries=_WHOLE, first_bad=_BAD, problems=_WHOLE)
_AUDITS = {"type": "object", "properties": {"sample": _OUTCOME, "full": _OUTCOME, "deep": _OUTCOME}}
_SAID = {"type": "object", "additionalProperties": {"type": "string"}}
_HEALTH = _object(
    {"audits": _AUDITS, "quarantine": _TEXT, "clock": _TEXT, "log_key": _TEXT, "witnesses": _SAID},
    status=_TEXT, database=_TEXT, ledger=_object(size=_WHOLE, at=_maybe(_TEXT)),
    jobs=_object(waiting=_WHOLE, running=_WHOLE, failed=_WHOLE, worker=_TEXT, oldest_due_seconds=_maybe(_NUMBER)),
)  # fmt: skip
_FINDING = _object(
    code=_TEXT, pack=_TEXT, pack_version=_TEXT, severity=_TEXT, advisory=_TRUTH, title=_TEXT, message=_TEXT,
    law_ref=_TEXT, applicable_from=_maybe(_TEXT), evidence=_list(_ANY), reviewer_options=_list(_TEXT),
)  # fmt: skip
_ASSESSED = _object(
    file=_TEXT, status=_TEXT, findings=_list(_FINDING), not_assessed=_list(_TEXT), rule_pack_version=_TEXT,
    list_versions=_OBJECT, inputs_hash=_TEXT, notes=_list(_ANY),
)  # fmt: skip
_CANDIDATE = _object(
    id=_TEXT,
    name=_TEXT,
    score=_NUMBER,
    decision=_DECISION,
    match_basis=_TEXT,
    alignment=_ALIGNMENT,
    list_id=_TEXT,
    list_version=_maybe(_TEXT),
)
_COVER = _object(
    {"published_at": _maybe(_TEXT), "age_days": _maybe(_WHOLE)},
    list_id=_TEXT, version=_maybe(_TEXT), state=_TEXT, rows=_WHOLE, sentence=_TEXT,
)  # fmt: skip
_NAME = _object({"id": _TEXT}, query=_TEXT, decision=_DECISION, coverage=_list(_COVER), candidates=_list(_CANDIDATE))
_PAIR = _object(row=_WHOLE, score=_NUMBER, decision=_DECISION, alignment=_ALIGNMENT)
_SMELTER = _object(
    row=_WHOLE, metal=_maybe(_TEXT), stated=_maybe(_TEXT), how=_one_of("exact", "alias", "fuzzy", "gap"),
    cid=_maybe(_TEXT), listed_name=_maybe(_TEXT), score=_maybe(_NUMBER), review=_TRUTH, reason=_TEXT,
)  # fmt: skip
_SPOTTED = {
    "kind": _TEXT,
    "assertion": _TEXT,
    "actor": _TEXT,
    "quote": _TEXT,
    "page": _WHOLE,
    "start": _WHOLE,
    "end": _WHOLE,
    "country": _maybe(_TEXT),
    "region": _maybe(_TEXT),
    "severity": _TEXT,
    "rule": _TEXT,
    "rule_version": _WHOLE,
    "topic": _maybe(_TEXT),
    "sentence": _list(_WHOLE),
    "cues": _list(_OBJECT),
    "why": _TEXT,
    "boxes": _list(_list(_NUMBER)),
}
_DECLARED = _object(
    number=_ANY, dates=_list(_OBJECT), parties=_list(_OBJECT), items=_list(_OBJECT), smelters=_list(_OBJECT),
    claims=_list(_OBJECT), origins=_list(_OBJECT), issuer_role=_maybe(_TEXT), issued_on=_maybe(_TEXT),
)  # fmt: skip
_DOCUMENT = _object(
    file=_TEXT, sha256=_TEXT, outcome=_one_of("parsed", "needs_ocr", "rejected"), reason=_maybe(_TEXT),
    document_type=_TEXT, facts_type=_TEXT, language=_maybe(_TEXT), pages=_WHOLE, unread_pages=_list(_WHOLE),
    text_sha256=_maybe(_TEXT), ruleset=_TEXT, facts=_DECLARED, notes=_list(_OBJECT),
    findings=_list(_object(**_SPOTTED)),
)  # fmt: skip
_PASSAGE = _object(
    id=_ANY, labels=_list(_TEXT), risk=_TRUTH, findings=_list(_OBJECT),
    spans=_list(_object(start=_WHOLE, end=_WHOLE, label=_TEXT, text=_TEXT)),
)  # fmt: skip
_ASSERTION = _object(id=_ANY, concept=_TEXT, assertion=_TEXT, country=_maybe(_TEXT), region=_maybe(_TEXT), risk=_TRUTH)
_VERIFIED = _object(
    file=_TEXT, verdict=_one_of("ok", "failed"), reason=_TEXT, not_checked=_list(_TEXT),
    log_key=_maybe(_object(name=_TEXT, fingerprint=_TEXT)),
    items=_list(_object(what=_TEXT, verdict=_one_of("ok", "failed", "not checked"), why=_TEXT)),
)  # fmt: skip

_JOB = _object(
    id=_WHOLE, name=_TEXT, party=_maybe(_TEXT), key=_TEXT, state=_one_of("waiting", "running", "failed"),
    attempts=_WHOLE, due=_maybe(_TEXT), error=_maybe(_TEXT),
)  # fmt: skip
_LINE = _object(
    line=_WHOLE, kind=_TEXT, subject=_TEXT, owner=_maybe(_TEXT), state=_one_of("due", "blocked", "unknown"),
    ground=_maybe(_TEXT), ended_on=_maybe(_TEXT), why=_TEXT, decided_by=_maybe(_TEXT), decided_at=_maybe(_TEXT),
    reason=_maybe(_TEXT), erasure=_maybe(_WHOLE),
)  # fmt: skip
_REPORT = {"id": _TEXT, "party_id": _maybe(_TEXT), "as_of": _TEXT, "at": _TEXT, "counts": _OBJECT}
_ERASED_LINES = _list(_object(line=_WHOLE, erasure=_WHOLE))
_HOLD = _object(
    id=_TEXT, kind=_one_of("batch", "shipment", "document", "all"), target=_TEXT, reason=_TEXT, placed_by=_TEXT,
    placed_at=_TEXT, lifted_by=_maybe(_TEXT), lifted_at=_maybe(_TEXT), lifted_reason=_maybe(_TEXT), everybody=_TRUTH,
)  # fmt: skip
_COPIED: Schema = {
    "anyOf": [
        _object(
            verdict=_one_of("ok"), origin=_TEXT, size=_WHOLE, root=_TEXT, new_entries=_WHOLE, files=_WHOLE,
        ),
        _object(verdict=_one_of("failed"), reason=_TEXT, evidence=_list(_ANY)),
    ]
}  # fmt: skip
_LOG_KEY = _object(
    vkey=_TEXT, type=_one_of("Ed25519", "ML-DSA-44"), fingerprint=_TEXT, since_size=_WHOLE, until_size=_maybe(_WHOLE)
)

ANSWERS: Mapping[str, Schema] = {
    "health": _HEALTH,
    "settings": _object(settings=_list(_object(name=_TEXT, value=_maybe(_TEXT), source=_TEXT, meaning=_TEXT))),
    "fsck": _object(
        verdict=_one_of("ok", "failed"),
        entries=_WHOLE,
        first_bad=_BAD,
        stands=_maybe(_object(size=_WHOLE, root=_TEXT)),
        problems=_list(_object(table=_TEXT, index=_maybe(_WHOLE), what=_TEXT)),
        problem_count=_WHOLE,
        deep=_TRUTH,
        not_checked=_list(_TEXT),
        checked=_OBJECT,
        recorded_before=_list(_object(table=_TEXT, rows=_WHOLE, left_out=_TEXT)),
    ),
    "backup": _object(**_COPY),
    "restore": _object(**_COPY),
    "upgrade": _object(**_COPY, backup=_TEXT, revision=_TEXT),
    "demo": _list(_object(batch=_TEXT, state=_TEXT, codes=_list(_TEXT), coverage=_list(_TEXT))),
    "users add": _ONE_TIME,
    "users reset": _ONE_TIME,
    "users email": _object(name=_TEXT, email=_maybe(_TEXT)),
    "users disable": _object(name=_TEXT, api_keys_ended=_WHOLE),
    "api-keys new": _object(id=_TEXT, secret=_TEXT, scopes=_list(_TEXT)),
    "api-keys list": _object(api_keys=_list(_API_KEY)),
    "api-keys session": _object(token=_TEXT, expires_at=_TEXT),
    "api-keys revoke": _object(id=_TEXT, state=_one_of("revoked")),
    "parties apply": _object(id=_TEXT, did=_TEXT, state=_TEXT, kid=_TEXT),
    "parties list": _object(parties=_list(_PARTY)),
    "parties approve": _DECIDED_PARTY,
    "parties refuse": _DECIDED_PARTY,
    "keys new": _object(kid=_TEXT, jwk=_OBJECT),
    "keys register": _KEY,
    "keys rotate": _KEY,
    "keys revoke": _KEY,
    "keys approve": _KEY,
    "keys lost list": _object(applications=_list(_LOST_KEY)),
    "keys lost approve": _KEY,
    "keys lost refuse": _object(id=_TEXT, kid=_TEXT, state=_one_of("refused")),
    "sites register": _list(_object(uri=_TEXT, state=_TEXT, receipt=_OBJECT)),
    "capture": _list(_object(file=_TEXT, **_CAPTURE)),
    "events import": _object(rows=_WHOLE, accepted=_WHOLE, errors=_CELLS, captures=_list(_object(**_CAPTURE))),
    "shipments import": _object(rows=_WHOLE, accepted=_WHOLE, errors=_CELLS),
    "event-hash": _list(_or_unused(_object(file=_TEXT, event_id=_maybe(_TEXT), hash=_TEXT))),
    "epcis check": _list(_VALID),
    "assess": _list(_or_unused(_ASSESSED)),
    "match": _list({"anyOf": [_NAME, _PAIR]}),
    "screen": _list({"anyOf": [_DOCUMENT, _PASSAGE, _ASSERTION, _object(file=_TEXT, error=_TEXT)]}),
    "smelters check": _list(_SMELTER),
    "smelters changes": _object(
        added=_list(_TEXT), removed=_list(_TEXT), renamed=_list(_object(cid=_TEXT, before=_TEXT, after=_TEXT))
    ),
    "screenings export": _object(file=_TEXT, bytes=_WHOLE, sha256=_TEXT),
    "lists load": _list(
        _object(
            list_id=_TEXT,
            version=_TEXT,
            rows=_WHOLE,
            coverage=_TEXT,
            changed=_TRUTH,
            added=_WHOLE,
            removed=_WHOLE,
            altered=_WHOLE,
            for_review=_WHOLE,
        )
    ),
    "lists fetch": _list(_or_unused(_FETCHED)),
    "lists review": _object(review=_list(_QUESTION)),
    "lists status": _object(lists=_list(_LIST)),
    "lists history": _LIST_HISTORY,
    "lists diff": _LIST_DIFF,
    "rules list": _object(rules=_list(_RULE)),
    "rules show": _RULE,
    "rules packs": _object(packs=_list(_PACK)),
    "rules explain": _EXPLAINED,
    "rules documents check": _list(_VALID),
    "retention report": _object(**_REPORT, lines=_list(_LINE)),
    "retention show": _object(**_REPORT, lines=_list(_LINE)),
    "retention list": _object(reports=_list(_object(**_REPORT))),
    "retention approve": _object(
        report=_TEXT, erased=_ERASED_LINES, already_erased=_ERASED_LINES, kept=_list(_object(line=_WHOLE, why=_TEXT))
    ),
    "retention hold": _HOLD,
    "retention lift": _HOLD,
    "retention holds": _object(holds=_list(_HOLD)),
    "personal deposit": _object(deposited=_WHOLE, known=_WHOLE),
    "personal show": _object(event_id=_TEXT, openings=_list(_object(commitment=_TEXT, name=_TEXT))),
    "personal erase": _object(event_id=_TEXT, erased=_WHOLE, erasure=_maybe(_WHOLE)),
    "clock confirm": _object(at=_TEXT),
    "jobs list": _object(jobs=_list(_JOB)),
    "jobs retry": _object(id=_WHOLE, state=_one_of("waiting")),
    "ledger export": _COPIED,
    "ledger mirror": _COPIED,
    "ledger policy": _object(policy=_TEXT, keys=_list(_LOG_KEY)),
    "ledger new-origin": _object(
        index=_WHOLE,
        origin=_TEXT,
        vkey=_TEXT,
        old_origin=_TEXT,
        size=_WHOLE,
        root=_TEXT,
        agreed=_WHOLE,
        signed=_list(_TEXT),
    ),
    "ledger rotate-key": _object(
        index=_maybe(_WHOLE),
        size=_maybe(_WHOLE),
        old=_TEXT,
        new=_TEXT,
        second_old=_maybe(_TEXT),
        second_new=_maybe(_TEXT),
        files=_list(_TEXT),
    ),
    "witness new": _object(name=_TEXT, vkey=_TEXT),
    "evidence": _object(batch=_TEXT, size=_WHOLE, sha256=_TEXT, entry=_maybe(_WHOLE)),
    "report": _object(kind=_TEXT, format=_TEXT, bytes=_WHOLE, sha256=_TEXT),
    "compare-checkpoints": _object(
        verdict=_one_of("consistent", "fork", "unknown"),
        reason=_TEXT,
        proof=_maybe(_list(_TEXT)),
        evidence=_maybe(_object(format=_TEXT, checkpoints=_list(_TEXT), root=_maybe(_TEXT), consistency=_list(_TEXT))),
    ),
    "verify": _list(_VERIFIED),
}
"""The answer of each command, by its name."""


def cli_schema() -> Schema:
    """Return the published document: a definition for each command."""
    said = "What each command answers with --json. Fields may be added, never renamed."
    return {"$schema": _DRAFT, "title": "traceability command line", "description": said, "$defs": dict(ANSWERS)}
