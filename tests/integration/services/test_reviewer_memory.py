"""A person's word on a list hit: kept while both sides stay who they are, asked for again when one does not."""

import dataclasses
from datetime import timedelta

import pytest
from sqlmodel import col

from traceability.clock import fixed_clock
from traceability.diligence.status import NO_FINDINGS, REVIEW
from traceability.services import assess, judging, screening
from traceability.services.access import Actor
from traceability.services.fsck import fsck
from traceability.storage.tables import Decision, Party, Screening

LOT = "https://mine.example/lot/L-1"
ADMIN = Actor("root", "root", "admin")


@pytest.fixture
def judged(quick, tell):
    """A chain whose mine bears the name of a listed party, which a person has said it is not."""
    quick.lists(tell.listed("UN.9", "Mine", country="UG", programmes="A"))
    quick.chain(LOT)
    quick.shipment([LOT], supplier={"name": "Mine", "address": "Kigali", "party_id": quick.mine.did})
    quick.work()
    assert quick.judge("hit", quick.hit("S-1"), "rejected").state == "in_force"
    quick.work()
    assert dispositions(quick) == ["rejected"]
    return quick


def dispositions(world):
    return [hit.get("disposition") for hit in world.facts("shipment", "S-1")["entity_hits"]]


def again(world):
    """Return the notes that ask for a verdict again."""
    return [note for note in world.state("shipment", "S-1").notes if note["kind"] == "confirm_again"]


def reload(world, tell, published="2026-11-21", **changed):
    row = {"country": "UG", "programmes": "A"} | changed
    other = tell.listed("UN.1", "Nobody Of That Name Inc")
    world.load("un-sc", other, tell.listed("UN.9", row.pop("name", "Mine"), **row), published=published)
    assess.reassess_all(world.service, ADMIN)
    world.work()


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({}, False),
        ({"programmes": "A|B"}, False),
        ({"source": "https://list.example/elsewhere"}, False),
        ({"valid_from": "2020-01-01"}, False),
        ({"name": "MINE"}, True),
        ({"strong": "Pit of Kigali"}, True),
        ({"identifiers": "lei::5493001KJTIIGC8Y1R12"}, True),
        ({"country": "CD"}, True),
    ],
)
def test_a_verdict_holds_until_the_list_says_who_otherwise(judged, tell, changed, asked):
    reload(judged, tell, **changed)
    assert dispositions(judged) == ([None] if asked else ["rejected"]), "dismissed, not absent"
    assert bool(again(judged)) is asked
    if asked:
        assert "confirm again" in again(judged)[0]["message"]
        assert judged.state("shipment", "S-1").state == REVIEW


def test_a_verdict_reopens_with_the_name_or_an_identifier_of_the_subject(judged):
    judged.sql(Party, col(Party.id) == judged.mine.id, name="MINE")
    assess.reassess_all(judged.service, ADMIN)
    judged.work()
    assert "rejected" not in dispositions(judged)
    assert "described otherwise" in again(judged)[0]["message"]


def test_what_does_not_tell_who_the_subject_is_reopens_nothing(judged):
    judged.sql(Party, col(Party.id) == judged.mine.id, address="another street")
    assess.reassess_all(judged.service, ADMIN)
    judged.work()
    assert (dispositions(judged), again(judged)) == (["rejected"], [])


def test_a_verdict_is_asked_for_again_at_its_review_date_and_then_not(judged):
    (row,) = judged.rows(Decision)
    today = judged.service.clock().date()
    assert row.review_on == today + timedelta(days=365)
    judged.service = later = dataclasses.replace(
        judged.service, clock=fixed_clock(judged.service.clock() + timedelta(days=365))
    )
    later.__dict__["sandbox"] = judged.papers
    later.store._clock = later.clock
    assess.reassess_all(later, ADMIN)
    judged.work()
    assert dispositions(judged) == [None]
    assert "looked at again" in again(judged)[0]["message"]
    seen = judging.look(later, judged.officer(), "hit", row.subject)
    assert "looked at again" in seen.again
    assert [one.id for one in seen.earlier] == [row.id]
    judged.judge("hit", judged.hit("S-1"), "rejected")
    judged.work()
    assert (dispositions(judged), again(judged)) == (["rejected"], [])


