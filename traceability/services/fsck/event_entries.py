"""Event rows against their entries: the largest table, so whole pages are compared before a single row is looked at."""

from typing import Any

import orjson
import sqlalchemy as sa

from traceability.services.fsck.audit import TABLES, Audit, batched, moment_of
from traceability.services.fsck.pages import UNREADABLE

_PAGE = 5000
_BATCH = 1000
_EVENT: Any = TABLES["event"]
_ENTRY: Any = TABLES["ledger_entry"]
_COLUMNS = (_EVENT.c.index, _EVENT.c.position, _EVENT.c.received_at, _EVENT.c.key_id, _EVENT.c.signer_id, _ENTRY.c.body)
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
    signers: dict[tuple[str | None, str | None], tuple[Any, ...]] = {}
    try:
        for _, position, received_at, key_id, signer_id, body in audit.session.connection().execute(
            sa.select(*_COLUMNS).select_from(_JOINED).where(these)
        ):
            signer = signers.get((key_id, signer_id))
            if signer is None:
                of_key = audit.key_fields(key_id)
                signer = signers[key_id, signer_id] = (of_key["alg"], of_key["key"], audit.who(signer_id or ""))
            said = orjson.loads(body)
            told = ("event", position, moment_of(received_at), *signer)
            if "ref" in said or told != tuple(map(said.get, ("kind", "n", "at", "alg", "key", "who"))):
                return False
    except UNREADABLE:
        return False
    return True


def _check_each(audit: Audit, these: Any) -> None:
    for batch in batched(audit.rows("event", ("index",), size=_BATCH, where=these), _BATCH):
        entries = audit.entries(row.index for row in batch)
        for row in batch:
            said = {
                "kind": "event", "n": row.position, "at": moment_of(row.received_at),
                **audit.key_fields(row.key_id), "who": audit.who(row.signer_id or ""), "ref": (),
            }  # fmt: skip
            audit.stands_for("event", row.index, entries.get(row.index), said)
