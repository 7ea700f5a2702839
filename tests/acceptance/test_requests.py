"""Requests for information over HTTP: asked, answered with papers, accepted or asked again; seen by the two alone."""

import hashlib
import io
import json
from dataclasses import replace
from itertools import pairwise
from urllib.parse import quote

import pytest
from pypdf import PdfReader
from sqlmodel import select

from traceability.ledger.entry import Entry
from traceability.ledger.pack import read_pack
from traceability.services.fsck import fsck
from traceability.services.mandates import grant
from traceability.storage.tables import AssessmentRow, CaseVersion, Document, DocumentLink
from traceability.storage.tables import LedgerEntry as Leaf

REQUESTS = "/v1/requests"
WHY = "The papers say what was asked for, page by page."
PURPOSE = {"X-Purpose": "inspection under article 11"}
PAPER = b"Certificate of origin: all goods of this lot come from our own concession."
HIDDEN = ("S-1", "A2-5", "obtainable_otherwise", "partner_employees")


class Asked:
    """A mine, an importer with a shipment record of the mine's batch, its officers, and a stranger."""

    def __init__(self, client, make_sender, make_session, tell, work):
        self.client, self.work = client, work
        self.mine = make_sender("Mine One", country="RW")
        self.importer = make_sender("Importer", role="importer", roles=["importer"], country="NL")
        self.stranger = make_sender("Stranger", role="importer", roles=["importer"], country="NL")
        self.officer = make_session(self.importer.party, role="officer").headers
        self.batch = tell.lot("LOT-1")
        self.mine.post(tell.document(tell.born("LOT-1"), tell.handed(self.importer.party.did, "LOT-1")))
        record = {
            "shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
            "net_weight_kg": "100", "batch_ids": [self.batch],
        }  # fmt: skip
        assert self.importer.post(record, "/v1/shipments").status_code == 201
        work()

    def question(self, **fields):
        return {
            "addressee": self.mine.party.did, "question": "Which pit was it dug in, and who guards the road?",
            "about": [{"kind": "batch", "id": self.batch}, {"kind": "shipment", "id": "S-1"}], "finding": "A2-5",
            "fields_wanted": ["name of the pit"], "papers_wanted": ["certificate_of_origin"], "due_on": "2027-01-31",
            "necessity": "The chain names no pit.", "partner_employees": 40, "obtainable_otherwise": False,
        } | fields  # fmt: skip

    def post(self, path, body, headers=None, status=201):
        answer = self.client.post(REQUESTS + path, json=body, headers=headers or self.officer)
        assert answer.status_code == status, answer.text
        self.work()
        return answer.json

    def get(self, path="", headers=None, status=200, **named):
        answer = self.client.get(REQUESTS + path, headers=headers, **named)
        assert answer.status_code == status, answer.text
        return answer.json

    def upload(self, data=PAPER):
        file = {"file": (io.BytesIO(data), "origin.txt")}
        sent = self.client.post("/v1/documents", data=file, headers=self.mine.headers)
        assert sent.status_code == 201, sent.text
        self.work()
        return sent.json["sha256"]


@pytest.fixture
def asked(client, make_sender, make_session, story, work):
    return Asked(client, make_sender, make_session, story, work)


def runs(service):
    with service.store.read() as session:
        return len(session.exec(select(AssessmentRow)).all())


