"""Plans, grievances and notices over HTTP: kept as versions, read by those entitled, and raising their findings."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from traceability.ledger.entry import Entry
from traceability.services.fsck import fsck
from traceability.services.mandates import grant
from traceability.services.retention import files, reports  # noqa: F401  # their jobs
from traceability.services.touched import sweep
from traceability.storage.tables import AccessLog, AccessLogParty, AssessmentRow, CaseVersion, GrievanceReporter
from traceability.storage.tables import LedgerEntry as Leaf

PURPOSE = {"X-Purpose": "inspection under article 11"}
NAME = "Aline Uwimana, telephone 0812345678"
WHY = "The site was visited twice and the wages were paid."
TEXT = "wages were withheld in October"
PLANS, GRIEVANCES, NOTICES = "/v1/mitigation-plans", "/v1/grievances", "/v1/notices"
CONSULTED = [{"on": "2026-11-02", "who": "the miners' cooperative", "about": "the steps below"}]


class Cases:
    """A mine, an importer with a shipment record of the mine's batch, and its officer."""

    def __init__(self, client, make_sender, make_session, tell, work, day):
        self.client, self.work, self.day, self.make_session = client, work, day, make_session
        self.mine = make_sender("Mine One", country="RW")
        self.importer = make_sender("Importer", role="importer", roles=["importer"], country="NL")
        self.officer = make_session(self.importer.party, role="officer").headers
        self.batch = tell.lot("LOT-1")
        sent = self.mine.post(tell.document(tell.born("LOT-1"), tell.handed(self.importer.party.did, "LOT-1")))
        assert sent.status_code == 202, sent.text
        record = {
            "shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
            "net_weight_kg": "100", "batch_ids": [self.batch],
        }  # fmt: skip
        assert self.importer.post(record, "/v1/shipments").status_code == 201
        work()

    def plan(self, **fields):
        plan = {
            "risk_code": "A2-3", "about": [{"kind": "party", "id": self.mine.party.did}], "adopted_on": "2026-11-01",
            "review_due_on": "2027-03-01", "progress": "on_track", "consultations": CONSULTED,
            "steps": [{"what": "an audit of the route", "measure": "no checkpoint", "due_on": "2027-02-01"}],
        }  # fmt: skip
        return {name: value for name, value in (plan | fields).items() if value is not None}

    def grievance(self, **fields):
        return {
            "kind": "grievance", "channel": "own", "about": [{"kind": "party", "id": self.mine.party.did}],
            "received_on": "2026-11-10", "status": "open", "text": TEXT,
        } | fields  # fmt: skip

    def notice(self, **fields):
        return {
            "regime": "CMR", "kind": "remedial_notice", "authority": "BGR", "authority_country": "DE",
            "issued_on": "2026-11-10", "received_on": "2026-11-12", "text": "words of the notice", "status": "open",
        } | fields  # fmt: skip

    def post(self, path, body, headers=None, status=201):
        answer = self.client.post(path, json=body, headers=headers or self.officer)
        assert answer.status_code == status, answer.text
        self.work()
        return answer.json

    def found(self, *prefixes):
        """Return code and severity of the findings on the shipment record that a case can raise."""
        answer = self.client.get("/v1/shipments/S-1/state", headers=self.officer)
        assert answer.status_code == 200, answer.text
        codes = ("OECD-1-GRIEVANCE", "OECD-3-", "A2-5-", "CMR-18-", "FLR-17-")
        return {one["code"]: one["severity"] for one in answer.json["findings"] if one["code"].startswith(codes)}


@pytest.fixture
def told(service, client, make_sender, make_session, story, work, clock):
    return Cases(client, make_sender, make_session, story, work, clock().date())


def later(service, clock, work, made, days):
    """Let days pass, and what depends on the day be assessed again."""
    clock.advance(days=days)
    made.officer = made.make_session(made.importer.party, role="officer").headers
    sweep(service)
    work()


def test_a_plan_whose_review_is_overdue_raises_its_finding_until_it_is_reviewed(service, told, clock, work):
    made = told.post(PLANS, told.plan(review_due_on="2026-12-31"))
    assert told.found() == {}
    later(service, clock, work, told, 60)
    assert told.found() == {"OECD-3-PLAN-OVERDUE": "major"}
    reviewed = told.plan(review_due_on="2027-12-31", progress="improved", based_on=1)
    assert told.post(f"{PLANS}/{made['id']}/versions", reviewed)["version"] == 2
    assert told.found() == {}
    assert fsck(service, deep=True).verdict == "ok"


