"""Places against the area lists: stated, in words, unknown; an operator's own areas; each on its own day."""

from datetime import date

import pytest

from traceability.diligence.facts import check_facts
from traceability.services.facts import assemble

LOT = "https://mine.example/lot/L-1"
TODAY = date(2026, 11, 23)


def facts_of(world):
    world.work()
    with world.service.store.read() as session:
        found = assemble(world.service, session, world.importer.id, "shipment", "S-1", TODAY)
    check_facts(found.facts)
    return found


def notes_of(world, kind):
    return [note for note in facts_of(world).notes if note["kind"] == kind]


def own(world, *codes, **more):
    rows = [{"entry_key": code, "kind": "area", "country": code[:2], "code": code, **more} for code in codes]
    world.load("my-areas", *rows)


def pass_through(world, tell, country, day="2026-11-05", **more):
    world.site(world.mine, "port", country, **more)
    event = tell.event(
        "ObjectEvent", f"{day}T12:00:00Z", "transporting", action="OBSERVE",
        quantityList=[tell.quantity(LOT, 1000)], readPoint={"id": tell.uri(world.mine, "site", "port")},
    )  # fmt: skip
    world.capture(world.mine, event)


def test_own_areas_count_like_those_of_the_list_and_take_none_away(quick, tell):
    quick.lists()
    own(quick, "TZ")
    quick.chain(LOT)
    pass_through(quick, tell, "TZ")
    quick.shipment([LOT])
    entries = facts_of(quick).facts["lists"]["cahra"]["entries"]
    assert entries == [{"code": "TZ", "source": "importer", "entry_id": "TZ"}]
    assert "RF-L1" in quick.state("shipment", "S-1").codes


def test_own_areas_are_no_list_of_conflict_areas(quick):
    own(quick, "RW")
    quick.shipment([])
    found = facts_of(quick)
    assert "cahra" not in found.facts["lists"]
    assert any(note["kind"] == "own_areas_alone" for note in found.notes)
    assert "INT-LIST-MISSING" in quick.state("shipment", "S-1").codes


def test_an_area_counts_on_the_day_of_the_transit(quick, tell):
    quick.lists()
    own(quick, "TZ", valid_from="2026-11-06")
    quick.chain(LOT)
    pass_through(quick, tell, "TZ", "2026-11-05")
    quick.shipment([LOT])
    facts_of(quick)
    assert "RF-L1" not in quick.state("shipment", "S-1").codes
    own(quick, "TZ", "KE", valid_from="2026-11-05")
    facts_of(quick)
    assert "RF-L1" in quick.state("shipment", "S-1").codes


def test_an_unknown_part_of_a_listed_country_is_never_clear(quick, tell):
    quick.lists()
    quick.chain(LOT)
    pass_through(quick, tell, "CD")
    quick.shipment([LOT])
    facts_of(quick)
    assert "RF-L1" in quick.state("shipment", "S-1").codes


def test_another_part_of_a_listed_country_is_clear(quick, tell):
    quick.lists()
    quick.chain(LOT)
    pass_through(quick, tell, "CD", subdivision="CD-KN")
    quick.shipment([LOT])
    facts_of(quick)
    assert "RF-L1" not in quick.state("shipment", "S-1").codes


def area(world, code, name):
    row = {"entry_key": "XJ", "kind": "area", "primary": name, "country": code[:2], "code": code}
    world.load("forced-labour-areas", row, published="2026-11-21")


def test_a_region_that_stands_only_in_words_is_put_before_an_officer(quick):
    quick.lists()
    area(quick, "CN-XJ", "Xinjiang")
    maker = {"name": "Maker", "country": "CN", "address": "12 Jiefang Road, Urumqi, Xinjiang"}
    quick.shipment([], manufacturer=maker, destination_country="US")
    (note,) = notes_of(quick, "place_in_words")
    assert (note["code"], note["lists"], note["review"]) == ("CN-XJ", ["forced-labour-areas"], True)
    assert notes_of(quick, "region_unknown") == []
    assert any("place_in_words" in floor for floor in quick.state("shipment", "S-1").floors)


def test_a_region_that_is_stated_elsewhere_is_left_to_the_rules(quick):
    quick.lists()
    area(quick, "CN-XJ", "Xinjiang")
    maker = {"name": "Maker", "country": "CN", "address": "Urumqi, Xinjiang"}
    quick.shipment(
        [], manufacturer=maker, origins=[{"country": "CN", "subdivision": "CN-XJ"}], destination_country="US"
    )
    assert notes_of(quick, "place_in_words") == []
    assert "UFLPA-XUAR" in quick.state("shipment", "S-1").codes


def test_a_region_of_a_site_stands_in_its_name(quick, tell):
    quick.lists()
    area(quick, "CN-XJ", "Xinjiang")
    quick.chain(LOT)
    pass_through(quick, tell, "CN", name="Xinjiang dry port")
    quick.shipment([LOT])
    assert [note["code"] for note in notes_of(quick, "place_in_words")] == ["CN-XJ"]


def test_goods_for_the_us_from_a_country_with_a_listed_part_need_the_part(quick):
    quick.lists()
    quick.shipment([], origins=[{"country": "CN"}], destination_country="US")
    (note,) = notes_of(quick, "region_unknown")
    assert "CN-XJ" in note["message"]


def test_where_the_part_is_stated_or_the_goods_stay_in_the_union_nothing_is_asked(quick):
    quick.lists()
    quick.shipment([], origins=[{"country": "CN", "subdivision": "CN-GD"}], destination_country="US")
    assert notes_of(quick, "region_unknown") == []
    quick.shipment([], origins=[{"country": "CN"}], destination_country="NL", shipment_id="S-2")
    quick.work()
    assert "FLR-GEO-UNKNOWN" in quick.state("shipment", "S-2").codes


@pytest.mark.parametrize(("point", "country"), [("geo:-1.5667,28.8833", "CD"), ("geo:-1.68,29.23", None)])
def test_coordinates_alone_give_a_country_where_the_map_is_sure_and_say_so(quick, tell, point, country):
    quick.lists()
    born = tell.extraction(quick.mine, LOT) | {"readPoint": {"id": point}}
    quick.capture(quick.mine, born, tell.hand("shipping", quick.mine, quick.importer, LOT))
    quick.capture(quick.importer, tell.hand("receiving", quick.mine, quick.importer, LOT))
    quick.shipment([LOT])
    found = facts_of(quick)
    (event,) = [event for event in found.facts["custody_events"] if event["type"] == "extraction"]
    assert (event.get("country"), "subdivision" in event) == (country, False)
    assert any("geo:" in note["message"] or "coordinates" in note["message"] for note in found.notes)
