"""Bad input over HTTP: a clear 4xx problem that says what to do, nothing written, and never a 500 (issue, "Bad input")."""

import base64
import contextlib
import io
import json
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel, select

from traceability.api.base import StrictSchema
from traceability.app import create_app
from traceability.ledger.encoding import b64u
from traceability.storage.tables import AssessmentRow, Event, Incident, Job, PartyKey


@pytest.fixture
def mine(make_sender):
    return make_sender("Mine One")


@pytest.fixture
def importer(make_sender):
    return make_sender("Importer", role="importer", roles=["importer"])


def refused(answer, status, *words):
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert problem["status"] == status
    assert {"type", "title", "detail", "request_id"} <= problem.keys()
    for word in words:
        assert word in json.dumps(problem, ensure_ascii=False), problem
    return problem


def changed(document, **fields):
    event = document["epcisBody"]["eventList"][0]
    for name, value in fields.items():
        event[name] = value
    return document


DEEP = b'{"a":' * 40 + b"1" + b"}" * 40
BYTES = {
    "nothing": (b"", "not JSON"),
    "half": (b'{"type":', "not JSON"),
    "words": (b"hello", "not JSON"),
    "a list": (b"[]", "JSON object"),
    "null": (b"null", "JSON object"),
    "twice": (b'{"type":"EPCISDocument","type":"EPCISDocument"}', "twice"),
    "NaN": (b'{"a":NaN}', "NaN"),
    "infinity": (b'{"a":-Infinity}', "Infinity"),
    "1e400": (b'{"a":1e400}', "exponent"),
    "deep": (DEEP, "nested"),
    "BOM": (b'\xef\xbb\xbf{"type":"EPCISDocument"}', "byte order mark"),
    "surrogate": (b'{"a":"\\ud800"}', "surrogate"),
    "latin-1": (b'{"a":"\xe9"}', "UTF-8"),
    "NUL": (b'{"a":"\\u0000"}', "NUL"),
    "long string": (b'{"a":"' + b"x" * 70_000 + b'"}', "too long"),
    "long number": (b'{"a":' + b"1" * 70 + b"}", "digits"),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_document(mine, counts, name):
    body, word = BYTES[name]
    before = counts()
    for path in ("/epcis/capture", "/epcis/events"):
        refused(mine.post(body, path), 400, word)
    assert counts() == before


FIELDS = {
    "unknown field": ({"what": 1}, "what"),
    "unknown type": ({"type": "Thing"}, "event types"),
    "wrong unit": ({"quantityList": [{"epcClass": "https://id.example/lot/A", "quantity": 1, "uom": "kg"}]}, "KGM"),
    "negative": (
        {"quantityList": [{"epcClass": "https://id.example/lot/A", "quantity": -5, "uom": "KGM"}]},
        "0 or more",
    ),
    "absurd": (
        {"quantityList": [{"epcClass": "https://id.example/lot/A", "quantity": 10**13, "uom": "KGM"}]},
        "at most",
    ),
    "text": ({"quantityList": [{"epcClass": "https://id.example/lot/A", "quantity": "5", "uom": "KGM"}]}, "number"),
    "no zone": ({"eventTime": "2026-02-01T09:00:00"}, "eventTime"),
    "no date": ({"eventTime": "2026-02-30T09:00:00Z"}, "eventTime"),
    "bad offset": ({"eventTimeZoneOffset": "2"}, "+02:00"),
    "unknown step": ({"bizStep": "extracting"}, "business step"),
    "no URI": ({"epcList": ["A"]}, "URI"),
    "long id": ({"eventID": "urn:x:" + "a" * 600}, "500"),
    "object id": ({"eventID": {}}, "URI"),
    "server's own": ({"receivedAt": "2026-02-01T09:00:00Z"}, "receivedAt"),
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields_that_are_wrong_are_named(mine, story, counts, name):
    fields, word = FIELDS[name]
    before = counts()
    problem = refused(mine.post(changed(story.document(story.born("A")), **fields)), 400, word)
    assert problem["type"] == "epcisException:ValidationException"
    assert "eventList[0]" in problem["errors"][0]["path"]
    assert counts() == before


def test_a_tiny_and_a_long_quantity_are_recorded_exactly(service, mine, story):
    for number, text in enumerate(("1e-200", "0.1234567890123456789012345678901234567890", "1e12")):
        body = orjson.dumps(story.document(story.born(f"A{number}", kg=777))).replace(b"777", text.encode())
        assert mine.post(body).status_code == 202, text


@pytest.mark.parametrize("literal", ["0.1e-200", "12e200", "10e200", "0.001e-199"])
def test_a_number_that_could_not_be_read_again_is_refused_and_nobody_suffers(
    sqlite_service, mine, importer, story, counts, work, literal
):
    """Its exponent grows when it is written: an event once recorded so could never be read, nor its batch."""
    mine.post(story.document(story.born("A"), story.handed(importer.party.did, "A")))
    before = counts()
    as_quantity = orjson.dumps(story.document(story.born("A", kg=777)))
    as_extension = orjson.dumps(story.document(story.born("A", **{"crm:x": 777})))
    for body in (as_quantity, as_extension):
        refused(mine.post(body.replace(b"777", literal.encode())), 400, "at most 200 is read")
    assert counts() == before
    work()
    lot = story.lot("A")
    assert importer.client.get(f"/epcis/events?MATCH_anyEPCClass={lot}", headers=importer.headers).status_code == 200
    assert importer.client.get(f"/v1/batches/{quote(lot, safe='')}/chain", headers=importer.headers).status_code == 200


def test_what_was_recorded_before_a_limit_is_read_after_it(sqlite_service, mine, story, work):
    event = story.born("A", **{"crm:x": 777})
    mine.post(story.document(event))

    def old(tx):
        for row in tx.session.exec(select(Event)):
            row.body = row.body.replace("777", "1.2E+201")
            tx.session.add(row)

    sqlite_service.store.write(old)
    work()
    with sqlite_service.store.read() as session:
        assert list(session.exec(select(Job))) == []
    assert "1.2E+201" in mine.client.get("/epcis/events", headers=mine.headers).text


def test_a_key_with_nul_in_its_name_is_refused_with_proceed_too(service, mine, story, counts):
    document = story.document(story.born("A"), story.born("B", **{"x\x00": 1}))
    before = counts()
    refused(mine.post(document, GS1_Capture_Error_Behaviour="proceed"), 400, "NUL")
    assert counts() == before


def only_incidents(before, after, number):
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {"incident": number}


def test_a_document_that_speaks_of_an_envelope_is_still_unsigned(mine, story, counts):
    body = orjson.dumps(story.document(story.born("A", **{"crm:x": "EnvelopedVerifiableCredential"})))
    for unsigned in (body, body[:-1]):
        before = counts()
        answer = mine.client.post(
            "/epcis/capture", data=unsigned, headers=mine.headers | {"Content-Type": "application/json"}
        )
        refused(answer, 401)
        only_incidents(before, counts(), 1)


def protected(header, mine, body):
    """Return a detached JWS with any header, truly signed."""
    text = b64u(json.dumps(header).encode())
    return f"{text}..{b64u(mine.party.key.sign(text.encode() + b'.' + body))}"


def test_signatures_that_prove_nothing_are_incidents(service, mine, make_sender, story, counts):
    other = make_sender("Trader Two")
    body = orjson.dumps(story.document(story.born("A")))
    kid = mine.party.key.kid
    base = {"alg": "EdDSA", "kid": kid, "b64": False, "crit": ["b64"]}
    good = protected(base, mine, body)
    head, _, signature = good.partition("..")
    cases = [
        (None, 401), ("", 401), ("x", 401), (f"{head}..", 401), (f"{head}.e30.{signature}", 401),
        (f"{good}=", 401), (f"{good[:-1]} ", 401), (good.replace("..", ".. "), 401),
        (protected({**base, "alg": "none"}, mine, body), 401),
        (protected({**base, "alg": "HS256"}, mine, body), 401),
        (protected({**base, "alg": ["EdDSA"]}, mine, body), 401),
        (protected({**base, "jwk": dict(mine.party.key.public.jwk)}, mine, body), 401),
        (protected({**base, "jku": "https://x.example/keys"}, mine, body), 401),
        (protected({**base, "x5u": "https://x.example/keys"}, mine, body), 401),
        (protected({**base, "crit": ["b64", "exp"]}, mine, body), 401),
        (protected({**base, "b64": True}, mine, body), 401),
        (protected({**base, "kid": 7}, mine, body), 401),
        (protected({**base, "alg": "ES256"}, mine, body), 403),
        (protected({**base, "kid": "did:web:nobody.example#1"}, mine, body), 403),
        (protected({**base, "kid": "a\x00b"}, mine, body), 403),
        (protected({**base, "kid": other.party.key.kid}, mine, body), 403),
        (protected({**base, "log_origin": "other.example/log"}, mine, body), 403),
        (protected(base, other, body), 403),
        (protected(base, mine, body + b" "), 403),
    ]  # fmt: skip
    before = counts()
    for jws, status in cases:
        headers = (
            mine.headers | {"Content-Type": "application/json"} | ({} if jws is None else {"X-JWS-Signature": jws})
        )
        answer = mine.client.post("/epcis/capture", data=body, headers=headers)
        refused(answer, status)
        assert answer.json["type"] == "epcisException:SecurityException", jws
    only_incidents(before, counts(), len(cases))
    with service.store.read() as session:
        kept = list(session.exec(select(Incident)))
        assert not list(session.exec(select(AssessmentRow)))
    assert {row.party_id for row in kept} == {mine.party.id}
    assert all(bytes(row.body) == body and row.reason for row in kept)


def test_the_same_bytes_under_another_tenants_api_key_are_refused(mine, make_sender, story, counts):
    other = make_sender("Trader Two")
    lent = type(mine)(mine.party, other.api_key, mine.client)
    before = counts()
    refused(lent.post(story.document(story.born("A"))), 403, "another party")
    refused(lent.post(story.document(story.born("A")), form="enveloped"), 403, "another party")
    only_incidents(before, counts(), 2)


def test_a_credential_of_another_issuer_or_time_is_refused(mine, make_sender, story, clock, counts):
    other = make_sender("Trader Two")
    forged = type(mine)(other.party, mine.api_key, mine.client)
    before = counts()
    document = story.document(story.born("A"))
    refused(forged.post(document, form="enveloped", key=mine.party.key), 403, "issuer")
    clock.advance(days=-1)
    refused(mine.post(document, form="enveloped"), 403, "valid from")
    only_incidents(before, counts(), 2)


@pytest.mark.parametrize("state", ["revoked", "waiting", "refused"])
def test_a_key_that_is_not_active_signs_nothing(service, mine, story, counts, state):
    assert mine.post(story.document(story.born("A"))).status_code == 202, "it was good, and is remembered"

    def end(tx):
        row = tx.session.get(PartyKey, mine.party.key_row.id)
        row.state = state
        tx.session.add(row)

    service.store.write(end)
    before = counts()
    refused(mine.post(story.document(story.born("B"))), 403, state)
    only_incidents(before, counts(), 1)


def test_a_party_that_waits_for_approval_captures_nothing(make_sender, story, counts):
    waiting = make_sender("Mine One", state="waiting")
    before = counts()
    refused(waiting.post(story.document(story.born("A"))), 403, "approve")
    only_incidents(before, counts(), 1)


def test_nobody_known_is_an_incident_without_its_body(service, client, counts):
    before = counts()
    for headers in ({}, {"Authorization": "Bearer trc_nothing"}, {"Authorization": "Basic !!"}):
        refused(client.post("/epcis/capture", data=b"secret", headers=headers), 401, "send")
    only_incidents(before, counts(), 3)
    with service.store.read() as session:
        assert {(row.party_id, row.actor, bytes(row.body)) for row in session.exec(select(Incident))} == {
            (None, None, b"")
        }


def test_refusals_of_one_source_are_limited_and_then_nothing_is_kept(
    make_database, make_settings, open_at, clock, make_party, make_api_key, story
):
    service = open_at(make_settings(make_database("sqlite"), refusal_rate="2 per minute"), clock)
    party = make_party("Mine One", service=service)
    headers = make_api_key(party, service=service).headers | {"Content-Type": "application/json"}
    client = create_app(service=service).test_client()
    answers = [client.post("/epcis/capture", data=b"{}", headers=headers).status_code for _ in range(4)]
    assert answers == [401, 401, 429, 429]
    assert client.post("/epcis/capture", data=b"{}").status_code == 429
    with service.store.read() as session:
        assert len(list(session.exec(select(Incident)))) == 2


def test_huge_bodies_are_refused_before_they_are_read(mine, importer, counts):
    before = counts()
    for path in ("/epcis/capture", "/epcis/events"):
        refused(mine.client.post(path, data=b"x" * 5_000_001, headers=mine.headers), 413, "5000000")
    body = b"[" + b" " * 5_000_000 + b"]"
    refused(importer.post(body, "/v1/shipments"), 413, "5000000")
    refused(
        importer.client.post("/v1/decisions", data=b" " * 10_000_001, content_type="application/json",
                             headers=importer.headers), 413)  # fmt: skip
    assert counts() == before


def chunked(sender, path, body, kind="application/json"):
    """Post as the server hands on a body in chunks: of unknown length, with an end."""
    return sender.client.post(
        path, input_stream=io.BytesIO(body), headers=sender.headers | {"Content-Type": kind},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )  # fmt: skip


LIMITS = {"/epcis/capture": 5_000_000, "/epcis/events": 5_000_000, "/v1/sites": 1_000_000, "/v1/shipments": 5_000_000,
          "/v1/profile": 5_000_000, "/v1/assessments": 10_000_000}  # fmt: skip


@pytest.mark.parametrize("path", LIMITS)
def test_a_huge_body_in_chunks_is_refused_while_it_is_read(importer, counts, path):
    before = counts()
    for over in (1, 1_000_000):
        refused(chunked(importer, path, b" " * (LIMITS[path] + over)), 413, str(LIMITS[path]), "more")
    assert chunked(importer, path, b" " * LIMITS[path]).status_code in (400, 401), "the limit itself is taken"
    assert counts() == before or path.startswith("/epcis"), "a capture without signature is an incident"


def test_a_body_whose_chunks_are_damaged_is_the_senders_to_mend(importer, counts):
    class Damaged(io.BytesIO):
        def readinto(self, _into):
            raise RuntimeError("invalid chunk")

    before = counts()
    for failure in (Damaged, type("Cut", (Damaged,), {"readinto": lambda *_: (_ for _ in ()).throw(OSError("cut"))})):
        answer = importer.client.post(
            "/v1/assessments", input_stream=failure(b"x"), content_type="application/json", headers=importer.headers,
            environ_overrides={"wsgi.input_terminated": True},
        )  # fmt: skip
        refused(answer, 400, "body")
    assert counts() == before


def test_a_refusal_waits_for_a_modest_rest_and_not_for_a_huge_one(importer, client):
    for path, size, left in (("/epcis/capture", 5_200_000, 0), ("/v1/decisions", 3_000_000, 0),
                             ("/epcis/capture", 30_000_000, 30_000_000)):  # fmt: skip
        stream = io.BytesIO(b" " * size)
        answer = client.post(
            path, input_stream=stream, headers={"Content-Type": "application/json", "Content-Length": str(size)},
            environ_overrides={"wsgi.input_terminated": True},
        )  # fmt: skip
        assert answer.status_code == 401
        assert size - stream.tell() == left, path


def test_a_form_without_files_is_small_and_of_known_length(client):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/sign-in", data=b"name=" + b"x" * 3_000_000, headers=form)
    assert (answer.status_code, "3000000" in answer.text) == (413, True)
    endless = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post("/sign-in", input_stream=io.BytesIO(b"name=x"), headers=form, environ_overrides=endless)
    assert (answer.status_code, "Content-Length" in answer.text) == (411, True)


def test_long_addresses_have_the_binding_s_own_answer(mine):
    many = "|".join(f"urn:x:{'a' * 490}:{n}" for n in range(100))
    answer = mine.client.get("/epcis/events", query_string={"MATCH_anyEPCClass": many}, headers=mine.headers)
    assert answer.status_code == 200, answer.text
    for path in ("/epcis/events?EQ_bizStep=" + "a" * 64_000, "/v1/batches/" + "a" * 64_000 + "/chain"):
        problem = refused(mine.client.get(path, headers=mine.headers), 414, "64000")
        assert problem["type"] == "epcisException:URITooLongException"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "application/vc+json", "application/jose"])
