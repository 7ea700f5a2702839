"""Releases: whether one still holds, and if not, since when and by what it was reopened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from traceability.storage.tables import AssessmentRow, Decision

RELEASES = ("released", "released_with_mitigation")
SERIOUS = ("critical", "major")


@dataclass(frozen=True, slots=True)
class CountedFinding:
    """A finding as stored, with whether a decision in force covers it."""

    code: str
    severity: str
    advisory: bool
    digest: str
    body: Mapping[str, Any]
    covered: bool = False
    assessment_id: int | None = None

    @property
    def id(self) -> str:
        """Return what it is called for ever: the number of its assessment and its code, which no run raises twice."""
        return f"{self.assessment_id}-{self.code}"


@dataclass(frozen=True, slots=True)
class Reopened:
    """A release that no longer holds: since which day, and the codes it does not name; none where its date is over."""

    decision: Decision
    on: date
    codes: tuple[str, ...]

    @property
    def said(self) -> str:
        """Return it in words."""
        day = self.on.isoformat()
        return f"reopened on {day} by {', '.join(self.codes)}" if self.codes else f"ended on {day} with its review date"


def newest(decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision in force that took effect last."""
    return next((decision for decision in reversed(decisions) if decision.state == "in_force"), None)


def reopened(
    session: Session, row: AssessmentRow, last: Decision | None, gone: Sequence[str], today: date
) -> Reopened | None:
    """Return why the newest decision, where it is a release, no longer holds; None while it does.

    It ends with a major or critical finding it does not name, come or changed since, with a critical that two persons
    have not resolved (``gone``), and with its review date.
    """
    if last is None or last.disposition not in RELEASES:
        return None
    codes = {*_fresh(row.result, last), *gone}
    if codes:
        return Reopened(last, _since(session, row, last), tuple(sorted(codes)))
    over = last.review_on is not None and last.review_on < today
    return Reopened(last, last.review_on, ()) if over and last.review_on else None


def _fresh(result: Mapping[str, Any], release: Decision) -> list[str]:
    named = {item["digest"] for item in release.findings}
    found = result["findings"]
    return [item["code"] for item in found if item["severity"] in SERIOUS and item["digest"] not in named]


def _since(session: Session, row: AssessmentRow, release: Decision) -> date:
    """Return the day of the first run after a release that showed what it does not name."""
    runs = select(AssessmentRow.at, AssessmentRow.result).where(
        AssessmentRow.owner_id == row.owner_id, AssessmentRow.subject_kind == row.subject_kind,
        AssessmentRow.subject == row.subject, col(AssessmentRow.id) > (release.assessment_id or 0),
    )  # fmt: skip
    for at, result in session.exec(runs.order_by(col(AssessmentRow.id))):
        if _fresh(result, release):
            return at.date()
    return row.at.date()
