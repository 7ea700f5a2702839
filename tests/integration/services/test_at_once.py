"""Two who decide the same thing at once (R1), on both databases: one outcome, and nothing half done.

On SQLite two threads of the one process that writes; on PostgreSQL two processes of the installation. Both have read the
same state before either writes: a write waits, right before it is handed to the writer, until the other is there too.
"""

import contextlib
import dataclasses
import threading
from functools import partial
from types import SimpleNamespace

import pytest
from sqlmodel import select

from traceability.errors import Conflict, Forbidden, NotFound, TraceabilityError
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload, rotation_payload
from traceability.services import (
    addressed,
    api_keys,
    case_forms,
    cases,
    contest_links,
    contests,
    departures,
    keys,
    lost_keys,
    requests,
    review,
    users,
)
from traceability.services.access import Actor
from traceability.services.fsck import fsck
from traceability.services.parties import SELF_REGISTRATION
from traceability.storage.tables import (
    ApiKey,
    CaseVersion,
    Decision,
    KeyApplication,
    KeyRevocation,
    LedgerEntry,
    PartyDeparture,
    PartyKey,
    User,
)

WHY = "Called the mine's known number; its manager read the thumbprint."
ANNA, BERT = (Actor(name, name, "admin") for name in ("anna", "bert"))


