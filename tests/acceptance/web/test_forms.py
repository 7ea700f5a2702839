"""What people do at the console without JavaScript: sign in, decide with two persons, judge, link, approve, draft."""

import io
import json
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import quote

import sqlalchemy as sa
from lxml import html

from traceability import strict_json
from traceability.documents.declared import declared
from traceability.documents.extraction import extract
from traceability.documents.fields import read_fields
from traceability.documents.report import Page, Report
from traceability.events.reading import read_events
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload
from traceability.services.access import TERMINAL
from traceability.services.documents import digest_of

PASSWORD = "correct horse battery staple"
REASON = "The party proved that it is another company."
GOLD = "https://id.listed.example/lot/AU-7"
MIX = "https://id.trader.example/lot/MIX-1"


def tree(answer):
    return html.fromstring(answer.get_data(as_text=True))


def says(answer, text):
    return text in answer.get_data(as_text=True)


def filled(browser, address, index=-1):
    """Return the fields of a form of a page as they stand."""
    form = tree(browser.get(address)).xpath("//main//form[@method='post']")[index]
    return {key: form.fields[key] for key in form.fields if form.fields[key] is not None}


def test_signing_in_and_out(reader):
    browser = reader()
    wrong = browser.send("/sign-in", name="anna", password="wrong")
    assert wrong.status_code == 401
    assert says(wrong, "name or password is wrong")
    assert says(wrong, 'value="anna"')
    done = browser.send("/sign-in", name="anna", password=PASSWORD, next="/incidents")
    assert (done.status_code, done.headers["Location"]) == (303, "/incidents")
    cookie = done.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get("/queue").status_code == 200
    assert browser.send("/sign-out").headers["Location"] == "/sign-in"
    assert browser.get("/queue").headers["Location"] == "/sign-in?next=/queue"


def test_nobody_is_led_elsewhere_after_signing_in(reader):
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"):
        done = reader().send("/sign-in", name="anna", password=PASSWORD, next=elsewhere)
        assert done.headers["Location"] == "/queue"


def test_a_one_time_password_opens_nothing_but_its_change(reader):
    browser = reader("new")
    for address in ("/queue", "/", "/lists"):
        assert browser.get(address).headers["Location"].startswith("/password")
    assert browser.get("/queue.json").status_code == 401
    differing = browser.send("/password", old=PASSWORD, new="one long new password", again="another long one")
    assert differing.status_code == 400
    assert says(differing, "repeat the new password")
    short = browser.send("/password", old=PASSWORD, new="short", again="short")
    assert short.status_code == 400
    done = browser.send("/password", old=PASSWORD, new="one long new password", again="one long new password")
    assert done.headers["Location"] == "/queue"
    assert browser.get("/queue").status_code == 200


def test_a_new_password_ends_other_sessions(reader):
    one, other = reader("boris"), reader("boris")
    one.send("/password", old=PASSWORD, new="one long new password", again="one long new password")
    assert one.get("/queue").status_code == 200
    assert other.get("/queue").status_code == 303


def test_two_officers_release_what_was_critical(story, reader):
    anna, boris = reader("anna"), reader("boris")
    address = "/decide?kind=shipment&id=NL-2026-0002"
    page = tree(anna.get(address))
    named = page.xpath("//input[@name='finding']/@value")
    given = {"kind": "shipment", "id": "NL-2026-0002", "inputs_hash": page.xpath("//input[@name='inputs_hash']/@value")[0],
             "shown": named, "disposition": "released", "reason_code": "evidence_sufficient"}  # fmt: skip
    short = anna.send("/decide", **given, finding=named, reason="too short")
    assert short.status_code == 400
    assert says(short, "at least 20 characters")
    assert tree(short).xpath("//*[@id='reason']/@aria-describedby")[0].split()[-1] == "reason-error"
    partial = anna.send("/decide", **given, finding=named[2:], reason=REASON, go="record")
    assert partial.status_code == 422
    assert says(partial, "SANCTION-ENTITY")
    preview = anna.send("/decide", **given, finding=named, reason=REASON)
    assert says(preview, "waits for a second officer")
    assert says(preview, "Record this decision")
    assert len(preview_boxes(preview)) == len(named)
    done = anna.send("/decide", **given, finding=named, reason=REASON, go="record")
    decision = done.headers["Location"]
    own = anna.get(decision)
    assert says(own, "You proposed this")
    assert not says(own, "Confirm the proposal")
    assert anna.send(f"{decision}/confirm", reason=REASON).status_code == 403
    held = anna.get("/shipment.json?id=NL-2026-0002").get_json()["verdict"]["state"]
    assert held == "HOLD_PENDING_OFFICER"
    assert says(boris.get("/queue"), "1 proposal</a>") or says(boris.get("/queue"), "1 proposal waiting")
    assert boris.send(f"{decision}/confirm", reason="short").status_code == 400
    assert boris.send(f"{decision}/confirm", reason=REASON).status_code == 303
    after = anna.get("/shipment.json?id=NL-2026-0002").get_json()
    assert after["verdict"]["state"] != "HOLD_PENDING_OFFICER"
    assert "covered by a decision" in after["verdict"]["sentence"]
    assert all(item["covered"] for item in after["findings"])
    row = anna.get(f"{decision}.json").get_json()["decision"]
    assert (row["proposed_by"], row["confirmed_by"], row["state"]) == ("anna", "boris", "in_force")
    letter = io.BytesIO(b"The audit confirmed child labour. We saw children aged 12 carrying ore at the pit.")
    paper = {"token": anna.token(), "shipment": "NL-2026-0002", "file": (letter, "audit.txt")}
    anna.client.post("/documents", data=paper)
    story.work()
    assert anna.get("/shipment.json?id=NL-2026-0002").get_json()["subjects"][0]["decision"] is None
    for page in (decision, "/decisions", "/shipment?id=NL-2026-0002"):
        assert says(anna.get(page), "reopened on 2026-"), page


