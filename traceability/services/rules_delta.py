"""What changed rules change for whoever was assessed: the work follows the change, as with a new list version.

The facts of each newest assessment that other rules judged are put to today's: only where a finding comes, goes or
changes is it assessed again at once. Everything is assessed again with the next day anyway, by today's rules.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence import versions
from traceability.diligence.engine import Assessment
from traceability.services.assess import Who, newest_ids
from traceability.storage.tables import AssessmentRow


def by_other_rules(session: Session) -> dict[int, Who]:
    """Return the newest runs that other rules judged, by id, and whose they are; what was erased has no facts."""
    columns: Any = (AssessmentRow.id, AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject)
    version = col(AssessmentRow.result)["rule_pack_version"].as_string()
    query = select(*columns).where(
        col(AssessmentRow.id).in_(newest_ids()), col(AssessmentRow.erased_index).is_(None),
        version != versions.rule_pack_version(),
    )  # fmt: skip
    return {run: (owner, kind, subject) for run, owner, kind, subject in session.exec(query)}


def differ(before: Mapping[str, Any], now: Assessment | None) -> bool:
    """Tell whether a finding has come, gone or changed since a result; None: the rules cannot read the facts."""
    return now is None or _said(before["findings"]) != {
        (one.code, one.severity, one.advisory, frozenset(one.evidence)) for one in now.findings
    }


def _said(findings: Iterable[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {(one["code"], one["severity"], one["advisory"], frozenset(one["evidence"])) for one in findings}
