"""What an audit found: problems with the ledger index they concern, the first bad one, and what still stands."""

from dataclasses import dataclass, field
from typing import Any

from traceability.ledger.encoding import b64

_KEPT = 1000
#: What only a deep audit looks at. The hashes of all of it are checked by every audit of the whole log.
LEFT_TO_DEEP = (
    "signatures of captures and records", "events, items, kilograms and edges against the signed bytes",
    "who had each batch (holdings, hand-overs)", "facts of assessments against their form", "files of documents",
    "openings of commitments", "indices of the database",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not what the signed log says; ``index`` is None where it belongs to no entry."""

    table: str
    index: int | None
    what: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"table": self.table, "index": self.index, "what": self.what}


@dataclass(slots=True)
class Report:
    """The outcome of an audit. At most 1000 problems are kept in full; the lowest index is known of all."""

    deep: bool = False
    entries: int = 0
    checked: dict[str, int] = field(default_factory=dict)
    """How many rows of each table were looked at."""
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    first: Problem | None = None
    older: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Of each table how many rows were recorded before their entry stood for all of them, and what it leaves out."""
    stands: tuple[int, bytes] | None = None
    """Size and root of the largest checkpoint below which nothing bad was found; None: not even the first."""

    def add(self, table: str, index: int | None, what: str) -> None:
        """Note a problem."""
        problem = Problem(table, index, what)
        self.count += 1
        if len(self.problems) < _KEPT:
            self.problems.append(problem)
        if index is not None and (self.first is None or self.first.index is None or index < self.first.index):
            self.first = problem

    def saw(self, table: str, rows: int = 1) -> None:
        """Count rows that were looked at."""
        self.checked[table] = self.checked.get(table, 0) + rows

    def recorded_before(self, table: str, left_out: str) -> None:
        """Count a row whose entry is of an earlier form: what it leaves out is no problem, and is not checked."""
        self.older[table] = (self.older.get(table, (0, ""))[0] + 1, left_out)

    @property
    def verdict(self) -> str:
        """Return ``ok`` or ``failed``."""
        return "failed" if self.count else "ok"

    def as_dict(self) -> dict[str, Any]:
        """Return the answer of ``traceability fsck --json`` (cli.md)."""
        stands, first = self.stands, self.first
        return {
            "verdict": self.verdict,
            "entries": self.entries,
            "first_bad": None if first is None else {"index": first.index, "what": f"{first.table}: {first.what}"},
            "stands": None if stands is None else {"size": stands[0], "root": b64(stands[1])},
            "problems": [problem.as_dict() for problem in self.problems],
            "problem_count": self.count,
            "deep": self.deep,
            "not_checked": [] if self.deep else list(LEFT_TO_DEEP),
            "checked": self.checked,
            "recorded_before": [
                {"table": table, "rows": rows, "left_out": told} for table, (rows, told) in sorted(self.older.items())
            ],
        }
