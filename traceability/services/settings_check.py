"""Checks the settings before anything is opened, that nobody learns of a bad one from a request or a child's end."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from traceability.config import PREFIX, Settings
from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.checkpoint import LogKey
from traceability.services.context import allowed_algorithms
from traceability.services.mail import read_mail_server
from traceability.services.rates import check_rates
from traceability.services.timestamping import read_authorities
from traceability.services.webhook import read_webhook
from traceability.services.witness_calls import read_witnesses


def check_settings(settings: Settings) -> None:
    """Check what `serve` and `worker` go by, files that settings name included; nothing is made, nobody is called.

    Raises:
        InvalidInput: one cannot be used; the message names it, what was expected and what came.

    """
    check_rates(settings)
    allowed_algorithms(settings)
    for name in ("state_dir", "files_dir"):
        _check_folder(name, getattr(settings, name))
    _check_host(settings)
    _check_public_url(settings)
    _check_origin(settings)
    _check_replica(settings)
    _check_files(settings)
    read_mail_server(settings)
    read_webhook(settings)


def _wrong(name: str, expected: str, got: object) -> InvalidInput:
    return InvalidInput(f"{PREFIX}{name.upper()}: expected {expected}; got {str(got)[:200]!r}")


def _check_folder(name: str, path: Path | None) -> None:
    if path is None:
        return
    standing = next((one for one in (path, *path.parents) if os.path.lexists(one)), Path())
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        raise _wrong(name, "a folder that may be written, or a place where one may be made", path)


def _check_host(settings: Settings) -> None:
    try:
        socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _wrong("host", "an address or name of this machine, such as 127.0.0.1 or ::", settings.host) from error


def _check_public_url(settings: Settings) -> None:
    try:
        parts = urlsplit(settings.public_url)
        fits = parts.scheme in ("https", "http") and bool(parts.hostname)
        fits = fits and not (parts.username or parts.password or parts.query or parts.fragment)
        _ = parts.port
    except ValueError:
        fits = False
    if not fits:
        expected = "https://host or http://host, with a port or path where there is one, without user and query"
        raise _wrong("public_url", expected, settings.public_url)


def _check_origin(settings: Settings) -> None:
    try:
        LogKey.generate(settings.log_origin)
    except TraceabilityError as error:
        expected = "a name without blanks and plus signs, such as traceability.example/log"
        raise _wrong("log_origin", expected, settings.log_origin) from error


def _check_replica(settings: Settings) -> None:
    if settings.replica_url is not None and settings.is_sqlite:
        raise InvalidInput(f"{PREFIX}REPLICA_URL: expected none on SQLite, which has no replica; leave it out")


def _check_files(settings: Settings) -> None:
    for name, read in (("WITNESSES", read_witnesses), ("TIMESTAMP_AUTHORITIES", read_authorities)):
        try:
            read(settings)
        except TraceabilityError as error:
            raise InvalidInput(f"{PREFIX}{name}: {error.detail}") from error
