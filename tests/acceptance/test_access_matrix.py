"""Route x role x own or foreign, derived from the routes there are (ARCHITECTURE, "Who may what"; ledger.md 10, 24-25)."""

import pytest
import sqlalchemy as sa
import structlog
from sqlmodel import select

from traceability.services.access import ROLES
from traceability.services.api_keys import make_api_key, revoke_api_key
from traceability.services.mandates import grant
from traceability.services.rates import Rates
from traceability.storage.tables import AccessLog, AssessmentRow, Decision, Document, Holding, Incident

WITH_PARTY = ("supplier", "importer", "officer")
SENDS = frozenset({"supplier", "importer"})
OWN = frozenset(WITH_PARTY)
IMPORTERS = frozenset({"importer", "officer"})
OFFICER = frozenset({"officer"})
DPO = frozenset({"dpo"})
ADMIN = frozenset({"admin"})
PURPOSE = {"X-Purpose": "inspection under article 11"}
#: (method, rule): the roles that get past the door with an account of their own and no mandate. A regulator or
#: auditor without one is refused everywhere; what they get with one is proved below.
MATRIX = {
    ("GET", "/epcis/"): None,
    ("POST", "/epcis/capture"): SENDS,
    ("POST", "/epcis/events"): SENDS,
    ("GET", "/epcis/capture"): OWN,
    ("GET", "/epcis/capture/<string:capture_id>"): OWN,
    ("GET", "/epcis/events"): OWN,
    ("GET", "/epcis/events/<path:event_id>"): OWN,
    ("GET", "/v1/captures/<string:capture_id>/receipts"): OWN,
    ("GET", "/v1/receipts/<int:entry>"): OWN,
    ("POST", "/v1/shipments"): frozenset({"importer"}),
    ("POST", "/v1/shipments/import"): frozenset({"importer"}),
    ("POST", "/v1/profile"): frozenset({"importer"}),
    ("GET", "/v1/profile"): IMPORTERS,
    ("GET", "/v1/profile/items"): IMPORTERS,
    ("GET", "/v1/volumes"): IMPORTERS,
    ("GET", "/v1/reports"): frozenset(ROLES),
    ("GET", "/v1/reports/<string:kind>"): IMPORTERS,
    ("GET", "/v1/shipments"): IMPORTERS,
    ("GET", "/v1/shipments/<path:shipment_id>"): IMPORTERS,
    ("GET", "/v1/shipments/<path:shipment_id>/state"): IMPORTERS,
    ("POST", "/v1/documents"): OWN,
    ("GET", "/v1/documents"): OWN,
    ("GET", "/v1/documents/<string:document_id>"): OWN,
    ("GET", "/v1/documents/<string:document_id>/content"): OWN,
    ("POST", "/v1/documents/<string:document_id>/type"): OFFICER,
    ("GET", "/v1/batches/<path:batch>/chain"): OWN,
    ("GET", "/v1/batches/<path:batch>/upstream"): OWN,
    ("GET", "/v1/batches/<path:batch>/downstream"): OWN,
    ("GET", "/v1/batches/<path:batch>/evidence"): OWN,
    ("GET", "/v1/batches/<path:batch>/state"): IMPORTERS,
    ("GET", "/v1/queue"): IMPORTERS,
    ("GET", "/v1/findings/<string:finding_id>/explanation"): IMPORTERS,
    ("GET", "/v1/screenings"): IMPORTERS | ADMIN,
    ("GET", "/v1/screenings/export"): IMPORTERS | ADMIN,
    ("GET", "/v1/screenings/<int:screening_id>"): IMPORTERS | ADMIN,
    ("GET", "/v1/decisions"): IMPORTERS,
    ("POST", "/v1/decisions"): OFFICER,
    ("POST", "/v1/decisions/judgements"): OFFICER,
    ("POST", "/v1/decisions/<string:decision_id>/confirm"): OFFICER,
    ("POST", "/v1/decisions/<string:decision_id>/decline"): OFFICER,
    ("GET", "/v1/incidents"): OFFICER,
    ("POST", "/v1/incidents/<string:incident_id>/link"): OFFICER,
    ("POST", "/v1/mandates"): frozenset({"admin"}),
    ("GET", "/v1/mitigation-plans"): IMPORTERS,
    ("POST", "/v1/mitigation-plans"): OFFICER,
    ("GET", "/v1/mitigation-plans/<string:case_id>"): IMPORTERS,
    ("POST", "/v1/mitigation-plans/<string:case_id>/versions"): OFFICER,
    ("GET", "/v1/grievances"): IMPORTERS,
    ("POST", "/v1/grievances"): OFFICER,
    ("GET", "/v1/grievances/<string:case_id>"): IMPORTERS,
    ("POST", "/v1/grievances/<string:case_id>/versions"): OFFICER,
    ("GET", "/v1/notices"): IMPORTERS,
    ("POST", "/v1/notices"): OFFICER,
    ("GET", "/v1/notices/<string:case_id>"): IMPORTERS,
    ("POST", "/v1/notices/<string:case_id>/versions"): OFFICER,
    ("GET", "/v1/requests"): OWN,
    ("POST", "/v1/requests"): OFFICER,
    ("GET", "/v1/requests/<string:case_id>"): OWN,
    ("POST", "/v1/requests/<string:case_id>/answers"): OWN,
    ("POST", "/v1/requests/<string:case_id>/acceptance"): OFFICER,
    ("POST", "/v1/requests/<string:case_id>/questions"): OFFICER,
    ("POST", "/v1/requests/<string:case_id>/withdrawal"): OFFICER,
    ("GET", "/v1/contests"): OWN,
    ("POST", "/v1/contests"): OWN,
    ("POST", "/v1/contests/told"): OFFICER,
    ("GET", "/v1/contests/<string:case_id>"): OWN,
    ("POST", "/v1/contests/<string:case_id>/objections"): OWN,
    ("POST", "/v1/contests/<string:case_id>/links"): OFFICER,
    ("POST", "/v1/contests/<string:case_id>/answer"): frozenset({"officer"}),
    ("POST", "/v1/contests/<string:case_id>/withdrawal"): OFFICER,
    ("GET", "/v1/grievances/<string:case_id>/reporter"): DPO | OFFICER,
    ("POST", "/v1/grievances/<string:case_id>/reporter/erase"): DPO,
    ("GET", "/v1/access-log"): frozenset({"dpo"}),
    ("POST", "/v1/retention/reports"): DPO,
    ("GET", "/v1/retention/reports"): DPO,
    ("GET", "/v1/retention/reports/<string:report_id>"): DPO,
    ("POST", "/v1/retention/reports/<string:report_id>/approve"): DPO,
    ("GET", "/v1/retention/holds"): DPO | OFFICER,
    ("POST", "/v1/retention/holds"): DPO | OFFICER,
    ("POST", "/v1/retention/holds/<string:hold_id>/lift"): DPO | OFFICER,
    ("POST", "/v1/captures/<string:capture_id>/openings"): SENDS,
    ("GET", "/v1/openings/<path:event_id>"): OWN,
    ("POST", "/v1/openings/<path:event_id>/erase"): DPO,
}
#: What is never automated (law.md 6): a person who has signed in may, an API key of the same role may not.
PERSONS = {
    "/v1/contests/<string:case_id>/answer",
    "/v1/documents/<string:document_id>/type", "/v1/decisions", "/v1/decisions/judgements",
    "/v1/decisions/<string:decision_id>/confirm", "/v1/decisions/<string:decision_id>/decline", "/v1/mandates",
    "/v1/mitigation-plans", "/v1/mitigation-plans/<string:case_id>/versions",
    "/v1/grievances/<string:case_id>/versions", "/v1/notices/<string:case_id>/versions",
    "/v1/requests/<string:case_id>/acceptance", "/v1/requests/<string:case_id>/withdrawal",
    "/v1/grievances/<string:case_id>/reporter/erase", "/v1/retention/reports/<string:report_id>/approve",
    "/v1/retention/holds/<string:hold_id>/lift", "/v1/openings/<path:event_id>/erase",
}  # fmt: skip
#: Their rows stand in tests/unit/api/test_matrix.py, which fails for a route of theirs that has none.
ELSEWHERE = (
    "parties", "keys", "lost-keys", "sites", "people", "lists", "list-versions", "reminders", "match", "rule-sets", "assessments",
    "tiles", "proofs", "health", "jobs", "merges", "api-docs", "web", "static",
)  # fmt: skip
PLAN = {
    "risk_code": "A2-3", "about": [{"kind": "party", "id": "did:web:mine.example"}], "adopted_on": "2026-01-01",
    "review_due_on": "2026-12-31", "progress": "on_track",
    "steps": [{"what": "a visit", "measure": "a report of it", "due_on": "2026-12-01"}],
}  # fmt: skip
GRIEVANCE = {
    "kind": "grievance", "channel": "own", "about": PLAN["about"], "received_on": "2026-01-01", "status": "open",
    "text": "secret words",
}  # fmt: skip
NOTICE = {
    "regime": "FLR", "kind": "information_request", "authority": "the authority", "authority_country": "DE",
    "issued_on": "2026-01-01", "status": "open", "text": "secret words",
}  # fmt: skip
REQUEST = {
    "addressee": "did:web:mine.example", "about": PLAN["about"], "question": "secret words", "due_on": "2026-12-31",
}  # fmt: skip
STEP = {"based_on": 1, "text": "r" * 30}
TOLD = {"name": "A Firm", "finding": "A2-5", "about": PLAN["about"], "told": "secret words"}
BODIES = {
    "/v1/requests": REQUEST,
    "/v1/requests/<string:case_id>/answers": STEP,
    "/v1/requests/<string:case_id>/acceptance": STEP,
    "/v1/requests/<string:case_id>/questions": STEP | {"due_on": "2026-12-31"},
    "/v1/requests/<string:case_id>/withdrawal": STEP,
    "/v1/contests": {"importer": "did:web:importer.example", "text": "secret words"},
    "/v1/contests/told": TOLD,
    "/v1/contests/<string:case_id>/objections": STEP,
    "/v1/contests/<string:case_id>/answer": STEP | {"outcome": "stands"},
    "/v1/contests/<string:case_id>/withdrawal": STEP,
    "/v1/notices": NOTICE,
    "/v1/notices/<string:case_id>/versions": NOTICE | {"based_on": 1},
    "/v1/mitigation-plans": PLAN,
    "/v1/mitigation-plans/<string:case_id>/versions": PLAN | {"based_on": 1},
    "/v1/grievances": GRIEVANCE,
    "/v1/grievances/<string:case_id>/versions": GRIEVANCE | {"based_on": 1},
    "/v1/grievances/<string:case_id>/reporter/erase": {"reason": "r" * 30},
    "/v1/decisions": {"kind": "batch", "subject": "x", "disposition": "suspended", "reason": "r" * 30},
    "/v1/decisions/judgements": {"kind": "hit", "subject": "x", "verdict": "rejected", "reason": "r" * 30},
    "/v1/decisions/<string:decision_id>/confirm": {"reason": "r" * 30},
    "/v1/decisions/<string:decision_id>/decline": {"reason": "r" * 30},
    "/v1/incidents/<string:incident_id>/link": {"batch": "x", "reason": "r" * 30},
    "/v1/mandates": {"user": "x", "authority": "a", "legal_article": "b", "purpose": "p" * 20,
                     "valid_from": "2026-01-01", "valid_to": "2026-12-31"},
    "/v1/documents/<string:document_id>/type": {"type": "other", "reason": "r" * 30},
    "/v1/retention/reports/<string:report_id>/approve": {"reason": "r" * 30},
    "/v1/retention/holds": {"kind": "all", "reason": "r" * 30},
    "/v1/retention/holds/<string:hold_id>/lift": {"reason": "r" * 30},
    "/v1/captures/<string:capture_id>/openings": {"openings": [
        {"commitment": "A" * 44, "name": "miner", "value": "x", "salt": "A" * 22 + "=="}]},
    "/v1/openings/<path:event_id>/erase": {"reason": "r" * 30},
    "/v1/shipments/import": {"records": [{"body": "{}", "jws": "x"}]},
}  # fmt: skip


