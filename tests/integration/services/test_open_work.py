"""Who leaves is out at once; open work is listed and handed to a colleague, and what was decided keeps the name."""

import pytest

from traceability.errors import Forbidden, InvalidInput
from traceability.services import cases, open_work, review
from traceability.services.access import Actor
from traceability.services.case_forms import loaded
from traceability.services.users import disable_user
from traceability.storage.tables import Decision

LOT = "https://mine.example/lot/L-1"
ADMIN = Actor("adam", "adam", "admin")


@pytest.fixture
def left(quick, tell, make_user):
    """An officer with a proposal that waits and an open plan has left; a colleague is there, and somebody of elsewhere."""
    world = quick
    world.lists(tell.listed("UN.9", "Mine", country="UG", programmes="A"))
    world.chain(LOT)
    world.shipment([LOT], supplier={"name": "Mine", "address": "Kigali", "party_id": world.mine.did})
    world.work()
    world.judge("hit", world.hit("S-1"), "confirmed", by="anna")
    world.work()
    world.judge("hit", world.hit("S-1"), "rejected", by="anna")
    plan = {
        "risk_code": "A2-3", "about": [{"kind": "shipment", "id": "S-1"}], "adopted_on": "2026-11-01",
        "review_due_on": "2026-12-31", "progress": "on_track",
        "steps": [{"what": "a visit", "measure": "a report of it", "due_on": "2026-12-01"}],
    }  # fmt: skip
    cases.create(world.service, world.officer("anna"), "plan", loaded("plan", plan))
    for name, role in (("anna", "officer"), ("bert", "officer"), ("ines", "importer")):
        make_user(role, party=world.importer, name=name)
    make_user("officer", party=world.party("Other", ["importer"], "DE"), name="otto")
    return world


def test_open_work_is_listed_handed_over_and_done_by_the_colleague(left):
    world, service = left, left.service
    disable_user(service, ADMIN, "anna")
    work = open_work.open_work(service, ADMIN, "anna")
    kinds = [one.kind for one in work]
    assert sorted(kinds) in (["plan"], ["decision", "plan"])
    assert open_work.colleagues(service, ADMIN, "anna") == ["bert"]
    for to, chosen in (("otto", []), ("ines", []), ("anna", []), ("nobody", []), ("bert", [("plan", "x")])):
        with pytest.raises(InvalidInput):
            open_work.hand_over(service, ADMIN, "anna", to, chosen)
    with pytest.raises(Forbidden):
        open_work.hand_over(service, world.officer("bert"), "anna", "bert", [])
    assert {one.handed_to for one in open_work.hand_over(service, ADMIN, "anna", "bert", [])} == {"bert"}
    bert = world.officer("bert")
    assert sorted(one.kind for _, one in open_work.handed_to(service, bert)) == sorted(kinds)
    for row in world.rows(Decision):
        if row.state == "waiting":
            review.confirm(service, bert, row.id, world_reason(row))
    assert [one.kind for _, one in open_work.handed_to(service, bert)] == ["plan"], "what is done is gone from it"
    assert {row.proposed_by for row in world.rows(Decision)} == {"anna"}, "what was decided keeps the name"


def test_work_handed_to_somebody_who_leaves_too_is_theirs_and_is_handed_on(left, make_user):
    world, service = left, left.service
    make_user("officer", party=world.importer, name="cleo")

    def standing(name):
        return {(one.kind, one.subject): one.handed_to for one in open_work.open_work(service, ADMIN, name)}

    things = set(standing("anna"))
    assert things
    open_work.hand_over(service, ADMIN, "anna", "bert", [])
    assert standing("bert") == dict.fromkeys(things)
    open_work.hand_over(service, ADMIN, "bert", "cleo", [])
    assert standing("anna") == standing("bert") == dict.fromkeys(things, "cleo"), "the last in the row has it"
    assert open_work.handed_to(service, world.officer("bert")) == []
    assert {(one.kind, one.subject) for _, one in open_work.handed_to(service, world.officer("cleo"))} == things
    open_work.hand_over(service, ADMIN, "cleo", "bert", [])
    assert standing("bert") == dict.fromkeys(things), "who got it back has it"
    assert len(open_work.handed_to(service, world.officer("bert"))) == len(things), "each is told once"
    assert open_work.handed_to(service, world.officer("cleo")) == []


def world_reason(row):
    return f"seen by me as well: {row.disposition}, for the same reason"
