"""Capture over HTTP with real signatures and API keys: every form, the job, queries, corrections, receipts (epcis.md)."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import structlog
from sqlmodel import select

from traceability.events.made_id import made_id
from traceability.events.validation import document_problems
from traceability.ledger.credential import make_credential
from traceability.ledger.encoding import b64
from traceability.ledger.jose import sign_compact
from traceability.ledger.merkle import EMPTY_ROOT
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.services.fsck import fsck
from traceability.services.revocation import revoke
from traceability.storage.tables import Event, LedgerEntry


@pytest.fixture
def mine(make_sender):
    return make_sender("Mine One")


@pytest.fixture(autouse=True)
def audited(request):
    """Whatever a test has captured, an audit derives it again from the bytes and finds the same."""
    name = "service" if "service" in request.fixturenames else "sqlite_service"
    service = request.getfixturevalue(name)
    yield
    assert [problem.as_dict() for problem in fsck(service, deep=True).problems] == []


def rows(service, table):
    with service.store.read() as session:
        return list(session.exec(select(table)))


@pytest.mark.parametrize("form", ["detached", "enveloped", "json"])
@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
def test_every_form_and_algorithm_is_captured(sqlite_service, make_sender, story, form, alg):
    mine = make_sender("Mine One", alg=alg)
    answer = mine.post(story.document(story.born("A"), story.packed("https://id.example/bag/1", "A")), form=form)
    assert answer.status_code == 202, answer.json
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    assert answer.headers["GS1-CBV-Version"] == "2.0.0"
    assert answer.headers["GS1-Extensions"].startswith("crm=")
    job = mine.client.get(answer.headers["Location"], headers=mine.headers).json
    assert (job["success"], job["running"], job["errors"]) == (True, False, [])
    assert [event["repeated"] for event in job["events"]] == [False, False]
    found = mine.client.get(job["receipts"], headers=mine.headers).json
    assert len(found) == 2
    for item in found:
        verdict = verify_receipt(json.dumps(item["receipt"]).encode(), policy=Policy.pin(sqlite_service.log_key.vkey))
        assert verdict.verdict == "ok", verdict
        assert {step.what: step.verdict for step in verdict.items}["event"] == "ok"


def verified(service, sender, answer):
    """Return for each event of a capture what its receipt does not prove offline, besides the end of its key."""
    found = sender.client.get(answer.json["receipts"], headers=sender.headers).json
    policy = Policy.pin(service.log_key.vkey)
    verdicts = [verify_receipt(json.dumps(item["receipt"]).encode(), policy=policy, event_id=made_id) for item in found]
    steps = [[(step.what, step.verdict) for step in verdict.items if step.verdict != "ok"] for verdict in verdicts]
    assert all(open_[-1] == ("end of key", "not checked") for open_ in steps), "no receipt proves that"
    return [open_[:-1] for open_ in steps]


SHAPES = {
    "a document": lambda story: (story.document(story.born("A"), story.born("B")), "/epcis/capture"),
    "a query document": lambda story: (
        story.document()
        | {"type": "EPCISQueryDocument"}
        | {
            "epcisBody": {
                "queryResults": {
                    "queryName": "SimpleEventQuery",
                    "resultsBody": {"eventList": [story.born("A"), story.born("B")]},
                }
            }
        },
        "/epcis/capture",
    ),
    "one event": lambda story: (story.single(story.born("A")), "/epcis/events"),
    "documents of events without id": lambda story: (
        story.document(
            *(
                {name: value for name, value in story.born(lot, **{"crm:x": 1}).items() if name != "eventID"}
                for lot in "AB"
            )
        ),
        "/epcis/capture",
    ),
    "an event without id": lambda story: (
        {name: value for name, value in story.single(story.born("A")).items() if name != "eventID"},
        "/epcis/events",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", ["detached", "enveloped", "json"])
def test_every_accepted_form_gives_receipts_that_verify(sqlite_service, mine, story, form, shape):
    document, path = SHAPES[shape](story)
    answer = mine.post(document, path, form=form)
    assert answer.status_code in (201, 202), answer.json
    assert verified(sqlite_service, mine, answer) == [[] for _ in answer.json["events"]]


@pytest.mark.parametrize("header", ["", "x", "eyJhbGciOiJFZERTQSJ9..AAAA"])
def test_an_enveloped_capture_takes_no_detached_signature(mine, story, counts, header):
    before = counts()
    answer = mine.post(story.document(story.born("A")), form="enveloped", X_JWS_Signature=header)
    assert answer.status_code == 400
    assert "leave the header out" in answer.json["detail"]
    assert counts() == before


def test_only_utf_8_is_read(mine, story, counts):
    before = counts()
    for sent in ("application/json; charset=utf-16", 'application/ld+json;CHARSET="ISO-8859-1"'):
        answer = mine.post(story.document(story.born("A")), Content_Type=sent)
        assert (answer.status_code, "UTF-8" in answer.json["detail"]) == (415, True)
    assert counts() == before
    assert (
        mine.post(story.document(story.born("A")), Content_Type='application/json; charset="UTF-8"').status_code == 202
    )


def test_ld_json_and_a_query_document_are_captured(mine, story):
    event = story.born("A")
    answer = mine.post(story.document(event), Content_Type="application/ld+json; charset=utf-8")
    assert answer.status_code == 202
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": [event, story.born("B")]}}
    document = story.document() | {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": results}}
    again = mine.post(document)
    assert [item["repeated"] for item in again.json["events"]] == [True, False]


def test_one_event_at_its_own_address(mine, story):
    answer = mine.post(story.single(story.born("A")), "/epcis/events")
    assert answer.status_code == 201, answer.json
    shown = mine.client.get(answer.headers["Location"], headers=mine.headers)
    assert shown.json["quantityList"][0]["epcClass"].endswith("/A")
    assert shown.json["recordTime"] == "2026-11-23T09:00:00.000Z"
    assert mine.post(story.document(story.born("B")), "/epcis/events").status_code == 400
    assert mine.post(story.single(story.born("B"))).status_code == 400


@pytest.mark.parametrize(
    "event_id", ["https://id.example/event/1?a=b#c", "urn:uuid:00000000-0000-4000-8000-00000000aaaa", "did:web:x#1"]
)
def test_an_event_is_found_by_its_id_whatever_uri_it_is(mine, story, event_id):
    answer = mine.post(story.single(story.born("A", eventID=event_id)), "/epcis/events")
    by_location = mine.client.get(answer.headers["Location"], headers=mine.headers)
    by_id = mine.client.get(f"/epcis/events/{quote(event_id, safe='')}", headers=mine.headers)
    assert by_location.status_code == by_id.status_code == 200, (answer.headers["Location"], by_location.json)
    assert by_id.json["eventID"] == event_id


def test_one_event_of_other_content_is_a_conflict_even_with_proceed(mine, story):
    event = story.born("A")
    mine.post(story.single(event), "/epcis/events")
    changed = {**event, "bizStep": "collecting"}
    answer = mine.post(story.single(changed), "/epcis/events", GS1_Capture_Error_Behaviour="proceed")
    assert answer.status_code == 409
    assert "new eventID" in answer.json["detail"]


def test_a_missing_event_id_is_filled_and_gives_one_event(mine, story):
    event = story.born("A")
    del event["eventID"]
    first = mine.post(story.single(event), "/epcis/events")
    second = mine.post(story.single(event), "/epcis/events")
    assert first.json["events"][0]["event_id"].startswith("ni:///sha-256;")
    assert first.json["events"][0]["index"] == second.json["events"][0]["index"]
    assert second.json["events"][0]["repeated"]


def test_a_repetition_gives_the_same_places_and_no_new_leaf(service, mine, story):
    document = story.document(story.born("A"), story.born("B"))
    first = mine.post(document)
    before = len(rows(service, LedgerEntry))
    again, other_form = mine.post(document), mine.post(document, form="enveloped")
    places = [[item["index"] for item in answer.json["events"]] for answer in (first, again, other_form)]
    assert places[0] == places[1] == places[2]
    assert len(rows(service, LedgerEntry)) == before
    receipts = [mine.client.get(answer.json["receipts"], headers=mine.headers).json for answer in (first, again)]
    entries = [[item["receipt"]["entry"] for item in found] for found in receipts]
    assert entries[0] == entries[1]


def test_another_spelling_of_the_same_event_id_is_the_same_event(service, mine, story):
    event = story.born("A", kg=200, eventID="urn:uuid:abcdef00-0000-4000-8000-000000000001")
    first = mine.post(story.document(event))
    spelt = event | {"eventID": "URN:UUID:ABCDEF00-0000-4000-8000-000000000001"}
    again = mine.post(json.dumps(story.document(spelt)).replace("200", "200.0").encode())
    assert again.json["events"][0]["index"] == first.json["events"][0]["index"]
    assert len(rows(service, Event)) == 1


CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]
CRM = "https://ref.example.org/crm/"


def test_another_binding_of_a_prefix_is_other_content(service, mine, story):
    event = story.born("A", **{"my:originCountry": "RW"})
    first = mine.post(story.document(event) | {"@context": [*CONTEXT, {"my": CRM}]})
    assert first.status_code == 202, first.json
    other = mine.post(story.document(event) | {"@context": [*CONTEXT, {"my": "https://other.example/"}]})
    assert (other.status_code, "other content" in other.json["detail"]) == (409, True)
    assert mine.post(story.document(event)).status_code == 409, "nor is it the same without any"
    on_top = mine.post(story.document(event | {"@context": {"my": CRM}}))
    assert on_top.json["events"][0]["repeated"], "wherever it is bound"
    unused = mine.post(story.document(event) | {"@context": [*CONTEXT, {"my": CRM, "x": "https://x.example/"}]})
    assert unused.json["events"][0]["repeated"], "what is not used says nothing"
    assert len(rows(service, Event)) == 1


def test_the_usual_prefixes_mean_the_same_with_and_without_their_binding(mine, story):
    event = story.born("A", **{"crm:note": "x", "gs1:note": "y"})
    bound = {"crm": CRM, "gs1": "https://gs1.org/voc/", "crm:note": {"@id": "crm:note"}}
    mine.post(story.document(event) | {"@context": [CONTEXT[0], bound]})
    again = mine.post(story.document(event) | {"@context": CONTEXT[:1]})
    assert again.json["events"][0]["repeated"]
    rebound = mine.post(story.document(event) | {"@context": [CONTEXT[0], {"crm": "https://other.example/"}]})
    assert rebound.status_code == 409


def test_a_conflict_is_named_where_a_problem_of_the_form_is(mine, story):
    known = story.born("A")
    mine.post(story.document(known))
    changed = known | {"disposition": "damaged"}
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": [changed]}}
    query = story.document() | {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": results}}
    posts = [
        (story.document(story.born("B"), changed), "/epcis/capture", "$.epcisBody.eventList[1].eventID"),
        (query, "/epcis/capture", "$.epcisBody.queryResults.resultsBody.eventList[0].eventID"),
        (story.single(changed), "/epcis/events", "$.eventID"),
    ]
    for body, path, place in posts:
        answer = mine.post(body, path)
        assert (answer.status_code, [problem["path"] for problem in answer.json["errors"]]) == (409, [place])


def test_fifty_threads_posting_one_capture_make_one_set_of_events(service, app, mine, story):
    document = story.document(*(story.born(f"L{number}") for number in range(5)))

    def post(_):
        answer = type(mine)(mine.party, mine.api_key, app.test_client()).post(document)
        return answer.status_code, tuple(item["index"] for item in answer.json["events"])

    with ThreadPoolExecutor(50) as pool:
        answers = set(pool.map(post, range(50)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 202
    assert len(rows(service, Event)) == 5
    assert len(rows(service, LedgerEntry)) == 1 + 1 + 5, "the key, the capture, its events"


def test_the_same_id_with_other_content_is_refused_whole(service, mine, story, counts):
    """Whatever of it is other, left out or added; and the request's line says that it was."""
    event = story.born("A")
    mine.post(story.document(event))
    before = counts()
    changes = {
        "eventTime": "2026-11-20T08:00:01Z", "bizStep": "inspecting", "action": "OBSERVE", "disposition": "damaged",
        "quantityList": story.goods("A", kg=100.5), "readPoint": {"id": "https://mine.example/site/other"},
        "ilmd": {"crm:mineral": "wolframite"}, "crm:note": "another word",
    }  # fmt: skip
    others = [event | {name: value} for name, value in changes.items()]
    others += [{name: value for name, value in event.items() if name != gone} for gone in {"ilmd"} & event.keys()]
    for other in others:
        with structlog.testing.capture_logs() as logged:
            answer = mine.post(story.document(story.born("B"), other))
        assert answer.status_code == 409, (other, answer.text)
        assert answer.json["type"] == "epcisException:ResourceAlreadyExistsException"
        assert [(one["status"], one["path"]) for one in logged if one["event"] == "request"] == [
            (409, "/epcis/capture")
        ]
        assert counts() == before