def test_a_running_plan_without_a_consultation_is_a_gap_until_one_is_logged(told):
    made = told.post(PLANS, told.plan(consultations=[]))
    assert told.found() == {"OECD-3-CONSULTATION": "gap"}
    told.post(f"{PLANS}/{made['id']}/versions", told.plan(based_on=1))
    assert told.found() == {}


def test_what_a_grievance_reports_raises_its_rule_until_it_is_refuted_and_two_persons_release_a_critical(told):
    def found():
        state = told.client.get("/v1/shipments/S-1/state", headers=told.officer).json
        codes = {one["code"]: one["severity"] for one in state["findings"]}
        return state["state"], {code: codes[code] for code in ("A2-1b", "A2-12", "FLR-RISK-REPORT") if code in codes}

    made = told.post(GRIEVANCES, told.grievance(kind="incident_report", risks=["forced_labour"]))
    assert found() == ("HOLD_PENDING_OFFICER", {"A2-1b": "critical", "FLR-RISK-REPORT": "major"})
    path = f"{GRIEVANCES}/{made['id']}/versions"
    said = {"kind": "incident_report", "status": "closed", "reason": WHY}
    less = told.post(path, told.grievance(**said, outcome="withdrawn", based_on=1), status=400)
    assert less["errors"][0]["path"] == "risks", "what was reported stays"
    said["risks"] = ["money_laundering", "forced_labour"]
    told.post(path, told.grievance(**said, outcome="withdrawn", based_on=1))
    assert found()[1] == {"A2-1b": "critical", "FLR-RISK-REPORT": "major", "A2-12": "major"}, "withdrawn is not refuted"
    told.post(path, told.grievance(**said, outcome="not_substantiated", based_on=2))
    assert found() == ("HOLD_PENDING_OFFICER", {}), "a critical goes by two persons alone"
    told.post(GRIEVANCES, told.grievance(risks=["rumour"]), status=422)


def test_a_case_about_a_batch_in_no_shipment_record_is_noted_there_and_asks_for_an_officer(
    service, told, story, clock, work
):
    lot = story.lot("LOT-2")
    told.mine.post(story.document(story.born("LOT-2"), story.handed(told.importer.party.did, "LOT-2")))
    told.work()

    def noted():
        said = told.client.get(f"/v1/batches/{lot}/state", headers=told.officer).json
        (batch,) = [one for one in said["subjects"] if one["kind"] == "batch"]
        assert batch["state"] in ("REVIEW", "INFO_REQUIRED")
        floor = next((one for one in batch["floors"] if one.startswith("notes")), "")
        kinds = [one["kind"] for one in batch["notes"] if one["kind"] != "not_assessed"]
        return {one: one in floor for one in kinds if one.endswith("_not_assessed")}

    assert noted() == {}
    about = [{"kind": "batch", "id": lot}]
    made = told.post(GRIEVANCES, told.grievance(about=about))
    plan = told.post(PLANS, told.plan(about=about, review_due_on="2026-12-31"))
    assert noted() == {"grievance_not_assessed": True, "plan_not_assessed": False}
    closed = told.grievance(about=about, status="closed", outcome="remediated", reason=WHY, based_on=1)
    told.post(f"{GRIEVANCES}/{made['id']}/versions", closed)
    assert noted() == {"plan_not_assessed": False}
    later(service, clock, work, told, 60)
    assert noted() == {"plan_not_assessed": True}, "its review is overdue"
    assert told.found() == {}, "the record in the same hands is about another batch"
    completed = told.plan(about=about, progress="completed", review_due_on="2026-12-31", based_on=1)
    told.post(f"{PLANS}/{plan['id']}/versions", completed)
    assert noted() == {}