def preview_boxes(answer):
    return tree(answer).xpath("//input[@name='finding'][@checked]")


def test_a_stale_form_is_refused_with_the_new_finding_shown(reader):
    anna = reader("anna")
    digests = tree(anna.get("/decide?kind=shipment&id=NL-2026-0002")).xpath("//input[@name='finding']/@value")
    stale = anna.send("/decide", kind="shipment", id="NL-2026-0002", inputs_hash="sha256:" + "0" * 64, shown=digests[1:],
                      finding=digests[1:], disposition="released", reason_code="other", reason=REASON, go="record")  # fmt: skip
    assert stale.status_code == 409
    assert says(stale, "since the form was opened these findings have come or changed: SANCTION-ENTITY")
    assert (
        text(tree(stale).xpath("//div[contains(@class, 'fresh')]//article")[0]).count("new since you opened the form")
        == 1
    )


def text(node):
    return " ".join(node.text_content().split())


def test_nothing_pending_is_released(story, reader):
    anna = reader("anna")
    data = {"token": anna.token(), "shipment": "NL-2026-0002", "file": (io.BytesIO(b"unread"), "x.txt")}
    anna.client.post("/documents", data=data)
    page = tree(anna.get("/decide?kind=shipment&id=NL-2026-0002"))
    refused = anna.send("/decide", kind="shipment", id="NL-2026-0002", disposition="released", reason_code="other",
                        reason=REASON, finding=page.xpath("//input[@name='finding']/@value"), go="record")  # fmt: skip
    assert refused.status_code == 409
    assert says(refused, "nothing pending can be released")


def test_a_mitigation_needs_a_dated_step_and_dates_are_read(reader):
    anna = reader("anna")
    digests = tree(anna.get("/decide?kind=shipment&id=NL-2026-0001")).xpath("//input[@name='finding']/@value")
    given = {"kind": "shipment", "id": "NL-2026-0001", "finding": digests, "reason": REASON, "reason_code": "risk_mitigated",
             "disposition": "released_with_mitigation", "go": "record"}  # fmt: skip
    assert says(anna.send("/decide", **given), "at least one measurable step")
    assert says(anna.send("/decide", **given, review_on="soon"), "such as 2027-01-31")
    steps = {
        "step-1": "Audit the pit",
        "due-1": "2027-02-01",
        "review_on": "2027-03-01",
        "evidence": "letter.txt\n\nvisit",
    }
    done = anna.send("/decide", **given, **steps)
    row = anna.get(done.headers["Location"] + ".json").get_json()["decision"]
    assert row["steps"] == [{"what": "Audit the pit", "due_on": "2027-02-01"}]
    assert (row["state"], row["evidence"], row["review_on"]) == ("in_force", ["letter.txt", "visit"], "2027-03-01")
    assert says(anna.get(done.headers["Location"]), "Audit the pit by 2027-02-01")


def test_choices_that_do_not_exist_are_refused(reader):
    anna = reader("anna")
    given = {"kind": "shipment", "id": "NL-2026-0001", "reason": REASON, "reason_code": "other"}
    assert anna.send("/decide", **given, disposition="cleared").status_code == 400
    assert anna.send("/decide", **{**given, "reason_code": "x"}, disposition="suspended").status_code == 400
    assert anna.send("/decide", **{**given, "kind": "hit"}).status_code == 404
    assert anna.get("/decide?kind=shipment&id=none").status_code == 404