def test_other_media_types_are_refused(mine, story, counts, kind):
    before = counts()
    refused(mine.post(story.document(story.born("A")), Content_Type=kind), 415, "application/vc+jwt")
    assert counts() == before


RECORD = {"shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL"}


def test_fields_of_the_server_are_refused_in_a_shipment_record(service, importer, counts):
    before = counts()
    columns = {column.name for column in SQLModel.metadata.tables["shipment"].columns} - {"shipment_id"}
    for name in sorted(columns | {"status", "state"}):
        refused(importer.post({**RECORD, name: "x"}, "/v1/shipments"), 400, name)
    for bad in ("S" * 600, "", 7, "a\x00b", None):
        answer = importer.post({**RECORD, "shipment_id": bad}, "/v1/shipments")
        assert 400 <= answer.status_code < 500, (bad, answer.text)
    assert counts() == before


def test_what_is_wrong_with_goods_places_and_weights_is_refused_or_flagged(
    service, mine, importer, story, counts, work
):
    """Issue 5, "Bad input", on the stored path: a record is refused by its field; an event is kept, and never clear."""
    before = counts()
    for name, value in {"cn_code": "26091000", "net_weight_kg": "0", "destination_country": "XX", "refined_in": "ZR",
                        "stock_created_on": "2025-02-29"}.items():  # fmt: skip
        problem = refused(importer.post({**RECORD, name: value}, "/v1/shipments"), 400)
        assert [error["path"] for error in problem["errors"]] == [name]
    for wrong in (story.born("X", kg=-1), story.born("X", eventTime="2026-02-29T09:00:00Z"),
                  story.born("X", eventTime="02-28T09:00:00Z")):  # fmt: skip
        refused(mine.post(story.document(wrong)), 400, "eventList[0]")
    assert counts() == before
    said = {
        "WEIGHTLESS": story.born("WEIGHTLESS", kg=0),
        "ZAIRE": story.born("ZAIRE", ilmd={"crm:originCountry": "ZR"}),
        "NOWHERE": story.born("NOWHERE", ilmd={"crm:originCountry": "CD", "crm:originRegion": "CD-ZZ"}),
    }
    handed = [story.handed(importer.party.did, lot) for lot in said]
    assert mine.post(story.document(*said.values(), *handed)).status_code == 202
    record = {**RECORD, "cn_code": "26159000", "batch_ids": [story.lot(lot) for lot in said]}
    assert importer.post(record, "/v1/shipments").status_code == 201
    work()
    answer = importer.client.get("/v1/shipments/S-1/state", headers=importer.headers).json
    assert {"no_weight", "unreadable_term"} <= {note["kind"] for note in answer["notes"]}
    assert {"CMR-01-TARIC-NEEDED", "CMR-08-iv"} <= {finding["code"] for finding in answer["findings"]}
    assert answer["state"] not in ("NO_FINDINGS", "OUT_OF_SCOPE_RECORDED")