def test_every_route_has_a_row(app):
    routes = {
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] not in ELSEWHERE
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == MATRIX.keys()


def filled(rule, value="x"):
    for name in ("string:capture_id", "path:event_id", "path:shipment_id", "string:document_id", "path:batch",
                 "string:decision_id", "string:incident_id", "string:report_id", "string:hold_id", "string:case_id",
                 "string:finding_id"):  # fmt: skip
        rule = rule.replace(f"<{name}>", value)
    rule = rule.replace("<string:kind>", "due-diligence")
    return rule.replace("<int:entry>", "0").replace("<int:screening_id>", "1")


def send(client, method, rule, headers, value="x"):
    if method == "POST" and rule in BODIES:
        return client.post(filled(rule, value), json=BODIES[rule], headers=headers)
    return client.open(filled(rule, value), method=method, headers=headers)


def is_refusal(answer):
    """Return whether the door was shut; a missing signature is 401 only behind it."""
    return answer.status_code == 403


def test_nobody_gets_401(client):
    for (method, rule), roles in MATRIX.items():
        answer = send(client, method, rule, {})
        assert answer.status_code == (401 if roles is not None else 200), (method, rule, answer.text)


def test_nobody_gets_401_before_anything_of_the_body_is_read(client):
    for method, rule in MATRIX:
        if method == "POST":
            for body, kind in ((b"{", "application/json"), (b"{}", "application/json"), (b" " * 11_000_000, "a/b")):
                answer = client.post(filled(rule), data=body, content_type=kind)
                assert answer.status_code == 401, (rule, kind, answer.text)


