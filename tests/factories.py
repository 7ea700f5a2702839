"""Factories: parties with keys, people and API keys, written straight into the tables as their use cases leave them."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload
from traceability.services import passwords, session_tokens
from traceability.services.access import ROLES, SCOPES, Actor
from traceability.services.context import Service, new_id
from traceability.storage.store import Transaction
from traceability.storage.tables import ApiKey, Party, PartyKey, User

# The cheapest hash argon2 has: what is tested is never the cost of a password.
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_little() -> Iterator[None]:
    """Let what runs in this process hash passwords as cheaply; commands in processes of their own do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", _HASHER)
        yield


@dataclass(frozen=True)
class MadeParty:
    """An active party with one active key, and the private part of that key."""

    row: Party
    key_row: PartyKey
    key: PrivateKey

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def did(self) -> str:
        return self.row.did

    def actor(self, role: str = "supplier", name: str = "somebody") -> Actor:
        """Return a person of this party."""
        return Actor(new_id(), name, role, self.row.id)  # type: ignore[arg-type]  # tests name roles as text


@dataclass(frozen=True)
class MadeUser:
    """An account, its password, and its actor."""

    row: User
    password: str
    actor: Actor

    @property
    def headers(self) -> dict[str, str]:
        """Return name and password (HTTP Basic): good for as long as the account is."""
        return {"Authorization": "Basic " + base64.b64encode(f"{self.row.name}:{self.password}".encode()).decode()}


@dataclass(frozen=True)
class MadeSession:
    """A person who has signed in to the API; ``headers`` are those of a session token made when they are read."""

    service: Service
    user: MadeUser

    @property
    def secret(self) -> str:
        return session_tokens.make(self.service, self.user.row).secret

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def actor(self) -> Actor:
        return self.user.actor


@dataclass(frozen=True)
class MadeApiKey:
    """An API key, its secret (send it as ``Authorization: Bearer``), and its actor."""

    row: ApiKey
    secret: str
    actor: Actor

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


def new_party(
    service: Service,
    name: str = "Mine One",
    *,
    roles: Sequence[str] = ("mine",),
    did: str | None = None,
    country: str = "CD",
    alg: str = "EdDSA",
    state: str = "active",
) -> MadeParty:
    """Write a party and a key of it, with the key's ledger entry."""
    did = did or f"did:web:{name.lower().replace(' ', '-')}.example"
    drawn = PrivateKey.generate(alg)  # type: ignore[arg-type]  # tests name algorithms as text
    key = PrivateKey(drawn.public, f"{did}#{drawn.public.thumbprint}", drawn._key)
    body = challenge_payload(did, key.kid, key.public.jwk, "a nonce", service.settings.log_origin)
    proof = {"body": base64.b64encode(body).decode(), "jws": sign_detached(body, key, kid=key.kid)}

    def write(tx: Transaction) -> tuple[Party, PartyKey]:
        party = Party(
            id=new_id(), did=did, name=name, country=country, roles=list(roles), state=state,
            applicant="applicant", applied_at=tx.now, decided_by="admin", decided_at=tx.now,
        )  # fmt: skip
        entry = Entry(
            kind="key-add", body=digest(body), at=milliseconds(tx.now), alg=key.public.alg,
            key=key.public.thumbprint, who=service.who(party.id), jws=digest(proof["jws"].encode()),
        )  # fmt: skip
        row = PartyKey(
            id=new_id(), kid=key.kid, party_id=party.id, alg=key.public.alg, thumbprint=key.public.thumbprint,
            jwk=dict(key.public.jwk), proof=proof, state="active", applicant="applicant", applied_at=tx.now,
            decided_by="admin", added_index=tx.log.append(entry),
        )  # fmt: skip
        tx.session.add(party)
        tx.session.flush()
        tx.session.add(row)
        return party, row

    return MadeParty(*service.store.write(write), key)


def new_user(
    service: Service,
    role: str = "officer",
    *,
    party: MadeParty | None = None,
    name: str | None = None,
    password: str = "correct horse battery staple",
    one_time: bool = False,
) -> MadeUser:
    """Write an account that can sign in with ``password``."""
    assert role in ROLES
    name = name or f"{role}-{secrets.token_hex(4)}"

    def write(tx: Transaction) -> User:
        row = User(
            id=new_id(), name=name, party_id=party and party.id, role=role, password_hash=_HASHER.hash(password),
            one_time=one_time, created_at=tx.now, created_by="admin",
        )  # fmt: skip
        tx.session.add(row)
        return row

    row = service.store.write(write)
    return MadeUser(row, password, Actor(row.id, name, role, row.party_id))  # type: ignore[arg-type]  # as above


def new_api_key(
    service: Service,
    party: MadeParty | None = None,
    *,
    role: str = "supplier",
    scopes: Sequence[str] = SCOPES,
    days: float = 365,
) -> MadeApiKey:
    """Write an API key; ``days`` may be negative for an expired one."""
    assert role in ROLES
    secret = "trc_" + secrets.token_urlsafe(32)

    def write(tx: Transaction) -> ApiKey:
        row = ApiKey(
            id=new_id(), prefix=secret[:12], digest=hashlib.sha256(secret.encode()).hexdigest(),
            party_id=party and party.id, role=role, scopes=sorted(scopes), name="a key", created_by="somebody",
            created_at=tx.now, expires_at=tx.now + timedelta(days=days),
        )  # fmt: skip
        tx.session.add(row)
        return row

    row = service.store.write(write)
    actor = Actor(row.id, row.name, role, row.party_id, frozenset(scopes))  # type: ignore[arg-type]  # as above
    return MadeApiKey(row, secret, actor)


@pytest.fixture
def make_party(request: pytest.FixtureRequest) -> Callable[..., MadeParty]:
    """``make_party(name, roles=, did=, country=, alg=, state=)`` in the test's service; ``service=`` names another."""
    return lambda *args, service=None, **named: new_party(service or _service(request), *args, **named)


@pytest.fixture
def make_user(request: pytest.FixtureRequest) -> Callable[..., MadeUser]:
    """``make_user(role, party=, name=, password=)``."""
    return lambda *args, service=None, **named: new_user(service or _service(request), *args, **named)


@pytest.fixture
def make_api_key(request: pytest.FixtureRequest) -> Callable[..., MadeApiKey]:
    """``make_api_key(party, role=, scopes=, days=)``."""
    return lambda *args, service=None, **named: new_api_key(service or _service(request), *args, **named)


@pytest.fixture
def make_session(request: pytest.FixtureRequest) -> Callable[..., MadeSession]:
    """``make_session(party, role=)``: a new person of the party, signed in; what no API key may do is done with it."""

    def make(party: MadeParty | None = None, *, role: str = "officer") -> MadeSession:
        service = _service(request)
        return MadeSession(service, new_user(service, role, party=party))

    return make


def _service(request: pytest.FixtureRequest) -> Service:
    """Return the service the test works with: the one on both databases, or the quick one on SQLite."""
    name = "service" if "service" in request.fixturenames else "sqlite_service"
    service: Service = request.getfixturevalue(name)
    return service