def test_the_same_goes_on_counting_while_it_is_asked_for_again(judged, tell):
    judged.judge("hit", judged.hit("S-1"), "confirmed")
    judged.work()
    assert dispositions(judged) == ["confirmed"]
    reload(judged, tell, strong="Pit of Kigali")
    assert dispositions(judged) == ["confirmed"]
    assert again(judged)


def test_a_verdict_keeps_both_sides_and_its_entry_covers_them(judged):
    (row,) = judged.rows(Decision)
    (screened,) = [one for one in judged.rows(Screening) if one.hits][-1:]
    assert row.sides == {
        "party": screened.party_id, "subject": screened.subject_key, "entry": screened.hits[0]["identity"],
    }  # fmt: skip
    assert fsck(judged.service).verdict == "ok"
    judged.sql(Decision, col(Decision.id) == row.id, sides=row.sides | {"entry": "0" * 64})
    assert any(one.table == "decision" for one in fsck(judged.service).problems)


def test_a_verdict_from_before_its_sides_were_kept_still_verifies_and_holds(judged, tell, monkeypatch):
    from traceability.services import reviewer_memory

    monkeypatch.setattr(reviewer_memory, "sides", lambda *_: None)
    judged.judge("hit", judged.hit("S-1"), "rejected")
    monkeypatch.undo()
    reload(judged, tell, strong="Pit of Kigali")
    assert dispositions(judged) == ["rejected"]
    assert fsck(judged.service).verdict == "ok"


def test_a_namesake_is_asked_about_by_itself(judged):
    judged.shipment([LOT], shipment_id="S-2", supplier={"name": "Mine", "address": "Kampala", "country": "UG"})
    judged.work()
    hits = judged.facts("shipment", "S-2")["entity_hits"]
    assert sorted(str(hit.get("disposition")) for hit in hits) == ["None", "rejected"]


def test_a_screening_that_fails_makes_the_state_pending_and_says_so(quick, tell, monkeypatch):
    quick.lists(tell.listed("UN.9", "Mine", country="RW"))
    quick.chain(LOT)
    quick.shipment([LOT])
    real = screening.matching.ask

    def breaks(book, query, as_of):
        if query.name == "Mine":
            raise ZeroDivisionError("a bug in the matcher")
        return real(book, query, as_of)

    monkeypatch.setattr(screening.matching, "ask", breaks)
    quick.work()
    state = quick.state("shipment", "S-1")
    assert state.state == "pending"
    assert any("the screening of 'Mine' failed (ZeroDivisionError" in why for why in state.pending)
    rows = {row.subject["name"]: row for row in quick.rows(Screening)}
    assert (rows["Mine"].status, rows["Mine"].outcome) == ("failed", "not_screened")
    assert rows["Importer"].status == "done"
    monkeypatch.undo()
    assess.reassess_all(quick.service, ADMIN)
    quick.work()
    assert not any("screening" in why for why in quick.state("shipment", "S-1").pending)


def test_a_run_that_takes_too_long_is_interrupted_and_never_clear(quick, tell):
    quick.lists()
    with quick.service.store.read() as session:
        book = quick.service.books.at(session, quick.service.clock().date())
    (done,) = screening.screen(book, [screening.Subject("Anybody")], quick.service.clock().date(), seconds=-1)
    assert (done.status, done.hits) == ("interrupted", ())
    assert done.failure


def test_released_once_judged_again(judged, tell):
    reload(judged, tell, strong="Pit of Kigali")
    judged.judge("hit", judged.hit("S-1"), "rejected")
    judged.work()
    assert dispositions(judged) == ["rejected"]
    assert judged.state("shipment", "S-1").state in (NO_FINDINGS, "INFO_REQUIRED")