def test_one_idempotency_key_stands_for_one_body(service, mine, make_sender, story, counts):
    first, other = story.document(story.born("A")), story.document(story.born("B"))
    named = {"Idempotency_Key": '"retry-7"'}
    done = mine.post(first, **named)
    before = counts()
    with structlog.testing.capture_logs() as logged:
        refused = mine.post(other, **named)
    assert (refused.status_code, "stands for another body" in refused.json["detail"]) == (409, True)
    assert [line["status"] for line in logged if line["event"] == "request"] == [409]
    assert counts() == before
    again = mine.post(first, Idempotency_Key="retry-7")
    assert (again.status_code, [one["index"] for one in again.json["events"]]) == (
        202, [one["index"] for one in done.json["events"]],
    )  # fmt: skip
    assert counts()["ledger_entry"] == before["ledger_entry"]
    assert make_sender("Trader Two").post(story.document(story.born("C")), **named).status_code == 202, (
        "a name of its own"
    )
    assert mine.post(other, Idempotency_Key="").status_code == 400
    assert mine.post(other, Idempotency_Key="a b").status_code == 400


def test_a_refused_capture_takes_no_idempotency_key(mine, story):
    event = story.born("A")
    mine.post(story.document(event))
    wrong = story.document(event | {"disposition": "damaged"})
    assert mine.post(wrong, Idempotency_Key="k").status_code == 409
    assert mine.post(story.document(story.born("B")), Idempotency_Key="k").status_code == 202


