"""Secrets beside the database: made once, readable by the service's user alone."""

import os
import secrets
from pathlib import Path


def secret_bytes(path: Path, size: int = 32) -> bytes:
    """Return the secret in ``path``, made now where there is none (mode 0600)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(size))
    return path.read_bytes()
