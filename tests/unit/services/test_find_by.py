"""A batch is found by its site, its smelter and a list entry that a party of it met, and by nobody who may not read it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from traceability import strict_json
from traceability.services import find_by
from traceability.storage.tables import (
    Event,
    EventItem,
    Holding,
    Item,
    Screening,
    ScreeningHit,
    Shipment,
    ShipmentBatch,
    Site,
)

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
PIT, BATCH, BAG = "https://id.mine.example/pit-1", "https://id.mine.example/lot/1", "https://id.mine.example/bag/1"


@pytest.fixture
def world(service, make_party):
    mine, importer = make_party("Mine", did="did:web:mine.example"), make_party("Importer", roles=["importer"])

    def write(tx):
        site = Site(key=PIT, uri=PIT, party_id=mine.row.id, name="Rubaya Pit 1", country="CD", body=b"", jws="",
                    entry_index=1, received_at=AT)  # fmt: skip
        body = strict_json.dumps({"readPoint": {"id": PIT}}).decode()
        event = Event(index=7, event_id="e", capture_id="c", position=0, type="ObjectEvent", event_time=AT, received_at=AT,
                      evidence="unsigned", content="0" * 64, body=body)  # fmt: skip
        items = Item(id=1, key=BATCH, uri=BATCH, is_batch=True), Item(id=2, key=BAG, uri=BAG, is_batch=False)
        named = [EventItem(item_id=one.id, event_index=7, role="observed") for one in items]
        record = {"smelters": [{"smelter_id": "CID002082"}], "supplier": {"name": "CID009999"}}
        shipment = Shipment(importer_id=importer.row.id, shipment_id="S1", version=1, record=record, body=b"", jws="",
                            media_type="m", entry_index=3, received_at=AT, released_on=AT.date())  # fmt: skip
        tx.session.add_all([site, event, *items, shipment])
        tx.session.flush()
        met = Screening(id=1, subject_key="k", subject={}, as_of=date(2026, 11, 1), at=AT, versions=[], matcher="m",
                        outcome="hits", hits=[], owner_id=importer.row.id, party_id="did:web:mine.example")  # fmt: skip
        linked = ShipmentBatch(importer_id=importer.row.id, shipment_id="S1", batch_key=BATCH)
        tx.session.add_all([*named, met, linked, Holding(party_id=mine.row.id, item_id=1, event_index=7, made=True)])
        tx.session.flush()
        tx.session.add(ScreeningHit(screening_id=1, list_id="un-sc", entry_key="CDe.001"))

    service.store.write(write)
    return service, mine, importer


def told(found):
    return [(one.batch, one.by, one.name) for one in found]


@pytest.mark.parametrize("text", [PIT, "rubaya", "PIT rubaya"])
def test_a_site_leads_to_the_batches_of_its_events_and_to_no_bag(world, text):
    with world[0].store.read() as session:
        assert told(find_by.by_site(session, text)) == [(BATCH, "site", "Rubaya Pit 1")]
        assert told(find_by.by_site(session, "pi")) == []


def test_a_smelter_is_found_where_a_record_names_it_as_one_by_its_own_importer_and_the_regulator(world):
    service, mine, importer = world
    regulator = replace(importer.actor("importer"), role="regulator", party_id=None)
    with service.store.read() as session:
        for actor in (importer.actor("importer"), regulator):
            assert told(find_by.by_smelter(session, actor, "cid002082")) == [(BATCH, "smelter", "CID002082")]
            assert told(find_by.by_smelter(session, actor, "CID009999")) == []
        assert told(find_by.by_smelter(session, mine.actor("importer"), "CID002082")) == []


def test_an_entry_leads_to_who_met_it_for_those_alone_who_may_read_screenings(world):
    service, mine, importer = world
    officer = importer.actor("officer")
    with service.store.read() as session:
        for text in ("CDe.001", "un-sc/CDe.001"):
            assert told(find_by.by_entry(session, officer, text)) == [(BATCH, "entry", text)]
        assert told(find_by.by_entry(session, officer, "us-uflpa/CDe.001")) == []
        for nobody in (importer.actor("supplier"), mine.actor("officer")):
            assert told(find_by.by_entry(session, nobody, "CDe.001")) == []
        earlier = replace(officer, role="auditor", records=(date(2025, 1, 1), date(2025, 12, 31)))
        assert told(find_by.by_entry(session, earlier, "CDe.001")) == [], "it was met outside the mandate's period"
