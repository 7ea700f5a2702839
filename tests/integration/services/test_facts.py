"""From what is stored to the facts, section by section (facts.md)."""

import contextlib
import hashlib
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.facts import check_facts, inputs_hash
from traceability.errors import Conflict, NotFound
from traceability.events.identifiers import normalise
from traceability.services.facts import assemble
from traceability.services.facts.importer import year_to_date
from traceability.services.facts.listed import countries
from traceability.storage.tables import ImporterProfile, Shipment

LOT = "https://mine.example/lot/L-1"
TODAY = date(2026, 11, 23)


def facts_of(world, kind="shipment", subject="S-1", as_of=TODAY):
    with world.service.store.read() as session:
        found = assemble(world.service, session, world.importer.id, kind, subject, as_of)
    check_facts(found.facts)
    return found


def profile(world, said, **volumes):
    def write(tx):
        tx.session.add(ImporterProfile(
            importer_id=world.importer.id, profile=said, body=b"{}", entry_index=0, received_at=tx.now,
            volume_statements={name.replace("_", "/"): value for name, value in volumes.items()},
        ))  # fmt: skip

    world.service.store.write(write)


def test_an_event_whose_id_the_server_made_is_signed_like_any_other(quick, tell):
    lot = "https://mine.example/lot/NO-ID"
    born = tell.extraction(quick.mine, lot)
    del born["eventID"]
    quick.capture(quick.mine, born, tell.hand("shipping", quick.mine, quick.importer, lot))
    quick.capture(quick.importer, tell.hand("receiving", quick.mine, quick.importer, lot))
    quick.work()
    events = quick.facts("batch", lot)["custody_events"]
    assert [event["signature_status"] for event in events] == ["valid"] * 3
    assert "INT-SIGNATURE" not in quick.state("batch", lot).codes


def test_importer_and_profile(quick):
    quick.shipment([])
    assert facts_of(quick).facts["importer"] == {
        "party_id": quick.importer.did, "name": "Importer", "country": "NL",
    }  # fmt: skip
    profile(quick, {"employees": 12, "management_system": {}})
    profile(quick, {"employees": 13})
    assert facts_of(quick).facts["importer"]["employees"] == 13
    assert "management_system" not in facts_of(quick).facts["importer"]


def test_sections_of_a_shipment_without_batches(quick):
    quick.shipment([])
    facts = facts_of(quick).facts
    assert facts["documents"] == []
    for absent in ("custody_events", "text_signals", "entity_hits", "importer_ytd_kg", "upstream_parties"):
        assert absent not in facts
    assert facts["lists"] == {}
    quick.lists()
    quick.shipment([LOT])
    facts = facts_of(quick).facts
    assert facts["custody_events"] == []
    assert facts["entity_hits"] == []
    assert facts["lists"]["cahra"]["entries"] == []


def test_a_foreign_or_unknown_record_is_not_found(quick):
    rival = quick.party("Rival", ["importer"], "NL")
    quick.shipment([], rival, shipment_id="theirs")
    with pytest.raises(NotFound):
        facts_of(quick, subject="theirs")


def test_the_record_is_taken_field_by_field_and_its_batches_normalised(quick):
    lot = "HTTPS://MINE.example/lot/%4c-1"
    quick.chain(LOT)
    quick.shipment([lot], released_on="2026-11-20")
    quick.work()
    found = facts_of(quick)
    assert found.facts["shipment"]["batch_ids"] == [LOT] == [normalise(lot)]
    assert "released_on" not in found.facts["shipment"]
    assert "quantity" not in found.facts["shipment"]
    assert len(found.facts["custody_events"]) == 3
    quick.shipment([], trade_name="corrected")
    assert facts_of(quick).facts["shipment"]["trade_name"] == "corrected"


def test_year_to_date_only_where_the_importer_signed_for_the_year(quick):
    ore = {"cn_code": "26090000", "net_weight_kg": "100"}
    quick.shipment([], shipment_id="A", released_on="2026-02-01", **ore)
    quick.shipment([], shipment_id="B", released_on="2025-12-31", **ore)
    quick.shipment([], shipment_id="C", released_on="2026-11-22", **ore)
    quick.shipment([], shipment_id="S-1", released_on="2026-05-01", **ore)
    assert "importer_ytd_kg" not in facts_of(quick).facts
    profile(quick, {}, **{"A-26090000_2026": "50.5"})
    assert facts_of(quick).facts["importer_ytd_kg"] == {"A-26090000": "150.5"}
    assert facts_of(quick, subject="C").facts["importer_ytd_kg"] == {"A-26090000": "250.5"}
    assert "importer_ytd_kg" not in facts_of(quick, as_of=date(2025, 12, 31)).facts


