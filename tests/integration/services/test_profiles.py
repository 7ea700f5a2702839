"""An importer's profile and yearly volumes: signed, checked, and read by the facts only as far as they are stated."""

import json

import pytest

from traceability.errors import Forbidden, InvalidInput, NotFound
from traceability.ledger.jose import sign_detached
from traceability.services import profiles, shipments
from traceability.services.facts import assemble

TYPE = "application/json"
VOLUME = {"row_id": "A-26090000", "year": 2026, "opening_kg": "1200.5"}


@pytest.fixture
def importer(make_party):
    return make_party("Importer", roles=["importer"], did="did:web:importer.example", country="NL")


def post(service, importer, document):
    body = json.dumps(document).encode()
    return profiles.post(
        service, importer.actor("importer"), body, TYPE, sign_detached(body, importer.key, kid=importer.key.kid)
    )


def ship(service, importer, shipment_id, kilograms, released_on):
    record = {
        "shipment_id": shipment_id, "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
        "net_weight_kg": kilograms, "released_on": released_on,
    }  # fmt: skip
    body = json.dumps(record).encode()
    jws = sign_detached(body, importer.key, kid=importer.key.kid)
    return shipments.post(service, importer.actor("importer"), body, TYPE, jws)


def facts_of(service, importer, shipment_id):
    with service.store.read() as session:
        return assemble(service, session, importer.id, "shipment", shipment_id, service.clock().date()).facts


def test_the_volume_is_unknown_until_it_is_signed_and_then_counts_earlier_releases(service, importer):
    ship(service, importer, "S-1", "3000", "2026-03-01")
    ship(service, importer, "S-2", "2500", "2026-06-01")
    ship(service, importer, "S-0", "9000", "2025-06-01")
    assert "importer_ytd_kg" not in facts_of(service, importer, "S-2")
    post(service, importer, {"profile": {"employees": 40}, "volumes": [VOLUME]})
    facts = facts_of(service, importer, "S-2")
    assert facts["importer_ytd_kg"] == {"A-26090000": "4200.5"}
    assert facts["importer"]["employees"] == 40
    assert facts_of(service, importer, "S-1")["importer_ytd_kg"] == {"A-26090000": "1200.5"}


def test_a_new_profile_takes_back_what_it_leaves_out(service, importer):
    ship(service, importer, "S-1", "3000", "2026-03-01")
    post(service, importer, {"profile": {}, "volumes": [VOLUME]})
    post(service, importer, {"profile": {"employees": 41}})
    assert "importer_ytd_kg" not in facts_of(service, importer, "S-1")
    assert profiles.profile(service, importer.actor("importer")).profile == {"employees": 41}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"status": "clear"},
        {"profile": {"party_id": "did:web:other.example"}},
        {"profile": {"employees": "many"}},
        {"profile": {}, "volumes": [{**VOLUME, "row_id": "A-0"}]},
        {"profile": {}, "volumes": [{**VOLUME, "opening_kg": "-1"}]},
        {"profile": {}, "volumes": [{**VOLUME, "opening_kg": "NaN"}]},
        {"profile": {}, "volumes": [{**VOLUME, "year": 1999}]},
        {"profile": {}, "volumes": {}},
    ],
)
def test_what_is_not_of_its_form_is_refused(sqlite_service, make_party, document):
    importer = make_party("Importer", roles=["importer"], did="did:web:importer.example", country="NL")
    with pytest.raises(InvalidInput):
        post(sqlite_service, importer, document)
    with pytest.raises(NotFound):
        profiles.profile(sqlite_service, importer.actor("importer"))


def test_only_an_importer_has_a_profile(sqlite_service, make_party):
    mine = make_party("Mine", did="did:web:mine.example")
    body = b'{"profile":{}}'
    with pytest.raises(Forbidden):
        profiles.post(
            sqlite_service, mine.actor("supplier"), body, TYPE, sign_detached(body, mine.key, kid=mine.key.kid)
        )
