"""A tracing package has its five parts in order, says every kind of paper that is missing, and judges nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from traceability.diligence.packs.us_trade import TRACING_PACKAGE
from traceability.diligence.reports.model import About
from traceability.diligence.reports.tracing import Actor, Consignment, Paper, Spot, Step
from traceability.diligence.reports.us_customs import PARTS, tracing_package

DAY = date(2026, 11, 2)
ABOUT = About("did:web:a.example", "A", (DAY, DAY), DAY)
PIT, WORKS = Spot("s:pit", "Pit", "CN", "CN-GS", 1.5, 2.25), Spot("s:works", None, "CN", "CN-XJ")
NOWHERE = Spot(None, None, None, None, None, None)
_ENTRIES = count(1)


def kg(*batches):
    return tuple((batch, None if amount is None else Decimal(amount)) for batch, amount in batches)


def step(kind, spot=PIT, sender="Mine", receiver="Works", **more):
    entry = next(_ENTRIES)
    said = {"signers": ("Mine",), "signature": "valid"} | more
    return Step(entry, datetime(2026, 1, entry % 28 + 1, tzinfo=UTC), kind, spot, sender, receiver, **said)


def chain():
    return [
        step("extraction", observed=kg(("q", 48))),
        step("dispatch", observed=kg(("q", 48)), papers=(("bol", "B-1"),)),
        step("receipt", WORKS, observed=kg(("q", 48)), papers=(("bol", "B-1"),)),
        step("smelting", WORKS, inputs=kg(("q", 48)), outputs=kg(("m", 16)), signers=("Works",)),
        step("transfer", NOWHERE, observed=kg(("q", 48)), papers=(("inv", "I-0"),)),
        step("transfer", NOWHERE, "Works", "A", observed=kg(("m", 16)), papers=(("inv", "I-1"),)),
    ]


def paper(kind, **more):
    return Paper(**({"sha256": "0" * 64, "type": kind, "name": f"{kind}.pdf", "issued_on": None, "language": "en",
                     "file": f"papers/{kind}.pdf", "unread": False} | more))  # fmt: skip


def made(steps=None, papers=(), record=None, **more):
    said = {"batch_ids": ["m"], "destination_country": "US", "supplier": {"name": "S"}, "manufacturer": {"name": "M"},
            "product_description": "d"} | (record or {})  # fmt: skip
    actors = [Actor("did:mine", "Mine", "CN", "Valley", ("mine",)), Actor("did:x", None, None, None, ())]
    report = tracing_package(
        ABOUT, Consignment("S-1", said, DAY, chain() if steps is None else steps, actors, papers, **more)
    )
    return report, {table.name: table.rows for section in report.sections for table in section.tables}, [
        gap.what for gap in report.gaps]  # fmt: skip


def test_the_contents_come_first_and_name_the_kinds_of_papers_that_are_missing():
    report, tables, gaps = made(papers=[paper("invoice"), paper("packing_list")])
    assert [one.heading for one in report.sections] == [
        "Table of contents", "Executive summary", "Part 1: Map of the supply chain", "Part 2: Transactions",
        "Part 3: Transport", "Part 4: Origin", "Part 5: Production", "Papers",
    ]  # fmt: skip
    assert [row[2:] for row in tables["contents"]] == [
        (5, 0, "supply chain map"), (2, 1, "purchase order, contract, proof of payment"), (2, 1, "bill of lading"),
        (1, 0, "certificate of origin"), (1, 0, "production record"),
    ]  # fmt: skip
    kinds = {kind for part in PARTS.values() for kind in part}
    assert kinds == set(TRACING_PACKAGE)
    assert {f"a paper of the kind {kind.replace('_', ' ')}" for kind in kinds - {"invoice", "packing_list"}} == {
        gap.partition(" (part")[0] for gap in gaps if gap.startswith("a paper")
    }  # fmt: skip
    _, whole, left = made(papers=[paper(kind) for kind in TRACING_PACKAGE])
    assert {row[4] for row in whole["contents"]} == {"none"}
    assert left == ["whether CBP has released goods of the same supply chain before"]


def test_what_is_drawn_are_the_sites_that_have_coordinates_under_their_numbers_of_the_table():
    port = Spot("s:port", "Port", "CN", None, 3.0, 4.0)
    there = [step("dispatch", observed=kg(("q", 48))), step("receipt", port, observed=kg(("q", 48)))]
    drawn = [one for section in made([*there, *chain()])[0].sections for one in section.maps]
    assert [[(point.number, point.label) for point in one.points] for one in drawn] == [[(1, "Pit"), (2, "Port")]]
    assert [one.journeys for one in drawn] == [((1, 2),)]  # the works have no coordinates: no journey is drawn to them


def test_the_map_has_sites_in_order_journeys_and_all_parties():
    _, tables, _ = made()
    assert [(row[1], row[4], row[6], row[7]) for row in tables["sites"]] == [
        ("Pit", "1.5000", "extraction, dispatch", "s:pit"), (None, None, "receipt, smelting", "s:works"),
    ]  # fmt: skip
    ((_, _, start, _, end, moved),) = tables["journeys"]
    assert (start, end, moved) == ("Pit, CN-GS", "s:works, CN-XJ", "q 48 kg")
    assert [(row[0], row[4], row[5]) for row in tables["parties"]] == [("Mine", 5, "did:mine"), (None, 0, "did:x")]


def test_a_dispatch_that_nobody_received_has_no_end():
    _, tables, _ = made(
        [step("dispatch", observed=kg(("m", 1))), step("receipt", receiver="Other", observed=kg(("m", 1)))]
    )
    assert tables["journeys"][0][3:5] == (None, None)


def test_production_shows_what_came_of_what_and_more_out_than_in():
    gain = step("refining", WORKS, inputs=kg(("m", 10)), outputs=kg(("p", 11)))
    odd = step("refining", WORKS, inputs=kg(("m", None)), outputs=kg(("p", 1)))
    _, tables, gaps = made([*chain(), gain, odd])
    assert [row[3:7] for row in tables["production"]] == [
        ("q 48 kg", "m 16 kg", Decimal("33.3"), "no"), ("m 10 kg", "p 11 kg", Decimal("110.0"), "yes"),
        ("m kg not stated", "p 1 kg", None, None),
    ]  # fmt: skip
    assert "a credible yield of 1 step of the chain" in gaps


def test_what_no_step_made_and_what_is_not_signed_or_placed_is_a_gap():
    report, tables, gaps = made([step("receipt", NOWHERE, signature="key_revoked", observed=kg(("m", 5), ("z", 5)))])
    for said in ("where the batch m comes from (part 4)", "where the batch z comes from (part 4)",
                 "a valid signature of 1 step of the chain", "the place of 1 step of the chain"):  # fmt: skip
        assert said in gaps, said
    assert tables["transport"][0][-1].startswith("Mine (key revoked)")
    assert "Batches that no recorded step made: m; z." in report.sections[5].paragraphs
    assert any("no signed event names its batches" in gap for gap in made([])[2])


def test_goods_handed_on_without_a_sale_are_a_gap():
    said = "the sale behind what Mine handed to Works (part 2)"
    assert said in made([one for one in chain() if one.papers != (("inv", "I-0"),)])[2]
    assert said not in made()[2]
    assert not [gap for gap in made([step("dispatch", receiver="Mine")])[2] if gap.startswith("the sale")]


def test_papers_unread_too_large_or_foreign_and_a_pending_assessment_are_gaps():
    papers = [paper("other", unread=True, language=None), paper("invoice", file=None), paper("contract", language="zh")]
    report, tables, gaps = made(papers=papers, pending=["a paper is not read"], corrected=2)
    for said in ("the text of 1 paper: no machine", "the files of 1 paper,", "English translations of 2 papers",
                 "a complete assessment: a paper is not read"):  # fmt: skip
        assert any(gap.startswith(said) for gap in gaps), said
    assert [row[5] for row in tables["papers"]] == ["papers/other.pdf", None, "papers/contract.pdf"]
    assert "not shown: 2." in report.sections[2].paragraphs[0]


def test_the_summary_says_when_the_presumption_does_not_concern_the_goods():
    for country, sentences in (("US", 1), ("DE", 2)):
        report, _, _ = made(record={"destination_country": country})
        assert len(report.sections[1].paragraphs) == sentences
        assert "CBP judges that" in report.sections[1].paragraphs[-1]
    assert "the manufacturer or producer" in made(record={"manufacturer": {}})[2]
