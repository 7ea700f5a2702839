"""Event rows against their entries: the largest table, so whole pages are compared before a single row is looked at."""

from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import orjson
import sqlalchemy as sa

from traceability.services.fsck.audit import TABLES, Audit, batched, moment_of
from traceability.services.fsck.pages import UNREADABLE

_PAGE = 5000
_BATCH = 1000
_EVENT: Any = TABLES["event"]
_ENTRY: Any = TABLES["ledger_entry"]
# The moment as the database has it: the events of a capture share theirs, so few have to be read.
_AT = sa.type_coerce(_EVENT.c.received_at, sa.types.NullType())
_COLUMNS = (_EVENT.c.position, _AT, _EVENT.c.key_id, _EVENT.c.signer_id, _ENTRY.c.body)
_SAID = itemgetter("kind", "n", "at", "alg", "key", "who")
_JOINED = _EVENT.outerjoin(_ENTRY, _ENTRY.c.index == _EVENT.c.index)


def check_event_entries(audit: Audit, *, where: Any = None, thorough: bool = False) -> None:
    """Check each event row, or some, by what the row alone gives: moment, position and signer.

    Only pages in which something does not fit are read row by row, to say what; ``thorough`` reads all of them so.
    """
    last: int | None = None
    while True:
        within = [] if where is None else [where]
        within += [] if last is None else [_EVENT.c.index > last]
        page = sa.select(_EVENT.c.index).where(*within).order_by(_EVENT.c.index).limit(_PAGE).subquery()
        query = sa.select(sa.func.max(page.c.index), sa.func.count())
        end, count = audit.session.connection().execute(query).one()
        if not count:
            return
        these = sa.and_(*within, _EVENT.c.index <= end)
        if thorough or not _all_fit(audit, these):
            _check_each(audit, these)
        else:
            audit.report.saw("event", count)
        last = end


def _all_fit(audit: Audit, these: Any) -> bool:
    known: dict[Any, tuple[Any, ...]] = {}
    query = sa.select(*_COLUMNS).select_from(_JOINED).where(these)
    try:
        for position, at, key_id, signer_id, body in audit.session.connection().execute(query):
            shared = known.get((at, key_id, signer_id))
            if shared is None:
                shared = known[at, key_id, signer_id] = _shared(audit, at, key_id, signer_id)
            said = orjson.loads(body)
            if "ref" in said or ("event", position, *shared) != _SAID(said):
                return False
    except UNREADABLE:
        return False
    return True


def _shared(audit: Audit, at: Any, key_id: str | None, signer_id: str | None) -> tuple[Any, ...]:
    """Return what the entries of events share that came at one moment from one signer: moment, key and party."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
    of_key = audit.key_fields(key_id)
    return moment_of(moment), of_key["alg"], of_key["key"], audit.who(signer_id or "")


def _check_each(audit: Audit, these: Any) -> None:
    for batch in batched(audit.rows("event", ("index",), size=_BATCH, where=these), _BATCH):
        entries = audit.entries(row.index for row in batch)
        for row in batch:
            said = {
                "kind": "event", "n": row.position, "at": moment_of(row.received_at),
                **audit.key_fields(row.key_id), "who": audit.who(row.signer_id or ""), "ref": (),
            }  # fmt: skip
            audit.stands_for("event", row.index, entries.get(row.index), said)