def test_fifty_threads_with_one_idempotency_key_and_two_bodies_record_one(service, app, mine, story):
    documents = [story.document(story.born(name)) for name in "AB"]

    def post(number):
        sender = type(mine)(mine.party, mine.api_key, app.test_client())
        return number % 2, sender.post(documents[number % 2], Idempotency_Key="k").status_code

    with ThreadPoolExecutor(50) as pool:
        answers = set(pool.map(post, range(50)))
    assert len(rows(service, Event)) == 1
    assert {status for _, status in answers} == {202, 409}
    assert len(answers) == 2, "one body is recorded, each time it is sent; the other one never"


def test_proceed_records_what_is_good_and_names_the_rest(mine, story):
    known = story.born("A")
    mine.post(story.document(known))
    bad = story.born("B", kg=-1)
    document = story.document(story.born("C"), bad, known | {"disposition": "damaged"})
    assert mine.post(document).status_code == 400
    answer = mine.post(document, GS1_Capture_Error_Behaviour="proceed")
    assert answer.status_code == 202
    job = mine.client.get(answer.headers["Location"], headers=mine.headers).json
    assert (job["success"], job["captureErrorBehaviour"], len(job["events"]), len(job["errors"])) == (
        False, "proceed", 1, 2,
    )  # fmt: skip
    assert mine.post(document, GS1_Capture_Error_Behaviour="perhaps").status_code == 400