@pytest.mark.parametrize("role", ROLES)
def test_the_wrong_role_gets_403_and_leaves_a_trace(
    client, role, make_party, make_api_key, make_session, counts, monkeypatch
):
    """Each refusal is told once, with who and where; that of a capture is kept as an incident."""
    monkeypatch.setattr(Rates, "allows", lambda *_: True)  # the tenth refusal is told as the first
    party = make_party("Importer", roles=["importer"]) if role in WITH_PARTY else None
    api_key, session = make_api_key(party, role=role), make_session(party, role=role)
    for (method, rule), roles in MATRIX.items():
        if roles is None:
            continue
        before = counts()["incident"]
        key = session if method == "POST" and rule in PERSONS else api_key
        with structlog.testing.capture_logs() as logged:
            answer = send(client, method, rule, key.headers | PURPOSE)
        assert is_refusal(answer) == (role not in roles), (method, rule, answer.text)
        assert answer.status_code < 500
        if is_refusal(answer):
            told = [(one["actor"], one["role"], one["rule"]) for one in logged if one["event"] == "refused"]
            captured = (method, rule) in {("POST", "/epcis/capture"), ("POST", "/epcis/events")}
            assert told == ([] if captured else [(key.actor.id, role, rule)]), (method, rule)
            assert counts()["incident"] == before + captured, (method, rule)


@pytest.mark.parametrize("role", ROLES)
def test_no_api_key_does_what_is_never_automated(client, role, make_party, make_api_key, counts):
    """Whoever holds the keys of two officers is no two persons; the refusal says how a person does it."""
    party = make_party("Importer", roles=["importer"]) if role in WITH_PARTY else None
    headers, before = make_api_key(party, role=role).headers, counts()
    for (method, rule), roles in MATRIX.items():
        if roles is None or role not in roles or (method, rule) in OPEN_TO_SOFTWARE:
            continue
        answer = send(client, method, rule, headers)
        refused = '"type":"about:blank#person-needed"' in answer.text.replace(": ", ":")
        assert refused == (method == "POST" and rule in PERSONS), (method, rule, answer.text)
        assert not refused or (answer.status_code == 403 and "POST /v1/sessions" in answer.json["detail"])
    changed = {name for name, rows in counts().items() if rows != before[name]}
    assert not changed & {"decision", "legalhold", "mandate"}, changed


SCOPE = {"POST": "write", "GET": "read"}
#: What software posts and a row comes of: it is not sent here.
OPEN_TO_SOFTWARE = {("POST", "/v1/retention/holds"), ("POST", "/v1/retention/reports")}


def test_an_api_key_without_the_scope_gets_403(client, make_party, make_api_key):
    party = make_party("Importer", roles=["importer"])
    for (method, rule), roles in MATRIX.items():
        captures = "capture" in rule or (method == "POST" and rule == "/epcis/events")
        needed = {"capture"} if captures and method == "POST" else {SCOPE[method]}
        needed |= {"capture"} if captures else set()
        for role in sorted(roles or ()):
            owner = None if role in {"admin", "dpo"} else party
            others = sorted({"read", "write", "capture"} - needed)
            answer = send(client, method, rule, make_api_key(owner, role=role, scopes=others).headers)
            assert answer.status_code == 403, (method, rule, role, answer.text)
            said = "never automated" if method == "POST" and rule in PERSONS else "scope"
            assert said in answer.json["detail"], (method, rule, role)


def test_expired_and_revoked_keys_get_401(sqlite_service, client, make_party, make_api_key):
    party = make_party("Importer", roles=["importer"])
    expired, revoked = make_api_key(party, role="importer", days=-1), make_api_key(party, role="importer")
    revoke_api_key(sqlite_service, party.actor("importer"), revoked.row.id)
    for key in (expired, revoked):
        for (method, rule), roles in MATRIX.items():
            if roles is not None:
                assert send(client, method, rule, key.headers).status_code == 401, rule