SERVER_OWNED = ("id", "state", "proposed_by", "entry_index", "owner_id", "confirmed_by", "needs_second", "status")
BODIES = {
    "/v1/decisions": {"kind": "batch", "subject": "x", "disposition": "suspended", "reason": "r" * 30},
    "/v1/decisions/judgements": {"kind": "hit", "subject": "x", "verdict": "rejected", "reason": "r" * 30},
    "/v1/decisions/x/confirm": {"reason": "r" * 30},
    "/v1/decisions/x/decline": {"reason": "r" * 30},
    "/v1/incidents/x/link": {"batch": "x", "reason": "r" * 30},
    "/v1/mandates": {"user": "x", "authority": "a", "legal_article": "b", "purpose": "p" * 20,
                     "valid_from": "2026-01-01", "valid_to": "2026-12-31"},
    "/v1/documents/x/type": {"type": "certificate", "reason": "r" * 30},
    "/v1/shipments/import": {"records": [{"body": "{}", "jws": "x"}]},
}  # fmt: skip


@pytest.mark.parametrize("path", BODIES)
def test_fields_of_the_server_are_refused(client, make_party, make_api_key, counts, path):
    party = make_party("Importer", roles=["importer"])
    role = {"/v1/mandates": "admin", "/v1/shipments/import": "importer"}.get(path, "officer")
    headers = make_api_key(None if role == "admin" else party, role=role).headers
    before = counts()
    for name in SERVER_OWNED:
        answer = client.post(path, json={**BODIES[path], name: "x"}, headers=headers)
        problem = refused(answer, 422)
        assert [error["path"].rpartition(".")[2] for error in problem["errors"]] == [name]
    assert counts() == before


