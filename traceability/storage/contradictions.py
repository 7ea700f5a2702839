"""What witnesses say against the log, remembered beside the database: a log that a quorum contradicts is not signed on.

Every process of the installation reads the file, so that what one of them was told stops all of them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from traceability.storage.shared_json import SharedJson

Change = Callable[[Mapping[str, str]], tuple[Mapping[str, str], bool]]
"""From what was said before to what is said now, and whether it stops writing."""
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
        self._file = SharedJson(path)

    def change(self, change: Change) -> Mapping[str, str]:
        """Keep what is said now, given what was said before, and whether nothing may be written because of it.

        Raises:
            OSError: it cannot be kept, so that other processes would not know.

        """
        with self._file.changing():
            said, stops = change(self.said())
            value = {"origin": self.origin, "said": dict(said), "stops": stops}
            self._file.replace(value if said else {})
        return said

    def said(self) -> Mapping[str, str]:
        """Return what witnesses say against this log; nothing where the file is about another or cannot be read."""
        said: Mapping[str, str] = self._found()[0].get("said", {})
        return said

    def problem(self) -> str | None:
        """Return why nothing may be written, where a quorum contradicts the log or the file is damaged; else None."""
        found, broken = self._found()
        if broken is not None:
            return f"{broken}. {_MEND}"
        if not found or not found["stops"]:
            return None
        told = "; ".join(f"{name}: {text}" for name, text in found["said"].items())
        return f"a quorum of the witnesses contradicts this log ({told}). {_MEND}"

    def _found(self) -> tuple[Mapping[str, Any], str | None]:
        """Return what the file says of this origin, and why it cannot be read."""
        try:
            found = self._file.read()
            if found and not (isinstance(found.get("said"), dict) and "stops" in found):
                raise ValueError("expected origin, said and stops")
        except (OSError, ValueError) as error:
            return {}, f"what witnesses said cannot be read from {self.path} ({type(error).__name__})"
        return (found if found.get("origin") == self.origin else {}), None
