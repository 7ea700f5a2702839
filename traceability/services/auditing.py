"""Audits on schedule: a sample every hour, all of the log every day (ledger.md 9); a problem stops signing at once."""

import logging
import threading
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from traceability.errors import TraceabilityError
from traceability.services.context import Service
from traceability.services.fsck import Report, fsck
from traceability.services.fsck.sample import fsck_sample
from traceability.storage.audits import DEPTHS, Depth

_EVERY: dict[Depth, timedelta] = {"full": timedelta(days=1), "sample": timedelta(hours=1)}
_LOOK_SECONDS = 60.0
_log = logging.getLogger(__name__)


def audit(service: Service, depth: Depth) -> Report:
    """Audit, and remember the outcome: what was found stops signing in every process of this installation."""
    report = fsck_sample(service) if depth == "sample" else fsck(service, deep=depth == "deep")
    worst = report.first or next(iter(report.problems), None)
    first_bad = None if worst is None else {"index": worst.index, "what": f"{worst.table}: {worst.what}"}
    outcome = {"at": service.clock().isoformat(), "verdict": report.verdict, "entries": report.entries}
    service.audits.remember(depth, {**outcome, "first_bad": first_bad, "problems": report.count})
    if report.count:
        _log.error("the audit (%s) has found %d problems; the first: %s", depth, report.count, report.problems[0])
    return report


def follow_audits(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, audit what is due. To be run in a thread beside ``run_worker``; several processes share it."""
    while not stop.wait(_LOOK_SECONDS):
        try:
            audit_due(service)
        except (TraceabilityError, SQLAlchemyError, OSError):
            _log.warning("an audit could not be made now; trying again", exc_info=True)


def audit_due(service: Service) -> Depth | None:
    """Make the most thorough audit that is due, if any; return which."""
    now = service.clock()
    for depth, interval in _EVERY.items():
        last = _last(service, depth)
        # Where the clock went wrong and came back, the last one is in the future: then it says nothing.
        if last is None or not timedelta(0) <= now - last < interval or (depth == "full" and _asked_for(service)):
            audit(service, depth)
            return depth
    return None


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
