"""The rule engine: a facts document in, findings and one status out (rule-catalogue.md 2 and 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from traceability.diligence import catalogue, versions
from traceability.diligence.case import Case
from traceability.diligence.facts import check_facts, inputs_hash
from traceability.diligence.messages import message
from traceability.diligence.notes import list_versions, not_assessed, notes
from traceability.diligence.packs import RULES, Place, Rule
from traceability.diligence.quiet import quiet
from traceability.diligence.sources import sources
from traceability.diligence.status import severity_rank, status_of


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule raised something: an indicator for a person, never a verdict.

    ``severity`` is critical, major, gap, minor or info. ``advisory`` means that the law behind it does not apply yet
    on as_of. ``evidence`` are JSON Pointers (RFC 6901) into the facts, all places that triggered the rule.
    ``pack_version`` is the version of the one pack whose rule raised it.
    """

    code: str
    severity: str
    advisory: bool
    title: str
    message: str
    law_ref: str
    applicable_from: date | None
    evidence: tuple[str, ...]
    reviewer_options: tuple[str, ...]
    pack: str
    pack_version: str

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON data; ``applicable_from`` is null where the row has no date."""
        since = self.applicable_from.isoformat() if self.applicable_from else None
        lists = {"evidence": list(self.evidence), "reviewer_options": list(self.reviewer_options)}
        return {name: getattr(self, name) for name in _FINDING} | {"applicable_from": since} | lists


_FINDING: Final = tuple(one.name for one in fields(Finding))


@dataclass(frozen=True, slots=True)
class Assessment:
    """One run of the rule packs over one facts document.

    ``not_assessed`` names the sections that were absent, whose rules therefore did not run. ``list_versions`` has the
    version of every list loaded, None where none is stated. ``rule_pack_version`` is that of all packs together.
    ``notes`` are worth reading and change no status.
    """

    status: str
    findings: tuple[Finding, ...]
    not_assessed: tuple[str, ...]
    rule_pack_version: str
    list_versions: Mapping[str, str | None]
    inputs_hash: str
    notes: tuple[str, ...]
    assessment_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the assessment in the shape of rule-catalogue.md 2; assessment_id only where the caller gave one."""
        result: dict[str, Any] = {
            "status": self.status,
            "findings": [finding.to_dict() for finding in self.findings],
            "not_assessed": list(self.not_assessed),
            "rule_pack_version": self.rule_pack_version,
            "list_versions": dict(self.list_versions),
            "inputs_hash": self.inputs_hash,
            "notes": list(self.notes),
        }
        return result if self.assessment_id is None else result | {"assessment_id": self.assessment_id}


ROWS: Final = tuple((rule, catalogue.row(code)) for code, rule in RULES.items())
"""Every rule with its row of the catalogue, in the order of evaluation (rule-catalogue.md 6)."""


def assess(facts: Mapping[str, Any], *, check: bool = True) -> Assessment:
    """Run every rule over the facts.

    With ``check=False`` the caller vouches that ``check_facts`` accepted this very document.

    Raises:
        Unprocessable: the document may not be assessed; nothing was.

    """
    if check:
        check_facts(facts)
    case, silent = Case(facts), quiet(facts)
    findings = run(case, (pair for pair in ROWS if pair[1].code not in silent))
    return Assessment(
        status=status_of(findings),
        findings=tuple(sorted(findings, key=lambda finding: (severity_rank(finding.severity), finding.code))),
        not_assessed=not_assessed(facts),
        rule_pack_version=versions.rule_pack_version(),
        list_versions=list_versions(facts),
        inputs_hash=inputs_hash(facts),
        notes=notes(case),
        assessment_id=facts.get("assessment_id"),
    )


def run(case: Case, rows: Iterable[tuple[Rule, catalogue.Row]]) -> list[Finding]:
    """Run rules in order; each sees the codes raised before it, none of a later one (section 6)."""
    findings = []
    for rule, row in rows:
        places = rule.places(case) if row.runs_on(case.as_of) else []
        if places:
            case.raised.add(row.code)
            findings.append(_finding(case, rule, row, places))
    return findings


def _finding(case: Case, rule: Rule, row: catalogue.Row, places: list[Place]) -> Finding:
    advisory = row.advisory_on(case.as_of)
    evidence = tuple(dict.fromkeys(pointer for place in places for pointer in place.evidence))
    escalated = rule.escalation is not None and rule.escalation.when(case)
    return Finding(
        code=row.code,
        severity=rule.escalation.severity if escalated and rule.escalation else row.severity,
        advisory=advisory,
        title=row.title,
        message=message(row, places, advisory=advisory) + sources(case.facts, row.message, evidence),
        law_ref=row.law_ref,
        applicable_from=row.applicable_from,
        evidence=evidence,
        reviewer_options=row.reviewer_options,
        pack=row.pack,
        pack_version=versions.packs()[row.pack].version,
    )
