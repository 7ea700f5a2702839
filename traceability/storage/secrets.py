"""Secrets beside the database: made once, readable by the service's user alone."""

import os
import secrets
from pathlib import Path

from traceability.errors import Unavailable


def secret_bytes(path: Path, size: int = 32, *, make: bool = True) -> bytes:
    """Return the secret in ``path``, made now where there is none (mode 0600) unless only reading.

    Raises:
        Unavailable: there is none, and nothing is to be made.

    """
    if not make:
        return _stored(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(size))
    return path.read_bytes()


def _stored(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        told = f"{path.parent} holds no {path.name}: is it the TRACEABILITY_STATE_DIR of this log?"
        raise Unavailable(f"{told} Nothing was made there") from error
