"""What a witness remembers: the newest checkpoint it cosigned of each log, one file each, durable before any answer."""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from traceability.ledger.checkpoint import Checkpoint, read_checkpoint


class WitnessFiles:
    """A folder with one file a log; whoever changes one holds the lock of that log, also against other processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextlib.contextmanager
    def locked(self, origin: str) -> Iterator[None]:
        """Hold the lock of one log: nobody else can read it to decide, or change it."""
        with self._path(origin, "lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def latest(self, origin: str) -> Checkpoint | None:
        """Return the newest checkpoint cosigned; None where there is none of this log.

        Raises:
            InvalidInput: what is stored is none: it was changed by somebody else.

        """
        try:
            return read_checkpoint(self._path(origin, "checkpoint").read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            return None

    def remember(self, origin: str, note: str) -> None:
        """Put a checkpoint in place of the one before, durable when this returns."""
        path = self._path(origin, "checkpoint")
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as handle:
            handle.write(note)
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(path)
        self._sync_folder()

    def keep_evidence(self, origin: str, request: bytes) -> None:
        """Keep a signed request that does not follow from what was cosigned: it can prove that a log misbehaved."""
        name = hashlib.sha256(request).hexdigest()[:32]
        path = self._path(origin, f"{name}.evidence")
        if not path.exists() and sum(1 for _ in self.folder.glob("*.evidence")) < _MOST_EVIDENCE:
            path.write_bytes(request)

    def _path(self, origin: str, ending: str) -> Path:
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.{ending}"

    def _sync_folder(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_MOST_EVIDENCE = 1000