def test_a_console_session_alone_changes_nothing(app, clock, make_party, make_user, counts):
    client = app.test_client()
    user = make_user("officer", party=make_party("Importer", roles=["importer"]))
    with client.session_transaction() as session:
        session["user"], session["epoch"] = user.row.id, user.row.session_epoch
        session["since"] = int(clock().timestamp())
    assert client.get("/v1/queue").status_code == 200
    before = counts()
    for method, rule in MATRIX:
        if method == "POST":
            answer = send(client, method, rule, {})
            assert answer.status_code == 403, (rule, answer.text)
            assert "console session" in answer.json["detail"]
    after = counts()
    assert {name for name in after if after[name] != before[name]} == {"incident"}, "the two refused captures"


@pytest.fixture
def two_chains(service, make_sender, make_api_key, story, work):
    """Two importers, each with a mine of its own; the second has a shipment record, a paper and a batch."""
    importers = [make_sender(f"Importer {n}", role="importer", roles=["importer"]) for n in (1, 2)]
    mines = [make_sender(f"Mine {n}") for n in (1, 2)]
    done = []
    for number, (mine, importer) in enumerate(zip(mines, importers, strict=True), 1):
        batch = f"LOT-{number}"
        events = story.document(story.born(batch), story.handed(importer.party.did, batch))
        done.append(mine.post(events).json)
        record = {"shipment_id": f"S-{number}", "cn_code": "26090000", "material_class": "mined",
                  "destination_country": "NL", "batch_ids": [story.lot(batch)]}  # fmt: skip
        assert importer.post(record, "/v1/shipments").status_code == 201
    work()
    return importers, mines, done


def owners_things(service, importer):
    """Write a decision and a paper of this importer; return their ids."""

    def write(tx):
        document = Document(
            id="d" * 32, sha256="0" * 64, owner_id=importer.party.id, filename="x.txt", media_type="text/plain", size=1,
            uploaded_by="x", uploaded_at=tx.now, entry_index=0, state="pending",
        )  # fmt: skip
        decision = Decision(
            id="e" * 32, owner_id=importer.party.id, subject_kind="shipment", subject="S-2", disposition="released",
            reason_code="other", reason="secret reason", findings=[], needs_second=True, state="waiting",
            proposed_by="x", proposed_at=tx.now, entry_index=0,
        )  # fmt: skip
        tx.session.add(document)
        tx.session.add(decision)
        return document.id, decision.id

    return service.store.write(write)


def case_of(client, officer, did, supplier):
    """Record a grievance with its reporter, a plan, a notice, a request and a contest; return their ids by address."""
    bodies = {"/v1/grievances": GRIEVANCE | {"reporter": "secret"}, "/v1/mitigation-plans": PLAN, "/v1/notices": NOTICE}
    bodies["/v1/requests"] = REQUEST | {"addressee": did, "about": [{"kind": "party", "id": did}]}
    bodies["/v1/contests"] = {"importer": did, "text": "secret words"}
    return {
        path: client.post(path, json=body, headers=(supplier if "contests" in path else officer).headers).json["id"]
        for path, body in bodies.items()
    }


def finding_of(service, subject):
    """Return the id of a finding of the newest assessment of a subject."""
    with service.store.read() as session:
        rows = session.exec(select(AssessmentRow).where(AssessmentRow.subject == subject)).all()
        return f"{rows[-1].id}-{rows[-1].result['findings'][0]['code']}"


@pytest.fixture
def asked_of(service):
    """``asked_of(ask)``: what ``ask`` answers, and how many statements the database was sent for it."""

    def run(ask):
        sent = []
        engines = (service.store.reader_engine, service.store.writer_engine)
        note = lambda *args: sent.append(args[2])  # noqa: E731  # the same one has to be taken away again
        for engine in engines:
            sa.event.listen(engine, "before_cursor_execute", note)
        answer = ask()
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)
        return answer, len(sent)

    return run


def without(answer, value):
    """Return what an answer says but for the id that was asked for and its own number."""
    return answer.text.replace(value, "ID").replace(answer.headers["X-Request-Id"], "REQUEST")


def test_one_importer_sees_nothing_of_another(service, client, two_chains, make_api_key, make_session, story, asked_of):
    """Nor learns from words, size or time of the refusal that there is something."""
    (first, second), (_, their_mine), (_, theirs) = two_chains
    document_id, decision_id = owners_things(service, second)
    officer, supplier = make_session(second.party, role="officer"), make_api_key(their_mine.party)
    cases = case_of(client, officer, second.party.did, supplier)
    foreign = {
        "string:capture_id": theirs["receipts"].split("/")[3],
        "path:batch": story.lot("LOT-2"), "path:shipment_id": "S-2", "string:document_id": document_id,
        "string:decision_id": decision_id, "path:event_id": "urn:uuid:00000000-0000-4000-8000-000000000003",
        "string:case_id": cases["/v1/grievances"], "string:finding_id": finding_of(service, "S-2"),
    }  # fmt: skip
    for role in ("importer", "officer", "supplier"):
        software, person = make_api_key(first.party, role=role).headers, make_session(first.party, role=role).headers
        for (method, rule), roles in MATRIX.items():
            headers = person if method == "POST" and rule in PERSONS else software
            value = next((value for name, value in foreign.items() if f"<{name}>" in rule), None)
            value = next((case for path, case in cases.items() if rule.startswith(f"{path}/<")), value)
            if value is not None and role in roles:
                nobodys = "urn:none:1"
                answer, work = asked_of(lambda: send(client, method, rule, headers, value))  # noqa: B023  # at once
                absent, other = asked_of(lambda: send(client, method, rule, headers, nobodys))  # noqa: B023
                assert (answer.status_code, absent.status_code) == (404, 404), (method, rule, answer.text)
                assert without(answer, value) == without(absent, nobodys), (method, rule)
                assert [*answer.headers.keys()] == [*absent.headers.keys()], (method, rule)
                # a foreign chain is walked to see that nothing in it is the reader's: two steps of this one
                assert abs(work - other) <= 4, (method, rule, work, other)
        for path in ("/epcis/events", "/v1/documents", "/v1/decisions", "/v1/shipments", "/v1/queue", "/v1/volumes",
                     *cases):  # fmt: skip
            if role == "supplier" and path in {"/v1/volumes", *cases}:
                continue
            text = client.get(path, headers=headers).text
            for word in ("LOT-2", "S-2", "secret", document_id, second.party.did):
                assert word not in text, (role, path, word)


