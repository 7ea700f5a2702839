"""Files that hold a secret key: made new with mode 0600, never overwritten, refused when other users may read them."""

import os
import stat
from pathlib import Path

from traceability.ledger.errors import InvalidKey


def write_secret(path: Path, data: bytes) -> None:
    """Write ``data`` durably into a new file only its owner may read; it is there as a whole or not at all.

    Raises:
        InvalidKey: the file exists already, or cannot be made.

    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        path.hardlink_to(beside)  # it fails where the name is taken, as a replacement would not
    except FileExistsError as error:
        raise InvalidKey(f"{path} exists: a key is never overwritten; name another file or move this one") from error
    except OSError as error:
        raise InvalidKey(f"cannot make the key file {path}: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)


def read_secret(path: Path) -> bytes:
    """Return the content of a key file.

    Raises:
        InvalidKey: it cannot be read, or users other than the owner may read it.

    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise InvalidKey(f"{path} has mode {mode:04o}, so others may use the key: run chmod 600 {path}")
            return file.read()
    except OSError as error:
        raise InvalidKey(f"cannot read the key file {path}: {error.strerror}") from error
