"""Parties that do everything with their keys over HTTP, with real signatures: no row is written behind the API's back."""

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from traceability import strict_json
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.policy import Policy
from traceability.ledger.possession import challenge_payload, rotation_payload
from traceability.ledger.verify import Verdict, verify_receipt


def new_key(did: str, alg: Any = "EdDSA", name: str = "") -> PrivateKey:
    """Make a key that a party may register."""
    drawn = PrivateKey.generate(alg)
    return replace(drawn, kid=f"{did}#{name or drawn.public.thumbprint}")


def proof(client: Any, did: str, key: PrivateKey) -> dict[str, str]:
    """Sign a challenge of the service with the key itself."""
    asked = client.post("/v1/challenges", json={"did": did}).json
    body = challenge_payload(did, key.kid, key.public.jwk, asked["nonce"], asked["log_origin"])
    return {"body": body.decode(), "jws": sign_detached(body, key, kid=key.kid), "nonce": asked["nonce"]}


def rotation(client: Any, did: str, old: PrivateKey, new: PrivateKey) -> dict[str, str]:
    """Sign a rotation with both keys."""
    asked = client.post("/v1/challenges", json={"did": did}).json
    body = rotation_payload(did, old.public, new.kid, new.public.jwk, asked["nonce"], asked["log_origin"])
    return {
        "old_kid": old.kid, "body": body.decode(), "old_jws": sign_detached(body, old, kid=old.kid),
        "new_jws": sign_detached(body, new, kid=new.kid), "nonce": asked["nonce"],
    }  # fmt: skip


@dataclass
class Firm:
    """A party that applied over HTTP and was approved, with the API key of one of its people."""

    client: Any
    id: str
    did: str
    key: PrivateKey
    headers: dict[str, str]

    def send(self, path: str, value: Any, key: PrivateKey | None = None) -> Any:
        """Sign a JSON value and post it."""
        body, key = strict_json.dumps(value), key or self.key
        sent = {"Content-Type": "application/json", "X-JWS-Signature": sign_detached(body, key, kid=key.kid)}
        return self.client.post(path, data=body, headers=self.headers | sent)

    def ask(self, path: str, **headers: str) -> Any:
        """Return the answer to a GET."""
        return self.client.get(path, headers=self.headers | headers)

    def post(self, path: str, value: Any) -> Any:
        """Post a JSON value that nobody signs."""
        return self.client.post(path, json=value, headers=self.headers)

    def about(self, batch: str, what: str) -> Any:
        """Return ``chain``, ``state`` or ``evidence`` of a batch."""
        return self.ask(f"/v1/batches/{quote(batch, safe='')}/{what}")

    def states(self) -> dict[str, str]:
        """Return the state of every key of the party."""
        return {row["kid"]: row["state"] for row in self.ask("/v1/keys").json["keys"]}


def verified(service: Any, receipt: Any) -> Verdict:
    """Verify a receipt as its holder would, with the log's key pinned."""
    return verify_receipt(json.dumps(receipt).encode(), policy=Policy.pin(service.log_key.vkey))
