"""Names asked about and recorded go when nothing keeps them any more: on their owner's term, by a dpo, and for good."""

import pytest

from traceability.app import create_app
from traceability.services import profiles
from traceability.services.access import Actor
from traceability.services.fsck import fsck
from traceability.services.retention import reports
from traceability.services.retention.approve import approve
from traceability.services.retention.holds import lift, place
from traceability.storage.erasures import erased
from traceability.storage.tables import RetentionLine, Screening, ScreeningHit

WHOM = "Jean Kambale Mutombo"
WHY = "the term is over and nobody needs it any more"


@pytest.fixture
def recorded(world, tell, make_api_key):
    """A world whose importer recorded a question about two persons under one entry."""
    world.lists(tell.listed("UN.9", WHOM, schema="Person", birth_dates="1970-01-02"))
    client = create_app(service=world.service).test_client()
    key = make_api_key(world.importer, role="officer", service=world.service)
    body = {"queries": [{"name": WHOM, "birth_dates": ["1970-01-02"]}, {"name": "Nobody Known"}], "record": True}
    asked = client.post("/v1/match", json=body, headers=key.headers)
    assert asked.status_code == 200, asked.json
    world.entry, world.dpo = asked.json["entry_index"], Actor("dpo", "dpo", "dpo", world.importer.id)
    return world


def state_profile(world):
    body, jws = world._signed(world.importer, {"profile": {"employees": 12, "net_turnover_eur": "900000"}})
    profiles.post(world.service, world.importer.actor("importer"), body, "application/json", jws)


def lines(world):
    report = reports.ask(world.service, world.dpo)
    world.work()
    found = [one for one in world.rows(RetentionLine) if one.report_id == report]
    return report, {(one.kind, one.subject): one for one in found if one.kind == "screening"}


def test_they_are_kept_while_no_ground_is_known(recorded, clock):
    clock.advance(days=366 * 20)
    _, found = lines(recorded)
    assert [(one.state, one.subject) for one in found.values()] == [("unknown", str(recorded.entry))]


def test_they_go_after_the_owners_term_and_what_was_proved_stays(recorded, clock):
    state_profile(recorded)
    clock.advance(days=366 * 4)
    assert lines(recorded)[1] == {}, "in its term it is only counted"
    clock.advance(days=366 * 2)
    report, found = lines(recorded)
    assert found["screening", str(recorded.entry)].state == "due"
    hold = place(recorded.service, recorded.dpo, "all", "", "a claim of the person asked about, case 7")
    assert list(approve(recorded.service, recorded.dpo, report, WHY).kept.values()) == [
        "a person holds it; the reason stands with the hold"
    ]
    lift(recorded.service, recorded.dpo, hold.id, "the claim was withdrawn, case 7 is closed")
    done = approve(recorded.service, recorded.dpo, report, WHY)
    assert len(done.erased) == 1
    assert (recorded.rows(Screening), recorded.rows(ScreeningHit)) == ([], [])
    with recorded.service.store.read() as session:
        assert erased(session, recorded.entry).verdict == "unsigned"
    assert fsck(recorded.service, deep=True).verdict == "ok"
    assert lines(recorded)[1] == {}


def test_nothing_else_goes_with_them(recorded, clock):
    recorded.chain("https://mine.example/lot/L-1")
    recorded.shipment(["https://mine.example/lot/L-1"], supplier={"name": "Nobody Known Either", "address": "Kigali"})
    recorded.work()
    of_runs = [one.id for one in recorded.rows(Screening) if one.asked_by is None]
    state_profile(recorded)
    clock.advance(days=366 * 6)
    report, found = lines(recorded)
    (line,) = found.values()
    approve(recorded.service, recorded.dpo, report, WHY, [line.id])
    assert [one.id for one in recorded.rows(Screening)][: len(of_runs)] == of_runs
    assert of_runs


def test_another_partys_dpo_does_not_see_them(recorded, clock):
    state_profile(recorded)
    clock.advance(days=366 * 6)
    recorded.dpo = Actor("other", "other", "dpo", recorded.mine.id)
    assert lines(recorded)[1] == {}