def test_the_owner_sees_all_of_it(service, client, two_chains, make_session, story):
    (_, second), _, _ = two_chains
    owners_things(service, second)
    headers = make_session(second.party, role="officer").headers
    for path in (f"/v1/batches/{story.lot('LOT-2')}/chain", f"/v1/batches/{story.lot('LOT-2')}/state",
                 f"/v1/batches/{story.lot('LOT-2')}/upstream", "/v1/shipments/S-2", "/v1/shipments/S-2/state",
                 f"/v1/findings/{finding_of(service, 'S-2')}/explanation", "/v1/documents/" + "d" * 32):  # fmt: skip
        assert client.get(path, headers=headers).status_code == 200, path
    assert "secret reason" in client.get("/v1/decisions", headers=headers).text


def test_naming_a_foreign_batch_opens_no_look_into_its_chain(client, two_chains, make_sender, story, work):
    (importer, _), (mine, _), _ = two_chains
    batch, bag = "LOT-1", "https://id.example/bag/7"
    spy = make_sender("Spy", role="importer", roles=["importer"])
    # An honest hand-over of other goods in a bag: the spy then says the foreign batch lay in it as well.
    mine.post(story.document(story.born("OTHER"), story.packed(bag, "OTHER"),
                             story.handed(spy.party.did, epcs=[bag])))  # fmt: skip
    spy.post(
        story.document(
            story.handed(spy.party.did, batch), story.made([batch], ["SPY-1"]), story.packed(bag, batch),
            story.made(["SPY-1"], [batch]), story.born(batch), story.packed(bag, batch, action="DELETE"),
        )
    )  # fmt: skip
    work()
    text = client.get("/epcis/events", headers=spy.headers, query_string={"perPage": 100}).text
    assert '"00000000-0000-4000-8000-000000000001' not in text
    assert "urn:uuid:00000000-0000-4000-8000-000000000001" not in text, "the birth of the foreign batch"
    assert importer.party.did not in text
    for path in ("chain", "upstream", "downstream"):
        answer = client.get(f"/v1/batches/{story.lot(batch)}/{path}", headers=spy.headers)
        assert importer.party.did not in answer.text
        assert "urn:uuid:00000000-0000-4000-8000-000000000001" not in answer.text
    held = client.get(f"/v1/batches/{story.lot('OTHER')}/chain", headers=spy.headers)
    assert held.status_code == 200, "what came in the bag is the spy's own"


def test_what_a_stranger_books_on_a_foreign_batch_is_marked_in_its_balance(
    client, two_chains, make_sender, story, work
):
    (importer, _), _, _ = two_chains
    spy = make_sender("Spy", role="importer", roles=["importer"])
    batch = story.lot("LOT-1")

    def node():
        chain = client.get(f"/v1/batches/{batch}/chain", headers=importer.headers).json
        return next(node for node in chain["nodes"] if node["batch"] == batch)

    assert node()["unproven"] == []
    used = story.made([], ["SPY-1"], inputQuantityList=story.goods("LOT-1", kg=10))
    spy.post(story.document(used))
    importer.post(story.document(story.made([], ["OWN-1"], inputQuantityList=story.goods("LOT-1", kg=20))))
    work()
    (posting,) = node()["unproven"]
    assert (posting["what"], posting["kg"], posting["signers"]) == ("used", "10", [spy.party.did])
    assert posting["event_id"] == used["eventID"]
    assert node()["used_kg"] == "30", "it counts, and is marked"
    importer.post(story.document(used))
    work()
    assert node()["unproven"] == [], "a holder that signs the same event besides vouches for it"
    assert node()["used_kg"] == "30", "it is the same event"


def test_a_bag_used_again_shows_neither_importer_the_others_batch(client, make_sender, make_api_key, story, work):
    trader = make_sender("Trader", roles=["trader"])
    alpha, beta = (make_sender(name, role="importer", roles=["importer"]) for name in ("Alpha", "Beta"))
    bag = "https://id.example/bag/9"
    events = [story.born("L1"), story.born("L2")]
    for lot, buyer in (("L1", alpha), ("L2", beta)):
        events += [story.packed(bag, lot), story.handed(buyer.party.did, epcs=[bag])]
        events.append(story.packed(bag, lot, action="DELETE"))
    assert trader.post(story.document(*events)).status_code == 202
    work()
    for buyer, own, foreign, other in ((alpha, "L1", "L2", beta), (beta, "L2", "L1", alpha)):
        for role in ("importer", "officer"):
            headers = make_api_key(buyer.party, role=role).headers
            for path in ("chain", "upstream", "downstream", "state"):
                answer = client.get(f"/v1/batches/{story.lot(foreign)}/{path}", headers=headers)
                assert answer.status_code == 404, (role, path)
                answer = client.get(f"/v1/batches/{story.lot(own)}/{path}", headers=headers)
                assert answer.status_code == 200, (role, path)
                assert other.party.did not in answer.text
            for path in ("/epcis/events", "/v1/queue"):
                text = client.get(path, headers=headers).text
                assert story.lot(own) in text, path
                assert story.lot(foreign) not in text, path
                assert other.party.did not in text, path


