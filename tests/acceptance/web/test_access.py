"""Route x role: every route of the console has a row here; foreign things answer 404, strangers are sent to sign in."""

import io
from urllib.parse import quote

import pytest

MIX = "https://id.trader.example/lot/MIX-1"
IN_CHAIN = {"supplier", "importer", "officer", "regulator", "auditor"}
ALL = {"supplier", "importer", "officer", "regulator", "auditor", "dpo", "admin"}
ROLES = {
    "sam": "supplier", "ines": "importer", "anna": "officer", "reg": "regulator", "aud": "auditor", "dora": "dpo",
    "adam": "admin",
}  # fmt: skip
REASON = "a reason of more than twenty characters"

#: endpoint: roles that get in. Who gets in may still be told that a thing does not exist.
MATRIX = {
    "home": ALL, "queue": {"importer", "officer"}, "post_assign": {"officer"},
    "post_view": {"importer", "officer"}, "post_drop_view": {"importer", "officer"}, "batch": IN_CHAIN, "shipment": {"importer", "officer"},
    "finding": IN_CHAIN - {"supplier"},
    "decisions": {"importer", "officer"}, "decide": {"officer"}, "post_decide": {"officer"},
    "decision": {"importer", "officer"}, "post_confirm": {"officer"}, "post_decline": {"officer"},
    "hit": {"officer"}, "judge": {"officer"}, "post_judge": {"officer"},
    "incidents": {"officer"}, "incident": {"officer"}, "post_link": {"officer"},
    "plans": {"importer", "officer"}, "plan": {"importer", "officer"}, "grievances": {"importer", "officer"},
    "grievance": {"importer", "officer"}, "post_plan": {"officer"}, "post_plan_version": {"officer"},
    "notices": {"importer", "officer"}, "notice": {"importer", "officer"}, "post_notice": {"officer"},
    "profile_page": {"importer", "officer"},
    "post_notice_version": {"officer"}, "deadline_list": {"importer", "officer"}, "volume_page": {"importer", "officer"},
    "concentration_page": {"importer", "officer"}, "importer_list": {"regulator"},
    "request_list": {"supplier", "importer", "officer"}, "request_thread": {"supplier", "importer", "officer"},
    "post_request": {"officer"}, "post_request_step": {"officer"},
    "post_request_answer": {"supplier", "importer", "officer"},
    "contest_list": {"supplier", "importer", "officer"}, "contest_thread": {"supplier", "importer", "officer"},
    "post_told": {"officer"}, "post_own_contest": {"supplier", "importer", "officer"},
    "post_objection": {"supplier", "importer", "officer"}, "post_contest_answer": {"officer"},
    "post_contest_link": {"officer"}, "post_taken_back": {"officer"},
    "post_grievance": {"officer"}, "post_grievance_version": {"officer"},
    "documents": {"supplier", "importer", "officer"}, "post_document": {"supplier", "importer", "officer"},
    "document": IN_CHAIN, "document_content": IN_CHAIN, "document_by_hash": IN_CHAIN,
    "event_form": {"supplier", "importer"}, "post_draft": {"supplier", "importer"}, "post_download": ALL, "template": ALL,
    "approvals": {"admin"}, "party": {"admin"}, "post_party": {"admin"}, "post_refuse": {"admin"},
    "key": {"admin"}, "post_key": {"admin"}, "lost_key": {"admin"}, "post_lost_key": {"admin"},
    "users": {"admin"}, "post_user": {"admin"}, "post_reset": {"admin"}, "post_close": {"admin"}, "post_email": {"admin"},
    "merge_list": {"admin"}, "post_merge": {"admin"}, "merge": {"admin"}, "post_merge_decision": {"admin"},
    "post_merge_undo": {"admin"}, "post_departure": {"admin"}, "user_work": {"admin"}, "post_user_work": {"admin"},
    "handed_work": ALL,
    "mandates": {"admin"}, "post_mandate": {"admin"}, "access_log": {"dpo"},
    "retention": {"dpo"}, "post_retention": {"dpo"}, "retention_report": {"dpo"}, "post_retention_approval": {"dpo"},
    "holds": {"dpo", "officer"}, "post_hold": {"dpo", "officer"}, "post_lift": {"dpo", "officer"},
    "jobs": {"admin"}, "post_retry_job": {"admin"},
    "report_list": {"importer", "officer", "dpo"}, "report_file": {"importer", "officer"},  # annual-volume
    "reporters": {"officer", "dpo"}, "reporter": {"officer", "dpo"}, "post_reporter": {"officer", "dpo"},
    "post_reporter_erasure": {"dpo"}, "report_gaps": {"importer", "officer"},
    "screening_list": {"importer", "officer", "regulator", "auditor", "admin"},
    "one_screening": {"importer", "officer", "regulator", "auditor", "admin"},
    "log": ALL, "patterns": ALL, "lists": ALL, "list_page": ALL, "list_review": ALL, "api_keys": ALL, "post_api_key": ALL, "post_revoke": ALL,
    "search": IN_CHAIN, "post_purpose": {"regulator", "auditor"},
    "password": ALL, "post_password": ALL, "post_own_email": ALL,
}  # fmt: skip
#: Open to everybody.
PUBLIC = {
    "sign_in",
    "post_language",
    "post_sign_in",
    "post_sign_out",
    "asset",
    "contest_link",
    "post_contest_by_link",
}
FIELDS = {
    "post_decide": {"kind": "shipment", "id": "NL-2026-0002", "disposition": "suspended", "reason": REASON,
                    "reason_code": "other"},
    "post_assign": {"subject": "shipment|NL-2026-0001", "to": "anna"}, "post_view": {"view": "mine"},
    "post_judge": {"kind": "signal", "id": "x|y|1-2", "verdict": "confirmed", "reason": REASON},
    "post_link": {"batch": MIX, "reason": REASON},
    "post_draft": {"what": "loss"},
    "post_download": {"draft": "{}"},
    "post_user": {"name": "x", "role": "dpo"},
    "post_merge": {"kept": "did:web:none.example", "merged": "did:web:none.example", "reason": REASON},
    "post_departure": {"reason": "short"},
    "post_user_work": {"user": "adam", "to": "adam", "work": "plan|none"},
    "post_email": {"user": "adam", "email": ""},
    "post_mandate": {"user": "reg", "authority": "a", "article": "b", "purpose": "long enough to be one",
                     "valid_from": "2026-01-01", "valid_to": "2026-12-31"},
    "post_purpose": {"purpose": "checks of importers"},
    "post_refuse": {"reason": REASON},
    "post_lost_key": {"reason": REASON, "go": "refuse"},
    "post_retention_approval": {"which": "all", "reason": REASON},
    "post_hold": {"kind": "batch", "target": "https://id.none.example/lot/1", "reason": REASON},
    "post_lift": {"hold": "none", "lift_reason": REASON},
    "post_confirm": {"reason": REASON},
    "post_decline": {"reason": REASON},
}  # fmt: skip
QUERY = {
    "user_work": "user=adam",
    "one_screening": "importer=did:web:importer.example", "finding": "id=1-RF-L1&importer=did:web:importer.example",
    "batch": f"id={quote(MIX, safe='')}", "shipment": "id=NL-2026-0001", "decide": "kind=shipment&id=NL-2026-0002",
    "judge": "kind=signal&id=x", "hit": "kind=shipment&id=NL-2026-0002", "key": "kid=x", "search": "",
}  # fmt: skip