def test_a_hit_is_dismissed_by_two_persons(story, reader):
    anna, boris = reader("anna"), reader("boris")
    found = tree(anna.get("/shipment?id=NL-2026-0002")).xpath("//a[starts-with(@href, '/hit')]/@href")
    address = anna.get(found[0]).headers["Location"]
    page = anna.get(address)
    assert says(page, "SANCTION-ENTITY")
    assert says(page, "In the record")
    assert says(page, "On the list")
    given = filled(anna, address, 0)
    assert anna.send("/judge", kind="hit", id=given["id"], verdict="", reason=REASON).status_code == 400
    done = anna.send("/judge", kind="hit", id=given["id"], verdict="rejected", reason=REASON)
    assert done.status_code == 303
    story.work()
    assert anna.get("/shipment.json?id=NL-2026-0002").get_json()["verdict"]["state"] == "HOLD_PENDING_OFFICER"
    assert boris.send(done.headers["Location"] + "/confirm", reason=REASON).status_code == 303
    assert says(anna.get(address), "in force")
    assert anna.get("/judge?kind=hit&id=none").status_code == 404
    assert anna.get("/hit?kind=shipment&id=NL-2026-0002").status_code == 404


def test_a_proposal_can_be_withdrawn(reader):
    anna = reader("anna")
    signal = tree(anna.get("/shipment?id=NL-2026-0001")).xpath("//a[starts-with(@href, '/judge?kind=signal')]/@href")[0]
    done = anna.send("/judge", **filled(anna, signal, 0) | {"verdict": "confirmed", "reason": REASON})
    assert done.status_code == 303
    digests = tree(anna.get("/decide?kind=shipment&id=NL-2026-0002")).xpath("//input[@name='finding']/@value")
    waiting = anna.send("/decide", kind="shipment", id="NL-2026-0002", finding=digests, disposition="released",
                        reason_code="other", reason=REASON, go="record").headers["Location"]  # fmt: skip
    assert anna.send(f"{waiting}/decline", reason=REASON).status_code == 303
    assert anna.get(f"{waiting}.json").get_json()["decision"]["state"] == "refused"


def test_an_incident_is_linked_by_hand_and_shows_on_the_batch(reader):
    anna = reader("anna")
    address = tree(anna.get("/incidents")).xpath("//tbody//a/@href")[0]
    unknown = anna.send(f"{address}/link", batch="https://id.none.example/lot/1", reason=REASON)
    assert unknown.status_code == 400
    assert tree(unknown).xpath("//*[@id='batch']/@aria-invalid") == ["true"]
    before = anna.get(f"/batch.json?id={quote(MIX, safe='')}").get_json()["verdict"]["state"]
    assert anna.send(f"{address}/link", batch=MIX, reason=REASON).status_code == 303
    after = anna.get(f"/batch.json?id={quote(MIX, safe='')}").get_json()
    assert len(after["tables"]["incidents"]) == 1
    assert after["verdict"]["state"] == before
    assert anna.get("/incidents/none").status_code == 404


def test_an_admin_approves_a_party_but_not_his_own(story, reader):
    adam = reader("adam")
    assert says(adam.get("/approvals"), "Hopeful Mine")
    address = f"/parties/{story.parties['hopeful'].id}"
    assert says(adam.get(address), "Nothing overlaps.")
    assert adam.send(f"{address}/refuse", reason="no").status_code == 400
    assert adam.send(f"{address}/approve").status_code == 303
    assert not says(adam.get("/approvals"), "Hopeful Mine")
    assert adam.send(f"{address}/approve").status_code == 404
    mine = story.parties["mine"]
    assert says(adam.get(f"/parties/{mine.id}"), "active")


def test_users_passwords_and_keys_are_shown_once(reader):
    adam = reader("adam")
    made = adam.send("/users", name="olga", role="dpo")
    secret = tree(made).xpath("//*[@class='secret']/code/text()")[0]
    assert made.headers["Cache-Control"] == "no-store"
    assert adam.send("/users", name="olga", role="dpo").status_code == 409
    assert adam.send("/users", name="x", role="officer").status_code == 400
    assert not says(adam.get("/users"), secret)
    again = tree(adam.send("/users/reset", user="olga")).xpath("//*[@class='secret']/code/text()")[0]
    assert again != secret
    assert adam.send("/users/close", user="olga").status_code == 303
    assert "closed" in str(adam.get("/users.json").get_json()["tables"]["users"])


def test_an_api_key_is_made_shown_once_used_and_revoked(reader):
    sam = reader("sam")
    assert sam.send("/api-keys", name="", days="1", scope="read").status_code == 400
    assert sam.send("/api-keys", name="k", days="many", scope="read").status_code == 400
    assert sam.send("/api-keys", name="k", days="365").status_code == 400
    made = sam.send("/api-keys", name="k", days="30", scope=["read", "capture"])
    secret = tree(made).xpath("//*[@class='secret']/code/text()")[0]
    outside = sam.client.application.test_client()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert outside.get("/v1/api-keys", headers=bearer).status_code == 200
    assert not says(sam.get("/api-keys"), secret)
    key = filled(sam, "/api-keys", 1)["key"]
    assert sam.send("/api-keys/revoke", key=key).status_code == 303
    assert outside.get("/v1/api-keys", headers=bearer).status_code == 401


