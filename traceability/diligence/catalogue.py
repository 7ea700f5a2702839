"""The catalogue of findings: every code a rule may raise, with its severity, law and words (rule-catalogue.csv).

The set is closed. Which version of its pack a row belongs to is said by ``versions``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from traceability.diligence.tables import read_table
from traceability.errors import NotFound

CATALOGUE: Final = "rule-catalogue.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """One finding code of the catalogue.

    ``severity`` is the normal one, ``severity_changes`` says in words when it differs. Before ``applicable_from`` a
    finding is advisory; after ``applicable_to`` the rule does not run. ``provenance`` tells a reader what
    rests on a text that was read.
    """

    code: str
    requirement_ids: tuple[str, ...]
    pack: str
    title: str
    severity: str
    severity_changes: str
    law_ref: str
    applicable_from: date | None
    applicable_to: date | None
    facts_used: tuple[str, ...]
    logic: str
    message: str
    reviewer_options: tuple[str, ...]
    provenance: str

    def advisory_on(self, as_of: date) -> bool:
        """Tell whether the law behind this row does not apply yet on ``as_of``."""
        return self.applicable_from is not None and as_of < self.applicable_from

    def runs_on(self, as_of: date) -> bool:
        """Tell whether the rule runs: a row whose ``applicable_to`` lies before ``as_of`` does not."""
        return self.applicable_to is None or as_of <= self.applicable_to


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def row_of(line: Mapping[str, str]) -> Row:
    """Return a line of a catalogue, of this version or of one that the ledger keeps, as a row."""
    return Row(
        code=line["code"],
        requirement_ids=_split(line["requirement_ids"]),
        pack=line["pack"],
        title=line["title"],
        severity=line["severity"],
        severity_changes=line["severity_changes"],
        law_ref=line["law_ref"],
        applicable_from=_date(line["applicable_from"]),
        applicable_to=_date(line["applicable_to"]),
        facts_used=_split(line["facts_used"]),
        logic=line["logic"],
        message=line["message"],
        reviewer_options=_split(line["reviewer_options"]),
        provenance=line["provenance"],
    )


@cache
def _by_code() -> Mapping[str, Row]:
    return {row.code: row for row in map(row_of, read_table(CATALOGUE))}


def rows() -> tuple[Row, ...]:
    """Return every row of the catalogue, in its order."""
    return tuple(_by_code().values())


def row(code: str) -> Row:
    """Return the row of one finding code.

    Raises:
        NotFound: the catalogue has no such code.

    """
    found = _by_code().get(code)
    if found is None:
        raise NotFound(f"there is no finding code {code!r} in the rule catalogue; `traceability rules list` shows all")
    return found
