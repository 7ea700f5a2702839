"""The audit of everything stored (`traceability fsck`; ledger.md 9): derived again from stored bytes, and compared.

It reads one snapshot, so it may run beside the service, and holds a bounded part of the data in memory. A part that
cannot be read at all is a problem of its own, and the others go on.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache

from sqlmodel import Session

from traceability.errors import TraceabilityError
from traceability.ledger.timestamp import Trust
from traceability.services.context import Service
from traceability.services.fsck.audit import Audit, Stopped
from traceability.services.fsck.captures import (
    check_captures,
    check_counter_signatures,
    strays,
)
from traceability.services.fsck.erasures import check_erasures
from traceability.services.fsck.event_entries import check_event_entries
from traceability.services.fsck.events import check_events, check_items
from traceability.services.fsck.forms import check_forms
from traceability.services.fsck.holdings import check_holdings
from traceability.services.fsck.indices import check_indices
from traceability.services.fsck.judged import check_judged
from traceability.services.fsck.keys import check_keys
from traceability.services.fsck.log import check_log, what_stands
from traceability.services.fsck.log_changes import check_log_changes, check_second_signatures, log_keys
from traceability.services.fsck.missing import check_missing
from traceability.services.fsck.moments import check_moments
from traceability.services.fsck.openings import check_openings
from traceability.services.fsck.pack_heads import check_pack_heads
from traceability.services.fsck.pages import UNREADABLE, passes
from traceability.services.fsck.records import check_records, check_shipment_batches
from traceability.services.fsck.register import check_register
from traceability.services.fsck.report import LEFT_TO_DEEP, Problem, Report
from traceability.services.fsck.witnessed import check_cosignatures, check_timestamps
from traceability.services.timestamping import load_authorities

__all__ = ["LEFT_TO_DEEP", "Problem", "Report", "Stopped", "fsck", "fsck_session"]

_Part = tuple[str, Callable[[], None]]


def fsck(service: Service, *, deep: bool = False, is_stopped: Callable[[], bool] = lambda: False) -> Report:
    """Audit the log and every record bound to it.

    Args:
        service: opened to read is enough.
        deep: check each signature again, read captures, sites, profiles and files again, and compare everything that
            was derived from them: events, items, kilograms, edges, holdings, the facts of assessments; check what opens
            commitments, and indices against their tables.
        is_stopped: tells whether to give up.

    Raises:
        Stopped: it was given up.

    """
    with service.store.read() as session:
        return fsck_session(service, session, deep=deep, is_stopped=is_stopped)


def fsck_session(
    service: Service, session: Session, *, deep: bool = False, is_stopped: Callable[[], bool] = lambda: False
) -> Report:
    """Audit what one session sees; as ``fsck``."""
    report = Report(deep=deep)
    who = lru_cache(maxsize=4096)(service.who)
    audit = Audit(session, who, service.files, report, service.store.read, is_stopped)
    for name, part in _parts(service, audit, deep=deep):
        try:
            part()
        except UNREADABLE as error:
            if passes(error):
                raise
            told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            report.add(name, None, f"the check could not go on: {told}")
    with suppress(*UNREADABLE):  # then nothing is known to stand
        report.stands = what_stands(session.connection(), report)
    return report


def _trusts(service: Service) -> Mapping[str, Trust]:
    """Return the certificates of the configured authorities; none where their file cannot be used."""
    with suppress(TraceabilityError):
        return {one.name: one.trust for one in load_authorities(service)}
    return {}


def _parts(service: Service, audit: Audit, *, deep: bool) -> Iterator[_Part]:
    connection = audit.session.connection()
    yield "ledger", lambda: check_log(connection, log_keys(service, connection), audit.report)
    yield "log_change", lambda: check_log_changes(audit)
    yield "checkpoint", lambda: check_moments(audit)
    yield "cosignature", lambda: check_cosignatures(audit)
    yield "second_signature", lambda: check_second_signatures(audit)
    yield "checkpoint_timestamp", lambda: check_timestamps(audit, _trusts(service))
    yield "pack_head", lambda: check_pack_heads(audit)
    yield "party_key", audit.load_keys
    yield "ledger_entry", audit.load_erasures
    yield "erasure", lambda: check_erasures(audit)
    yield "party", lambda: check_register(audit)
    yield "party_key", lambda: check_keys(audit)
    yield "ledger_entry", lambda: check_missing(audit)
    yield "capture", lambda: check_captures(audit, check_events if deep else None)
    yield "event", lambda: check_event_entries(audit, thorough=deep)
    yield "counter_signature", lambda: check_counter_signatures(audit)
    yield "event", lambda: strays(audit)
    yield "records", lambda: check_records(audit, deep=deep)
    yield "shipment_batch", lambda: check_shipment_batches(audit)
    yield "judged", lambda: check_judged(audit, deep=deep)
    if deep:
        yield "forms", lambda: check_forms(audit)
        yield "item", lambda: check_items(audit)
        yield "holding", lambda: check_holdings(audit)
        yield "personal_data", lambda: check_openings(audit)
        yield "database", lambda: check_indices(audit)