def test_a_regulator_states_a_purpose_and_every_read_is_logged(reader):
    reg, dora = reader("reg"), reader("dora")
    page = reg.get("/search")
    assert says(page, "Authority of the Netherlands")
    assert not says(page, 'name="q"')
    refused = reg.get(f"/batch?id={quote(MIX, safe='')}")
    assert refused.status_code == 403
    assert not says(refused, "X-Purpose")
    (way,) = tree(refused).xpath("//a[text()='State the purpose']/@href")
    assert tree(reg.get(way)).xpath("//main//input[@name='next']/@value") == [f"/batch?id={quote(MIX, safe='')}"]
    assert reg.send("/search/purpose", purpose="short").status_code == 400
    stated = reg.send("/search/purpose", purpose="ex-post check 2026/17", next=f"/batch?id={quote(MIX, safe='')}")
    assert (stated.status_code, stated.headers["Location"]) == (303, f"/batch?id={quote(MIX, safe='')}")
    away = reg.send("/search/purpose", purpose="ex-post check 2026/17", next="//elsewhere.example/")
    assert away.headers["Location"] == "/search"
    for wanted in (
        MIX,
        "NL-2026-0001",
        "did:web:importer.example",
        "Importer One",
        "importer one",
        "IMPORTÉR",
        "one imp",
    ):
        assert MIX in str(reg.get(f"/search.json?q={quote(wanted)}").get_json()["tables"]["found"]), wanted
    assert reg.get("/search.json?q=nothing").get_json()["tables"]["found"] == []
    batch = reg.get(f"/batch?id={quote(MIX, safe='')}")
    assert batch.status_code == 200
    assert says(batch, "RF-L1")
    assert not says(batch, ">Decide on")
    assert says(batch, "Findings of Importer One")
    assert says(batch, "Verdict for Importer One")
    (paper,) = tree(batch).xpath("//table[@data-table='documents']//tbody//a/@href")
    assert reg.get(paper).status_code == 200
    (original,) = tree(reg.get(paper)).xpath("//a[text()='Download the original']/@href")
    assert reg.get(original).status_code == 200
    log = dora.get("/access-log.json").get_json()["tables"]["access-log"]
    assert {"search", "chain", "private"} <= {row["action"] for row in log}
    assert {row["importers"] for row in log if row["action"] == "private"} == {"Importer One"}
    assert {row["purpose"] for row in log} == {"ex-post check 2026/17"}


def test_an_auditor_sees_its_importer_and_nobody_else(story, reader):
    aud = reader("aud")
    aud.send("/search/purpose", purpose="audit of the year 2026")
    assert aud.get(f"/batch?id={quote(MIX, safe='')}").status_code == 200
    assert aud.get("/search.json?q=NL-2026-0001").get_json()["tables"]["found"]


def test_without_a_mandate_a_regulator_is_told_so(story, reader):
    adam = reader("adam")
    made = adam.send("/users", name="reg2", role="regulator")
    secret = tree(made).xpath("//*[@class='secret']/code/text()")[0]
    browser = reader()
    browser.send("/sign-in", name="reg2", password=secret)
    browser.send("/password", old=secret, new="one long new password", again="one long new password")
    assert says(browser.get("/search"), "you have no mandate in force today")
    given = {"user": "reg2", "authority": "A", "article": "Article 11", "purpose": "checks of importers",
             "valid_from": "2026-01-01"}  # fmt: skip
    assert adam.send("/mandates", **given, valid_to="never").status_code == 400
    half = given | {"valid_to": "2027-01-01", "records_from": "2026-01-01"}
    assert adam.send("/mandates", **half).status_code == 400, "a period has two ends"
    assert adam.send("/mandates", **given, valid_to="2027-01-01").status_code == 303
    assert not says(browser.get("/search"), "you have no mandate")
    assert "reg2" in str(adam.get("/mandates.json").get_json()["tables"]["mandates"])