def test_two_officers_at_once_make_one_version_and_the_other_is_told(told, make_session):
    """On either database: both read version 1, one of them writes version 2."""
    other = make_session(told.importer.party, role="officer").headers
    made, notice = told.post(PLANS, told.plan()), told.post(NOTICES, told.notice())
    app = told.client.application
    ends = ["2027-06-01", "2027-07-01"]
    for path, said in (
        (f"{PLANS}/{made['id']}/versions", [told.plan(review_due_on=day, based_on=1) for day in ends]),
        (
            f"{NOTICES}/{notice['id']}/versions",
            [told.notice(due_on=day, based_on=1, deadline_reason=WHY) for day in ends],
        ),
    ):
        with ThreadPoolExecutor(2) as pool:
            sent = zip((told.officer, other), said, strict=True)
            answers = [pool.submit(app.test_client().post, path, json=body, headers=who) for who, body in sent]
        assert sorted(one.result().status_code for one in answers) == [201, 409], path


def test_a_failed_plan_is_critical_and_no_later_version_takes_that_back(told):
    made = told.post(PLANS, told.plan())
    told.post(f"{PLANS}/{made['id']}/versions", told.plan(progress="failed", based_on=1))
    assert told.found() == {"OECD-3-MITIGATION-FAILED": "critical"}
    assert told.client.get("/v1/decisions", headers=told.officer).json == [], "nobody was suspended by a machine"
    refused = told.post(f"{PLANS}/{made['id']}/versions", told.plan(progress="improved", based_on=2), status=400)
    assert refused["errors"][0]["path"] == "progress"
    for name, value in (("risk_code", "A2-5"), ("adopted_on", "2026-11-02"), ("consultations", [])):
        changed = told.plan(progress="failed", based_on=2, **{name: value})
        assert told.post(f"{PLANS}/{made['id']}/versions", changed, status=400)["errors"][0]["path"] == name
    elsewhere = told.plan(progress="failed", based_on=2, about=[{"kind": "site", "id": "https://id.example/pit"}])
    assert told.post(f"{PLANS}/{made['id']}/versions", elsewhere, status=400)["errors"][0]["path"] == "about"
    assert told.found() == {"OECD-3-MITIGATION-FAILED": "critical"}


def test_security_forces_without_improvement_are_critical_after_six_months(service, told, clock, work):
    fields = {"risk_code": "A2-5", "progress": "no_improvement", "review_due_on": "2028-01-01"}
    made = told.post(PLANS, told.plan(**fields))
    assert told.found() == {}
    later(service, clock, work, told, 200)
    assert told.found() == {"A2-5-MITIGATION-FAILED": "critical"}
    better = told.plan(**fields | {"progress": "improved"}, based_on=1)
    assert told.post(f"{PLANS}/{made['id']}/versions", better, status=400)["errors"][0]["path"] == "progress"


@pytest.mark.parametrize("kind", ["party", "batch", "shipment"])
def test_an_open_grievance_about_the_chain_raises_its_finding_until_it_is_closed(told, kind):
    about = [{"kind": kind, "id": {"party": told.mine.party.did, "batch": told.batch, "shipment": "S-1"}[kind]}]
    made = told.post(GRIEVANCES, told.grievance(about=about))
    assert told.found() == {"OECD-1-GRIEVANCE": "major"}
    versions = f"{GRIEVANCES}/{made['id']}/versions"
    bare = told.grievance(about=about, status="closed", based_on=1)
    assert {one["path"] for one in told.post(versions, bare, status=400)["errors"]} == {"outcome", "reason"}
    assert told.found() == {"OECD-1-GRIEVANCE": "major"}
    told.post(versions, bare | {"outcome": "remediated", "reason": WHY})
    assert told.found() == {}


