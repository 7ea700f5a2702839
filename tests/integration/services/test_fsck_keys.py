"""The audit of keys: second spellings after a lost key, revocations that went, texts of proofs, on both databases."""

import contextlib

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload
from traceability.services import keys, lost_keys, revocation
from traceability.services.access import Actor
from traceability.services.fsck import fsck, fsck_session
from traceability.storage.tables import KeyApplication, KeyRevocation, PartyKey

SPELLED = "did:web:%6Coser.example"
ADMIN = Actor("root", "root", "admin")
LOST = "The phone with our only key fell into the shaft."
CHECKED = "Called the known number; its manager read the thumbprint."
KEY, END, APPLICATION = (
    SQLModel.metadata.tables[one.__tablename__] for one in (PartyKey, KeyRevocation, KeyApplication)
)
#: The alphabet of base64 in its order: neighbours differ in the lowest bit, which carries nothing before padding.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.fixture
def lost(service, make_party):
    """A party that lost its key, and applied with another spelling of its DID; returns the key and its proof."""
    party = make_party("Loser", did="did:web:loser.example")
    drawn = PrivateKey.generate("EdDSA")
    fresh = PrivateKey(drawn.public, f"{SPELLED}#new", drawn._key)
    nonce = keys.make_nonce(service, SPELLED)
    body = challenge_payload(SPELLED, fresh.kid, fresh.public.jwk, nonce, service.settings.log_origin)
    proof = keys.ProofOfPossession(body, sign_detached(body, fresh, kid=fresh.kid), nonce)
    lost_keys.apply(service, "somebody", SPELLED, proof, LOST)
    with service.store.read() as session:
        application = session.connection().execute(sa.select(APPLICATION.c.id)).scalar_one()
    lost_keys.approve(service, ADMIN, application, "telephone", CHECKED)
    return party, fresh


@contextlib.contextmanager
def changed(service, statement):
    """Audit what the log looks like after a statement, and take it back."""
    with service.store.writer_engine.connect() as connection:
        transaction = connection.begin()
        assert connection.execute(statement).rowcount
        with Session(connection) as session:
            yield fsck_session(service, session, deep=True)
        transaction.rollback()


def told(report):
    return [(problem.table, problem.what) for problem in report.problems]


def one(service, table, *where):
    with service.store.read() as session:
        return session.connection().execute(sa.select(table).where(*where)).one()


def test_an_approved_application_may_spell_the_did_in_another_way(service, lost):
    assert told(fsck(service, deep=True)) == []
    party, fresh = lost
    mine = SQLModel.metadata.tables["party"]
    for did in ("did:web:other.example", SPELLED):  # the key of before is held to the DID as it is spelled
        with changed(service, sa.update(mine).where(mine.c.did == party.did).values(did=did)) as report:
            assert "party" in {table for table, _ in told(report)}, did
    with changed(service, sa.delete(APPLICATION)) as report:
        found = told(report)
    assert any(table == "party" and "proof of possession" in what for table, what in found), "nothing else excuses it"
    assert ("key_application", "the approved application that the entry stands for is missing") in found
    assert one(service, KEY, KEY.c.kid == fresh.kid).state == "active"


@pytest.mark.parametrize("since", [None, 0])
def test_a_deleted_revocation_is_found_whatever_its_form(service, make_party, monkeypatch, since):
    """Also one of before, whose record has no reason: migration 0013 has written down each of them."""
    party = make_party("Mine")

    def of_before(kid, _thumbprint, border, _reason, _salt, at):
        return f'{{"kid":"{kid}","compromised_since_index":{"null" if border is None else border},"at":{at}}}'.encode()

    monkeypatch.setattr(revocation, "revocation_record", of_before)
    monkeypatch.setattr(revocation.secrets, "token_bytes", lambda _size: b"")
    revocation.revoke(service, party.actor("supplier"), party.key.kid, "the laptop was stolen", since)
    report = fsck(service, deep=True)
    assert told(report) == []
    assert "key_revocation" in report.older
    with changed(service, sa.delete(END)) as report:
        assert ("key_revocation", "the key-revoke that the entry stands for is missing") in told(report)


