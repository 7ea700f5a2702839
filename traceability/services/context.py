"""What every use case needs, put together once per process and closed at its end."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from traceability.clock import Clock, elapsed, fixed_clock, running_since, system_clock
from traceability.config import PREFIX, Settings
from traceability.documents.sandbox import Sandbox
from traceability.errors import InvalidInput
from traceability.ledger.algorithms import Allowed, read_allowed
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.entry import pseudonym
from traceability.ledger.keys import PublicKey
from traceability.ledger.tiles import TileCache
from traceability.services.access import Actor
from traceability.services.rates import Rates
from traceability.storage.audits import Audits
from traceability.storage.clock_watch import FILE, ClockWatch
from traceability.storage.contradictions import Contradictions
from traceability.storage.files import FileStore
from traceability.storage.heads import Heads
from traceability.storage.in_use import has_entries
from traceability.storage.log import Log
from traceability.storage.log_keys import LogKeys, signing_files
from traceability.storage.secrets import secret_bytes
from traceability.storage.store import Store
from traceability.storage.tables import LogHead, Party, PartyKey

if TYPE_CHECKING:
    from traceability.services.lists import Books


@dataclass(frozen=True, slots=True)
class KnownApiKey:
    """Who a valid API key acts as, and until when it can at the most."""

    actor: Actor
    expires_at: datetime


@dataclass(frozen=True)
class Service:
    """One process's hold on the service: settings, clock, store, log keys, salt, files, audits, what witnesses say."""

    settings: Settings
    clock: Clock
    store: Store
    log_keys: LogKeys
    salt: bytes
    files: FileStore
    audits: Audits
    contradictions: Contradictions

    @property
    def log_key(self) -> LogKey:
        """Return the key that signs the log now, as the database says: another process may have rotated it.

        Raises:
            Unavailable: its file is not in the state folder of this process.

        """
        with self.store.read() as session:
            head = session.get(LogHead, 1)
        return self.log_keys.active(None if head is None else head.key)

    @cached_property
    def known_keys(self) -> dict[str, tuple[PartyKey, Party, PublicKey]]:
        """Return the active keys this process has met, by key id; never the last word on whether one is active."""
        return {}

    @cached_property
    def known_api_keys(self) -> dict[str, KnownApiKey]:
        """Return the API keys this process has met, by digest; never the last word on whether one is valid."""
        return {}

    @cached_property
    def tiles(self) -> TileCache:
        """Return the tiles of the log this process has read for proofs."""
        return TileCache(512)  # about 20 MB; each tile above the lowest serves 65,536 entries or more

    @cached_property
    def session_secret(self) -> bytes:
        """Return the secret that signs sessions."""
        return session_secret(self.settings.state_dir)

    @cached_property
    def rates(self) -> Rates:
        """Return the rates of this process."""
        return Rates(self.settings)

    @cached_property
    def key_algorithms(self) -> Allowed:
        """Return the algorithms of parties' keys; raises InvalidInput where the setting cannot be read."""
        return allowed_algorithms(self.settings)

    @cached_property
    def list_digests(self) -> dict[int, str]:
        """Return the hashes of the lines of list versions this process has read, by the index of their entries."""
        return {}

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


_SALT = "ledger.salt"
_DEMONSTRATION = "demo"  # under the state folder: what is in the log there happened at an invented moment


def open_service(
    settings: Settings,
    clock: Clock | None = None,
    passing: Callable[[], float] | None = None,
    *,
    make: bool = True,
) -> Service:
    """Open the database and the secrets beside it. Makes the log key and the salt where there are none, if ``make``.

    Of a log that has entries they exist somewhere: then nothing is made, whatever ``make`` says.

    The machine's clock is watched (ADR 0021), and so is a given ``clock`` with ``passing``, the seconds that pass
    whatever it shows.

    Raises:
        Unavailable: nothing is to be made, and the state folder has no key of this log, or no salt.

    """
    make = make and (_has_secrets(settings.state_dir) or not has_entries(settings.database_url))
    watched = clock is None and settings.now is None and not (settings.state_dir / _DEMONSTRATION).exists()
    passing = passing or (elapsed if watched else None)
    clock = clock or (fixed_clock(settings.now) if settings.now else system_clock)
    keys = LogKeys(settings.state_dir, settings.log_origin, make=make)
    heads = Heads(settings.state_dir / "heads", keys)
    audits = Audits(settings.state_dir / "audit.json")
    contradictions = Contradictions(settings.state_dir / "witnesses.json", settings.log_origin)
    salt = secret_bytes(settings.state_dir / _SALT, make=make)
    watch = None if passing is None else _watch(settings, clock, passing)
    return Service(
        settings=settings,
        clock=clock,
        store=Store(
            settings.database_url,
            Log(keys, settings.log_origin, heads, watch, (audits, contradictions)),
            clock,
            replica_url=settings.replica_url,
        ),
        log_keys=keys,
        salt=salt,
        files=FileStore(settings.files),
        audits=audits,
        contradictions=contradictions,
    )


def _has_secrets(state_dir: Path) -> bool:
    return any(signing_files(state_dir)) and (state_dir / _SALT).exists()


def _watch(settings: Settings, clock: Clock, passing: Callable[[], float]) -> ClockWatch:
    tolerance, gap = timedelta(seconds=settings.clock_tolerance_seconds), timedelta(days=settings.clock_gap_days)
    return ClockWatch(clock, passing, tolerance, gap, settings.state_dir / FILE, running_since())


def allowed_algorithms(settings: Settings) -> Allowed:
    """Return the algorithms of parties' keys; raises InvalidInput where the setting cannot be read."""
    try:
        return read_allowed(settings.key_algorithms)
    except InvalidInput as error:
        raise InvalidInput(f"{PREFIX}KEY_ALGORITHMS: {error.detail}") from error


def new_id() -> str:
    """Return a new random identifier (128 bit)."""
    return secrets.token_hex(16)


def session_secret(state_dir: Path) -> bytes:
    """Return the secret that signs console sessions, session tokens and page tokens."""
    return secret_bytes(state_dir / "session.secret")