def test_a_notice_is_open_then_overdue_on_every_record_until_it_is_answered_or_extended(
    service, told, clock, work, make_user
):
    made = told.post(NOTICES, told.notice())
    assert made["record"]["due"] == "2026-12-12"
    assert told.found() == {"CMR-18-OPEN": "minor"}
    asked = {"regime": "FLR", "kind": "information_request", "authority": "the Commission", "authority_country": "EU"}
    other = told.post(NOTICES, told.notice(**asked))
    assert told.found() == {"CMR-18-OPEN": "minor", "FLR-17-OPEN": "minor"}
    with service.store.read() as session:
        facts = list(session.exec(select(AssessmentRow)))[-1].facts
    assert {one["request_id"] for one in facts["authority_requests"]} == {made["id"], other["id"]}
    assert "words of the notice" not in json.dumps(facts)
    later(service, clock, work, told, 60)
    assert told.found() == {"CMR-18-OVERDUE": "major", "FLR-17-OVERDUE": "major"}
    versions = f"{NOTICES}/{made['id']}/versions"
    longer = told.notice(due_on="2099-01-01", based_on=1)
    assert told.post(versions, longer, status=400)["errors"][0]["path"] == "deadline_reason"
    told.post(versions, longer | {"deadline_reason": WHY})
    assert told.found() == {"CMR-18-OPEN": "minor", "FLR-17-OVERDUE": "major"}
    assert told.post(versions, longer | {"deadline_reason": WHY}, status=409)["changed"] == [
        "deadline_reason", "due", "due_on"
    ]  # fmt: skip
    answered = {"status": "answered", "answered_on": "2026-12-01", "reason": WHY}
    told.post(f"{NOTICES}/{other['id']}/versions", told.notice(**asked | answered, based_on=1))
    assert told.found() == {"CMR-18-OPEN": "minor"}
    assert [one["id"] for one in told.client.get(NOTICES, headers=told.officer).json] == [made["id"], other["id"]]
    regulator, day = make_user("regulator"), clock().date()
    grant(service, make_user("admin").actor, regulator.row.name, "BGR", "Art. 11", "ex-post checks", (day, day))
    login = (regulator.row.name, regulator.password)
    query = {"importer": told.importer.party.did}
    seen = told.client.get(f"{NOTICES}/{made['id']}", auth=login, query_string=query, headers=PURPOSE)
    assert [one["version"] for one in seen.json["versions"]] == [2, 1]
    body = told.client.post(NOTICES, auth=login, query_string=query, headers=PURPOSE, json=told.notice())
    assert body.status_code == 403, "an authority reads; what it sent the importer records"
    assert fsck(service, deep=True).verdict == "ok"


def test_a_case_about_somebody_else_touches_no_chain_it_does_not_name(told):
    told.post(GRIEVANCES, told.grievance(about=[{"kind": "party", "id": "did:web:stranger.example"}]))
    told.post(PLANS, told.plan(about=[{"kind": "site", "id": "https://id.example/pit"}], progress="failed"))
    assert told.found() == {}


def test_the_facts_have_what_the_schema_asks_and_none_of_the_words(service, told):
    plan = told.post(PLANS, told.plan(text="words of the plan"))
    case = told.post(GRIEVANCES, told.grievance())
    with service.store.read() as session:
        facts = list(session.exec(select(AssessmentRow)))[-1].facts
    assert facts["mitigation_plans"] == [
        {"plan_id": plan["id"], "risk_code": "A2-3", "adopted_on": "2026-11-01", "review_due_on": "2027-03-01",
         "progress": "on_track", "stakeholders_consulted_on": "2026-11-02"}
    ]  # fmt: skip
    assert facts["grievances"] == [{"case_id": case["id"], "status": "open", "received_on": "2026-11-10"}]


def test_a_stale_version_gets_409_that_names_what_changed_and_nothing_is_written(service, told):
    made = told.post(PLANS, told.plan())
    path = f"{PLANS}/{made['id']}/versions"
    told.post(path, told.plan(progress="improved", review_due_on="2027-05-01", based_on=1))
    refused = told.post(path, told.plan(progress="completed", based_on=1), status=409)
    assert (refused["latest"], refused["changed"]) == (2, ["progress", "review_due_on"])
    assert "progress, review_due_on" in refused["detail"]
    whole = told.client.get(f"{PLANS}/{made['id']}", headers=told.officer).json
    assert [(one["version"], one["record"]["progress"]) for one in whole["versions"]] == [
        (2, "improved"),
        (1, "on_track"),
    ]
    with service.store.read() as session:
        rows = list(session.exec(select(CaseVersion).order_by(CaseVersion.version)))
        entries = {row.index: Entry.parse(bytes(row.body)) for row in session.exec(select(Leaf))}
    assert [row.latest for row in rows] == [False, True]
    assert [entries[row.entry_index].kind for row in rows] == ["decision", "decision"]
    assert entries[rows[1].entry_index].ref == (rows[0].entry_index,)
    receipt = told.client.get(f"/v1/receipts/{rows[0].entry_index}", headers=told.officer)
    assert receipt.status_code == 200, receipt.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("risk_code", "NO-SUCH-CODE"), ("adopted_on", "2999-01-01"), ("adopted_on", "yesterday"), ("about", []),
        ("about", [{"kind": "batch", "id": "https://id.example/lot/NOBODYS"}]),
        ("about", [{"kind": "shipment", "id": "S-9"}]), ("steps", []), ("review_due_on", None),
        ("progress", "compliant"), ("steps", [{"what": " ", "measure": "x", "due_on": "2027-01-01"}]),
        ("consultations", [{"on": "2999-01-01", "who": "x", "about": "y"}]), ("text", "x" * 5000),
        ("unknown", "field"), ("risk_code", "\x00"),
    ],
)  # fmt: skip
def test_what_is_not_of_its_form_is_refused_and_nothing_is_written(service, told, counts, field, value):
    before = counts()
    answer = told.client.post(PLANS, json=told.plan(**{field: value}), headers=told.officer)
    assert answer.status_code in {400, 422}, answer.text
    assert counts() == before


