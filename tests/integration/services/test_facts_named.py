"""Vessels, sites, transit places, names in documents and listed goods of a shipment (screening.md 4 and 5)."""

from datetime import date

import pytest

from traceability.diligence.facts import check_facts
from traceability.documents.report import DeclaredParty, DeclaredSmelter
from traceability.services.facts import assemble

LOT = "https://mine.example/lot/L-1"
TODAY = date(2026, 11, 23)


def facts_of(world):
    world.work()
    with world.service.store.read() as session:
        found = assemble(world.service, session, world.importer.id, "shipment", "S-1", TODAY)
    check_facts(found.facts)
    return found


def hits_of(world):
    return {hit["entry_id"]: hit for hit in facts_of(world).facts["entity_hits"]}


def kinds_of(world):
    return {(one.subject.kind, one.subject.name) for one in facts_of(world).screened}


def sail(world, tell, **terms):
    world.capture(
        world.mine,
        tell.event(
            "ObjectEvent", "2026-11-05T12:00:00Z", "transporting", action="OBSERVE",
            quantityList=[tell.quantity(LOT, 1000)], readPoint={"id": tell.uri(world.mine, "site", "port")},
            **{f"crm:{name}": value for name, value in terms.items()},
        ),
    )  # fmt: skip


def test_a_ship_is_found_by_its_number_under_any_name(quick, tell):
    quick.lists(tell.listed("UN.9", "Old Listed Name", identifiers="imo::9074729", schema="Vessel"))
    quick.chain(LOT)
    sail(quick, tell, vesselName="Freshly Painted", vesselImo="9074729")
    quick.shipment([LOT])
    assert hits_of(quick)["UN.9"]["match_basis"] == "identifier"
    assert hits_of(quick)["UN.9"]["party_name"] == "Freshly Painted"
    assert ("vessel", "Freshly Painted") in kinds_of(quick)
    quick.work()
    assert "SANCTION-ENTITY" in quick.state("shipment", "S-1").codes


def test_a_number_with_a_wrong_check_digit_is_a_note_and_never_a_match(quick, tell):
    quick.lists(tell.listed("UN.9", "Old Listed Name", identifiers="imo::9074729", schema="Vessel"))
    quick.chain(LOT)
    sail(quick, tell, vesselName="Freshly Painted", vesselImo="9074728")
    quick.shipment([LOT])
    found = facts_of(quick)
    assert found.facts["entity_hits"] == []
    (note,) = [note for note in found.notes if note["kind"] == "vessel_number"]
    assert "check digit" in note["message"]


def test_a_ship_without_a_name_is_screened_by_its_number(quick, tell):
    quick.lists(tell.listed("UN.9", "Old Listed Name", identifiers="imo::9074729", schema="Vessel"))
    quick.chain(LOT)
    sail(quick, tell, vesselImo="9074729")
    quick.shipment([LOT])
    assert hits_of(quick)["UN.9"]["party_name"] == "IMO 9074729"


def test_sites_and_places_on_the_way_are_screened_by_name(quick, tell):
    quick.site(quick.mine, "port", "TZ", name="Kibosho Bonded Depot Holdings")
    quick.site(quick.mine, "pit", "RW", name="Lutongo Concession Works")
    quick.lists(
        tell.listed("UN.7", "Kibosho Bonded Depot Holdings", country="TZ", schema="Organization"),
        tell.listed("UN.8", "Lutongo Concession Works", country="RW", schema="Organization"),
    )
    quick.chain(LOT)
    sail(quick, tell)
    quick.shipment([LOT])
    assert {"UN.7", "UN.8"} <= hits_of(quick).keys()
    assert ("transit_place", "Kibosho Bonded Depot Holdings") in kinds_of(quick)
    assert ("site", "Lutongo Concession Works") in kinds_of(quick)


def test_a_site_named_as_its_party_is_screened_as_that_party(quick, tell):
    quick.site(quick.mine, "pit", "RW", name="MINE")
    quick.lists(tell.listed("UN.3", "Mine", country="RW"))
    quick.chain(LOT)
    quick.shipment([LOT], mine_of_origin={"name": "Shaft Nine", "country": "RW"})
    assert ("site", "MINE") not in kinds_of(quick)
    assert ("site", "Shaft Nine") in kinds_of(quick)