def test_what_is_wrong_with_the_document_itself_stops_proceed_too(mine, story, counts):
    before = counts()
    document = story.document(story.born("A"), **{"eventList[0]": 1})
    assert mine.post(document, GS1_Capture_Error_Behaviour="proceed").status_code == 400
    assert counts() == before


def test_five_hundred_events_are_taken_and_one_more_is_not(sqlite_service, mine, story, counts):
    events = [story.born(f"L{number}") for number in range(501)]
    before = counts()
    answer = mine.post(story.document(*events))
    assert answer.status_code == 413
    assert answer.json["type"] == "epcisException:CaptureLimitExceededException"
    assert counts() == before
    answer = mine.post(story.document(*events[:500]))
    assert (answer.status_code, len(answer.json["events"])) == (202, 500)
    found = mine.client.get(answer.json["receipts"], headers=mine.headers)
    assert len(found.json) == 500
    assert len(found.data) < 20_000_000
    last = json.dumps(found.json[-1]["receipt"]).encode()
    assert verify_receipt(last, policy=Policy.pin(sqlite_service.log_key.vkey)).verdict == "ok"


def test_exactly_five_megabytes_are_taken_and_a_byte_more_is_not(mine, story, counts):
    body = json.dumps(story.document(story.born("A"))).encode()
    full = body + b" " * (5_000_000 - len(body))
    before = counts()
    assert mine.post(full + b" ").status_code == 413
    assert counts() == before
    assert mine.post(full).status_code == 202