def test_another_importer_finds_nothing_and_may_name_no_foreign_batch(told, make_sender, make_session):
    plan, case = told.post(PLANS, told.plan()), told.post(GRIEVANCES, told.grievance(reporter=NAME))
    other = make_sender("Other", role="importer", roles=["importer"])
    theirs = make_session(other.party, role="officer").headers
    for path in (f"{PLANS}/{plan['id']}", f"{GRIEVANCES}/{case['id']}", f"{GRIEVANCES}/{case['id']}/reporter",
                 f"{GRIEVANCES}/{plan['id']}", f"{PLANS}/none"):  # fmt: skip
        assert told.client.get(path, headers=theirs | PURPOSE).status_code == 404, path
    for path, body in ((f"{PLANS}/{plan['id']}", told.plan()), (f"{GRIEVANCES}/{case['id']}", told.grievance())):
        told.post(f"{path}/versions", body | {"based_on": 1}, theirs, status=404)
    assert [told.client.get(path, headers=theirs).json for path in (PLANS, GRIEVANCES)] == [[], []]
    told.post(PLANS, told.plan(about=[{"kind": "batch", "id": told.batch}]), theirs, status=400)
    dpo = make_session(other.party, role="dpo").headers
    erase = f"{GRIEVANCES}/{case['id']}/reporter/erase"
    assert told.client.post(erase, json={"reason": WHY}, headers=dpo).status_code == 404


def test_the_importer_reads_and_the_officer_alone_writes(told):
    made = told.post(PLANS, told.plan())
    assert [one["id"] for one in told.client.get(PLANS, headers=told.importer.headers).json] == [made["id"]]
    told.post(PLANS, told.plan(), told.importer.headers, status=403)


def test_regulator_and_auditor_read_under_a_mandate_and_never_who_reported(service, told, make_user, clock):
    case, day, did = told.post(GRIEVANCES, told.grievance(reporter=NAME)), clock().date(), told.importer.party.did
    admin, regulator, auditor = (make_user(role) for role in ("admin", "regulator", "auditor"))
    mandate = ("the authority", "Art. 11", "ex-post checks", (day, day))
    grant(service, admin.actor, regulator.row.name, *mandate)
    grant(service, admin.actor, auditor.row.name, *mandate, did, (day, day))
    for user, query in ((regulator, {"importer": did}), (auditor, {})):
        login = (user.row.name, user.password)
        assert told.client.get(GRIEVANCES, auth=login, query_string=query).status_code == 403, "no purpose stated"
        seen = told.client.get(GRIEVANCES, auth=login, query_string=query, headers=PURPOSE)
        assert [one["id"] for one in seen.json] == [case["id"]]
        whole = told.client.get(f"{GRIEVANCES}/{case['id']}", auth=login, query_string=query, headers=PURPOSE)
        assert (whole.status_code, "Aline" in whole.text) == (200, False)
        who = told.client.get(f"{GRIEVANCES}/{case['id']}/reporter", auth=login, headers=PURPOSE)
        assert who.status_code == 403
    with service.store.read() as session:
        assert {row.role for row in session.exec(select(AccessLog))} == {"regulator", "auditor"}


