"""Every entry has its row, and only one: what was deleted, or stored twice."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from traceability.services.fsck.audit import TABLES, Audit

_ENTRY: Any = TABLES["ledger_entry"]
_SHOWN = 100

#: Kind of entry: the columns one of which says which row it stands for. Kinds without records of their own are absent.
ROWS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "capture": (("capture", "entry_index"),),
    "event": (("event", "index"), ("counter_signature", "entry_index")),
    "shipment": (("shipment", "entry_index"),),
    "document": (
        ("document", "entry_index"), ("document_link", "entry_index"), ("site", "entry_index"),
        ("importer_profile", "entry_index"),
    ),
    "key-add": (("party_key", "added_index"),),
    "key-rotate": (("party_key", "added_index"), ("log_change", "entry_index")),
    "erasure": (("erasure", "entry_index"),),
    "origin-change": (("log_change", "entry_index"),),
    "list-version": (("list_version", "entry_index"),),
    "rule-set": (("rule_set", "entry_index"),),
    "screening": (("screening", "entry_index"), ("document", "read_index")),
    "assessment": (("assessment", "entry_index"),),
    "decision": (
        ("decision", "entry_index"), ("decision", "confirmed_index"), ("party", "entry_index"),
        ("party_key", "approved_index"), ("mandate", "entry_index"), ("list_review", "entry_index"),
        ("case_version", "entry_index"), ("party_merge", "entry_index"), ("party_departure", "entry_index"),
    ),
    "correction": (("decision", "entry_index"), ("decision", "confirmed_index")),
}  # fmt: skip
#: Tables in which several rows may share an entry.
_SHARED = ("site", "screening", "document_link", "list_review")


def check_missing(audit: Audit) -> None:
    """Say which entries have no row, and which rows share one."""
    connection = audit.session.connection()
    for kind, columns in ROWS.items():
        for (index,) in connection.execute(_missing(kind), {"most": _SHOWN + len(audit.erased)}):
            if audit.is_excused(index):
                continue
            audit.problem(columns[0][0], index, f"the {kind} that the entry stands for is missing")
    for table, column in sorted({pair for columns in ROWS.values() for pair in columns}):
        if table not in _SHARED:
            for index, count in connection.execute(_twice(table, column)):
                audit.problem(table, index, f"{count} rows stand for one entry")


@cache
def _missing(kind: str) -> sa.Select[Any]:
    query = sa.select(_ENTRY.c.index).where(_ENTRY.c.kind == kind)
    for table, name in ROWS[kind]:
        column = TABLES[table].c[name]
        query = query.where(_ENTRY.c.index.not_in(sa.select(column).where(column.is_not(None))))
    return query.order_by(_ENTRY.c.index).limit(sa.bindparam("most", type_=sa.Integer))


@cache
def _twice(table: str, name: str) -> sa.Select[Any]:
    column = TABLES[table].c[name]
    query = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
    return query.having(sa.func.count() > 1).order_by(column).limit(_SHOWN)