def test_a_capture_naming_more_things_than_a_statement_has_parameters(service, mine, story):
    epcs = [f"urn:a:{number}" for number in range(70_000)]
    event = story.born("A")
    del event["quantityList"]
    answer = mine.post(story.document(event | {"epcList": epcs}))
    assert answer.status_code == 202, answer.json


def test_decimals_and_wide_integers_come_back_as_they_were_written(mine, story):
    body = json.dumps(story.document(story.born("A", **{"crm:big": 10**40}))).replace(
        '"quantity": 100', '"quantity": 1e2'
    )
    answer = mine.post(body.encode())
    assert answer.status_code == 202, answer.json
    text = mine.client.get("/epcis/events", headers=mine.headers).text
    assert str(10**40) in text
    assert '"quantity":1E+2' in text or '"quantity":1e2' in text


def test_options_say_what_the_binding_speaks(client):
    for path in ("/epcis/", "/epcis/capture", "/epcis/capture/x", "/epcis/events", "/epcis/events/x"):
        answer = client.options(path)
        assert answer.status_code == 204, path
        for name in ("GS1-EPCIS-Version", "GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Version", "GS1-CBV-Min",
                     "GS1-CBV-Max", "GS1-EPC-Format", "GS1-CBV-XML-Format", "GS1-Extensions", "GS1-Vendor-Version"):  # fmt: skip
            assert name in answer.headers, (path, name)
        assert "OPTIONS" in answer.headers["Allow"]
        assert ("POST" in answer.headers["Allow"]) == (path in {"/epcis/capture", "/epcis/events"})
    limits = client.options("/epcis/capture").headers
    assert limits["GS1-EPCIS-Capture-Limit"] == "500"
    assert limits["GS1-EPCIS-Capture-File-Size-Limit"] == "5000000"
    assert limits["GS1-Capture-Error-Behaviour"] == "rollback,proceed"


def test_other_formats_and_encodings_are_refused(mine, story, counts):
    document = story.document(story.born("A"))
    before = counts()
    answer = mine.post(document, GS1_EPC_Format="Always_GS1_Digital_Link")
    assert (answer.status_code, answer.json["type"]) == (406, "epcisException:NotAcceptableException")
    answer = mine.post(document, Content_Encoding="gzip")
    assert answer.status_code == 400
    assert "bytes that travel" in answer.json["detail"]
    assert mine.post(document, Content_Type="application/xml").status_code == 415
    assert counts() == before
    assert mine.post(document, GS1_EPC_Format="No_Preference").status_code == 202


def links(answer):
    link = answer.headers.get("Link")
    return link and link.partition("<")[2].partition(">")[0]