def test_what_is_wrong_in_a_mandate_is_told_on_its_field(reader):
    adam = reader("adam")
    given = {"user": "aud", "authority": "A", "article": "Article 6", "purpose": "audit of the year", "importer": "did:web:x",
             "valid_from": "2026-11-01", "valid_to": "2027-01-01", "records_from": "2026-01-01", "records_to": "2026-12-31"}  # fmt: skip
    for changed, field in (
        ({"records_from": "2026-12-31", "records_to": "2026-01-01"}, "records_to"),
        ({"records_from": "", "records_to": ""}, "records_from"),
        ({"records_to": ""}, "records_to"), ({"records_from": ""}, "records_from"), ({"importer": ""}, "importer"),
        ({"authority": " "}, "authority"), ({"article": ""}, "article"), ({"purpose": "audit"}, "purpose"),
        ({"valid_to": "2026-10-01"}, "valid_to"),
    ):  # fmt: skip
        answer = adam.send("/mandates", **given | changed)
        assert answer.status_code == 400, (changed, answer.status_code)
        assert tree(answer).xpath(f"//p[@id='{field}-error']"), (changed, field)
        assert tree(answer).xpath("//input[@name='authority']/@value") == [(given | changed)["authority"]]


def test_a_supplier_makes_a_draft_of_one_event_and_of_a_sheet(reader):
    sam = reader("sam")
    row = {"what": "extraction", "when": "2026-11-20T09:00", "zone": "+02:00", "batch": "https://id.mine.example/lot/9",
           "quantity": "100.50", "mineral": "cassiterite", "origin_country": "CD"}  # fmt: skip
    wrong = sam.send("/events/draft", **row | {"quantity": "1,5", "origin_country": "Congo"})
    assert wrong.status_code == 400
    assert tree(wrong).xpath("//*[@id='quantity']/@aria-invalid") == ["true"]
    assert tree(wrong).xpath("//*[@id='quantity']/@value") == ["1,5"]
    done = sam.send("/events/draft", **row)
    draft = tree(done).xpath("//textarea[@name='draft']")[0].text
    assert says(done, "traceability capture events-")
    assert says(done, "--key my-key.json")
    (event,) = read_events(strict_json.loads(draft.encode()))
    assert str(event.quantities[0].quantity) == "100.5"
    file = sam.send("/events/download", draft=draft)
    assert file.data.decode() == draft
    assert "attachment" in file.headers["Content-Disposition"]
    assert sam.send("/events/download", draft="{").status_code == 400
    sheet = (
        b"what,when,zone,batch,quantity\nloss,2026-11-20T09:00,Z,https://id.mine.example/lot/9,1\nloss,never,Z,x,1\n"
    )
    data = {"token": sam.token(), "file": (io.BytesIO(sheet), "rows.csv")}
    bad = sam.client.post("/events/draft", data=data)
    assert bad.status_code == 400
    assert says(bad, "row 3:")
    assert json.loads(draft)["epcisBody"]["eventList"]
    assert sam.get("/events/template.xlsx").data[:2] == b"PK"
    assert sam.get("/events/template.csv").data.startswith(b"what,when,zone")
    assert sam.get("/events/template.odt").status_code == 404


def test_a_sheet_becomes_one_draft_or_none(reader):
    sam = reader("sam")
    rows = [f"extraction,2026-11-20T09:00,Z,https://id.mine.example/lot/{n},1,cassiterite,CD\n" for n in range(501)]

    def drafted(count):
        sheet = "what,when,zone,batch,quantity,mineral,origin_country\n" + "".join(rows[:count])
        data = {"token": sam.token(), "file": (io.BytesIO(sheet.encode()), "rows.csv")}
        return sam.client.post("/events/draft", data=data)

    many = drafted(501)
    assert (many.status_code, says(many, "at most 500 events"), says(many, "split it")) == (413, True, True)
    done = drafted(500)
    draft = tree(done).xpath("//textarea[@name='draft']")[0].text
    assert len(json.loads(draft)["epcisBody"]["eventList"]) == 500
    assert sam.send("/events/download", draft=draft).data.decode() == draft, "a draft of full size comes back"


def test_an_empty_upload_is_an_error_on_its_field(reader):
    anna = reader("anna")
    answer = anna.send("/documents")
    assert answer.status_code == 400
    assert says(answer, "choose the document")


def test_errors_look_like_errors(reader):
    anna = reader("anna")
    page = anna.get("/nothing-here")
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    assert page.headers["X-Request-Id"] in page.get_data(as_text=True)
    assert anna.get("/v1/nothing").mimetype == "application/problem+json"
    assert anna.get("/batch?id=%00").status_code in (400, 404)
    assert anna.get("/queue.json?x=%00").mimetype == "application/problem+json"
    wrong = anna.client.post("/queue")
    assert wrong.status_code == 405
    assert wrong.mimetype == "text/html"
    assert "GET" in wrong.headers["Allow"]
    large = anna.client.post("/documents", data=b"--b", content_type="multipart/form-data; boundary=b",
                             environ_overrides={"CONTENT_LENGTH": "51000000"})  # fmt: skip
    assert large.status_code == 413
    assert says(large, "larger than this service takes")
    assert anna.get("/batch").status_code == 404
    assert anna.get("/static/0000000000000000/console.css").status_code == 404


