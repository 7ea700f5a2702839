"""Suppliers' papers against the signed chain, over HTTP: what contradicts it is said side by side, what agrees is not."""

import io
from types import SimpleNamespace

import docx
import pytest

from traceability.documents.declared import declared, document_type
from traceability.documents.extraction import extract
from traceability.documents.fields import read_fields
from traceability.documents.report import Page, Report
from traceability.services.documents import digest_of

CERTIFICATE = {
    "Certificate no": "UG-000731", "Mineral": "Cassiterite", "Lot number": "LOT-1", "Net weight": "150 kg",
    "Country of origin": "Uganda", "Date of issue": "25 October 2026",
}  # fmt: skip
AGREEING = CERTIFICATE | {"Net weight": "99.5 kg", "Country of origin": "Rwanda"}
OTHER_LOT = b"PACKING LIST\nPacking list no: PL-7\nMineral: Cassiterite\nLot number: CX-77\nNet weight: 100 kg\n"
REASON = "The certificate is of the whole truck, the supplier says; seen the weighing slip."


def read_here(data, name):
    """Read the labelled fields of a paper as the service's children do, without their cold start."""
    extracted = extract(data, name)
    kind, facts_type = document_type(extracted.text)
    pages = tuple(Page(number, text) for number, text in extracted.pages)
    found = declared(read_fields(extracted), "en")
    return Report(digest_of(data), "parsed", None, kind, facts_type, "en", pages, None, "1", found)


def written(title, fields):
    """Return a Word file of labelled fields."""
    paper, file = docx.Document(), io.BytesIO()
    paper.add_heading(title)
    for label, value in fields.items():
        paper.add_paragraph(f"{label}: {value}")
    paper.save(file)
    return file.getvalue()


@pytest.fixture
def told(service, client, make_sender, make_session, story, work):
    """Return what uploads papers to a shipment of one lot of 100 kg from Rwanda, and reads what is said of them."""
    service.__dict__["sandbox"] = SimpleNamespace(screen=read_here, close=lambda: None)
    mine = make_sender("Mine One", country="RW")
    importer = make_sender("Importer", role="importer", roles=["importer"], country="NL")
    officer = make_session(importer.party, role="officer").headers
    born = story.born("LOT-1", **{"crm:originCountry": "RW", "crm:mineral": "cassiterite"})
    assert mine.post(story.document(born, story.handed(importer.party.did, "LOT-1"))).status_code == 202
    record = {
        "shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
        "net_weight_kg": "100", "batch_ids": [story.lot("LOT-1")], "origins": [{"country": "RW"}],
    }  # fmt: skip
    assert importer.post(record, "/v1/shipments").status_code == 201
    work()

    def upload(data, name):
        form = {"file": (io.BytesIO(data), name), "batch": story.lot("LOT-1")}
        return client.post("/v1/documents", data=form, headers=importer.headers).json["id"]

    def read(address):
        answer = client.get(address, headers=officer)
        assert answer.status_code == 200, answer.text
        return answer.json

    def judge(signal):
        body = {"kind": "signal", "subject": signal, "verdict": "rejected", "reason": REASON}
        return client.post("/v1/decisions/judgements", json=body, headers=officer)

    return SimpleNamespace(upload=upload, read=read, judge=judge, work=work)


def test_papers_are_compared_with_the_signed_chain(told):
    certificate = told.upload(written("Certificate of origin", CERTIFICATE), "certificate.docx")
    agreeing = told.upload(written("Certificate of origin", AGREEING), "agreeing.docx")
    other = told.upload(OTHER_LOT, "list.txt")
    told.work()

    found = {one["kind"]: one for one in told.read(f"/v1/documents/{certificate}")["contradictions"]}
    assert found.keys() == {"weight_contradicted", "origin_contradicted"}
    weight, origin = found["weight_contradicted"], found["origin_contradicted"]
    assert (weight["read"]["quote"], weight["read"]["confidence"]) == ("150 kg", "high")
    assert {one["value"] for one in weight["signed"]} == {"100 kg"}
    assert weight["signed"][0]["event_id"].startswith("urn:uuid:")
    assert "read by machine" in weight["message"]
    assert (origin["code"], origin["read"]["quote"]) == ("ORIGIN-MISMATCH", "Uganda")
    assert [one["value"] for one in origin["signed"]] == ["RW", "RW"]  # of the record, and of the mine

    [lot] = told.read(f"/v1/documents/{other}")["contradictions"]
    assert (lot["kind"], lot["read"]["quote"], lot["signed"][0]["value"]) == ("lot_contradicted", "CX-77", "LOT-1")
    assert told.read(f"/v1/documents/{agreeing}")["contradictions"] == []

    def notes():
        state = told.read("/v1/shipments/S-1/state")
        assert "ORIGIN-MISMATCH" in {one["code"] for one in state["findings"]}
        return {one["kind"]: one for one in state["notes"] if one["kind"].endswith("_contradicted")}

    assert {kind: one["review"] for kind, one in notes().items()} == {
        "weight_contradicted": True,
        "lot_contradicted": True,
    }
    assert told.judge(weight["signal"]).status_code == 201
    told.work()
    said = notes()["weight_contradicted"]
    assert (said["disposition"], said["review"]) == ("rejected", False)
    assert notes()["lot_contradicted"]["review"]