def test_stray_bits_in_the_text_of_a_proof_are_found(service, make_party):
    """Base64 leaves bits unused before its padding: another text of the same bytes is a changed text."""
    make_party("Mine", did="did:web:mine.example")
    make_party("Mine", did="did:web:mine-1.example")
    make_party("Mine", did="did:web:mine-12.example")
    with service.store.read() as session:
        rows = session.connection().execute(sa.select(KEY)).all()
    padded = [row for row in rows if row.proof["body"].endswith("=")]
    assert padded, "one length in three has no padding"
    for row in padded:
        text = row.proof["body"]
        place = len(text.rstrip("=")) - 1
        stray = text[:place] + LETTERS[LETTERS.index(text[place]) ^ 1] + text[place + 1 :]
        statement = sa.update(KEY).where(KEY.c.id == row.id).values(proof={**row.proof, "body": stray})
        with changed(service, statement) as report:
            assert "party_key" in {table for table, _ in told(report)}


@pytest.fixture
def further(service, make_party):
    """A further key of a party that an admin approved."""
    party = make_party("Mine")
    drawn = PrivateKey.generate("EdDSA")
    key = PrivateKey(drawn.public, f"{party.did}#second", drawn._key)
    nonce = keys.make_nonce(service, party.did)
    body = challenge_payload(party.did, key.kid, key.public.jwk, nonce, service.settings.log_origin)
    proof = keys.ProofOfPossession(body, sign_detached(body, key, kid=key.kid), nonce)
    keys.register(service, party.actor("supplier"), proof)
    return keys.decide(service, ADMIN, key.kid, "active")


@pytest.mark.parametrize("column", ["applicant", "applied_at", "decided_by", "approved_index"])
def test_another_approval_of_a_further_key_is_found(service, further, column):
    assert told(fsck(service, deep=True)) == []
    value = {"applied_at": further.applied_at.replace(year=2025), "approved_index": None}.get(column, "nobody")
    with changed(service, sa.update(KEY).where(KEY.c.id == further.id).values({column: value})) as report:
        assert "decision" in {table for table, _ in told(report)} or "party_key" in {table for table, _ in told(report)}


def test_a_key_approved_before_this_was_recorded_is_told(service, further):
    entries = SQLModel.metadata.tables["party"]
    statement = sa.update(KEY).where(KEY.c.id == further.id).values(approved_index=None)
    with service.store.writer_engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(sa.update(entries).values(entry_index=0))  # as if its approval had come with the first key
        connection.execute(statement)
        with Session(connection) as session:
            older = fsck_session(service, session).older
        transaction.rollback()
    assert older["party_key"] == (1, "who approved a further key stands in no entry")


@pytest.mark.parametrize("column", ["applicant", "checked_by"])
def test_who_applied_and_checked_a_lost_key_is_held_by_its_approval(service, lost, column):
    with changed(service, sa.update(APPLICATION).values({column: "another person"})) as report:
        assert "party_key" in {table for table, _ in told(report)}


@pytest.mark.parametrize("column", ["party_id", "kid", "alg", "jwk", "proof", "reason", "method", "decided_reason",
                                    "decided_at", "thumbprint", "state"])  # fmt: skip
def test_a_changed_approved_application_is_found(service, lost, make_party, column):
    row = one(service, APPLICATION)
    value = {
        "party_id": make_party("Other").id, "jwk": {**row.jwk, "x": "A" * 43}, "proof": {**row.proof, "jws": "x"},
        "decided_at": row.decided_at.replace(year=2025), "method": "letter", "state": "refused",
    }.get(column, f"{getattr(row, column)}!")  # fmt: skip
    with changed(service, sa.update(APPLICATION).values({column: value})) as report:
        assert "key_application" in {table for table, _ in told(report)}
