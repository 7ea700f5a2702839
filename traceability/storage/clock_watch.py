"""Whether the machine's clock may be believed, asked before anything is recorded under it (ADR 0021, ledger.md 7).

received_at never goes back, so a moment a year ahead, once recorded, would be every later entry's for a year. The clock
is therefore held against what does not depend on it: the last entry of the log, and the seconds that have passed since
this process last believed it. An operator's confirmation may explain a jump; it never explains going back.

A confirmation is for every process of the installation, also for one that notices the jump later: it holds the clock
that was confirmed together with the seconds that pass on that machine, and a clock that is still the same fits both.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from traceability.clock import Clock
from traceability.errors import Unavailable

FILE = "clock.confirmed"
_MEND = "Nothing is recorded. Set the clock right"
_log = logging.getLogger(__name__)


class ClockRefused(Unavailable):
    """The machine's clock is outside its tolerance; nothing is recorded until it is right, or was confirmed."""

    type = "about:blank#clock"
    title = "Clock outside tolerance"


@dataclass(slots=True)
class ClockWatch:
    """One process's watch; used by its writer thread, ``alarm`` is read by others."""

    clock: Clock
    elapsed: Callable[[], float]
    """Seconds that pass whatever the clock is set to."""
    tolerance: timedelta
    gap: timedelta
    """How long after the last entry a process may begin without being told that the clock is right."""
    confirmed: Path
    machine: str = ""
    """Names the run of the machine that ``elapsed`` counts in; empty where it has no name."""
    alarm: str | None = None
    """Why nothing is recorded now; None while the clock is believed."""
    _believed: tuple[datetime, float] | None = field(default=None, repr=False)
    _before_alarm: str = field(default="", repr=False)

    def check(self, last: datetime | None) -> None:
        """Let a clock pass that fits the last entry's moment (None before the first) and the time that has passed.

        Raises:
            ClockRefused: it does not; told in the log once, and in ``alarm``.

        """
        now, passed = self.clock(), self.elapsed()
        told = self._behind(now, last) or self._jumped(now, passed, last)
        if told is None:
            self._believed, self.alarm = (now, passed), None
            return
        if self.alarm is None:
            self._before_alarm = self._read()
            _log.error("the clock is outside its tolerance: %s", told)
        self.alarm = told
        raise ClockRefused(told)

    def _behind(self, now: datetime, last: datetime | None) -> str | None:
        if last is None or now >= last - self.tolerance:
            return None
        told = f"the clock shows {_text(now)}, and the last entry was recorded at {_text(last)}"
        return f"{told}. {_MEND}; where the entry's moment is wrong, docs/operator.md says what can be done"

    def _jumped(self, now: datetime, passed: float, last: datetime | None) -> str | None:
        if self._believed is None:
            begin, allowed, since = last, self.gap, "the last entry was recorded at"
        else:
            begin = self._believed[0] + timedelta(seconds=passed - self._believed[1])
            allowed, since = self.tolerance, "by the time that has passed it should be"
        if begin is None or abs(now - begin) <= allowed or self._is_confirmed(now, passed, begin):
            return None
        told = f"the clock shows {_text(now)}, and {since} {_text(begin)}"
        return f"{told}. {_MEND}, or, where it is right, run `traceability clock confirm`"

    def _is_confirmed(self, now: datetime, passed: float, begin: datetime) -> bool:
        """Return whether somebody confirmed the clock of now, and not the one before it jumped away from ``begin``."""
        text = self._read()
        said = _Confirmation.read(text)
        if said is None or not -self.tolerance <= now - said.at <= self.gap:
            return False
        if said.machine and said.machine == self.machine:
            apart = (now - said.at).total_seconds() - (passed - said.passed)
            return abs(apart) <= self.tolerance.total_seconds()
        # Given on another machine, or before this one was started again: only the clock tells when that was. The one
        # before a jump forward never showed more than ``begin``.
        is_of_now = now > begin and now - said.at <= self.tolerance
        is_told = self.alarm is not None and text != self._before_alarm
        return self._believed is None or is_of_now or is_told

    def _read(self) -> str:
        try:
            return self.confirmed.read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            return ""


@dataclass(frozen=True, slots=True)
class _Confirmation:
    at: datetime
    passed: float
    machine: str

    @classmethod
    def read(cls, text: str) -> "_Confirmation | None":
        """Return what a line says, with or without the passed time; None for no line, and one of another form."""
        words = text.split(" ")
        try:
            at = datetime.fromisoformat(words[0])
            passed, machine = (float(words[1]), words[2]) if words[1:] else (0.0, "")
        except (ValueError, IndexError):
            return None
        return cls(at, passed, machine) if at.tzinfo and math.isfinite(passed) else None


def confirm(path: Path, now: datetime, passed: float = 0.0, machine: str = "") -> None:
    """Write down that the clock is right which shows ``now`` when ``passed`` seconds have gone by on ``machine``."""
    fresh = path.with_suffix(".new")
    counted = f" {passed!r} {machine}" if machine else ""
    fresh.write_text(f"{now.isoformat()}{counted}\n", encoding="ascii")
    fresh.replace(path)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
