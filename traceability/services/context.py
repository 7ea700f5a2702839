"""What every use case needs, put together once per process and closed at its end."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from traceability.clock import Clock, fixed_clock, system_clock
from traceability.config import PREFIX, Settings
from traceability.documents.sandbox import Sandbox
from traceability.errors import InvalidInput
from traceability.ledger.algorithms import Allowed, read_allowed
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.entry import pseudonym
from traceability.ledger.keys import PublicKey
from traceability.services.access import Actor
from traceability.services.rates import Rates
from traceability.storage.files import FileStore
from traceability.storage.heads import Heads
from traceability.storage.log import Log
from traceability.storage.secrets import log_key, secret_bytes
from traceability.storage.store import Store
from traceability.storage.tables import Party, PartyKey

if TYPE_CHECKING:
    from traceability.services.lists import Books


@dataclass(frozen=True, slots=True)
class KnownApiKey:
    """Who a valid API key acts as, and until when it can at the most."""

    actor: Actor
    expires_at: datetime


@dataclass(frozen=True)
class Service:
    """One process's hold on the service: settings, clock, store, log key, salt, files, and the document sandbox."""

    settings: Settings
    clock: Clock
    store: Store
    log_key: LogKey
    salt: bytes
    files: FileStore

    @cached_property
    def known_keys(self) -> dict[str, tuple[PartyKey, Party, PublicKey]]:
        """Return the active keys this process has met, by key id; never the last word on whether one is active."""
        return {}

    @cached_property
    def known_api_keys(self) -> dict[str, KnownApiKey]:
        """Return the API keys this process has met, by digest; never the last word on whether one is valid."""
        return {}

    @cached_property
    def rates(self) -> Rates:
        """Return the rates of this process."""
        return Rates(self.settings)

    @cached_property
    def key_algorithms(self) -> Allowed:
        """Return the algorithms of parties' keys; raises InvalidInput where the setting cannot be read."""
        try:
            return read_allowed(self.settings.key_algorithms)
        except InvalidInput as error:
            raise InvalidInput(f"{PREFIX}KEY_ALGORITHMS: {error.detail}") from error

    @cached_property
    def books(self) -> "Books":
        """Return the books of risk lists this process has opened."""
        from traceability.services.lists import Books

        return Books()

    @cached_property
    def sandbox(self) -> Sandbox:
        """Return the pool of child processes that read documents; started at first use."""
        return Sandbox(self.settings.sandbox_children)

    def who(self, party_id: str) -> str:
        """Return the pseudonym under which a party stands in ledger entries."""
        return pseudonym(self.salt, party_id)

    def close(self) -> None:
        """Stop the writer and the child processes."""
        if "sandbox" in self.__dict__:
            self.sandbox.close()
        self.store.close()


def open_service(settings: Settings, clock: Clock | None = None) -> Service:
    """Open the database and the secrets beside it. Makes the log key, salt and session secret where there are none."""
    clock = clock or (fixed_clock(settings.now) if settings.now else system_clock)
    key = log_key(settings.state_dir, settings.log_origin)
    heads = Heads(settings.state_dir / "heads", key.verifier)
    return Service(
        settings=settings,
        clock=clock,
        store=Store(settings.database_url, Log(key, settings.log_origin, heads), clock),
        log_key=key,
        salt=secret_bytes(settings.state_dir / "ledger.salt"),
        files=FileStore(settings.files),
    )


def new_id() -> str:
    """Return a new random identifier (128 bit)."""
    return secrets.token_hex(16)


def session_secret(state_dir: Path) -> bytes:
    """Return the secret that signs console sessions and page tokens."""
    return secret_bytes(state_dir / "session.secret")