def test_a_request_is_answered_with_a_paper_asked_again_and_accepted_and_only_then_the_paper_counts(
    service, asked, make_user, clock
):
    made = asked.post("", asked.question())
    path = f"/{made['id']}"
    assert (made["state"], made["record"]["thread"][0]["act"]) == ("open", "asked")
    seen = asked.get(path, asked.mine.headers)
    assert (seen["asker"]["name"], seen["record"]["question"]) == ("Importer", asked.question()["question"])
    assert seen["written_by"] is None, "the office asks, no person of it is named"
    assert not [one for one in HIDDEN if one in str(seen)]

    sha256 = asked.upload()
    given = {"based_on": 1, "text": "From the north pit.", "documents": [sha256], "request": made["id"],
             "fields_given": [{"name": "name of the pit", "value": "north"}]}  # fmt: skip
    asked.post(f"{path}/answers", given, status=404)
    answer = asked.mine.post(given, f"{REQUESTS}{path}/answers")
    assert answer.status_code == 201, answer.text
    asked.work()
    before = runs(service)
    with service.store.read() as session:
        (copy,) = session.exec(select(Document).where(Document.owner_id == asked.importer.party.id))
        assert (copy.sha256, copy.state, copy.uploaded_by) == (sha256, "read", asked.mine.party.did)
        assert not session.exec(select(DocumentLink)).all(), "it counts for nothing yet"
    content = asked.client.get(f"/v1/documents/{copy.id}/content", headers=asked.officer)
    assert hashlib.sha256(content.data).hexdigest() == sha256
    signed = asked.get(path, asked.officer)["record"]["thread"][-1]["signed"]
    assert (signed["kid"], "north" in signed["body"]) == (asked.mine.party.key.kid, True)
    again = {"based_on": 2, "text": "And who guards the road to the pit?", "due_on": "2027-02-28"}
    assert asked.post(f"{path}/questions", again)["record"]["due_on"] == "2027-02-28"
    asked.post(f"{path}/acceptance", {"based_on": 3, "text": WHY}, status=409)
    asked.post(f"{path}/answers", {"based_on": 3, "text": "Nobody."}, asked.mine.headers)
    refused = asked.post(f"{path}/acceptance", {"based_on": 3, "text": WHY}, status=409)
    assert (refused["latest"], runs(service)) == (4, before)
    accepted = asked.post(f"{path}/acceptance", {"based_on": 4, "text": WHY})
    assert (accepted["state"], runs(service) > before) == ("accepted", True)
    with service.store.read() as session:
        links = {(row.document_id, row.kind, row.target) for row in session.exec(select(DocumentLink))}
        rows = list(session.exec(select(CaseVersion).order_by(CaseVersion.version)))
        entries = {row.index: Entry.parse(bytes(row.body)) for row in session.exec(select(Leaf))}
        facts = session.exec(select(AssessmentRow).where(AssessmentRow.subject == "S-1")).all()[-1].facts
    assert facts["supplier_information_requests"] == [
        {"request_id": made["id"], "necessity_explained": True, "partner_employees": 40, "obtainable_otherwise": False}
    ]
    assert links == {(copy.id, "batch", asked.batch), (copy.id, "shipment", "S-1")}
    assert [one["document_id"] for one in facts["documents"]] == [f"sha256:{sha256}"]
    assert [(row.latest, entries[row.entry_index].kind) for row in rows] == [
        (row.version == 5, "decision") for row in rows
    ]
    assert all(entries[new.entry_index].ref == (old.entry_index,) for old, new in pairwise(rows))
    for headers in (asked.mine.headers, asked.officer):
        assert asked.client.get(f"/v1/receipts/{rows[1].entry_index}", headers=headers).status_code == 200
    assert [one["version"] for one in asked.get(path, asked.mine.headers)["versions"]] == [5, 4, 3, 2, 1]
    assert asked.get("", asked.stranger.headers) == []
    asked.get(path, asked.stranger.headers, status=404)
    regulator, day = make_user("regulator"), clock().date()
    grant(service, make_user("admin").actor, regulator.row.name, "BGR", "Art. 11", "ex-post checks", (day, day))
    login = {"auth": (regulator.row.name, regulator.password)}
    query = {"query_string": {"importer": asked.importer.party.did}}
    assert asked.get(path, PURPOSE, **login, **query)["record"]["finding"] == "A2-5"
    assert fsck(service, deep=True).verdict == "ok"