def test_a_reporter_is_kept_apart_and_each_read_is_logged_with_its_purpose(
    service, told, make_session, make_user, caplog
):
    case = told.post(GRIEVANCES, told.grievance(reporter=NAME))
    assert NAME not in json.dumps(case)
    path = f"{GRIEVANCES}/{case['id']}/reporter"
    dpo = make_session(told.importer.party, role="dpo").headers
    colleague = make_user("officer", party=told.importer.party)
    assert told.client.get(path, headers=told.officer).status_code == 403, "no purpose stated"
    assert told.client.get(path, auth=(colleague.row.name, colleague.password), headers=PURPOSE).status_code == 403, (
        "took down no report"
    )
    assert told.client.get(path, headers=told.importer.headers | PURPOSE).status_code == 403
    for headers in (told.officer, dpo):
        assert told.client.get(path, headers=headers | PURPOSE).json["identity"] == NAME
    with service.store.read() as session:
        lines = list(session.exec(select(AccessLog)))
        assert [(row.role, row.action, row.detail["purpose"]) for row in lines] == [
            (role, "reporter of a grievance", PURPOSE["X-Purpose"]) for role in ("officer", "dpo")
        ]
        assert {row.party_id for row in session.exec(select(AccessLogParty))} == {told.importer.party.id}
        elsewhere = [
            *session.exec(select(Leaf)),
            *session.exec(select(AssessmentRow)),
            *session.exec(select(CaseVersion)),
        ]
        assert "Aline" not in repr(elsewhere) + repr(lines) + caplog.text
    erased = told.client.post(f"{path}/erase", json={"reason": WHY}, headers=dpo)
    assert erased.status_code == 200, erased.text
    assert told.client.post(f"{path}/erase", json={"reason": WHY}, headers=dpo).json == erased.json, "again: the same"
    assert told.client.get(path, headers=dpo | PURPOSE).json["identity"] is None
    assert told.found() == {"OECD-1-GRIEVANCE": "major"}, "the grievance stays"
    assert fsck(service, deep=True).verdict == "ok"


def due(told, dpo, kinds=("case", "reporter")):
    asked = told.client.post("/v1/retention/reports", headers=dpo)
    told.work()
    report = told.client.get(asked.headers["Location"], headers=dpo).json
    return report, {(one["kind"], one["state"]) for one in report["lines"] if one["kind"] in kinds}


def test_an_open_case_is_kept_then_the_reporter_goes_first_and_the_case_with_the_longest_ground(
    service, told, clock, work
):
    stated = {"profile": {"employees": 12, "net_turnover_eur": "900000"}, "volumes": []}
    assert told.importer.post(stated, "/v1/profile").status_code == 201
    case = told.post(GRIEVANCES, told.grievance(reporter=NAME))
    told.post(PLANS, told.plan(progress="completed"))
    told.post(NOTICES, told.notice(status="answered", answered_on="2026-11-13", reason=WHY))
    dpo = told.make_session(None, role="dpo")
    later(service, clock, work, told, 400)
    assert due(told, dpo.headers)[1] == {("reporter", "blocked")}, "the case is open"
    closed = told.grievance(status="closed", outcome="remediated", reason=WHY, based_on=1)
    told.post(f"{GRIEVANCES}/{case['id']}/versions", closed)
    later(service, clock, work, told, 367)
    report, states = due(told, dpo.headers)
    assert states == {("reporter", "due")}
    approve = lambda made: told.client.post(  # noqa: E731  # said twice below
        f"/v1/retention/reports/{made['id']}/approve", json={"reason": WHY}, headers=dpo.headers
    )
    assert len(approve(report).json["erased"]) == 1
    with service.store.read() as session:
        assert [row.identity for row in session.exec(select(GrievanceReporter))] == [None]
    later(service, clock, work, told, 366 * 5)
    report, states = due(told, dpo.headers)
    assert states == {("case", "due")}
    done = approve(report)
    assert done.status_code == 200, done.text
    with service.store.read() as session:
        rows = list(session.exec(select(CaseVersion)))
    assert {(row.erased_index is None, json.dumps(row.record)) for row in rows} == {(False, "{}")}
    assert told.found() == {}
    told.officer = told.make_session(told.importer.party, role="officer").headers
    told.post(f"{GRIEVANCES}/{case['id']}/versions", closed | {"based_on": 2}, status=409)
    assert fsck(service, deep=True).verdict == "ok"
