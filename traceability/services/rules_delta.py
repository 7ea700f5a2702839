"""What changed rules change for whoever was assessed: the work follows the change, as with a new list version.

The facts of each newest assessment that other rules judged are put to today's: only where a finding comes, goes or
changes is it assessed again at once. Everything is assessed again with the next day anyway, by today's rules.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence import versions
from traceability.diligence.engine import assess as run_rules
from traceability.errors import Unprocessable
from traceability.services.assess import newest_ids
from traceability.storage.tables import AssessmentRow

_AT_ONCE = 200


def judged_otherwise(session: Session) -> set[tuple[str, str, str]]:
    """Return owner, kind and name of what other rules judged and today's judge otherwise from the same facts."""
    return {who for who, facts, result in _by_other_rules(session) if _said(result) != _says(facts)}


def _by_other_rules(session: Session) -> Iterator[tuple[tuple[str, str, str], Mapping[str, Any], Mapping[str, Any]]]:
    columns: Any = (
        AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject, AssessmentRow.facts,
        AssessmentRow.result,
    )  # fmt: skip
    version = col(AssessmentRow.result)["rule_pack_version"].as_string()
    query = select(*columns).where(
        col(AssessmentRow.id).in_(newest_ids()), col(AssessmentRow.erased_index).is_(None),
        version != versions.rule_pack_version(),
    )  # fmt: skip
    for owner, kind, subject, facts, result in session.exec(query.execution_options(yield_per=_AT_ONCE)):
        yield (owner, kind, subject), facts, result


def _said(result: Mapping[str, Any]) -> Any:
    return {_finding(**one) for one in result["findings"]}


def _says(facts: Mapping[str, Any]) -> Any:
    """Return the findings of today's rules; None where they cannot read the facts, which equals nothing said before."""
    try:
        return {_finding(**one.to_dict()) for one in run_rules(facts).findings}
    except Unprocessable:
        return None


def _finding(*, code: str, severity: str, advisory: bool, evidence: list[str], **_others: Any) -> tuple[Any, ...]:
    return code, severity, advisory, frozenset(evidence)