def every_body(schema=StrictSchema):
    for one in schema.__subclasses__():
        yield one
        yield from every_body(one)


def test_every_column_is_unknown_to_every_body_that_does_not_ask_for_it(app):
    """Fault 23: whatever a table has, no JSON body sets it unless it is one of the fields the body declares."""
    columns = {column.name for table in SQLModel.metadata.tables.values() for column in table.columns}
    bodies = [one for one in every_body() if one.__module__.startswith("traceability.api.")]
    assert len(columns) > 150
    assert len(bodies) > 20
    for body in bodies:
        made = body()
        known = {field.data_key or name for name, field in made.fields.items()}
        for name in columns - known:
            assert made.validate({name: "x"}).get(name) == ["Unknown field."], (body.__name__, name)


def test_a_name_with_nul_signs_nobody_in(service, client):
    secret = base64.b64encode(b"a\x00b:secret").decode()
    refused(client.get("/v1/keys", headers={"Authorization": f"Basic {secret}"}), 401)


@pytest.mark.parametrize("secret", ["\xff", "", "!!", "YQ==", "/////w==", "YTp", "a b"])
def test_a_basic_header_that_cannot_be_read_is_nobody(client, counts, secret):
    before = counts()
    for path in ("/v1/queue", "/v1/parties", "/epcis/events", "/v1/keys"):
        refused(client.get(path, headers={"Authorization": f"Basic {secret}"}), 401)
    refused(client.post("/v1/password", json={"new": "x"}, headers={"Authorization": f"Basic {secret}"}), 401)
    refused(client.post("/epcis/capture", data=b"{}", headers={"Authorization": f"bAsIc {secret}"}), 401)
    only_incidents(before, counts(), 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = ("type", "action", "quantityList", "epcList", "ilmd", "eventTime", "readPoint", "sourceList", "@context",
         "errorDeclaration", "transformationID", "inputQuantityList", "eventID", "parentID", "sensorElementList",
         "crm:eventCredential", "x:y", "bizTransactionList", "certificationInfo", "persistentDisposition")  # fmt: skip


@pytest.fixture
def fuzzed(service, make_sender, make_session, app):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    importer = make_sender("Importer", role="importer", roles=["importer"])
    return importer, make_session(importer.party, role="officer").headers


QUIET = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@QUIET
@given(data=st.data())
def test_signed_junk_is_never_a_500(fuzzed, story, data):
    importer, _ = fuzzed
    event = dict(story.born("A")) | data.draw(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3))
    document = story.document(event) | data.draw(st.dictionaries(st.text(max_size=8), JSON, max_size=1))
    record = RECORD | data.draw(
        st.dictionaries(st.sampled_from(sorted(RECORD)) | st.text(max_size=8), JSON, max_size=2)
    )
    behaviour = data.draw(st.sampled_from(["rollback", "proceed"]))
    for body, path in ((document, "/epcis/capture"), ({"@context": document["@context"], **event}, "/epcis/events"),
                       (record, "/v1/shipments"), (data.draw(JSON), "/epcis/capture")):  # fmt: skip
        with contextlib.suppress(TypeError, orjson.JSONEncodeError):  # no JSON form: nothing to send
            sent = json.dumps(body, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "replace")
            answer = importer.post(sent, path, GS1_Capture_Error_Behaviour=behaviour)
            assert answer.status_code < 500, (path, sent, answer.text)
            assert answer.status_code < 400 or answer.content_type == "application/problem+json"


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)


