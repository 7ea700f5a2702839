"""The one injected clock: every time the service writes or compares comes from here, in UTC."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

Clock = Callable[[], datetime]

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_LATEST_ZONE = timezone(timedelta(hours=14))


def system_clock() -> datetime:
    """Return the current time of this machine, aware and in UTC."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Return seconds that pass whatever the clock is set to; where the machine can tell, also while it is suspended."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def running_since() -> str:
    """Return what names this run of this machine: where it is the same, ``elapsed`` counts from the same moment.

    Empty where the machine has no such name (other systems than Linux).
    """
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return ""


def fixed_clock(moment: datetime) -> Clock:
    """Return a clock that always shows ``moment``; for tests, the demonstration and reproducible assessments.

    Raises:
        ValueError: ``moment`` has no time zone.

    """
    if moment.tzinfo is None:
        raise ValueError(f"a clock needs a time zone; got {moment.isoformat()} without one")
    return lambda: moment.astimezone(UTC)


def latest_date(moment: datetime) -> date:
    """Return the calendar date at UTC+14, the latest date anywhere on Earth: the default ``as_of`` (facts.md 1)."""
    return moment.astimezone(_LATEST_ZONE).date()