def test_something_unexpected_is_a_page_without_a_trace(reader, monkeypatch):
    from traceability.web import queue

    monkeypatch.setattr(queue.batches, "queue", lambda *_args, **_named: 1 / 0)
    anna = reader("anna")
    page = anna.get("/queue")
    assert page.status_code == 500
    assert says(page, "Quote the request")
    assert not says(page, "ZeroDivision")
    assert anna.get("/queue.json").mimetype == "application/problem+json"


def test_a_database_that_is_gone_is_a_page_that_says_so(reader, monkeypatch):
    from traceability.web import queue

    def gone(*_args, **_named):
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    anna = reader("anna")
    monkeypatch.setattr(queue.batches, "queue", gone)
    page = anna.get("/queue")
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert says(page, "try again later")
    assert anna.get("/queue.json").status_code == 503


def test_static_files_are_kept_by_the_hash_of_their_content(reader):
    browser = reader()
    address = tree(browser.get("/sign-in")).xpath("//link[@rel='stylesheet']/@href")[0]
    answer = browser.get(address)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]


def test_further_keys_wait_for_another_admin(story, reader):
    from traceability.storage.tables import PartyKey

    mine, adam = story.parties["mine"], reader("adam")
    kids = [f"{mine.did}#{name}" for name in ("one", "two", "own")]
    keys = [PrivateKey.generate("EdDSA").public for _ in kids]

    def apply(tx):
        for place, kid in enumerate(kids):
            tx.session.add(PartyKey(
                id=f"k{place}", kid=kid, party_id=mine.id, alg="EdDSA", thumbprint=keys[place].thumbprint, jwk=dict(keys[place].jwk),
                proof={"body": "e30=", "jws": ""}, state="waiting", applicant="adam" if "own" in kid else "sam",
                applied_at=tx.now, reason="a second machine",
            ))  # fmt: skip

    story.service.store.write(apply)
    assert says(adam.get("/approvals"), "a second machine")
    assert says(adam.get(f"/key?kid={quote(kids[0])}"), "thumbprint")
    assert adam.send("/key", kid=kids[0], go="approve").status_code == 303
    assert adam.send("/key", kid=kids[1], go="refuse").status_code == 303
    assert adam.send("/key", kid=kids[2], go="approve").status_code == 403
    assert says(adam.get(f"/key?kid={quote(kids[2])}"), "Another admin has to decide")
    assert adam.get(f"/key?kid={quote(kids[0])}").status_code == 404
    states = {row["kid"]: row["reason"] for row in adam.get(f"/parties/{mine.id}.json").get_json()["tables"]["keys"]}
    assert set(kids) <= states.keys()


def test_an_application_after_a_lost_key_is_decided_by_another_admin(story, reader):
    from traceability.services import keys, lost_keys

    mine, adam, sam = story.parties["mine"], reader("adam"), reader("sam")
    fresh = [
        replace(drawn, kid=f"{mine.did}#{n}") for n, drawn in enumerate(PrivateKey.generate("EdDSA") for _ in "abc")
    ]

    def apply(key, applicant="self-registration"):
        nonce = keys.make_nonce(story.service, mine.did)
        body = challenge_payload(mine.did, key.kid, key.public.jwk, nonce, story.service.settings.log_origin)
        proof = keys.ProofOfPossession(body, sign_detached(body, key, kid=key.kid), nonce)
        lost_keys.apply(story.service, applicant, mine.did, proof, "The phone fell into the shaft.")
        return next(r.id for r in lost_keys.listed(story.service, TERMINAL) if r.thumbprint == key.public.thumbprint)

    own, refused, good = apply(fresh[0], "adam"), apply(fresh[1]), apply(fresh[2])
    assert says(adam.get("/approvals"), "The phone fell into the shaft.")
    assert says(adam.get(f"/lost-keys/{own}"), "Another admin has to decide")
    page = adam.get(f"/lost-keys/{good}")
    assert says(page, fresh[2].public.thumbprint)
    assert says(page, "Others that ask in its name")
    assert says(sam.get(f"/parties/{mine.id}"), "Applications after a lost key")
    assert adam.send(f"/lost-keys/{refused}", go="refuse", reason="Nobody there knows of this one.").status_code == 303
    no_method = adam.send(f"/lost-keys/{good}", go="approve", reason="The manager read the thumbprint.")
    assert (no_method.status_code, says(no_method, "how the identity was checked")) == (400, True)
    sent = adam.send(f"/lost-keys/{good}", go="approve", method="telephone", reason="The manager read the thumbprint.")
    assert sent.status_code == 303
    assert says(adam.get(f"/lost-keys/{good}"), "another admin has to check and agree as well")
    lost_keys.approve(story.service, TERMINAL, good, "video call", "The owner read the same thumbprint.")
    assert adam.send(f"/lost-keys/{own}", go="refuse", reason="It is the one I sent myself.").status_code == 403
    states = {row["kid"]: row["reason"] for row in adam.get(f"/parties/{mine.id}.json").get_json()["tables"]["keys"]}
    assert states[mine.key.kid].startswith("lost (The phone")