def test_recycled_metal_counts_until_its_papers_prove_it(quick):
    tin = {"cn_code": "80011000", "net_weight_kg": "100", "material_class": "recycled"}
    intake = b"intake"
    sha = f"sha256:{hashlib.sha256(intake).hexdigest()}"
    quick.shipment([], shipment_id="R", released_on="2026-02-01", recycled_evidence=[sha], **tin)
    quick.shipment([], released_on="2026-05-01", **tin | {"material_class": "mined"})
    with quick.service.store.read() as session:
        row = session.exec(select(Shipment)).first()
    row_id = annex_row(row.record).row_id
    profile(quick, {}, **{f"{row_id}_2026": "0"})
    assert facts_of(quick).facts["importer_ytd_kg"] == {row_id: "100"}
    quick.paper(intake, [("shipment", "R")], facts_type="intake_invoice")
    quick.work()
    assert facts_of(quick).facts["importer_ytd_kg"] == {row_id: "0"}
    with quick.service.store.read() as session:
        assert year_to_date(session, quick.importer.row, row, date(2024, 1, 1)) == {}


def test_documents_signals_and_their_dispositions(quick, tell):
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    two = quick.paper(
        b"two", [("batch", LOT)],
        facts=tell.declared(origins=(tell.origin("RW"), tell.origin("UG"), tell.origin("RW")), issued_on="2026-01-02"),
        findings=(
            tell.passage("forced_labour"), tell.passage("child_labour", "policy", 40),
            tell.passage("sourcing", "negated", 80, country="CD", region="CD-NK"),
            tell.passage("sourcing", "negated", 120, actor="third_party"),
            tell.passage("ILO-01", "historical", 160, country="CD"), tell.passage("ILO-02", "negated", 200),
        ),
    )  # fmt: skip
    scan = quick.paper(b"scan", [("party", quick.mine.did)], outcome="needs_ocr")
    half = quick.paper(b"half", [("shipment", "S-1")], unread_pages=(2,), findings=(tell.passage("armed_group"),))
    quick.paper(b"elsewhere", [("shipment", "other")])
    quick.work()
    found = facts_of(quick)
    named = {item["document_id"]: item for item in found.facts["documents"]}
    assert named[f"sha256:{two.sha256}"]["declared_origin_country"] == "RW"
    assert named[f"sha256:{two.sha256}#2"]["declared_origin_country"] == "UG"
    assert named[f"sha256:{two.sha256}"]["issued_on"] == "2026-01-02"
    assert named[f"sha256:{scan.sha256}"] == {"document_id": f"sha256:{scan.sha256}", "type": "other"}
    assert named[f"sha256:{half.sha256}"]["type"] == "other"
    assert len(named) == 4
    topics = sorted((item["topic"], item["assertion"]) for item in found.facts["text_signals"])
    assert topics == [
        ("ILO-01", "historical"), ("armed_group", "affirmed"), ("forced_labour", "affirmed"), ("sourcing", "negated"),
    ]  # fmt: skip
    sourcing = next(item for item in found.facts["text_signals"] if item["topic"] == "sourcing")
    assert sourcing["locations"] == [{"country": "CD", "subdivision": "CD-NK"}]
    assert not any("locations" in item for item in found.facts["text_signals"] if item["topic"] != "sourcing")
    assert len(found.pending) == 2
    quick.judge("signal", f"{two.sha256}|forced_labour|0-12", "confirmed")
    signals = {item["topic"]: item for item in facts_of(quick).facts["text_signals"]}
    assert signals["forced_labour"]["disposition"] == "confirmed"


def test_another_partys_documents_are_not_in(quick):
    rival = quick.party("Rival", ["importer"], "NL")
    quick.shipment([LOT])
    with pytest.raises(NotFound, match="no batch"):
        quick.paper(b"theirs", [("batch", LOT), ("shipment", "S-1")], rival)
    quick.paper(b"theirs", [("shipment", "S-1")], rival)
    quick.work()
    assert facts_of(quick).facts["documents"] == []


