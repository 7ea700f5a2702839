"""Settings: frozen, read once from the environment (prefix ``TRACEABILITY_``); see ``docs/settings.md``."""

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

from traceability.errors import InvalidInput

PREFIX = "TRACEABILITY_"
MAX_URI = 64_000
"""Bytes of path and query of a request: room for 100 values of 500 characters, most of them written as they are."""
_ROOT = Path(__file__).resolve().parents[1]


_MOST = 1_000_000  # of any number: no thread count, size or time that is meant is larger
_PORTS = 65_535


def _setting(default: Any, meaning: str, *, least: int = 1, most: int = _MOST) -> Any:
    return field(default=default, metadata={"meaning": meaning, "least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set; the meaning of each stands beside it and in ``docs/settings.md``."""

    database_url: str = _setting("sqlite:///var/traceability.db", "Database: sqlite:///PATH or postgresql://...")
    replica_url: str | None = _setting(None, "A streaming replica of it (PostgreSQL) that the public log is read from")
    state_dir: Path = _setting(Path("var"), "Folder for the log key, the ledger salt, the session secret and files")
    files_dir: Path | None = _setting(None, "Folder of supplier documents, by sha256; default: STATE_DIR/files")
    seed_dir: Path = _setting(_ROOT / "seed", "Folder of the seed tables")
    host: str = _setting("127.0.0.1", "Address to listen on")
    port: int = _setting(8080, "Port to listen on", most=_PORTS)
    threads: int = _setting(32, "Threads of one web process")
    processes: int = _setting(1, "Web processes; always 1 on SQLite, where only one process may write")
    embedded_worker: bool = _setting(True, "On SQLite: run the job worker inside serve")
    worker_threads: int = _setting(1, "Threads that take jobs in one worker")
    trusted_proxies: int = _setting(0, "Proxies in front whose X-Forwarded-For and -Proto are believed", least=0)
    public_url: str = _setting("http://127.0.0.1:8080", "The address people and software reach the service at")
    log_origin: str = _setting("traceability.example/log", "Origin line of the ledger's checkpoints; never changes")
    witnesses: Path | None = _setting(None, "File of witnesses that cosign our log (C2SP tlog-policy)")
    witness_seconds: int = _setting(30, "Seconds between two submissions of a new checkpoint to the witnesses")
    second_signature: bool = _setting(
        True, "Sign each published checkpoint with ML-DSA-44 besides, where it is available"
    )
    timestamp_authorities: Path | None = _setting(
        None, "File of authorities that time-stamp our checkpoints (RFC 3161)"
    )
    timestamp_seconds: int = _setting(3600, "Seconds between two time stamps of one authority")
    private_addresses: bool = _setting(False, "Let witnesses and time-stamping authorities be at private addresses")
    clock_tolerance_seconds: int = _setting(300, "Seconds by which the clock may be wrong")
    clock_gap_days: int = _setting(
        31, "Days after the last entry from which a start needs `traceability clock confirm`"
    )
    now: datetime | None = _setting(None, "Pin the clock to this moment (tests, demonstration); needs an offset")
    secure_cookies: bool = _setting(False, "Send the session cookie over https only; set it behind TLS")
    session_hours: int = _setting(12, "Hours until a console session ends")
    refusal_rate: str = _setting(
        "60 per minute", "Refused captures kept as incidents for one source, and refusals logged for one account"
    )
    sign_in_rate: str = _setting("20 per minute", "Sign-in attempts from one source")
    application_rate: str = _setting("60 per hour", "Applications and challenges for new keys from one source")
    key_algorithms: str = _setting("EdDSA,ES256", "Algorithms of parties' keys; NAME:DAY takes new ones until that day")
    match_rate: str = _setting("60000 per hour", "Names that one API key or person may compare with the lists")
    override_review_days: int = _setting(
        365, "Days after which a verdict that a party is not the listed one is asked for again"
    )
    rate_storage: str = _setting("memory://", "Where rates are counted; redis://... with several processes")
    smtp_url: str | None = _setting(None, "Mail server for reminders: smtp://USER@HOST:PORT or smtps://...")
    smtp_password_file: Path | None = _setting(None, "File with the password of that USER, and nothing else")
    mail_from: str | None = _setting(None, "Address that reminders come from")
    webhook_url: str | None = _setting(None, "Address that reminders are posted to, signed")
    webhook_secret_file: Path | None = _setting(None, "File with the secret of that signature: whsec_ and base64")
    contest_answer_days: int = _setting(28, "Days in which a person answers what a party contests", most=365)
    contest_link_days: int = _setting(30, "Days in which a link to contest without an account can be used", most=365)
    contest_rate: str = _setting("60 per hour", "Uses of links to contest without an account, from one source")
    contest_limit_mb: int = _setting(20, "Papers handed over by such a link, in MB together")
    document_limit_mb: int = _setting(50, "Largest document, in MB")
    match_review_from: int = _setting(
        75, "Likeness of a listed name, in hundredths, from which a person is asked", least=75, most=90
    )
    sandbox_children: int = _setting(1, "Warm child processes that read documents")
    log_format: Literal["json", "text"] = _setting("json", "Form of the log lines on standard error")

    @property
    def files(self) -> Path:
        """Return the folder of supplier documents."""
        return self.files_dir or self.state_dir / "files"

    @property
    def review_from(self) -> Decimal:
        """Return the score, 0 to 1, from which a person is asked whether a listed name is meant."""
        return Decimal(self.match_review_from) / 100

    @property
    def is_sqlite(self) -> bool:
        """Return whether the embedded database is used, where only one process may write."""
        return self.database_url.startswith("sqlite")


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        InvalidInput: a variable with our prefix is unknown, or its value cannot be used.

    """
    environ = os.environ if environ is None else environ
    known = {PREFIX + item.name.upper(): item for item in fields(Settings)}
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise InvalidInput(f"unknown setting {', '.join(unknown)}; `traceability settings` lists those that exist")
    return Settings(**{known[name].name: _value(name, known[name], text) for name, text in given.items()})


def _value(name: str, item: "Field[Any]", text: str) -> Any:
    expected, read = _DATABASES.get(item.name) or _form_of(get_args(item.type) or (item.type, type(None)))
    least, most = item.metadata["least"], item.metadata["most"]
    try:
        value = read(text)
        if item.type is int and not least <= value <= most:
            raise ValueError(text)
    except (ValueError, KeyError) as error:
        between = f" from {least} to {most}" if item.type is int else ""
        # The rest of a database's address may hold a password.
        came = f"one of {text.partition(':')[0][:50]!r}" if item.name in _DATABASES else repr(text[:200])
        raise InvalidInput(f"{name}: expected {expected}{between}; got {came}") from error
    return value


def _form_of(kinds: tuple[Any, ...]) -> tuple[str, Callable[[str], Any]]:
    """Return the form of one of several words, or of a type that may be left out."""
    if type(None) in kinds:
        return _FORMS[kinds[0]]
    return f"one of {', '.join(kinds)}", lambda text: {word: word for word in kinds}[text]


def _truth(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    return moment


def _path(text: str) -> Path:
    if not text:
        raise ValueError("an empty path would be the folder a command happens to run in")
    return Path(text)


def _database(text: str) -> str:
    return text if text.startswith("sqlite:///") and text[10:] not in ("", ":memory:") else _postgresql(text)


def _postgresql(text: str) -> str:
    if not text.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
        raise ValueError("another database")
    return text


_DATABASES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "database_url": ("sqlite:///PATH or postgresql://HOST/NAME", _database),
    "replica_url": ("postgresql://HOST/NAME", _postgresql),
}
_FORMS: Mapping[Any, tuple[str, Callable[[str], Any]]] = {
    str: ("text", str),
    int: ("a whole number", int),
    bool: ("true or false", _truth),
    Path: ("a path", _path),
    datetime: ("a moment with its offset, such as 2026-11-23T09:00:00Z", _moment),
}
