"""What the last audits found, remembered beside the database: a log in which a problem was found is not signed on.

Every process of the installation reads the file, so that what one of them finds stops all of them. A problem stands
until an audit at least as thorough finds none.
"""

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

import orjson

Depth = Literal["sample", "full", "deep"]
DEPTHS: tuple[Depth, ...] = get_args(Depth)
_MEND = (
    "Nothing is written, and what is shown may have been changed. The operator runs `traceability fsck --deep`, mends "
    "the database or puts a copy in its place, and runs it again (docs/operator.md)"
)
_log = logging.getLogger(__name__)


class Audits:
    """The newest outcome of each kind of audit, by its thoroughness; several processes may read and replace it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[int, dict[str, Any]] = (-1, {})
        self._broken: str | None = None

    def remember(self, depth: Depth, outcome: Mapping[str, Any]) -> None:
        """Keep an outcome (``at``, ``verdict``, ``entries``, ``first_bad``); one that is ok ends what less saw.

        A failure to write is logged and no more: the outcome was told to whoever asked for the audit.
        """
        known = dict(self.outcomes())
        found = self._broken is not None or known.get("sample", {}).get("verdict", "ok") != "ok"
        if depth == "sample" and outcome["verdict"] == "ok" and found:
            return  # other tiles were drawn: only an audit of everything ends what was found
        if outcome["verdict"] == "ok":
            for one in DEPTHS[: DEPTHS.index(depth)]:
                known.pop(one, None)
        known[depth] = dict(outcome)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            with beside.open("wb") as file:
                file.write(orjson.dumps(known, option=orjson.OPT_SORT_KEYS))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError:
            _log.warning("the outcome of the audit could not be remembered in %s", self.path, exc_info=True)

    @contextmanager
    def alone(self, depth: Depth) -> Iterator[bool]:
        """Tell whether no other process of the machine is making such an audit; none begins one until this ends."""
        with self.path.with_name(f"{self.path.name}.{depth}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def outcomes(self) -> Mapping[str, Any]:
        """Return the newest outcome of each kind; none where nothing was audited, or the file cannot be read."""
        self._broken = None
        try:
            changed = self.path.stat().st_mtime_ns
            if changed != self._read[0]:
                self._read = (changed, orjson.loads(self.path.read_bytes()))
        except FileNotFoundError:
            self._read = (-1, {})
        except (OSError, orjson.JSONDecodeError) as error:
            self._read = (-1, {})
            self._broken = f"what the last audits found cannot be read from {self.path} ({type(error).__name__})"
        return self._read[1]

    def problem(self) -> str | None:
        """Return why nothing may be written, where the newest audit of a kind has found a problem; else None."""
        known = self.outcomes()
        if self._broken is not None:
            return f"{self._broken}. {_MEND}"
        for depth in reversed(DEPTHS):
            outcome = known.get(depth)
            if outcome is not None and outcome["verdict"] != "ok":
                bad = outcome["first_bad"]
                where = "" if bad["index"] is None else f" at ledger index {bad['index']}"
                return f"the audit of {outcome['at']} has found a problem{where} ({bad['what']}). {_MEND}"
        return None