def test_a_lot_split_among_importers_shows_each_its_own_branch(client, make_sender, make_api_key, story, work):
    mine, trader = make_sender("Mine"), make_sender("Trader", roles=["trader"])
    alpha, beta, eve = (make_sender(name, role="importer", roles=["importer"]) for name in ("Alpha", "Beta", "Eve"))
    mine.post(story.document(story.born("U"), story.handed(trader.party.did, "U")))
    trader.post(story.document(story.handed(alpha.party.did, "U"), story.handed(beta.party.did, "U")))
    for buyer, made in ((alpha, "W"), (beta, "V")):
        buyer.post(story.document(story.made(["U"], [made]), story.handed(eve.party.did, made)))
    eve.post(story.document(story.made(["V"], ["X"])))
    work()

    def status(reader, lot, path="chain", role="importer"):
        headers = make_api_key(reader.party, role=role).headers
        return client.get(f"/v1/batches/{story.lot(lot)}/{path}", headers=headers).status_code

    for role in ("importer", "officer", "supplier"):
        for path in ("chain", "upstream", "downstream"):
            assert [status(alpha, lot, path, role) for lot in "UWVX"] == [200, 200, 404, 404]
            assert [status(beta, lot, path, role) for lot in "UWVX"] == [200, 404, 200, 200]
    text = client.get("/epcis/events", headers=alpha.headers, query_string={"perPage": 100}).text
    assert story.lot("X") not in text
    assert text.count(eve.party.did) == 1, "the hand-over of its own product alone"
    for above in (mine, trader):
        assert [status(above, lot) for lot in "UWVX"] == [200] * 4, "who gave to both sees both branches"
    assert [status(eve, lot) for lot in "UWVX"] == [200] * 4


def test_officers_see_incidents_of_their_own_chains_and_of_nobody(service, client, two_chains, make_session, story):
    (first, second), (mine, other_mine), _ = two_chains
    for sender in (first, second, mine, other_mine):
        assert (
            client.post(
                "/epcis/capture", data=b"{}", content_type="application/json", headers=sender.headers
            ).status_code
            == 401
        )
    client.post("/epcis/capture", data=b"{}")
    officer = make_session(first.party, role="officer")
    headers = officer.headers
    with service.store.read() as session:
        by_id = {row.id: row.party_id for row in session.exec(select(Incident))}
    shown = client.get("/v1/incidents", headers=headers).json
    assert {by_id[row["id"]] for row in shown} == {first.party.id, mine.party.id, None}
    assert [row["bytes"] for row in shown if by_id[row["id"]] is None] == [0]

    def link(party_id, batch, reason="seen at the gate, by hand"):
        incident = next(key for key, value in by_id.items() if value == party_id)
        body = {"batch": batch, "reason": reason}
        return client.post(f"/v1/incidents/{incident}/link", json=body, headers=headers).status_code

    assert link(second.party.id, story.lot("LOT-1")) == 404
    assert link(mine.party.id, story.lot("LOT-2")) == 404
    assert link(mine.party.id, "x" * 3000) == 422
    assert link(mine.party.id, story.lot("LOT-1"), "x" * 2001) == 422
    assert link(mine.party.id, story.lot("LOT-1"), "short") == 400
    state = f"/v1/batches/{story.lot('LOT-1')}/state"
    before = client.get(state, headers=headers).json
    assert link(mine.party.id, "HTTPS://id.example/lot/LOT-1") == 204
    assert client.get(state, headers=headers).json == before, "it changes no state"
    chain = client.get(f"/v1/batches/{story.lot('LOT-1')}/chain", headers=headers).json
    assert [row["linked_by"] for row in chain["incidents"]] == [officer.actor.name]


def test_a_link_of_one_importers_officer_is_not_shown_to_another(
    service, client, two_chains, make_session, story, work
):
    (first, second), (mine, _), _ = two_chains
    mine.post(story.document(story.handed(second.party.did, "LOT-1")))
    work()
    client.post("/epcis/capture", data=b"{}", content_type="application/json", headers=first.headers)
    officer = make_session(first.party, role="officer").headers
    own = client.get("/v1/incidents", headers=officer).json[0]["id"]
    body = {"batch": story.lot("LOT-1"), "reason": "seen at the gate, by hand"}
    assert client.post(f"/v1/incidents/{own}/link", json=body, headers=officer).status_code == 204
    other = make_session(second.party, role="officer").headers
    assert client.get(f"/v1/batches/{story.lot('LOT-1')}/chain", headers=other).json["incidents"] == []


def test_each_importer_links_an_incident_for_itself(service, client, two_chains, make_session, story, work):
    """Two importers' officers see what came from nobody known: neither reads nor undoes what the other made of it."""
    (first, second), _, _ = two_chains
    client.post("/epcis/capture", data=b"{}")
    officers = [make_session(one.party, role="officer").headers for one in (first, second)]
    (incident,) = client.get("/v1/incidents", headers=officers[0]).json
    path = f"/v1/incidents/{incident['id']}/link"

    def link(number, lot, reason):
        body = {"batch": story.lot(lot), "reason": reason}
        assert client.post(path, json=body, headers=officers[number]).status_code == 204

    def seen(number):
        (row,) = client.get("/v1/incidents", headers=officers[number]).json
        return row["linked_batch"], row["linked_reason"]

    link(0, "LOT-1", "our driver called before it")
    assert seen(1) == (None, None)
    link(1, "LOT-2", "the same hour as our delivery")
    assert seen(0) == (story.lot("LOT-1"), "our driver called before it")
    assert seen(1) == (story.lot("LOT-2"), "the same hour as our delivery")
    link(1, "LOT-2", "it was our own new machine")
    assert seen(1) == (story.lot("LOT-2"), "it was our own new machine")
    for number, lot in ((0, "LOT-1"), (1, "LOT-2")):
        chain = client.get(f"/v1/batches/{story.lot(lot)}/chain", headers=officers[number]).json
        assert [row["id"] for row in chain["incidents"]] == [incident["id"]]


