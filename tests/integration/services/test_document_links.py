"""What a document is about is checked when it is handed over; a paper may come before its shipment record."""

import pytest
from sqlmodel import select

from traceability.diligence.status import PENDING
from traceability.errors import NotFound, Unprocessable
from traceability.services import documents
from traceability.storage.jobs import all_jobs
from traceability.storage.tables import AssessmentRow, Document

LOT = "https://mine.example/lot/L-1"


@pytest.fixture
def settled(world):
    world.chain(LOT)
    world.work()
    return world


@pytest.mark.parametrize(
    ("link", "error"),
    [
        (("batch", "not a uri"), Unprocessable),
        (("batch", ""), Unprocessable),
        (("batch", "https://mine.example/lot/NOBODYS"), NotFound),
        (("party", "Mine"), Unprocessable),
        (("party", "did:web:nobody.example"), NotFound),
        (("party", "did:web:rival.example"), NotFound),
        (("shipment", ""), Unprocessable),
        (("shipment", "x" * 501), Unprocessable),
        (("colour", "red"), Unprocessable),
    ],
)
def test_what_the_owner_does_not_see_or_is_no_identifier_is_refused(quick, link, error):
    quick.chain(LOT)
    quick.party("Rival", ["importer"], "DE")
    quick.work()
    with pytest.raises(error) as refused:
        quick.paper(b"letter", [link])
    assert [problem.path for problem in refused.value.problems] == [link[0]]
    assert quick.rows(Document) == [], "nothing is kept of it"


def test_a_supplier_names_batches_and_no_shipment_record(settled):
    supplier = settled.mine.actor("supplier")
    with pytest.raises(NotFound, match="name the batch"):
        documents.upload(settled.service, supplier, b"x", "x.txt", "text/plain", [("shipment", "S-1")])
    documents.upload(settled.service, supplier, b"x", "x.txt", "text/plain", [("batch", LOT)])


def test_own_parties_of_the_chain_and_those_a_record_names_can_be_named(quick):
    quick.party("Maker", ["smelter"], "DE")
    quick.chain(LOT)
    quick.shipment([LOT], manufacturer={"name": "Maker", "country": "DE", "party_id": "did:web:maker.example"})
    quick.work()
    for did in (quick.importer.did, quick.mine.did, "did:web:maker.example"):
        row = quick.paper(did.encode(), [("party", did)])
        assert [(one.kind, one.target, one.waits) for one in documents.links(quick.service, row)] == [
            ("party", did, False)
        ]


def test_a_paper_that_comes_before_its_record_waits_quietly_and_counts_when_it_comes(settled, tell):
    row = settled.paper(b"cert", [("shipment", "S-1")], facts=tell.declared(origins=(tell.origin("CD"),)))
    assert [(one.target, one.waits) for one in documents.links(settled.service, row)] == [("S-1", True)]
    settled.work()
    with settled.service.store.read() as session:
        assert all_jobs(session) == []
        assert session.exec(select(AssessmentRow).where(AssessmentRow.subject == "S-1")).all() == []
    assert settled.state("shipment", "S-1").state == PENDING
    settled.shipment([LOT])
    assert [one.waits for one in documents.links(settled.service, row)] == [False]
    settled.work()
    assert "ORIGIN-MISMATCH" in settled.state("shipment", "S-1").codes


def test_an_assessment_asked_for_a_record_that_is_not_there_is_done_and_no_failure(settled):
    from traceability.services.assess import ask

    settled.service.store.write(lambda tx: ask(tx, settled.importer.id, "shipment", "NOPE"))
    settled.work()
    with settled.service.store.read() as session:
        assert all_jobs(session) == []