def test_what_is_not_of_its_form_or_not_ones_own_is_refused_and_nothing_is_written(
    sqlite_service, asked, counts, make_api_key, make_session, clock
):
    made = asked.post("", asked.question(about=[{"kind": "batch", "id": asked.batch}]))
    theirs = make_session(asked.stranger.party, role="officer").headers
    path, before = f"/{made['id']}", counts()
    for field, value, where in (
        ("addressee", asked.stranger.party.did, "addressee"), ("addressee", "did:web:nobody.example", "addressee"),
        ("due_on", "2020-01-01", "due_on"), ("finding", "NO-SUCH", "finding"),
        ("about", [{"kind": "shipment", "id": "S-9"}], "about[0].id"),
        ("about", [{"kind": "batch", "id": "https://id.example/lot/NOBODYS"}], "about[0].id"),
    ):  # fmt: skip
        assert asked.post("", asked.question(**{field: value}), status=400)["errors"][0]["path"] == where
    asked.post("", asked.question(papers_wanted=["a lie"]), status=422)
    for body, status in (
        ({"based_on": 1}, 400), ({"based_on": 9, "text": "x"}, 400), ({"based_on": 1, "text": "x", "more": 1}, 400),
        ({"based_on": 1, "text": "x", "documents": ["0" * 64]}, 400), ({"based_on": 1, "text": " "}, 400),
        ({"based_on": 1, "text": "x", "documents": "0"}, 400), ([], 400), ({"based_on": 1, "text": "x", "request": "other"}, 400),
    ):  # fmt: skip
        asked.post(f"{path}/answers", body, asked.mine.headers, status=status)
    unbound = asked.mine.post({"based_on": 1, "text": "x"}, f"{REQUESTS}{path}/answers", form="json")
    assert unbound.json["errors"][0]["path"] == "request", "a signed answer names what it answers"
    stolen = asked.stranger.post({"based_on": 1, "text": "x", "request": made["id"]}, f"{REQUESTS}{path}/answers")
    assert stolen.status_code == 404
    for step in ("acceptance", "withdrawal"):
        asked.post(f"{path}/{step}", {"based_on": 1, "text": WHY}, asked.mine.headers, status=403)
    asked.post(f"{path}/withdrawal", {"based_on": 1, "text": WHY}, theirs, status=404)
    asked.post(f"{path}/withdrawal", {"based_on": 1, "text": "no"}, status=400)
    assert counts() == before
    clock.advance(days=70)
    officer = make_session(asked.importer.party, role="officer").headers
    for headers in (officer, make_api_key(asked.mine.party, days=999).headers):
        (due,) = asked.client.get("/v1/reminders", headers=headers).json["requests"]
        assert (due["request_id"], due["level"]) == (made["id"], "overdue")
    assert [one["state"] for one in asked.get("", officer)] == ["overdue"]
    pack = asked.client.get(f"/v1/batches/{quote(asked.batch, safe='')}/evidence", headers=officer)
    report = PdfReader(io.BytesIO(read_pack(pack.data)["report.pdf"]))
    (had,) = json.loads(report.attachments["evidence.json"][0])["importers"]
    assert [one["record"]["question"] for one in had["requests"]] == [asked.question()["question"]]
    asked.officer, asked.mine = officer, replace(asked.mine, api_key=make_api_key(asked.mine.party, days=999))
    assert asked.post(f"{path}/withdrawal", {"based_on": 1, "text": WHY})["state"] == "withdrawn"
    asked.post(f"{path}/answers", {"based_on": 2, "text": "too late"}, asked.mine.headers, status=409)


def test_an_officer_does_not_accept_the_answer_it_gave(sqlite_service, asked):
    own = asked.importer.party.did
    made = asked.post("", asked.question(addressee=own, about=[{"kind": "party", "id": own}]))
    asked.post(f"/{made['id']}/answers", {"based_on": 1, "text": "We know."})
    asked.post(f"/{made['id']}/acceptance", {"based_on": 2, "text": WHY}, status=403)
