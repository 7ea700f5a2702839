"""A party, a key and signed events to measure with."""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from traceability.config import Settings
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload
from traceability.services.access import Actor
from traceability.services.api_keys import make_api_key
from traceability.services.context import Service, new_id, open_service
from traceability.storage.migrate import migrate
from traceability.storage.store import Transaction
from traceability.storage.tables import Party, PartyKey

DID = "did:web:bench.example"
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]


@dataclass(frozen=True)
class World:
    """An open service with one active party, its key, and an API key of it."""

    service: Service
    party_id: str
    key: PrivateKey
    secret: str

    @property
    def kid(self) -> str:
        return f"{DID}#k"


def make_world(url: str, folder: Path, **settings: Any) -> World:
    """Migrate an empty database and register the party that will post."""
    migrate(url)
    service = open_service(Settings(database_url=url, state_dir=folder, **settings))
    key = PrivateKey.generate("EdDSA")
    proof = challenge_payload(DID, f"{DID}#k", key.public.jwk, "bench", service.settings.log_origin)
    jws = sign_detached(proof, key, kid=f"{DID}#k")

    def register(tx: Transaction) -> str:
        party = Party(
            id=new_id(), did=DID, name="Bench", country="CD", roles=["mine"], state="active", applicant="bench",
            applied_at=tx.now,
        )  # fmt: skip
        tx.session.add(party)
        tx.session.flush()
        entry = Entry(
            kind="key-add", body=digest(proof), jws=digest(jws.encode()), at=milliseconds(tx.now), alg="EdDSA",
            key=key.public.thumbprint, who=service.who(party.id),
        )  # fmt: skip
        tx.session.add(
            PartyKey(
                id=new_id(),
                kid=f"{DID}#k",
                party_id=party.id,
                alg="EdDSA",
                thumbprint=key.public.thumbprint,
                jwk=dict(key.public.jwk),
                proof={"body": base64.b64encode(proof).decode(), "jws": jws},
                state="active",
                applicant="bench",
                applied_at=tx.now,
                added_index=tx.log.append(entry),
            )
        )
        return party.id

    party_id = service.store.write(register)
    actor = Actor("bench", "bench", "supplier", party_id)
    return World(service, party_id, key, make_api_key(service, actor, "bench", ["capture", "read"]).secret)


def event(number: int) -> dict[str, Any]:
    """Return one extraction event of the size such events have."""
    moment = f"2026-0{1 + number % 9}-01T09:00:00+02:00"
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:{number:032x}",
        "eventTime": moment,
        "eventTimeZoneOffset": "+02:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "quantityList": [{"epcClass": f"https://id.bench.example/lot/{number}", "quantity": 1250.5, "uom": "KGM"}],
        "readPoint": {"id": "https://id.bench.example/site/1"},
        "destinationList": [
            {"type": "owning_party", "destination": DID},
            {"type": "possessing_party", "destination": DID},
        ],
        "ilmd": {"crm:mineral": "cassiterite", "crm:hsCode": "260900", "crm:originCountry": "CD"},
    }


def signed(world: World, first: int, count: int) -> tuple[bytes, str]:
    """Return a document of ``count`` events as bytes, and its detached signature."""
    document = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": (world.service.clock() - timedelta(minutes=1)).isoformat(timespec="seconds"),
        "epcisBody": {"eventList": [event(first + n) for n in range(count)]},
    }
    body = json.dumps(document).encode()
    return body, sign_detached(body, world.key, kid=world.kid)
