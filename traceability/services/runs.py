"""Recording runs of the rules: any number at once, each with its ledger entry and the criticals that go on with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa

from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import carried
from traceability.services.context import Service
from traceability.services.whole import assessment_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import AssessmentRow
from traceability.storage.types import JsonText

_RUN: Any = AssessmentRow.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
# Plain statements: an object of the table for each run takes longer to make than its row to write.
_JSON = ("facts", "result", "notes", "pending", "coverage", "batches", "criticals")
_TEXTS: Any = {name: sa.bindparam(f"{name}_json", type_=JsonText()) for name in _JSON}
_ADD = sa.insert(_RUN).values(_TEXTS).returning(_RUN.c.id, sort_by_parameter_order=True)
_NAME = sa.update(_RUN).where(_RUN.c.id == sa.bindparam("run")).values(criticals=sa.bindparam("named"))


@dataclass
class Run:
    """A run that is to be recorded: the columns of its row (``AssessmentRow``); the last two are set when it is."""

    owner_id: str
    subject_kind: str
    subject: str
    as_of: date
    at: datetime
    facts: Mapping[str, Any]
    result: Mapping[str, Any]
    status: str
    notes: Sequence[Mapping[str, Any]]
    pending: Sequence[str]
    coverage: Sequence[Mapping[str, Any]]
    batches: Sequence[str]
    inputs_hash: str
    criticals: dict[str, int] = field(default_factory=dict)
    entry_index: int = 0


def append(service: Service, tx: Transaction, runs: Sequence[tuple[Run, Mapping[str, int]]]) -> list[int]:
    """Record runs, each with what was critical in the runs of its subject before it; return their ids.

    Every code that was ever critical goes on with the subject, under the last run that said so.
    """
    who = cache(service.who)
    for run, _ in runs:
        body, at = digest(assessment_bytes(run)), milliseconds(run.at)
        run.entry_index = tx.log.append(Entry(kind="assessment", body=body, who=who(run.owner_id), at=at))
    if not runs:
        return []
    numbers = list(tx.connection.execute(_ADD, [_columns(run) for run, _ in runs]).scalars())
    named = []
    for number, (run, before) in zip(numbers, runs, strict=True):
        now = {one["code"]: number for one in run.result["findings"] if one["severity"] == "critical"}
        if criticals := {**before, **now}:
            run.criticals = criticals
            named.append({"run": number, "named": criticals})
    if named:
        tx.connection.execute(_NAME, named)
        carried.remember(tx, [run for run, _ in runs])
    return numbers


def _columns(run: Run) -> dict[str, Any]:
    columns = vars(run).copy()
    return columns | {f"{name}_json": orjson.dumps(columns.pop(name)).decode() for name in _JSON}
