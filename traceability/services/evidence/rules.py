"""The rule sets by which the runs of a pack judged and its papers were read: the record of each, proved."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from traceability.services.evidence.papers import Paper
from traceability.services.evidence.proofs import Proofs
from traceability.storage.tables import AssessmentRow, RuleSet


def add_rules(
    session: Session,
    runs: Iterable[AssessmentRow],
    papers: Iterable[Paper],
    files: dict[str, bytes],
    proofs: Proofs,
) -> None:
    """Add the record of each rule set that is named, in the order of the log."""
    named = {row.result.get("rule_pack_version") for row in runs if row.erased_index is None}
    named |= {paper.ruleset for paper in papers if paper.ruleset}
    query = select(RuleSet).where(col(RuleSet.entry_index) < proofs.checkpoint.size, col(RuleSet.version).in_(named))
    for row in session.exec(query.order_by(col(RuleSet.entry_index))):
        name = f"rules/{row.entry_index}.json"
        files[name] = bytes(row.record)
        proofs.add(row.entry_index, f"rules of the {row.name}, version {row.version}", files[name], file=name)
