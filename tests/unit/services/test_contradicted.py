"""The signed side of a comparison, and the notes that come of it."""

from decimal import Decimal

import pytest

from traceability.custody.facts import ChainFacts
from traceability.custody.model import Site, World
from traceability.documents.report import Declared, DeclaredItem, Read, Report
from traceability.services.facts.chain import People
from traceability.services.facts.contradicted import chain_of, contradicted
from traceability.services.facts.papers import Papers
from traceability.storage.tables import Document, Party

LOT = "https://mine.example/lot/CT-14"
SMELTER = "did:web:smelter.example"


def event(name, kind="extraction", kg="1000", **fields):
    line = {"batch_id": LOT, "weight_kg": kg}
    return {
        "event_id": name, "type": kind, "event_time": "2026-02-10T09:00:00Z", "signature_status": "valid",
        "quantity_list": [line],
    } | fields  # fmt: skip


def custody(*events):
    return ChainFacts(list(events), [], [], [], frozenset(), frozenset({LOT}), {LOT: "cassiterite"})


@pytest.fixture
def known():
    party = Party(id="s", did=SMELTER, name="Example Smelter", country="DE", state="active")
    site = Site("https://smelter.example/site/works", SMELTER, "DE")
    return People(World(sites={site.uri: (site,)}), {"s": party}, {SMELTER: party}, {})


def test_an_event_declared_wrong_is_no_signed_fact(known):
    wrong, right = event("e-1", kg="900"), event("e-2")
    chain = chain_of(custody(right, wrong, event("e-1", kg="900", error_declaration=True)), {}, known)
    assert [one["event_id"] for one in chain.events] == ["e-2"]


def test_smelters_are_those_of_the_record_and_of_the_places_in_the_chain(known):
    record = {"smelters": [{"name": "Example Smelter GmbH", "smelter_id": "CID001105"}, {"smelter_id": "CID000001"}]}
    works = event("e-2", "smelting", site_id="https://smelter.example/site/works")
    chain = chain_of(custody(event("e-1"), works, event("e-3", "smelting")), record, known)
    assert [(one.name, one.cid, str(one.signed)) for one in chain.smelters] == [
        ("Example Smelter GmbH", "CID001105", "Example Smelter GmbH, CID001105 (shipment record)"),
        (None, "CID000001", "CID000001 (shipment record)"),
        ("Example Smelter", None, "Example Smelter (smelting, 2026-02-10)"),
    ]


def told(moment, about=("batch",), dispositions=None, **fields):
    read = Read("net", "Net weight", "1,200 kg", 1, 10, 18)
    item = DeclaredItem("tin", Decimal(1200), None, None, "CT-14", reads=(read,))
    report = Report(
        sha256="", outcome="parsed", reason=None, document_type="", facts_type="packing_list", language="en", pages=(),
        text_sha256=None, ruleset="", facts=Declared(items=(item,)), **fields,
    )  # fmt: skip
    row = Document(id="d", sha256="f" * 64, filename="list.pdf", entry_index=7, uploaded_at=moment, report={})
    papers = Papers((row,), {"d": report}, about={"d": frozenset(about)})
    return contradicted(papers, chain_of(custody(event("e-1")), {}, People(World(), {}, {}, {})), dispositions or {})


def test_a_note_names_paper_place_and_signed_fact(clock):
    [note] = told(clock())
    assert (note["kind"], note["document"], note["review"]) == ("weight_contradicted", "f" * 64, True)
    assert note["signal"] == "f" * 64 + "|weight_contradicted|10-18"
    assert (note["read"]["quote"], note["signed"][0]["event_id"]) == ("1,200 kg", "e-1")


def test_a_dismissed_note_stays_and_asks_nobody(clock):
    [note] = told(clock(), dispositions={"f" * 64 + "|weight_contradicted|10-18": "rejected"})
    assert (note["disposition"], note["review"]) == ("rejected", False)


@pytest.mark.parametrize("fields", [{"about": ("party",)}, {"unread_pages": (2,)}])
def test_a_paper_of_a_party_or_one_not_read_to_the_end_is_not_compared(clock, fields):
    assert told(clock(), **fields) == []
