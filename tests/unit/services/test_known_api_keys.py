"""API keys remembered for captures: memory never lets one through that is no longer valid."""

import json

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests.factories import new_api_key, new_party, new_user
from traceability.errors import NotAuthenticated
from traceability.ledger.jose import sign_detached
from traceability.services import api_keys, users
from traceability.services.access import TERMINAL
from traceability.services.capture import CaptureRequest, capture
from traceability.storage.tables import ApiKey, Capture

EVENT = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "ObjectEvent",
    "eventID": "urn:uuid:00000000-0000-4000-8000-000000000001",
    "eventTime": "2026-01-01T09:00:00Z",
    "eventTimeZoneOffset": "+00:00",
    "action": "OBSERVE",
    "bizStep": "inspecting",
    "epcList": ["https://id.example/item/1"],
}


@pytest.fixture
def sender(sqlite_service):
    """Return a party with an API key whose secret the service has met."""
    party = new_party(sqlite_service)
    key = new_api_key(sqlite_service, party)
    api_keys.authenticate_sender(sqlite_service, key.secret, "1.2.3.4")
    return party, key


def post(service, party, actor):
    body = json.dumps(EVENT).encode()
    request = CaptureRequest(body, "application/json", sign_detached(body, party.key, kid=party.key.kid), single=True)
    return capture(service, actor, request)


def test_a_key_met_before_acts_as_before_from_another_address(sqlite_service, sender):
    _, key = sender
    again = api_keys.authenticate_sender(sqlite_service, key.secret, "5.6.7.8")
    assert (again.id, again.party_id, again.source) == (key.actor.id, key.actor.party_id, "5.6.7.8")


def test_a_key_that_ran_out_is_refused_though_it_was_met(sqlite_service, sender, clock):
    clock.advance(days=366)
    with pytest.raises(NotAuthenticated, match="expired"):
        api_keys.authenticate_sender(sqlite_service, sender[1].secret, "x")


def test_a_revoked_key_is_forgotten(sqlite_service, sender):
    api_keys.revoke_api_key(sqlite_service, sender[1].actor, sender[1].row.id)
    with pytest.raises(NotAuthenticated, match="revoked"):
        api_keys.authenticate_sender(sqlite_service, sender[1].secret, "x")


def test_a_leavers_keys_are_forgotten(sqlite_service):
    party = new_party(sqlite_service)
    user = new_user(sqlite_service, "supplier", party=party)
    made = api_keys.make_api_key(sqlite_service, user.actor, "k", ["capture"])
    api_keys.authenticate_sender(sqlite_service, made.secret, "x")
    users.disable_user(sqlite_service, TERMINAL, user.row.name)
    with pytest.raises(NotAuthenticated, match="revoked"):
        api_keys.authenticate_sender(sqlite_service, made.secret, "x")


def test_another_process_revoked_it_meanwhile_so_the_transaction_refuses(sqlite_service, sender):
    party, key = sender
    actor = api_keys.authenticate_sender(sqlite_service, key.secret, "x")
    change = sa.update(ApiKey).where(ApiKey.id == key.row.id)
    sqlite_service.store.write(lambda tx: tx.connection.execute(change.values(revoked_at=tx.now)) and None)
    with pytest.raises(NotAuthenticated, match="revoked"):
        post(sqlite_service, party, actor)
    with sqlite_service.store.read() as session:
        assert session.exec(select(Capture)).all() == []


def test_a_valid_key_captures(sqlite_service, sender):
    party, key = sender
    assert post(sqlite_service, party, api_keys.authenticate_sender(sqlite_service, key.secret, "x")).new == 1
