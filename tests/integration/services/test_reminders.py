"""Who is reminded of which old list: admins from 80 % of its age on, past it the officers whose open batches need it."""

from datetime import timedelta

import pytest

from tests.integration.services.conftest import listed
from traceability.services import reminders
from traceability.services.access import Actor
from traceability.services.reminding import Round, remind
from traceability.storage.tables import ListReminder, User

LOT = "https://mine.example/lot/1"
AREA = {"entry_key": "CD-NK", "kind": "area", "primary": "Kivu", "country": "CD", "code": "CD-NK"}


@pytest.fixture
def root(make_user):
    return make_user("admin", name="root").actor


@pytest.fixture
def anna(world, make_user):
    return make_user("officer", party=world.importer, name="anna").actor


def own(world, actor):
    return [(item["list_id"], item["level"]) for item in reminders.own(world.service, actor)]


def later(world, clock, days):
    clock.advance(days=days)
    world.work()


def load_un(world, published):
    world.load("un-sc", listed("UN.1", f"Nobody On {published} Inc"), published=published, max_age_days=10)


def load_areas(world):
    """Load every other list that a tin shipment to the Union needs."""
    for list_id in ("eu-cahra", "transit-watch", "forced-labour-areas"):
        world.load(list_id, AREA)


def test_admins_from_eighty_percent_officers_past_it_and_nobody_after_the_load(world, clock, root, anna):
    load_areas(world)
    load_un(world, "2026-11-22")  # on 23 November it is a day old
    world.chain(LOT)
    world.shipment([LOT])
    world.work()
    state = Round()
    remind(world.service, state)
    assert own(world, root) == own(world, anna) == []
    later(world, clock, 6)
    remind(world.service, state)
    assert own(world, root) == own(world, anna) == [], "seven days of ten"
    later(world, clock, 1)
    remind(world.service, state)
    assert (own(world, root), own(world, anna)) == ([("un-sc", "due")], [])
    later(world, clock, 3)
    remind(world.service, state)
    assert own(world, root) == own(world, anna) == [("un-sc", "overdue")]
    said = reminders.own(world.service, root)[0]
    assert said["sentence"].endswith("is 11 days old, at most 10: finding nothing in it means little")
    assert "traceability lists fetch un-sc" in said["what_to_do"]
    load_un(world, "2026-12-03")
    assert own(world, root) == own(world, anna) == [], "already before anybody has followed it up"
    remind(world.service, state)
    rows = [(row.level, row.ended_at is None) for row in world.rows(ListReminder)]
    assert sorted(rows) == [("due", False), ("overdue", False), ("overdue", False)], "who was reminded stays on record"


def test_an_older_version_ends_nothing(world, clock, root):
    load_un(world, "2026-11-01")
    remind(world.service, state := Round())
    load_un(world, "2026-10-01")
    remind(world.service, state)
    assert own(world, root) == [("un-sc", "overdue")]
    assert all(row.ended_at is None for row in world.rows(ListReminder))


def test_officers_of_others_and_of_lists_nobody_needs_are_left_alone(world, make_user, root, anna):
    other = make_user("officer", party=world.party("Other", ["importer"], "NL"), name="zoe").actor
    load_areas(world)
    load_un(world, "2026-11-01")
    world.load("our-own", listed("O.1", "Somebody Else Ltd"), published="2025-01-01", max_age_days=30)
    world.chain(LOT)
    world.shipment([LOT])
    world.work()
    remind(world.service, Round())
    assert own(world, anna) == [("un-sc", "overdue")]
    assert own(world, other) == []
    assert own(world, root) == [("our-own", "overdue"), ("un-sc", "overdue")]


def test_a_required_list_that_was_never_loaded_is_overdue_at_once(world, root, anna):
    world.chain(LOT)
    world.shipment([LOT])
    world.work()
    remind(world.service, Round())
    assert ("un-sc", "overdue") in own(world, anna)
    assert ("us-uflpa", "overdue") not in own(world, anna), "goods bound for the Netherlands need no list of the US"
    assert own(world, root) == own(world, anna)


def test_with_a_release_the_officer_is_left_alone_until_it_is_reopened(world, clock, anna):
    load_areas(world)
    load_un(world, "2026-11-01")
    world.chain(LOT)
    world.shipment([LOT])
    world.work()
    remind(world.service, state := Round())
    assert own(world, anna) == [("un-sc", "overdue")]
    decision = world.decide("released", "shipment", "S-1", review_on=(clock() + timedelta(days=3)).date())
    if decision.needs_second:
        world.confirm(decision)
    clock.advance(hours=2)
    remind(world.service, state)
    assert own(world, anna) == []
    later(world, clock, 4)
    remind(world.service, state)
    assert own(world, anna) == [("un-sc", "overdue")], "its review date is over"


def test_tables_for_reference_are_nobodys_concern(world, root):
    world.load("hs", {"entry_key": "26", "kind": "code", "primary": "Ores", "code": "26"}, published="2020-01-01")
    remind(world.service, Round())
    assert own(world, root) == []


def test_a_closed_account_and_another_role_are_not_reminded(world, make_user, root):
    gone = make_user("admin", name="gone")
    dpo = make_user("dpo", name="dpo").actor
    world.sql(User, User.name == "gone", disabled_at=world.service.clock())
    load_un(world, "2026-11-01")
    remind(world.service, Round())
    assert {row.user_id for row in world.rows(ListReminder)} == {root.id}
    assert own(world, dpo) == own(world, gone.actor) == []


def test_twice_is_once(world, root):
    load_un(world, "2026-11-01")
    remind(world.service, Round())
    remind(world.service, Round())
    assert len(world.rows(ListReminder)) == 1


def test_an_api_key_reads_what_the_person_who_made_it_is_reminded_of(world, root):
    load_un(world, "2026-11-01")
    remind(world.service, Round())
    assert own(world, Actor("key-1", "deploy", "admin", made_by="root")) == [("un-sc", "overdue")]
    assert own(world, Actor("key-2", "root", "admin", made_by="somebody")) == []