def test_entity_hits_by_identifier_exact_and_fuzzy_name(quick, tell):
    quick.lists(
        tell.listed("UN.2", "Some Other Name", identifiers="lei::529900T8BM49AURSDO55"),
        tell.listed("UN.3", "Mine", country="RW"),
        tell.listed("UN.4", "Weakly Known Company Limited", weak="Distant Smelter Works"),
    )
    quick.chain(LOT)
    from traceability.storage.tables import PartyClaim

    def claim(tx):
        tx.session.add(PartyClaim(party_id=quick.mine.id, kind="lei", value="529900T8BM49AURSDO55", state="active"))

    quick.service.store.write(claim)
    quick.shipment([LOT], supplier={"name": "Distant Smelter Works", "address": "A"})
    hits = {hit["entry_id"]: hit for hit in facts_of(quick).facts["entity_hits"]}
    assert hits["UN.2"]["match_basis"] == "identifier"
    assert hits["UN.3"]["match_basis"] == "exact_name"
    assert hits["UN.3"]["party_id"] == quick.mine.did
    assert hits["UN.4"]["match_basis"] == "fuzzy_name"
    assert 0 < float(hits["UN.4"]["score"]) <= 1
    quick.work()
    assert quick.judge("hit", quick.hit("S-1", 0), "rejected").state == "in_force"
    assert quick.judge("hit", quick.hit("S-1", 1), "rejected").state == "waiting"
    hits = {hit["entry_id"]: hit.get("disposition") for hit in facts_of(quick).facts["entity_hits"]}
    assert hits == {"UN.2": None, "UN.3": None, "UN.4": "rejected"}


def test_a_likeness_is_a_question_and_never_a_critical(quick, tell):
    quick.lists(tell.listed("UN.5", "Kagera Tungsten Refining Company", country="RW"))
    quick.chain(LOT)
    quick.shipment([LOT], supplier={"name": "Kagera Tungsen Refinning Company", "address": "A", "country": "RW"})
    quick.work()
    (hit,) = quick.facts("shipment", "S-1")["entity_hits"]
    assert (hit["match_basis"], float(hit["score"]) >= 0.88) == ("fuzzy_name", True)
    found = {item["code"]: item["severity"] for item in quick.state("shipment", "S-1").assessment.result["findings"]}
    assert found["ENTITY-POSSIBLE-MATCH"] != "critical"
    assert "SANCTION-ENTITY" not in found


def test_a_party_with_an_odd_spelling_of_its_did_is_screened(quick, tell):
    quick.lists(tell.listed("UN.3", "Shouting", country="RW"))
    loud = quick.party("Shouting", ["mine"], "RW", did="DID:web:shouting.example")
    quick.site(loud, "pit", "RW")
    lot = tell.uri(loud, "lot", "1")
    quick.capture(quick.importer, tell.extraction(loud, lot), tell.hand("receiving", loud, quick.importer, lot))
    quick.shipment([lot])
    found = facts_of(quick)
    assert [hit["entry_id"] for hit in found.facts["entity_hits"]] == ["UN.3"]
    assert "party_not_screened" not in {note["kind"] for note in found.notes}


def test_a_party_that_is_not_registered_is_said_not_to_be_screened(quick, tell):
    quick.lists()
    ghost = type("Ghost", (), {"did": "did:web:ghost.example"})
    quick.capture(quick.importer, tell.hand("receiving", ghost, quick.importer, LOT))
    quick.shipment([LOT])
    quick.work()
    assert "did:web:ghost.example" in " ".join(note["message"] for note in facts_of(quick).notes)
    assert any("not registered" in why for why in quick.state("shipment", "S-1").floors)


def test_upstream_parties_are_the_chain_and_the_supplier_but_not_the_importer(quick):
    trader = quick.party("Trader", ["trader"], "AE")
    quick.site(trader, "souk", "AE", subdivision="AE-DU")
    quick.site(trader, "old", "CD", valid_to="2020-01-01")
    quick.chain(LOT)
    quick.shipment([LOT], supplier={"name": "Trader", "address": "A", "party_id": trader.did})
    parties = {item["party_id"]: item for item in facts_of(quick).facts["upstream_parties"]}
    assert set(parties) == {quick.mine.did, trader.did}
    (souk,) = parties[trader.did]["operating_locations"]
    assert (souk["country"], souk["subdivision"]) == ("AE", "AE-DU")
    assert [place["country"] for place in parties[quick.mine.did]["operating_locations"]] == ["RW"]


