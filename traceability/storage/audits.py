"""What the last audits found, remembered beside the database: a log in which a problem was found is not signed on.

Every process of the installation reads the file, so that what one of them finds stops all of them. A problem stands
until an audit at least as thorough finds none.
"""

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, get_args

from traceability.storage.shared_json import SharedJson

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
        self._file = SharedJson(path)

    def remember(self, depth: Depth, outcome: Mapping[str, Any]) -> None:
        """Keep an outcome (``at``, ``verdict``, ``entries``, ``first_bad``); one that is ok ends what less saw.

        A failure to write is logged and no more: the outcome was told to whoever asked for the audit.
        """
        try:
            with self._file.changing():
                self._remember(depth, outcome)
        except OSError:
            _log.warning("the outcome of the audit could not be remembered in %s", self.path, exc_info=True)

    def _remember(self, depth: Depth, outcome: Mapping[str, Any]) -> None:
        found, broken = self._found()
        known = dict(found)
        stands = broken is not None or known.get("sample", {}).get("verdict", "ok") != "ok"
        if depth == "sample" and outcome["verdict"] == "ok" and stands:
            return  # other tiles were drawn: only an audit of everything ends what was found
        if outcome["verdict"] == "ok":
            for one in DEPTHS[: DEPTHS.index(depth)]:
                known.pop(one, None)
        self._file.replace({**known, depth: dict(outcome)})

    def alone(self, depth: Depth) -> AbstractContextManager[bool]:
        """Tell whether no other process of the machine is making such an audit; none begins one until this ends."""
        return self._file.alone(depth)

    def outcomes(self) -> Mapping[str, Any]:
        """Return the newest outcome of each kind; none where nothing was audited, or the file cannot be read."""
        return self._found()[0]

    def _found(self) -> tuple[Mapping[str, Any], str | None]:
        try:
            return self._file.read(), None
        except (OSError, ValueError) as error:
            return {}, f"what the last audits found cannot be read from {self.path} ({type(error).__name__})"

    def problem(self) -> str | None:
        """Return why nothing may be written, where the newest audit of a kind has found a problem; else None."""
        known, broken = self._found()
        if broken is not None:
            return f"{broken}. {_MEND}"
        for depth in reversed(DEPTHS):
            outcome = known.get(depth)
            if outcome is not None and outcome["verdict"] != "ok":
                bad = outcome["first_bad"]
                where = "" if bad["index"] is None else f" at ledger index {bad['index']}"
                return f"the audit of {outcome['at']} has found a problem{where} ({bad['what']}). {_MEND}"
        return None