def test_the_batch_page_says_whose_signature_is_disputed(story, reader):
    from traceability.services import revocation

    anna, mine = reader("anna"), story.parties["mine"]
    address = f"/batch?id={quote(MIX, safe='')}"
    assert not says(anna.get(address), "is reported as compromised")
    revocation.revoke(story.service, TERMINAL, mine.key.kid, "The laptop was stolen.", 0)
    story.work()
    page = anna.get(address)
    assert says(page, "Disputed: a key of Mine One is reported as compromised")
    assert says(page, "disputed signature of Mine One")
    assert says(page, "Signed with a compromised key")
    assert says(anna.get("/queue"), "INT-KEY-REVOKED")


def test_an_unread_document_is_settled_by_two_persons_who_read_it(story, reader):
    anna, boris = reader("anna"), reader("boris")
    data = {"token": anna.token(), "shipment": "NL-2026-0001", "file": (io.BytesIO(b"%PDF-1.7 broken"), "scan.pdf")}
    address = anna.client.post("/documents", data=data).headers["Location"]
    assert says(anna.get(address), "waits to be read")
    story.work()
    page = anna.get(address)
    assert says(page, "stays pending")
    judge = tree(page).xpath("//a[starts-with(@href, '/judge?kind=document')]/@href")[0]
    assert says(anna.get(judge), "scan.pdf")
    done = anna.send("/judge", **filled(anna, judge, 0) | {"verdict": "read_by_person", "reason": REASON})
    assert "pending" in anna.get("/shipment.json?id=NL-2026-0001").get_json()["verdict"]["state"]
    assert boris.send(done.headers["Location"] + "/confirm", reason=REASON).status_code == 303
    story.work()
    assert anna.get("/shipment.json?id=NL-2026-0001").get_json()["verdict"]["state"] != "pending"


def test_a_signal_is_judged_by_its_sentence_and_the_document_shows_it_marked(reader):
    anna = reader("anna")
    signal = tree(anna.get("/shipment?id=NL-2026-0001")).xpath("//a[starts-with(@href, '/judge?kind=signal')]/@href")[0]
    page = tree(anna.get(signal))
    (quote,) = page.xpath("//blockquote[@class='passage']/mark")
    assert len(text(quote.getparent())) > len(text(quote)), "its surroundings stand around it"
    assert {"Page", "Why", "Rule"} <= {text(term).capitalize() for term in page.xpath("//dt")}
    (address,) = page.xpath("//h2[@id='passage-title']/a/@href")
    document = tree(anna.get(address))
    assert text(quote) in [text(mark) for mark in document.xpath("//mark")]
    for link in document.xpath("//mark/a/@href"):
        assert document.xpath(f"//tr[@id='{link[1:]}']")
    for link in document.xpath("//table[@data-table='signals']//a[contains(@href, '#mark-')]/@href"):
        assert document.xpath(f"//*[@id='{link.partition('#')[2]}']")


def read_here(data, name):
    """Read the labelled fields of a paper without the cold start of the children that do it."""
    extracted = extract(data, name)
    found, (page,) = declared(read_fields(extracted), "en"), extracted.pages
    return Report(
        digest_of(data), "parsed", None, "packing_list", "packing_list", "en", (Page(*page),), None, "1", found
    )


def test_a_contradiction_stands_beside_the_signed_fact_and_is_dismissed(story, reader):
    story.service.__dict__["sandbox"] = SimpleNamespace(screen=read_here, close=lambda: None)
    anna, paper = reader("anna"), b"Lot number: MIX-1\nMineral: Coltan\nNet weight: 2,000 kg\n"
    data = {"token": anna.token(), "batch": MIX, "file": (io.BytesIO(paper), "list.txt")}
    address = anna.client.post("/documents", data=data).headers["Location"]
    story.work()
    document = tree(anna.get(address))
    (row,) = document.xpath("//table[@data-table='contradictions']//tbody/tr")
    cells = [text(cell) for cell in row.xpath("./*")]
    assert cells[0] == "weight contradicted"
    assert cells[1] == "page 1, Net weight: 2,000 kg"
    assert "1240 kg" in cells[2]
    assert "heavier than anything signed" in cells[3]
    assert [text(mark) for mark in document.xpath("//mark")] == ["2,000 kg"]
    (judge,) = row.xpath(".//a[starts-with(@href, '/judge?kind=signal')]/@href")
    assert says(anna.get(judge), "1240 kg")
    batch = anna.get(f"/batch?id={MIX}")
    assert judge in tree(batch).xpath("//ul[@class='notes']//a/@href")
    assert anna.send("/judge", **filled(anna, judge, 0) | {"verdict": "rejected", "reason": REASON}).status_code == 303
    story.work()
    assert says(anna.get(f"/batch?id={MIX}"), "A person said: rejected.")
    assert "rejected" in text(tree(anna.get(address)).xpath("//table[@data-table='contradictions']")[0])