def test_what_a_document_names_is_a_question_and_never_critical_by_itself(quick, tell):
    quick.lists(
        tell.listed("UN.5", "Kivu Gold Brokers Company", country="CD", schema="Organization"),
        tell.listed("UN.6", "Distant Smelter", identifiers="cid::CID990001"),
    )
    declared = tell.declared(
        parties=(DeclaredParty("supplier", "Kivu Gold Brokers Company", "CD"), DeclaredParty("carrier", "Mine", "RW")),
        smelters=(DeclaredSmelter("Another Name", id="CID990001"),),
    )
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.paper(b"paper", [("shipment", "S-1")], facts=declared)
    quick.work()
    hits = hits_of(quick)
    assert {hits[key]["match_basis"] for key in ("UN.5", "UN.6")} == {"fuzzy_name"}
    assert all(float(hits[key]["score"]) == 1 for key in ("UN.5", "UN.6"))
    codes = quick.state("shipment", "S-1").codes
    assert "ENTITY-POSSIBLE-MATCH" in codes
    assert "SANCTION-ENTITY" not in codes
    assert ("document_name", "Mine") not in kinds_of(quick)  # it says no more than the party of the chain does


def batteries(world, tell, *, origin, **fields):
    world.lists()
    world.load(
        "us-dol-tvpra",
        {
            "entry_key": "Lithium-Ion Batteries/CN/from-CD", "kind": "goods", "primary": "Lithium-Ion Batteries",
            "country": "CN", "sector": "Manufacturing", "derived_from": "CD",
        },
    )  # fmt: skip
    cell = {
        "cn_code": "85076000", "materials": ["lithium"], "origins": [{"country": "AU"}],
        "manufacturer": {"name": "Cell Maker", "country": "CN", "address": "A"},
    }  # fmt: skip
    born = tell.extraction(world.mine, LOT) | {"ilmd": {"crm:mineral": origin}}
    world.capture(world.mine, born, tell.hand("shipping", world.mine, world.importer, LOT))
    world.capture(world.importer, tell.hand("receiving", world.mine, world.importer, LOT))
    world.shipment([LOT], **(cell | fields))
    return [note for note in facts_of(world).notes if note["kind"] == "listed_goods"]


def test_a_derived_good_is_raised_where_its_input_is_of_unknown_origin(quick, tell):
    (note,) = batteries(quick, tell, origin="spodumene")
    assert (note["list_id"], note["row"]) == ("us-dol-tvpra", "Lithium-Ion Batteries/CN/from-CD")
    assert (note["how"], note["matched"], note["outcome"]) == ("prefix", "850760", "listed")
    assert note["version"] == "2026-11-20"
    quick.work()
    assert any("listed_goods" in floor for floor in quick.state("shipment", "S-1").floors)


def test_a_derived_good_is_not_raised_where_the_chain_proves_another_origin(quick, tell):
    (note,) = batteries(quick, tell, origin="heterogenite")
    assert (note["outcome"], note["review"]) == ("excluded", False)
    assert "proves that its cobalt comes from RW" in note["message"]


def test_a_good_made_elsewhere_is_not_listed(quick, tell):
    assert batteries(quick, tell, origin="spodumene", manufacturer={"name": "M", "country": "KR", "address": "A"}) == []


@pytest.mark.parametrize(("destination", "listed"), [("US", True), ("NL", False)])
def test_orders_of_us_customs_count_for_goods_bound_there(quick, tell, destination, listed):
    quick.lists()
    quick.load(
        "us-cbp-wro", {"entry_key": "c", "kind": "goods", "primary": "Cotton", "country": "TM", "forced_labour": "yes"}
    )
    quick.shipment([], cn_code="52010000", origins=[{"country": "TM"}], destination_country=destination)
    assert bool([note for note in facts_of(quick).notes if note["kind"] == "listed_goods"]) is listed


def test_what_a_rule_of_the_packs_raises_is_not_said_twice(quick):
    quick.lists()
    quick.load(
        "us-dol-tvpra",
        {
            "entry_key": "Tin ore (cassiterite)/RW", "kind": "goods", "primary": "Tin ore (cassiterite)",
            "country": "RW", "material": "tin", "child_labour": "yes",
        },
    )  # fmt: skip
    quick.shipment([])
    assert "listed_goods" not in {note["kind"] for note in facts_of(quick).notes}
    quick.work()
    assert "DOL-TVPRA" in quick.state("shipment", "S-1").codes