def test_an_old_incident_is_found_by_its_address(service, client, two_chains, make_user):
    from traceability.services.incidents import incident, incidents

    (first, _), (mine, _), _ = two_chains
    client.post("/epcis/capture", data=b"{}", content_type="application/json", headers=mine.headers)
    officer = make_user("officer", party=first.party).actor
    (old,) = incidents(service, officer)

    def crowd(tx):
        for number in range(120):
            row = Incident(
                id=f"i-{number}", at=service.clock(), source="x", status=401, reason="r", media_type="", body=b""
            )
            tx.session.add(row)

    service.clock.advance(days=1)
    service.store.write(crowd)
    assert old.row.id not in {seen.row.id for seen in incidents(service, officer)}
    assert incident(service, officer, old.row.id).row.party_id == mine.party.id


MANDATE_READS = ("/v1/batches/{lot}/chain", "/v1/batches/{lot}/upstream", "/v1/batches/{lot}/downstream",
                 "/epcis/events", "/epcis/events/urn:uuid:00000000-0000-4000-8000-000000000001")  # fmt: skip
AUDITOR_READS = (
    *MANDATE_READS,
    "/v1/batches/{lot}/state",
    "/v1/queue",
    "/v1/shipments/S-1/state",
    "/v1/shipments",
    "/v1/shipments/S-1",
    "/v1/documents",
    "/v1/decisions",
)


REGULATOR_READS = tuple(f"{path}?importer={{importer}}" for path in (
    "/v1/shipments", "/v1/shipments/S-1", "/v1/documents", "/v1/decisions"))  # fmt: skip


@pytest.fixture
def reader_of(service, make_user):
    def make(role, importer=None, *, days=(0, 30), records=(-60, 60)):
        from datetime import timedelta

        user = make_user(role)
        today = service.clock().date()
        period = (today + timedelta(days=days[0]), today + timedelta(days=days[1]))
        audited = tuple(today + timedelta(days=day) for day in records) if importer else None
        admin = make_user("admin").actor
        grant(service, admin, user.row.name, "Authority", "Art. 11", "an inspection", period, importer, audited)
        key = make_api_key(service, user.actor, "k", ["read"])
        return {"Authorization": f"Bearer {key.secret}"}

    return make


def logged(service):
    with service.store.read() as session:
        return list(session.exec(select(AccessLog)))


@pytest.mark.parametrize(
    ("role", "paths"), [("regulator", (*MANDATE_READS, *REGULATOR_READS)), ("auditor", AUDITOR_READS)]
)
def test_every_read_under_a_mandate_is_logged_once(service, client, two_chains, reader_of, story, role, paths):
    (first, _), _, _ = two_chains
    headers = reader_of(role, first.party.did if role == "auditor" else None)
    for number, path in enumerate(paths, 1):
        url = path.format(lot=story.lot("LOT-1"), importer=first.party.did)
        for purpose in ({}, {"X-Purpose": "  short  "}):
            answer = client.get(url, headers=headers | purpose)
            assert (answer.status_code, "purpose" in answer.json["detail"]) == (403, True), (path, answer.text)
        assert len(logged(service)) == number - 1, "what is not answered is no read"
        answer = client.get(url, headers=headers | PURPOSE)
        assert answer.status_code == 200, (path, answer.text)
        lines = logged(service)
        assert len(lines) == number, path
        assert (lines[-1].role, lines[-1].detail["purpose"]) == (role, PURPOSE["X-Purpose"])
        assert lines[-1].mandate_id


def test_a_dpo_reads_the_log_of_its_own_party_and_the_operators_dpo_all(
    client, two_chains, reader_of, make_session, story
):
    (first, second), _, _ = two_chains
    regulator, auditor = reader_of("regulator") | PURPOSE, reader_of("auditor", first.party.did) | PURPOSE
    for headers, path in (
        (regulator, f"/v1/batches/{story.lot('LOT-1')}/chain"),
        (regulator, f"/v1/shipments?importer={second.party.did}"),
        (regulator, "/epcis/events"),
        (auditor, "/v1/queue"),
    ):
        assert client.get(path, headers=headers).status_code == 200

    def log(party):
        headers = make_session(party, role="dpo").headers
        rows = client.get("/v1/access-log", headers=headers).json
        return [(row["action"], [one["name"] for one in row["importers"]]) for row in rows]

    assert log(first.party) == [("queue", ["Importer 1"]), ("chain", ["Importer 1"])]
    assert log(second.party) == [("private", ["Importer 2"])]
    assert log(None) == [("queue", ["Importer 1"]), ("events", []), ("private", ["Importer 2"]),
                         ("chain", ["Importer 1"])]  # fmt: skip


def test_a_regulator_sees_whose_states_findings_and_decisions_they_are(
    service, client, two_chains, reader_of, make_session, story, work
):
    (first, second), (mine, _), _ = two_chains
    record = {"shipment_id": "S-9", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
              "batch_ids": [story.lot("LOT-1")]}  # fmt: skip
    mine.post(story.document(story.handed(second.party.did, "LOT-1")))
    assert second.post(record, "/v1/shipments").status_code == 201
    work()
    body = {"kind": "shipment", "subject": "S-9", "disposition": "suspended", "reason": "r" * 30}
    officer = make_session(second.party, role="officer").headers
    assert client.post("/v1/decisions", json=body, headers=officer).status_code == 201
    chain = client.get(f"/v1/batches/{story.lot('LOT-1')}/chain", headers=reader_of("regulator") | PURPOSE).json
    both = [{"did": one.party.did, "name": f"Importer {n}"} for n, one in enumerate((first, second), 1)]
    assert [{"did": one["did"], "name": one["name"]} for one in chain["importers"]] == both
    assert chain["states"] == {one["did"]: one["state"] for one in chain["importers"]}
    assert chain["state"] in chain["states"].values()
    for name in ("findings", "notes", "assessments"):
        assert {one["importer"]["did"] for one in chain[name]} == {one["did"] for one in both}, name
    assert [one["importer"] for one in chain["decisions"]] == both[1:]
    assert first.party.id not in str(chain), "no internal id stands in the answer"
    own = client.get(f"/v1/batches/{story.lot('LOT-1')}/chain", headers=officer).json
    assert list(own["states"]) == [second.party.did]
    assert own["state"] == own["states"][second.party.did]


