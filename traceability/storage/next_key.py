"""Which keys were made to follow those of the log, before they do: a note beside them in the state folder.

Hosts that share no state folder need a key's file before the database names the key; so it is made first, copied to
every host, and put in place afterwards. The note is no secret and signs nothing.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from traceability.errors import Unavailable
from traceability.ledger.errors import InvalidKey
from traceability.ledger.keyfile import write_secret

_FILE = "log.next"


@dataclass(frozen=True, slots=True)
class NextKeys:
    """Verifier keys: ``new`` is to follow ``old``, and ``second_new`` (ML-DSA-44) the second key where there is one."""

    old: str
    new: str
    second_new: str | None = None


def read_next(folder: Path) -> NextKeys | None:
    """Return what was prepared; None where nothing was.

    Raises:
        Unavailable: the note cannot be read.

    """
    path = folder / _FILE
    try:
        return NextKeys(**orjson.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, TypeError, orjson.JSONDecodeError) as error:
        told = f"{path} cannot be read as a note of prepared keys ({type(error).__name__})"
        raise Unavailable(f"{told}: move it away and run `traceability ledger rotate-key --prepare` again") from error


def claim_next(folder: Path, keys: NextKeys) -> NextKeys:
    """Keep the note durably and return it; where another process was first, return what that one has prepared.

    Raises:
        InvalidKey: it cannot be written.

    """
    try:
        write_secret(folder / _FILE, orjson.dumps(asdict(keys)))
    except InvalidKey:
        first = read_next(folder)
        if first is None:
            raise
        return first
    return keys


def forget_next(folder: Path) -> None:
    """Take the note away; the keys' files stay."""
    (folder / _FILE).unlink(missing_ok=True)
