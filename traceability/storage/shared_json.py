"""A JSON object in a file beside the database, which several processes and threads read and replace."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson


class SharedJson:
    """Read at every commit, so it is parsed only when it has changed; replaced whole and durably."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[int, dict[str, Any]] = (-1, {})

    def read(self) -> Mapping[str, Any]:
        """Return the object; an empty one where there is no file.

        Raises:
            OSError: the file cannot be read.
            ValueError: it holds no JSON object.

        """
        try:
            changed = self.path.stat().st_mtime_ns
            if changed != self._known[0]:
                self._known = changed, _object(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        return self._known[1]

    @contextmanager
    def alone(self, what: str) -> Iterator[bool]:
        """Tell whether nobody else of this machine is at ``what``; nobody begins it until this ends."""
        with self._beside(f"{what}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Wait until nobody else changes it: what is read here is still there when it is replaced."""
        with self._beside("lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def replace(self, value: Mapping[str, Any]) -> None:
        """Put another object in its place, and no file in that of an empty one; called while ``changing``.

        Raises:
            OSError: it cannot be written; the one before stays.

        """
        if not value:
            self.path.unlink(missing_ok=True)
            return
        beside = self._beside("new")
        with beside.open("wb") as file:
            file.write(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")


def _object(data: bytes) -> dict[str, Any]:
    found = orjson.loads(data)
    if not isinstance(found, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004  # what is stored is wrong, not what was called
    return found