def test_an_auditor_sees_one_importer_and_a_regulator_every_chain(client, two_chains, reader_of, story):
    (first, second), _, _ = two_chains
    auditor, regulator = reader_of("auditor", first.party.did) | PURPOSE, reader_of("regulator") | PURPOSE
    path = f"/v1/batches/{story.lot('LOT-2')}"
    assert client.get(f"{path}/chain", headers=auditor).status_code == 404
    assert client.get(f"{path}/state", headers=auditor).status_code == 404
    assert second.party.did not in client.get("/epcis/events", headers=auditor).text
    assert client.get(f"{path}/chain", headers=regulator).status_code == 200
    assert second.party.did in client.get("/epcis/events", headers=regulator).text


@pytest.mark.parametrize("days", [(-30, -1), (1, 30)])
@pytest.mark.parametrize("role", ["regulator", "auditor"])
def test_a_mandate_out_of_force_opens_nothing(service, client, two_chains, reader_of, story, role, days):
    (first, _), _, _ = two_chains
    headers = reader_of(role, first.party.did if role == "auditor" else None, days=days) | PURPOSE
    for path in AUDITOR_READS:
        answer = client.get(path.format(lot=story.lot("LOT-1")), headers=headers)
        assert answer.status_code == 403, (path, answer.text)
    assert logged(service) == []


def test_holdings_are_what_hand_overs_prove(service, two_chains):
    importers, mines, _ = two_chains
    with service.store.read() as session:
        held = {(row.party_id, row.item_id) for row in session.exec(select(Holding))}
    assert len(held) == 4
    assert {party for party, _ in held} == {one.party.id for one in (*importers, *mines)}


def test_a_regulator_names_the_importer_and_an_auditor_keeps_to_its_own(client, two_chains, reader_of):
    (first, second), _, _ = two_chains
    regulator = reader_of("regulator") | PURPOSE
    refused = client.get("/v1/shipments", headers=regulator)
    assert (refused.status_code, "importer" in refused.json["detail"]) == (400, True)
    assert client.get("/v1/shipments?importer=did:web:nobody.example", headers=regulator).status_code == 404
    auditor = reader_of("auditor", first.party.did) | PURPOSE
    own = client.get("/v1/shipments", headers=auditor).json
    assert own == client.get(f"/v1/shipments?importer={first.party.did}", headers=auditor).json
    for path in ("/v1/shipments", "/v1/documents", "/v1/decisions"):
        other = client.get(f"{path}?importer={second.party.did}", headers=auditor)
        nobody = client.get(f"{path}?importer=did:web:nobody.example", headers=auditor)
        assert (other.status_code, nobody.status_code) == (404, 404)
    assert own == client.get(f"/v1/shipments?importer={first.party.did}", headers=regulator).json
    assert [row["shipment_id"] for row in own] == ["S-1"]


def test_an_auditor_sees_the_records_of_the_period_and_the_whole_chain_they_rest_on(
    service, client, two_chains, reader_of, story, work
):
    """What happened: a batch in October, its record on the 23rd of November; then another batch 40 days later."""
    (first, _), (mine, _), _ = two_chains
    owners_things(service, first)
    service.clock.advance(days=40)
    late = story.born("LATE", eventTime="2027-01-01T08:00:00Z")
    handed = story.handed(first.party.did, "LATE", eventTime="2027-01-01T09:00:00Z")
    assert mine.post(story.document(late, handed)).status_code == 202
    record = {"shipment_id": "S-LATE", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
              "batch_ids": [story.lot("LATE")]}  # fmt: skip
    assert first.post(record, "/v1/shipments").status_code == 201
    work()

    def seen(records):
        headers = reader_of("auditor", first.party.did, records=records) | PURPOSE
        lists = ("/v1/shipments", "/v1/documents", "/v1/decisions", "/v1/queue", "/epcis/events")
        text = "".join(client.get(path, headers=headers).text for path in lists)
        paths = [
            path
            for lot, shipment in (("LOT-1", "S-1"), ("LATE", "S-LATE"))
            for path in (*(f"/v1/batches/{story.lot(lot)}/{what}" for what in ("chain", "state", "upstream")),
                         f"/v1/shipments/{shipment}", f"/v1/shipments/{shipment}/state")
        ]  # fmt: skip
        return text, [client.get(path, headers=headers).status_code for path in paths]

    text, status = seen((-71, -20))
    assert status == [200] * 5 + [404] * 5
    assert "S-1" in text
    assert "secret reason" in text
    assert "LATE" not in text
    text, status = seen((-10, 10))
    assert status == [404] * 5 + [200] * 5
    assert "S-LATE" in text
    for word in ("LOT-1", '"S-1"', "secret reason", "d" * 32):
        assert word not in text, word


def test_an_auditors_mandate_names_the_period_of_its_records(
    sqlite_service, client, make_user, make_session, make_party
):
    party, auditor = make_party("Importer", roles=["importer"]), make_user("auditor")
    admin = make_session(None, role="admin").headers
    body = BODIES["/v1/mandates"] | {"user": auditor.row.name, "importer": party.did}
    for more in ({}, {"records_from": "2026-01-01"}, {"records_from": "2026-02-01", "records_to": "2026-01-01"}):
        answer = client.post("/v1/mandates", json=body | more, headers=admin)
        assert answer.status_code == 400, answer.text
    whole = body | {"records_from": "2025-01-01", "records_to": "2025-12-31"}
    assert client.post("/v1/mandates", json=whole, headers=admin).status_code == 201