def test_one_version_a_list_the_newest_on_the_day_and_dropped_entries_end(quick, tell):
    area = {"kind": "area", "primary": "X", "country": "RW"}
    quick.load("eu-cahra", area | {"entry_key": "a", "code": "RW-01"}, area | {"entry_key": "b", "code": "RW-02"},
               published="2026-01-01")  # fmt: skip
    quick.load("eu-cahra", area | {"entry_key": "b", "code": "RW-02"}, published="2026-03-01")
    quick.load("eu-cahra", area | {"entry_key": "b", "code": "RW-02"}, area | {"entry_key": "c", "code": "RW-03"},
               published="2026-06-01")  # fmt: skip
    quick.shipment([])

    def entries(as_of):
        section = facts_of(quick, as_of=as_of).facts["lists"]["cahra"]
        return section["published_on"], {e["code"]: e.get("valid_to") for e in section["entries"]}

    assert entries(TODAY) == ("2026-06-01", {"RW-01": "2026-02-28", "RW-02": None, "RW-03": None})
    assert entries(date(2026, 2, 1)) == ("2026-01-01", {"RW-01": None, "RW-02": None})
    assert entries(date(2025, 2, 1))[0] == "2026-01-01"  # none so old: the oldest


def test_a_name_counts_from_its_day_on(quick, tell):
    quick.lists(tell.listed("UN.3", "Mine", country="RW", valid_from="2026-08-09"))
    quick.chain(LOT)
    quick.shipment([LOT])
    assert [hit["entry_id"] for hit in facts_of(quick).facts["entity_hits"]] == ["UN.3"]
    assert facts_of(quick, as_of=date(2026, 8, 1)).facts["entity_hits"] == []
    assert facts_of(quick, as_of=date(2026, 8, 9)).facts["entity_hits"][0]["valid_from"] == "2026-08-09"


def test_countries_are_found_wherever_they_stand():
    facts = {"a": [{"country": "CD"}, {"b": {"origin_subdivision": "CN-XJ"}}], "countries_of_origin": ["RW", "UG"]}
    assert set(countries(facts)) == {"CD", "CN", "RW", "UG"}


def test_a_batch_alone_has_custody_and_the_transit_list_only(quick):
    quick.lists()
    quick.chain(LOT)
    facts = facts_of(quick, "batch", LOT).facts
    assert set(facts) == {"schema_version", "as_of", "custody_events", "lists"}
    assert set(facts["lists"]) == {"transit_watch"}


def test_the_same_rows_give_the_same_hash(quick):
    quick.lists()
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    first = facts_of(quick).facts
    quick.work()
    assert inputs_hash(facts_of(quick).facts) == inputs_hash(first)


_LOTS = st.sampled_from(
    [f"https://mine.example/lot/{n}" for n in "abc"] + ["urn:epc:class:lgtin:4012345.012345.998877"]
)
_PLACE = st.sampled_from([{"country": "RW"}, {"country": "CD", "subdivision": "CD-NK"}, {"country": "CN"}])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_document_assembled_is_one_that_may_be_assessed(quick, tell, data):
    lots = data.draw(st.lists(_LOTS, min_size=1, max_size=3, unique=True))
    kg = data.draw(st.floats(0.001, 99999).map(lambda value: round(value, 3)))
    day = f"2026-{data.draw(st.integers(1, 12)):02}-{data.draw(st.integers(1, 28)):02}"
    events = [tell.extraction(quick.mine, lots[0], kg, day)]
    if data.draw(st.booleans()):
        events.append(tell.hand("shipping", quick.mine, quick.importer, lots[0], kg, day))
    if len(lots) > 1:
        events.append(tell.blend(quick.importer, {lots[0]: kg}, {lots[1]: kg}, day))
    if data.draw(st.booleans()):
        events.append(tell.declared_wrong(events[0]))
    with contextlib.suppress(Conflict):  # a lot of an earlier example was declared wrong with other content
        quick.capture(quick.mine, *events)
    content = data.draw(st.binary(min_size=1, max_size=4))
    origins = tuple(tell.origin(place["country"]) for place in data.draw(st.lists(_PLACE, max_size=3)))
    quick.paper(content, [("shipment", day)], facts=tell.declared(origins=origins))
    quick.shipment(lots, origins=data.draw(st.lists(_PLACE, max_size=3)), shipment_id=day)
    facts_of(quick, subject=day)
    for lot in lots:
        facts_of(quick, "batch", normalise(lot))
