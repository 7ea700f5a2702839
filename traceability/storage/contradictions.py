"""What witnesses say against the log, remembered beside the database: a log that a quorum contradicts is not signed on.

Every process of the installation reads the file, so that what one of them was told stops all of them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

_MEND = (
    "Nothing is written, reading works. The database is an older copy or a fork, or somebody else signs with the log's "
    "key, or the witnesses are wrong. The operator compares with a newer copy of the database and puts it in place, or "
    "takes a witness that is wrong out of the file TRACEABILITY_WITNESSES names, and starts again "
    "(docs/operator.md, Witnesses)"
)


class Contradictions:
    """What was last said against the log of one origin, by the witness's name; several processes may replace it."""

    def __init__(self, path: Path, origin: str) -> None:
        self.path, self.origin = path, origin
        self._read: tuple[int, dict[str, Any]] = (-1, {})

    def remember(self, said: Mapping[str, str], *, stops: bool) -> None:
        """Keep what is said now, and whether nothing may be written because of it.

        Raises:
            OSError: it cannot be kept, so that other processes would not know.

        """
        if not said:
            self.path.unlink(missing_ok=True)
            return
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        with beside.open("wb") as file:
            file.write(orjson.dumps({"origin": self.origin, "said": dict(said), "stops": stops}))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def said(self) -> Mapping[str, str]:
        """Return what witnesses say against this log; nothing where the file is about another or cannot be read."""
        found = self._found()
        said: Mapping[str, str] = found.get("said", {}) if found.get("origin") == self.origin else {}
        return said

    def problem(self) -> str | None:
        """Return why nothing may be written, where a quorum contradicts the log or the file is damaged; else None."""
        found = self._found()
        if "broken" in found:
            return f"{found['broken']}. {_MEND}"
        said = self.said()
        if not said or not found["stops"]:
            return None
        told = "; ".join(f"{name}: {text}" for name, text in said.items())
        return f"a quorum of the witnesses contradicts this log ({told}). {_MEND}"

    def _found(self) -> dict[str, Any]:
        try:
            changed = self.path.stat().st_mtime_ns
            if changed != self._read[0]:
                self._read = (changed, _parsed(self.path.read_bytes()))
        except FileNotFoundError:
            self._read = (-1, {})
        except (OSError, ValueError) as error:
            return {"broken": f"what witnesses said cannot be read from {self.path} ({type(error).__name__})"}
        return self._read[1]


def _parsed(data: bytes) -> dict[str, Any]:
    found = orjson.loads(data)
    if not isinstance(found, dict) or not isinstance(found.get("said"), dict) or "stops" not in found:
        raise ValueError("expected origin, said and stops")
    return found