@QUIET
@given(body=st.binary(max_size=200), jws=HEADER, scheme=st.sampled_from(["", "Basic ", "basic ", "Bearer "]), kind=HEADER | st.just("application/json"), other=HEADER,
       path=st.sampled_from(["/epcis/capture", "/epcis/events", "/v1/shipments", "/v1/documents", "/v1/decisions"]))  # fmt: skip
def test_bytes_and_headers_at_random_are_never_a_500(fuzzed, body, jws, scheme, kind, other, path):
    importer, officer = fuzzed
    for headers in (importer.headers, officer, {"Authorization": scheme + jws}):
        sent = {"Content-Type": kind, "X-JWS-Signature": jws, "X-Purpose": other, "GS1-EPC-Format": other}
        answer = importer.client.post(path, data=body, headers=sent | headers)
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.content_type == "application/problem+json"


@QUIET
@given(name=st.text(max_size=30), kind=st.sampled_from(["batch", "shipment", "party", "x"]), target=st.text(max_size=30),
       body=JSON)  # fmt: skip
def test_documents_and_decisions_at_random_are_never_a_500(fuzzed, name, kind, target, body):
    importer, officer = fuzzed
    form = {
        "file": (io.BytesIO(b"text"), name.encode("utf-8", "replace").decode()),
        kind: target.encode("utf-8", "replace"),
    }
    answer = importer.client.post("/v1/documents", data=form, headers=importer.headers)
    assert answer.status_code < 500, answer.text
    for path in ("/v1/decisions", "/v1/decisions/judgements"):
        whole = BODIES[path] | (body if isinstance(body, dict) else {"reason": body})
        sent = json.dumps(whole).encode()
        answer = importer.client.post(path, data=sent, content_type="application/json", headers=officer)
        assert 400 <= answer.status_code < 500, answer.text