@pytest.fixture
def at_once(service, open_at, clock):
    """``at_once(first, second)`` runs uses of a service together and returns what came of each, errors too."""

    def run(*uses):
        other = service.settings.is_sqlite and service
        services = [service, *(other or open_at(service.settings, clock) for _ in uses[1:])]
        every, outcomes = threading.Barrier(len(uses)), [None for _ in uses]

        def work(number):
            store = services[number].store

            def write(change):
                every.wait(60)
                return store.write(change)

            mine = dataclasses.replace(services[number], store=SimpleNamespace(read=store.read, write=write))
            try:
                outcomes[number] = uses[number](mine)
            except TraceabilityError as error:
                outcomes[number] = error

        threads = [threading.Thread(target=work, args=(number,)) for number in range(len(uses))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return outcomes

    return run


@pytest.fixture
def mine(make_party):
    return make_party("Mine")


def new_key(did):
    drawn = PrivateKey.generate("EdDSA")
    return dataclasses.replace(drawn, kid=f"{did}#{drawn.public.thumbprint}")


def apply(service, party, applicant):
    fresh = new_key(party.did)
    nonce = keys.make_nonce(service, party.did)
    body = challenge_payload(party.did, fresh.kid, fresh.public.jwk, nonce, service.settings.log_origin)
    proof = keys.ProofOfPossession(body, sign_detached(body, fresh, kid=fresh.kid), nonce)
    lost_keys.apply(service, applicant, party.did, proof, "The phone with our only key fell into the shaft.")
    with service.store.read() as session:
        return fresh, session.exec(select(KeyApplication.id)).one()


def approve(admin, application):
    return lambda service: lost_keys.approve(service, admin, application, "telephone", WHY)


def refuse(admin, application):
    return lambda service: lost_keys.refuse(service, admin, application, WHY)


def state(service):
    """Return the keys by their ids, the kinds of the entries, and the revocations; and that the audit agrees."""
    assert [one.what for one in fsck(service).problems] == []
    with service.store.read() as session:
        known = {row.kid: row.state for row in session.exec(select(PartyKey))}
        kinds = list(session.exec(select(LedgerEntry.kind).order_by(LedgerEntry.index)))
        return known, kinds, len(session.exec(select(KeyRevocation)).all())


def test_two_admins_approve_the_same_application(service, mine, at_once):
    fresh, application = apply(service, mine, "tom")
    outcomes = at_once(approve(ANNA, application), approve(BERT, application))
    assert {type(one) for one in outcomes} == {PartyKey, NotFound}
    assert state(service) == (
        {mine.key.kid: "revoked", fresh.kid: "active"}, ["key-add", "key-add", "decision", "key-revoke"], 1,
    )  # fmt: skip


def test_one_approves_and_the_other_refuses(service, mine, at_once):
    fresh, application = apply(service, mine, "tom")
    approved, refused = at_once(approve(ANNA, application), refuse(BERT, application))
    with service.store.read() as session:
        row = session.get_one(KeyApplication, application)
    if isinstance(approved, NotFound):
        assert (row.state, row.decided_by, refused.state) == ("refused", BERT.person, "refused")
        assert state(service) == ({mine.key.kid: "active"}, ["key-add"], 0)
    else:
        assert isinstance(refused, NotFound)
        assert (row.state, row.decided_by) == ("approved", ANNA.person)
        assert state(service)[0] == {mine.key.kid: "revoked", fresh.kid: "active"}


def test_one_that_two_have_to_agree_to_is_agreed_to_by_both(service, mine, at_once):
    fresh, application = apply(service, mine, SELF_REGISTRATION)
    outcomes = at_once(approve(ANNA, application), approve(BERT, application))
    assert {type(one) for one in outcomes} == {KeyApplication, PartyKey}, "the first waits for the second, once"
    assert state(service) == (
        {mine.key.kid: "revoked", fresh.kid: "active"}, ["key-add", "key-add", "decision", "key-revoke"], 1,
    )  # fmt: skip
    with service.store.read() as session:
        row = session.get_one(KeyApplication, application)
    assert {row.checked_by, row.decided_by} == {ANNA.person, BERT.person}


def test_one_admin_twice_is_not_two(service, mine, at_once):
    _, application = apply(service, mine, SELF_REGISTRATION)
    outcomes = at_once(approve(ANNA, application), approve(ANNA, application))
    assert {type(one) for one in outcomes} == {KeyApplication, Forbidden}
    assert state(service) == ({mine.key.kid: "active"}, ["key-add"], 0)


def test_nothing_is_given_to_a_party_that_leaves_at_the_same_moment(service, mine, at_once):
    fresh = new_key(mine.did)
    nonce = keys.make_nonce(service, mine.did)
    body = challenge_payload(mine.did, fresh.kid, fresh.public.jwk, nonce, service.settings.log_origin)
    proof = keys.ProofOfPossession(body, sign_detached(body, fresh, kid=fresh.kid), nonce)
    left, *_ = at_once(
        lambda one: departures.leave(one, ANNA, mine.id, WHY),
        lambda one: keys.register(one, mine.actor("supplier"), proof),
        lambda one: users.add_user(one, BERT, "late", "supplier", mine.did),
        lambda one: api_keys.make_api_key(one, mine.actor("supplier"), "late", ["read"]),
        lambda one: lost_keys.apply(one, "tom", mine.did, proof, "The phone with our only key fell into the shaft."),
    )
    assert isinstance(left, PartyDeparture)
    with service.store.read() as session:
        rows = [*session.exec(select(PartyKey)), *session.exec(select(KeyApplication))]
        assert {row.state for row in rows} <= {"revoked", "refused"}
        assert None not in {row.disabled_at for row in session.exec(select(User))}
        assert None not in {row.revoked_at for row in session.exec(select(ApiKey))}


def test_two_people_of_a_party_rotate_the_same_key(service, mine, at_once):
    def rotate(fresh):
        nonce = keys.make_nonce(service, mine.did)
        origin = service.settings.log_origin
        body = rotation_payload(mine.did, mine.key.public, fresh.kid, fresh.public.jwk, nonce, origin)
        signed = [sign_detached(body, key, kid=key.kid) for key in (mine.key, fresh)]
        return lambda one: keys.rotate(one, mine.actor("supplier"), mine.key.kid, body, *signed, nonce)

    fresh = [new_key(mine.did) for _ in range(2)]
    outcomes = at_once(*(rotate(key) for key in fresh))
    assert {type(one) for one in outcomes} == {PartyKey, NotFound}
    won = next(one.kid for one in outcomes if isinstance(one, PartyKey))
    assert state(service) == ({mine.key.kid: "revoked", won: "active"}, ["key-add", "key-rotate"], 0)


@pytest.fixture
def officers(make_party):
    importer = make_party("Importer", roles=["importer"], country="NL")
    return [Actor(name, name, "officer", importer.id) for name in ("cleo", "dana", "emil")]


def test_two_officers_revise_the_same_plan(service, officers, at_once):
    def plan(day):
        step = {"what": "an audit", "measure": "no checkpoint", "due_on": "2027-02-01"}
        return {
            "risk_code": "A2-3", "about": [{"kind": "party", "id": "did:web:mine.example"}], "adopted_on": "2026-11-01",
            "review_due_on": day, "progress": "on_track", "steps": [step], "consultations": [],
        }  # fmt: skip

    case_id = cases.create(service, officers[0], "plan", case_forms.loaded("plan", plan("2027-03-01"))).case_id

    def revise(officer, day):
        said = case_forms.loaded("plan", plan(day))
        return lambda one: cases.revise(one, officer, "plan", case_id, 1, said)

    outcomes = at_once(revise(officers[0], "2027-04-01"), revise(officers[1], "2027-05-01"))
    assert {type(one) for one in outcomes} == {CaseVersion, Conflict}
    assert [one.extra for one in outcomes if isinstance(one, Conflict)] == [{"latest": 2, "changed": ["review_due_on"]}]
    assert [row.version for row in cases.case(service, officers[2], "plan", case_id).versions] == [2, 1]


@pytest.fixture
def looked_at_once(monkeypatch):
    """Lets each of two who look up a case wait until the other has looked too, or plainly waits for the lock."""
    real, both = addressed.versions, threading.Barrier(2)

    def versions(*args):
        found = real(*args)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.2)
        both.reset()
        return found

    monkeypatch.setattr(addressed, "versions", versions)


