"""On SQLite one process writes: it holds an exclusive lock on a file beside the database and says there who it is."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import IO

from traceability.clock import Clock
from traceability.errors import Unavailable

_TRIES, _PAUSE = 20, 0.05  # s


class DatabaseOwned(Unavailable):
    """Another process owns the database."""


class Owner:
    """The exclusive lock of one process on one SQLite file; released when the process ends, however it ends."""

    def __init__(self, database: Path, purpose: str, clock: Clock) -> None:
        self.path = database.with_name(database.name + ".owner")
        self.purpose = purpose
        self._clock = clock
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            DatabaseOwned: another process holds it; the message names it, its process id and since when.

        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            told = _note(handle)
            handle.close()
            raise DatabaseOwned(self._who(told)) from None
        handle.truncate(0)
        note = {"name": self.purpose, "pid": os.getpid(), "since": self._clock().isoformat(timespec="seconds")}
        handle.write(json.dumps(note))
        handle.flush()
        self._file = handle

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _who(self, told: str) -> str:
        try:
            note = json.loads(told)
            who = f"`traceability {note['name']}`, process {note['pid']}, since {note['since']}"
        except (ValueError, KeyError, TypeError):
            who = "another process"
        return f"the database is owned by {who}; send the command to it with --url, or stop it first"


def _note(handle: IO[str]) -> str:
    """Return what the owner has written; it writes a moment after it has the lock, and is waited for that long."""
    told = ""
    for _ in range(_TRIES):
        handle.seek(0)
        told = handle.read()
        if told.endswith("}"):
            break
        time.sleep(_PAUSE)
    return told
