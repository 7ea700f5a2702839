"""Audits on schedule: a sample every hour, all of the log every day, and every week all that was derived from it.

A problem stops signing at once (ledger.md 9).
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from traceability.errors import TraceabilityError
from traceability.services.context import Service
from traceability.services.fsck import Report, Stopped, fsck
from traceability.services.fsck.sample import fsck_sample
from traceability.storage.audits import DEPTHS, Depth

_EVERY: dict[Depth, timedelta] = {"deep": timedelta(days=7), "full": timedelta(days=1), "sample": timedelta(hours=1)}
_LOOK_SECONDS = 60.0
_log = logging.getLogger(__name__)


def audit(service: Service, depth: Depth, is_stopped: Callable[[], bool] = lambda: False) -> Report:
    """Audit, and remember the outcome: what was found stops signing in every process of this installation.

    Raises:
        Stopped: ``is_stopped`` said so; nothing is remembered.

    """
    report = fsck_sample(service) if depth == "sample" else fsck(service, deep=depth == "deep", is_stopped=is_stopped)
    worst = report.first or next(iter(report.problems), None)
    first_bad = None if worst is None else {"index": worst.index, "what": f"{worst.table}: {worst.what}"}
    outcome = {"at": service.clock().isoformat(), "verdict": report.verdict, "entries": report.entries}
    service.audits.remember(depth, {**outcome, "first_bad": first_bad, "problems": report.count})
    if report.count:
        _log.error("the audit (%s) has found %d problems; the first: %s", depth, report.count, report.problems[0])
    return report


def follow_audits(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, make the hourly and daily audits. To be run in a thread beside ``run_worker``.

    Several processes may do so: each makes what is due and no other is at.
    """
    _follow(service, stop, ("full", "sample"))


def follow_deep_audits(service: Service, stop: threading.Event) -> None:
    """As ``follow_audits``, the weekly ones: they may take hours, in which the others go on."""
    _follow(service, stop, ("deep",))


def _follow(service: Service, stop: threading.Event, depths: Sequence[Depth]) -> None:
    while not stop.wait(_LOOK_SECONDS):
        try:
            audit_due(service, depths, stop.is_set)
        except Stopped:
            return
        except (TraceabilityError, SQLAlchemyError, OSError):
            _log.warning("an audit could not be made now; trying again", exc_info=True)


def audit_due(
    service: Service, depths: Sequence[Depth] = tuple(_EVERY), is_stopped: Callable[[], bool] = lambda: False
) -> Depth | None:
    """Make the most thorough audit of these that is due and that no other process is at, if any; return which."""
    for depth in depths:
        if not _is_due(service, depth):
            continue
        with service.audits.alone(depth) as is_ours:
            if is_ours and _is_due(service, depth):
                audit(service, depth, is_stopped)
                return depth
    return None


def _is_due(service: Service, depth: Depth) -> bool:
    last, now = _last(service, depth), service.clock()
    # Where the clock went wrong and came back, the last one is in the future: then it says nothing.
    if last is None or not timedelta(0) <= now - last < _EVERY[depth]:
        return True
    return depth == "full" and _asked_for(service)


def _asked_for(service: Service) -> bool:
    """Tell whether a sample has found a problem since all of the log was audited: then that is due at once."""
    found = service.audits.outcomes()
    sample, last = found.get("sample"), _last(service, "full")
    if sample is None or sample["verdict"] == "ok":
        return False
    return last is None or last < datetime.fromisoformat(sample["at"])


def _last(service: Service, depth: Depth) -> datetime | None:
    """Return when an audit of this kind, or a more thorough one, was made last."""
    found = service.audits.outcomes()
    moments = [datetime.fromisoformat(found[one]["at"]) for one in DEPTHS[DEPTHS.index(depth) :] if one in found]
    return max(moments, default=None)