@pytest.mark.usefixtures("looked_at_once")
@pytest.mark.parametrize("database", ["postgresql"])
def test_of_two_steps_in_a_case_one_is_taken_and_of_two_links_one_lives(service, officers, mine, at_once):
    cleo, dana, emil = officers
    own = {"about": [], "addressee": mine.did, "name": "Mine", "office": "Importer", "thread": []}

    def begun(kind, record):
        row = partial(cases.append, service, actor=cleo, kind=kind, case_id=kind, record=own | record, before=None)
        return service.store.write(lambda tx: row(tx=tx, addressee_id=mine.id)).case_id

    case_id, asked = begun("contest", {"status": "told", "hit": "a|b|c"}), begun("request", {"status": "answered"})
    at_once(*(partial(contest_links.make, actor=who, case_id=case_id) for who in (dana, emil)))
    for end, of in ((contests.withdraw, case_id), (requests.accept, asked)):
        outcomes = at_once(*(partial(end, actor=who, case_id=of, based_on=1, text=WHY) for who in (dana, emil)))
        assert {type(one) for one in outcomes} == {CaseVersion, Conflict}
    assert sorted(one.ended_at is None for one in contest_links.links_of(service, cleo, case_id)) == [False, True]


@pytest.mark.parametrize("second", [review.confirm, review.decline])
def test_of_two_who_answer_the_same_proposal_one_does(service, officers, at_once, second):
    """A release that one officer refuses is not in force by another's word, whoever wrote last."""
    cleo, dana, emil = officers
    said = {
        "owner_id": cleo.party_id, "disposition": "read_by_person", "reason_code": "other", "reason": WHY,
        "findings": [], "needs_second": True, "state": "waiting", "proposed_by": cleo.name,
    }  # fmt: skip

    def propose(tx):
        row = Decision(id="d", subject_kind="document", subject="0" * 64, proposed_at=tx.now, entry_index=0, **said)
        return review._append(service, tx, row, ref=())

    service.store.write(propose)
    outcomes = at_once(lambda one: review.confirm(one, dana, "d", WHY), lambda one: second(one, emil, "d", WHY))
    (done,) = (one for one in outcomes if isinstance(one, Decision))
    assert {type(one) for one in outcomes} == {Decision, NotFound}
    assert [one.what for one in fsck(service).problems] == []
    with service.store.read() as session:
        row = session.get_one(Decision, "d")
    assert (row.state, row.confirmed_by, row.confirmed_index) == (done.state, done.confirmed_by, done.confirmed_index)