def routes(story, browser):
    """Return (endpoint without twin, address, method) of every route of the console."""
    ids = {"party_id": story.parties["hopeful"].id, "decision_id": "none", "incident_id": "none", "case_id": "none", "secret": "none", "merge_id": "none", "application_id": "none", "document_id": "none",
           "sha256": "0" * 64, "report_id": "none", "form": "csv", "digest": "0" * 16, "list_id": "un-sc", "kind": "annual-volume", "number": "1", "name": "console.css"}  # fmt: skip
    app = browser.client.application
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("web."):
            name = rule.endpoint.removeprefix("web.").removesuffix("_json").removesuffix("_csv")
            method = "POST" if "POST" in rule.methods else "GET"
            given = {key: ids[key] for key in rule.arguments}
            yield name, adapter.build(rule.endpoint, given, method=method), method


def test_every_route_has_a_row(story, reader):
    names = {name for name, _, _ in routes(story, reader())}
    assert names == MATRIX.keys() | PUBLIC


@pytest.mark.parametrize("name", ROLES)
def test_each_role_gets_in_where_its_row_says(story, reader, name):
    browser = reader(name)
    browser.send("/search/purpose", purpose="checks of importers")
    for endpoint, address, method in routes(story, browser):
        if endpoint in PUBLIC or endpoint in ("post_password", "post_close", "post_reset"):
            continue
        if method == "GET":
            answer = browser.get(f"{address}?{QUERY.get(endpoint, '')}")
        else:
            answer = browser.send(address, **FIELDS.get(endpoint, {}))
        is_in = answer.status_code not in (401, 403)
        may = ROLES[name] in MATRIX[endpoint]
        assert is_in == may or answer.status_code == 404, (endpoint, address, answer.status_code)
        if may and method == "GET" and address.endswith((".json", "/queue", "/batch")) and "none" not in address:
            assert answer.status_code in (200, 404), (endpoint, answer.status_code)