def test_nothing_in_a_document_runs_on_its_page(story, reader):
    anna = reader("anna")
    evil = b"Letter <script>alert(1)</script><img src=x onerror=alert(2)>\n\nWe saw children aged 12 carrying ore \x1b]0;x\x07."
    data = {"token": anna.token(), "batch": MIX, "file": (io.BytesIO(evil), "<b>letter</b>.txt")}
    address = anna.client.post("/documents", data=data).headers["Location"]
    story.work()
    page = anna.get(address)
    assert "&lt;script&gt;alert(1)" in page.get_data(as_text=True)
    assert not tree(page).xpath("//script[contains(text(), 'alert')] | //main//img | //main//b[text()='letter']")
    assert not tree(page).xpath("//div[contains(@class, 'text')]//*[not(self::mark or self::a or self::span)]")
    name = anna.get(f"{address}/content").headers["Content-Disposition"]
    assert name.startswith("attachment; filename=")
    assert "<" not in name
    assert ".txt" in name


def test_a_document_about_nothing_one_sees_is_refused_on_its_field(reader):
    anna = reader("anna")
    for field, value in (
        ("batch", "no uri"),
        ("batch", "https://id.none.example/lot/1"),
        ("party", "did:web:no.example"),
    ):
        data = {"token": anna.token(), field: value, "file": (io.BytesIO(b"x"), "x.txt")}
        refused = anna.client.post("/documents", data=data)
        assert refused.status_code in (400, 422), value
        assert tree(refused).xpath(f"//*[@id='{field}']/@aria-invalid") == ["true"], value


def test_a_supplier_is_told_that_its_papers_have_no_effect_yet(reader):
    assert says(reader("sam").get("/documents"), "stays private to your party")
    assert not says(reader("anna").get("/documents"), "stays private to your party")


def test_the_queue_names_batches_severity_and_age_and_always_says_what_is_pending(reader):
    page = reader("anna").get("/queue")
    rows = {row["subject"]: row for row in reader("anna").get("/queue.json").get_json()["tables"]["queue"]}
    assert (rows["NL-2026-0001"]["batches"], rows["NL-2026-0001"]["age"]) == ("MIX-1", "today")
    assert rows["NL-2026-0002"]["severity"] == "critical"
    (pending,) = tree(page).xpath("//nav[@class='counts']/a[contains(@class, 'apart')]")
    assert text(pending).endswith("Pending, counted as nothing else")


def test_what_paper_a_document_is_takes_two_officers(story, reader):
    anna, boris, ines = reader("anna"), reader("boris"), reader("ines")
    data = {"token": anna.token(), "shipment": "NL-2026-0001", "file": (io.BytesIO(b"A letter about metal."), "l.txt")}
    address = anna.client.post("/documents", data=data).headers["Location"]
    story.work()
    judge = tree(anna.get(address)).xpath("//a[starts-with(@href, '/judge?kind=doc_type')]/@href")[0]
    assert not tree(ines.get(address)).xpath("//a[starts-with(@href, '/judge')]"), "an importer says nothing about it"
    assert says(anna.get(judge), "What paper is this?")
    done = anna.send("/judge", **filled(anna, judge, 0) | {"verdict": "audit_report", "reason": REASON})
    assert not says(anna.get(address), "confirmed by two officers")
    assert boris.send(done.headers["Location"] + "/confirm", reason=REASON).status_code == 303
    assert says(anna.get(address), "audit report, confirmed by two officers")
    assert says(anna.get("/documents"), "audit report, confirmed by two officers")


def test_evidence_leads_to_its_document(story, reader):
    anna = reader("anna")
    address = tree(anna.get("/documents")).xpath("//tbody//a/@href")[0]
    sha256 = anna.get(f"{address}.json").get_json()["document"]["SHA-256"]
    assert anna.get(f"/documents/of/{sha256}").headers["Location"] == address
    assert anna.get(f"/documents/of/{'0' * 64}").status_code == 404


def test_an_api_key_opens_no_page(story, reader):
    from secrets import token_urlsafe

    answer = reader().client.get("/queue.json", headers={"Authorization": f"Bearer trc_{token_urlsafe(32)}"})
    assert answer.status_code == 401