def test_pages_hold_every_event_once_while_more_arrive(mine, story, clock):
    mine.post(story.document(*(story.born(f"L{number}") for number in range(7))))
    url, seen = "/epcis/events?perPage=3&eventType=ObjectEvent", []
    while url:
        answer = mine.client.get(url, headers=mine.headers)
        seen += [event["eventID"] for event in answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
        assert ("GS1-Next-Page-Token-Expires" in answer.headers) == ("Link" in answer.headers)
        if len(seen) == 3:
            mine.post(story.document(story.born("late")))
        url = links(answer)
    assert len(seen) == len(set(seen)) == 8


def test_the_pages_of_captures_stay_while_more_arrive(mine, story, clock):
    made = []
    for number in range(5):
        clock.advance(seconds=number // 2)  # some at one moment
        made.append(mine.post(story.document(story.born(f"L{number}"))).json["captureID"])
    url, seen = "/epcis/capture?perPage=2", []
    while url:
        answer = mine.client.get(url, headers=mine.headers)
        assert answer.status_code == 200
        seen += [job["captureID"] for job in answer.json]
        clock.advance(seconds=1)
        mine.post(story.document(story.born("late")))
        url = links(answer)
    assert sorted(seen) == sorted(made)


def test_a_token_is_ours_for_these_pages_and_not_for_ever(mine, story, clock):
    for name in ("A", "B"):
        mine.post(story.document(story.born(name)))
    url = links(mine.client.get("/epcis/events?perPage=1", headers=mine.headers))
    other = url.replace("/epcis/events", "/epcis/capture")
    assert mine.client.get(other, headers=mine.headers).status_code == 400
    for token in ("x", "MS4yLsOp", "MX4yfsOp", "AAAA", "é", "Li4u", "", "fn5-"):
        for path in ("/epcis/events", "/epcis/capture"):
            assert mine.client.get(path, query_string={"nextPageToken": token}, headers=mine.headers).status_code == 400
    clock.advance(hours=25)
    answer = mine.client.get(url, headers=mine.headers)
    assert (answer.status_code, "expired" in answer.json["detail"]) == (400, True)


def test_a_token_is_for_the_query_it_was_made_for(mine, story):
    mine.post(story.document(*(story.born(name) for name in "ABC")))
    url = links(mine.client.get("/epcis/events?perPage=1&eventType=ObjectEvent", headers=mine.headers))
    other = mine.client.get(url.replace("ObjectEvent", "AggregationEvent"), headers=mine.headers)
    assert (other.status_code, "another query" in other.json["detail"]) == (400, True)
    assert mine.client.get(url.replace("eventType=ObjectEvent&", ""), headers=mine.headers).status_code == 400
    larger = mine.client.get(url.replace("perPage=1", "perPage=5"), headers=mine.headers).json
    assert len(larger["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2


@pytest.mark.parametrize("path", ["/epcis/events", "/epcis/capture"])
def test_an_absurd_page_size_is_told_the_largest_one(mine, path):
    answer = mine.client.get(f"{path}?perPage=99999999999999999999", headers=mine.headers)
    assert answer.status_code == 400
    assert "from 1 to 999999999" in answer.json["detail"]
    assert mine.client.get(f"{path}?perPage=101", headers=mine.headers).status_code == 200


def test_filters_narrow_what_is_shown(mine, story):
    bag = "https://id.example/bag/1"
    mine.post(story.document(story.born("A"), story.packed(bag, "A"), story.handed("did:web:x.example", "A")))

    def shown(**query):
        answer = mine.client.get("/epcis/events", query_string=query, headers=mine.headers)
        assert answer.status_code == 200, answer.json
        assert document_problems(answer.json) == []
        return [event["type"] for event in answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]

    assert shown(eventType="AggregationEvent") == ["AggregationEvent"]
    assert shown(MATCH_anyEPC=bag) == ["AggregationEvent"]
    assert len(shown(MATCH_anyEPCClass="HTTPS://ID.EXAMPLE/lot/A")) == 3
    assert shown(MATCH_anyEPCClass=story.lot("B")) == []
    assert shown(EQ_bizStep="commissioning|packing") == ["ObjectEvent", "AggregationEvent"]
    assert len(shown(GE_eventTime="2026-10-24T09:02:00Z")) == 2
    assert len(shown(LT_eventTime="2026-10-24T09:02:00Z")) == 1


@pytest.mark.parametrize(
    "query", ["what=1", "perPage=0", "perPage=x", "eventType=X", "GE_eventTime=2026-01-01", "perPage=1&perPage=2"]
)
def test_a_query_that_cannot_be_answered_says_so(mine, query):
    answer = mine.client.get(f"/epcis/events?{query}", headers=mine.headers)
    assert (answer.status_code, answer.json["type"]) == (400, "epcisException:QueryParameterException")


def test_what_was_answered_can_be_captured_again(mine, story):
    mine.post(story.document(story.born("A", kg=1.50), story.packed("https://id.example/bag/1", "A")))
    answer = mine.client.get("/epcis/events", headers=mine.headers)
    again = mine.post(answer.data)
    assert again.status_code == 202, again.json
    assert all(item["repeated"] for item in again.json["events"])


DECLARED = {"declarationTime": "2026-11-21T08:00:00Z", "reason": "incorrect_data", "correctiveEventIDs": ["urn:uuid:9"]}


def test_only_the_original_signer_declares_an_event_wrong_and_only_unchanged(service, mine, make_sender, story):
    event = story.born("A")
    mine.post(story.document(event))
    wrong = event | {"errorDeclaration": DECLARED}
    other = make_sender("Trader Two")
    assert other.post(story.document(wrong)).status_code == 409
    assert mine.post(story.document(wrong | {"disposition": "damaged"})).status_code == 409
    answer = mine.post(story.document(wrong))
    assert (answer.status_code, answer.json["events"][0]["repeated"]) == (202, False)
    shown = mine.client.get(f"/epcis/events/{event['eventID']}", headers=mine.headers).json
    assert shown["errorDeclaration"]["reason"] == "incorrect_data"
    assert mine.post(story.document(wrong)).json["events"][0]["repeated"]
    changed = event | {"errorDeclaration": DECLARED | {"correctiveEventIDs": ["urn:uuid:10"]}}
    assert mine.post(story.document(changed)).status_code == 409, "a second, other declaration would be lost"
    assert len(rows(service, Event)) == 2


def test_a_declaration_that_comes_first_binds_the_event_it_speaks_of(mine, make_sender, story):
    event = story.born("A")
    wrong = event | {"errorDeclaration": DECLARED}
    assert make_sender("Trader Two").post(story.document(wrong)).status_code == 202
    answer = mine.post(story.document(event))
    assert answer.status_code == 409, "or a stranger could declare a foreign event wrong before it comes"


def relayed(actor, event, extra=None, **changes):
    credential = make_credential({**event, **changes}, actor.party.did, actor.party.row.applied_at)
    token = sign_compact(credential, actor.party.key, kid=actor.party.key.kid, extra=extra)
    return event | {"crm:eventCredential": token}


def test_a_relayed_event_counts_as_signed_by_its_actor_only_if_it_is(service, mine, make_sender, story):
    trader = make_sender("Trader Two")
    good, changed, lent, unread = (story.born(name) for name in "ABCD")
    lent_to = story.born("E")
    events = [
        relayed(mine, good),
        relayed(mine, changed, disposition="damaged"),
        {**lent_to, "crm:eventCredential": relayed(mine, lent)["crm:eventCredential"]},
        unread | {"crm:eventCredential": "x.y.z"},
    ]
    assert trader.post(story.document(*events)).status_code == 202
    by = [row.credential_by for row in sorted(rows(service, Event), key=lambda row: row.index)]
    assert by == [mine.party.did, None, None, None]


def test_a_relayed_signature_for_another_log_vouches_for_nothing(service, mine, make_sender, story):
    ours = {"log_origin": service.settings.log_origin, "log_anchor": f"0 {b64(EMPTY_ROOT)}"}
    extras = [ours, {"log_origin": "other.example/log"}, {"log_anchor": f"1 {b64(bytes(32))}"}]
    events = [relayed(mine, story.born(f"L{number}"), extra) for number, extra in enumerate(extras)]
    assert make_sender("Trader Two").post(story.document(*events)).status_code == 202
    by = [row.credential_by for row in sorted(rows(service, Event), key=lambda row: row.index)]
    assert by == [mine.party.did, None, None]


def test_a_relay_with_a_revoked_key_vouches_for_nothing(service, mine, make_sender, story):
    event = relayed(mine, story.born("A"))
    revoke(service, mine.party.actor(), mine.party.key.kid, "the laptop was stolen")
    assert make_sender("Trader Two").post(story.document(event)).status_code == 202
    assert [row.credential_by for row in rows(service, Event)] == [None]


def test_captures_and_receipts_of_another_party_are_not_there(mine, make_sender, story):
    done = mine.post(story.document(story.born("A"))).json
    other = make_sender("Trader Two")
    for path in (f"/epcis/capture/{done['captureID']}", done["receipts"]):
        foreign, absent = (
            other.client.get(url, headers=other.headers) for url in (path, path.replace(done["captureID"], "0" * 32))
        )
        assert (foreign.status_code, absent.status_code) == (404, 404)
        assert foreign.json["title"] == absent.json["title"]
    assert other.client.get("/epcis/capture", headers=other.headers).json == []