def test_strangers_are_sent_to_sign_in_and_twins_say_401(story, reader):
    browser = reader()
    for endpoint, address, method in routes(story, browser):
        if endpoint in PUBLIC:
            continue
        if method == "POST":
            assert browser.client.post(address).status_code == 400, address
            continue
        answer = browser.get(address)
        if address.endswith((".json", ".csv")):
            assert answer.status_code == 401, address
            assert answer.mimetype == "application/problem+json"
        else:
            assert answer.status_code == 303, address
            assert answer.headers["Location"].startswith("/sign-in"), address


def test_no_form_works_without_its_token(story, reader):
    browser = reader("adam")
    for _, address, method in routes(story, browser):
        if method == "POST":
            answer = browser.client.post(address, data={"reason": REASON})
            assert answer.status_code == 400, address
            assert "open its page again" in answer.get_data(as_text=True)
            assert browser.client.post(address, data={"token": "0" * 40}).status_code == 400


def test_a_token_of_another_session_opens_nothing(reader):
    assert reader("anna").client.post("/api-keys", data={"token": reader("boris").token()}).status_code == 400


def test_foreign_things_do_not_exist(story, reader):
    anna, rita = reader("anna"), reader("rita")
    for address in (
        f"/batch?id={quote(MIX, safe='')}",
        "/shipment?id=NL-2026-0001",
        "/decide?kind=shipment&id=NL-2026-0001",
    ):
        assert anna.get(address).status_code == 200
        answer = rita.get(address)
        assert answer.status_code == 404, address
        assert "Lakeside" not in answer.get_data(as_text=True)
        path, _, query = address.partition("?")
        assert rita.get(f"{path}.json?{query}").status_code == 404
    decision = anna.send("/decide", **FIELDS["post_decide"], go="record").headers["Location"]
    assert anna.get(decision).status_code == 200
    assert rita.get(decision).status_code == 404
    assert reader("sam").get(f"/parties/{story.parties['importer'].id}").status_code == 404


def test_a_foreign_document_does_not_exist(reader):
    anna = reader("anna")
    data = {"token": anna.token(), "file": (io.BytesIO(b"Certificate"), "c.txt")}
    address = anna.client.post("/documents", data=data).headers["Location"]
    assert anna.get(f"{address}/content").headers["Content-Disposition"].startswith("attachment")
    assert reader("rita").get(address).status_code == 404
    assert reader("rita").get(f"{address}/content").status_code == 404
