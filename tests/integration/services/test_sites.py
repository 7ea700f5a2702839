"""Registering sites: codes of countries and their parts, and what a registration means for events already recorded."""

import pytest

from traceability.errors import Conflict, InvalidInput
from traceability.services.mentions import items_naming
from traceability.storage.tables import Item

LOT = "https://mine.example/lot/L-1"
PIT = "https://mine.example/site/pit"


@pytest.mark.parametrize(
    ("country", "subdivision", "field"),
    [
        ("CD", "CD-NK", None), ("CD", None, None), ("BF", "BF-01", None), ("ZZ", None, "country"),
        ("DE", None, None), ("EU", None, "country"), ("CD", "CD-ZZZ", "subdivision"), ("BF", "CD-NK", "subdivision"),
    ],
)  # fmt: skip
def test_codes_are_those_of_iso_3166(world, country, subdivision, field):
    if field is None:
        world.site(world.mine, "new", country, subdivision=subdivision)
        return
    with pytest.raises(InvalidInput) as refused:
        world.site(world.mine, "new", country, subdivision=subdivision)
    assert [problem.path for problem in refused.value.problems] == [f"sites[0].{field}"]


def _codes(state):
    return {item.code for item in state.findings}


def test_a_correction_does_not_move_what_was_recorded_before_it(world, tell):
    """A furnace in Xinjiang that is said to be elsewhere afterwards still made what was recorded there."""
    world.lists()
    world.site(world.mine, "pit", "CN", subdivision="CN-XJ")
    world.chain(LOT)
    world.shipment([LOT], destination_country="US", origins=[{"country": "CN", "subdivision": "CN-XJ"}])
    world.work()
    before = world.state("shipment", "S-1")
    assert "UFLPA-XUAR" in before.codes
    world.site(world.mine, "pit", "CN", subdivision="CN-SC", valid_from="2024-06-01")
    world.work()
    state = world.state("shipment", "S-1")
    assert state.assessment.id > before.assessment.id
    assert _codes(before) <= _codes(state)
    assert "site_contradicted" in {note["kind"] for note in state.notes}
    events = world.facts("shipment", "S-1")["custody_events"]
    assert {item.get("subdivision") for item in events if item.get("site_id") == PIT} == {"CN-XJ"}
    later = "https://mine.example/lot/L-2"
    world.chain(later)
    world.work()
    events = world.facts("batch", later)["custody_events"]
    assert {item.get("subdivision") for item in events if item.get("site_id") == PIT} == {"CN-SC"}


def test_a_site_registered_late_is_seen_at_events_that_spell_it_otherwise(world, tell):
    born = tell.extraction(world.mine, LOT) | {"readPoint": {"id": "HTTPS://MINE.example/site/n%65w"}}
    world.capture(world.mine, born)
    world.work()
    first = world.state("batch", LOT, world.mine)
    assert "unknown_site" in {note["kind"] for note in first.notes}
    world.site(world.mine, "new", "RW")
    world.work()
    state = world.state("batch", LOT, world.mine)
    assert state.assessment.id > first.assessment.id
    assert "unknown_site" not in {note["kind"] for note in state.notes}


def test_events_are_found_by_any_spelling_of_a_gs1_location(quick, tell):
    spellings = ("urn:epc:id:sgln:0614141.12345.0", "https://gln.example/gln/0614141123452", "https://x.example/414/1")
    lots = [f"{LOT}/{n}" for n, _ in enumerate(spellings)]
    for lot, spelling in zip(lots, spellings, strict=True):
        quick.capture(quick.mine, tell.extraction(quick.mine, lot) | {"bizLocation": {"id": spelling}})
    with quick.service.store.read() as session:
        found = items_naming(session, ["https://id.gs1.org/414/0614141123452"])
    assert {item.uri for item in quick.rows(Item) if item.id in found} == set(lots[:2])


def test_the_first_party_owns_a_place_on_both_databases(world):
    other = world.party("Other", ["trader"], "RU")
    with pytest.raises(Conflict):
        _take(world, other, PIT.replace("https://mine", "HTTPS://MINE"))


def _take(world, party, uri):
    from traceability.services import sites

    body, jws = world._signed(party, {"sites": [{"uri": uri, "country": "RU", "valid_from": "2020-01-01"}]})
    sites.register(world.service, party.actor("importer"), body, "application/json", jws)
