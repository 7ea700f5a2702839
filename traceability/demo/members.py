"""Parties of the demonstration: each applies with proof of possession of its key, and registers its sites."""

from collections.abc import Mapping
from dataclasses import dataclass

from traceability import strict_json
from traceability.demo.accounts import Setup
from traceability.demo.api import Api, Headers, bearer
from traceability.demo.cast import COMPANIES, Company
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload


@dataclass(frozen=True, slots=True)
class Member:
    """A company with its private key and the secret of its API key."""

    company: Company
    key: PrivateKey
    secret: str

    @property
    def auth(self) -> Headers:
        """Return the header of its API key."""
        return bearer(self.secret)


def join_all(api: Api, setup: Setup) -> Mapping[str, Member]:
    """Let every company apply, be approved, get an API key and register its sites; return them by slug."""
    return {slug: _join(api, setup, company) for slug, company in COMPANIES.items()}


def _join(api: Api, setup: Setup, company: Company) -> Member:
    key = PrivateKey.generate("ES256" if company.alg == "ES256" else "EdDSA", kid=f"{company.did}#key-1")
    challenge = api.post("/v1/challenges", {"did": company.did})
    nonce = challenge["nonce"]
    body = challenge_payload(company.did, key.kid, key.public.jwk, nonce, challenge["log_origin"])
    application = {
        "did": company.did,
        "name": company.name,
        "country": company.country,
        "roles": list(company.roles),
        "address": company.address,
        "prefixes": [company.prefix],
        "proof": {"body": body.decode(), "jws": sign_detached(body, key, kid=key.kid), "nonce": nonce},
    }
    made = api.post("/v1/parties", application)
    api.post(f"/v1/parties/{made['id']}/approve", {}, setup.auth)
    role = "importer" if "importer" in company.roles else "supplier"
    secret = setup.machine(f"{company.slug}-software", role, company.did, ("capture", "read", "write"))
    member = Member(company, key, secret)
    api.detached("/v1/sites", strict_json.dumps({"sites": company.sites()}), key, member.auth)
    return member
