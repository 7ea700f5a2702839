"""The checkpoints an installation remembers beside its database (ledger.md 9): a file that only grows, and is bounded.

A database that was put back from an older copy does not know what it has signed since; this file does. It is written
after each commit, one line a checkpoint. When it gets long it becomes the second file, and the one before is forgotten.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.note import VerifierKey
from traceability.storage.log_keys import LogKeys

_LARGEST = 64 * 1024
_END = 4096  # bytes; some lines
_log = logging.getLogger(__name__)


class Heads:
    """The remembered checkpoints of one log. Several processes may append to it."""

    def __init__(self, path: Path, key: VerifierKey | LogKeys) -> None:
        self.path = path
        self._key = key

    def remember(self, note: str) -> None:
        """Add a checkpoint that was committed; one write, so that lines of several processes do not mix.

        A failure is logged and no more: the commit stands, and an earlier checkpoint is remembered.
        """
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                # The newline before ends a line that a killed process left half written.
                os.write(handle, b"\n" + orjson.dumps(note) + b"\n")
                is_long = os.fstat(handle).st_size > _LARGEST
            finally:
                os.close(handle)
            if is_long:
                self.path.replace(self._before)
        except OSError:
            _log.warning("the checkpoint could not be remembered in %s", self.path, exc_info=True)

    def remembered(self) -> list[Checkpoint]:
        """Return the remembered checkpoints that a key of this log signed, smallest first; raises as ``notes``."""
        return [head for head, _ in self.notes()]

    def newest(self) -> Checkpoint | None:
        """Return the checkpoint that was remembered last, by whichever process; None where there is none.

        Raises:
            OSError: there is a file, and it cannot be read.

        """
        keys = self._keys()
        for path in (self.path, self._before):
            for line in reversed(_end_of(path).split(b"\n")):
                found = _opened(line, keys) if line else None
                if found is not None:
                    return found[0]
        return None

    def notes(self) -> list[tuple[Checkpoint, str]]:
        """Return the remembered checkpoints that a key of this log signed, each with its note, smallest first.

        Lines that are none are passed over: a torn write, or a log that was here before.

        Raises:
            OSError: there is a file, and it cannot be read.

        """
        heads: dict[tuple[int, bytes], tuple[Checkpoint, str]] = {}
        passed_over = 0
        keys = self._keys()
        for line in self._lines():
            found = _opened(line, keys)
            if found is None:
                passed_over += 1
            else:
                heads[found[0].size, found[0].root] = found
        if passed_over:
            _log.warning("%s lines of %s are no checkpoints of this log's key", passed_over, self.path)
        return sorted(heads.values(), key=lambda found: found[0].size)

    def _keys(self) -> Sequence[VerifierKey]:
        return self._key.verifiers() if isinstance(self._key, LogKeys) else [self._key]

    @property
    def _before(self) -> Path:
        return self.path.with_name(f"{self.path.name}.1")

    def _lines(self) -> Iterator[bytes]:
        for path in (self._before, self.path):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue
            yield from (line for line in data.split(b"\n") if line)


def _end_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _END))
            return file.read()
    except FileNotFoundError:
        return b""


def _opened(line: bytes, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, str] | None:
    try:
        note = orjson.loads(line)
        return (verify_checkpoint(note, keys)[0], note) if isinstance(note, str) else None
    except (orjson.JSONDecodeError, TraceabilityError):
        return None
