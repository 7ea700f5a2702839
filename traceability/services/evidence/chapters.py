"""The sections of a report, in the order of console.md 7; none is left out for lack of data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from traceability.diligence.definitions.watch import due
from traceability.lists.codes import named
from traceability.services.evidence import words
from traceability.services.evidence.blocks import Block, Column, heading, items, rows, table, text
from traceability.services.evidence.custody import traceability
from traceability.services.evidence.draft import Draft
from traceability.services.evidence.private import Records
from traceability.services.states import SubjectState
from traceability.storage.tables import Decision

Chapter = Callable[[Draft], list[Block]]

_NOTES: Final = 3  # of each kind that are printed
_FINDINGS = (Column("Finding", 4), Column("Severity", 2), Column("What", 8), Column("Law", 4), Column("Lists", 4))
_DECISIONS = (Column("Entry", 1, "end"), Column("On", 4), Column("Decision", 3), Column("Reason", 6), Column("By", 4))
_LISTS = (Column("List", 5), Column("Version", 5), Column("State", 2), Column("In words", 6))
_PLANS = (Column("Plan", 3), Column("Risk", 2), Column("Adopted", 2), Column("Review due", 2), Column("Progress", 5))
_STEPS = (Column("Entry", 1, "end"), Column("Step", 7), Column("Due", 2))
_CASES = (Column("Case", 4), Column("State", 3), Column("Date", 2), Column("What", 6))
_ASKED = (Column("Entry", 1, "end"), Column("Asked of", 4), Column("State", 2), Column("Due", 2), Column("What", 6))
_CONTESTED = (Column("Entry", 1, "end"), Column("By", 4), Column("State", 2), Column("Due", 2), Column("What", 6))
_PAPERS = (Column("Document", 5), Column("What it is", 4), Column("SHA-256", 7), Column("In the pack", 3))


def _of_each(chapter: Callable[[Records], Iterable[Block]]) -> Chapter:
    """Return the chapter for every importer; where there is none, it says why."""

    def blocks(draft: Draft) -> list[Block]:
        if not draft.private:
            return [text(f"{words.WITHHELD[:1].upper()}{words.WITHHELD[1:]}.")]
        if not draft.records:
            return [text(f"{words.NOTHING[:1].upper()}{words.NOTHING[1:]}: no importer has assessed this batch.")]
        one = len(draft.records) == 1
        each = ([*([] if one else [heading(had.importer.name)]), *chapter(had)] for had in draft.records)
        return list(chain.from_iterable(each))

    return blocks


def _policy(had: Records) -> Iterable[Block]:
    policy, system = had.system.get("policy", {}), had.system
    yield rows([
        ("Supply chain policy published at", policy.get("published_url")), ("Document", policy.get("document_id")),
        ("Consistent with Annex II of the OECD guidance", policy.get("oecd_annex_ii_consistent")),
        ("Adopted", policy.get("adopted_on")), ("Last reviewed", policy.get("reviewed_on")),
        ("Part of the contracts with suppliers", system.get("supplier_contract_clause")),
    ])  # fmt: skip


def _persons(had: Records) -> Iterable[Block]:
    yield rows([
        ("Importer", f"{had.importer.name}, {had.importer.country}, {had.importer.did}"),
        ("Responsible in senior management", had.system.get("senior_management_responsible")),
        ("Records are kept for (years)", had.system.get("record_retention_years")),
        ("Decided by", sorted({one for row in had.decisions for one in (row.proposed_by, row.confirmed_by) if one})),
    ])  # fmt: skip


def _identification(had: Records) -> Iterable[Block]:
    for state in had.states:
        facts = had.facts(state)
        yield heading(_title(state))
        yield rows([
            ("Assessed as of", state.assessment and state.assessment.as_of.isoformat()),
            ("Passages of documents looked at for signals", _number(facts, "text_signals")),
            ("Hits of parties on name lists", _number(facts, "entity_hits")),
            ("Reports of incidents", [words.value(one) for one in facts.get("reports", [])]),
        ])  # fmt: skip
        lines = [[named(one["list_id"]), one["version"] or "", one["state"], one["sentence"]] for one in state.coverage]
        yield table(_LISTS, lines)
        yield text(_not_assessed(state))
    yield from _requests(had)
    yield from _contests(had)


def _requests(had: Records) -> Iterable[Block]:
    lines = [
        [str(row.entry_index), row.record["addressee"], words.words(row.record["status"]), row.record["due_on"], said]
        for row in had.requests
        if row.record
        for said in [f"{row.record['question']} ({len(row.record['thread'])} steps, in evidence.json)"]
    ]
    yield heading("Information asked of suppliers")
    yield table(_ASKED, lines, f"requests for information: {words.NOTHING}")


def _contests(had: Records) -> Iterable[Block]:
    lines = [
        [
            str(row.entry_index),
            row.record["name"],
            words.words(row.record["status"]),
            row.record.get("due_on", ""),
            said,
        ]
        for row in had.contests
        if row.record
        for about in [row.record.get("finding") or row.record.get("hit") or "of its own accord"]
        for last in [row.record["thread"][-1]["text"]]
        for said in [f"{about}: {last} ({len(row.record['thread'])} steps, in evidence.json)"]
    ]
    yield heading("What parties contest")
    yield table(_CONTESTED, lines, f"contests: {words.NOTHING}")


def _number(facts: Mapping[str, Any], name: str) -> str:
    """Return how many there are; not looked at is not none."""
    return str(len(facts[name])) if name in facts else "not assessed"


def _title(state: SubjectState) -> str:
    said = words.subject(state)
    return said[:1].upper() + said[1:]


def _not_assessed(state: SubjectState) -> str:
    missing = state.assessment.result["not_assessed"] if state.assessment else []
    if not missing:
        return "Every section of the facts was there to be assessed."
    return f"Not assessed, because nothing was stated: {', '.join(map(words.section, missing))}."


def _grievances(had: Records) -> Iterable[Block]:
    yield rows([("Early warning or grievance mechanism", had.system.get("grievance_mechanism"))])
    cases = [one for state in had.states for one in had.facts(state).get("grievances", [])]
    lines = [[c["case_id"], c.get("status", ""), c.get("received_on", ""), ""] for c in cases]
    yield table(_CASES, lines, f"cases: {words.NOTHING}")


def _assessment(had: Records) -> Iterable[Block]:
    for state in had.states:
        yield heading(_title(state))
        yield text(words.verdict(state))
        if row := state.assessment:
            yield rows([
                ("Assessed at", words.moment(row.at.isoformat())), ("Ledger entry", str(row.entry_index)),
                ("Rules", row.result["rule_pack_version"]), ("Facts", row.inputs_hash),
                ("Limits", list(dict.fromkeys(state.floors))),
            ])  # fmt: skip
        yield table(
            _FINDINGS,
            [_finding(item.body, covered=item.covered) for item in state.findings],
            "no rule raised a finding",
        )
        yield items(_notes(state.notes)) if state.notes else text("No notes on the chain of custody.")
    yield heading("Decisions")
    yield table(_DECISIONS, [_decision(row) for row in had.decisions])
    yield heading("Documents")
    yield table(_PAPERS, [_paper(paper.line) for paper in had.papers])


def _notes(notes: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Yield the notes, of many of one kind the first ones."""
    for kind in dict.fromkeys(note["kind"] for note in notes):
        said = list(dict.fromkeys(note["message"] for note in notes if note["kind"] == kind))
        yield from (f"{words.words(kind)}: {one}" for one in said[:_NOTES])
        if len(said) > _NOTES:
            yield f"{words.words(kind)}: {len(said) - _NOTES} more notes of this kind, in evidence.json"


def _finding(body: Any, *, covered: bool) -> list[str]:
    advisory = "; the law does not apply yet" if body["advisory"] else ""
    covers = "; covered by a decision" if covered else ""
    lists = "; ".join(f"{one['title']}, version {one['version']}" for one in body["lists"])
    law = "design of this service, no article" if body["law_ref"] == "design" else body["law_ref"]
    return [body["code"], body["severity"] + advisory + covers, f"{body['title']}: {body['message']}", law, lists]


def _decision(row: Decision) -> list[str]:
    second = "; waits for a second person" if row.state == "waiting" else ""
    if row.confirmed_by:
        agreed = "declined" if row.state == "refused" else "confirmed"
        second = f"; {agreed} by {row.confirmed_by}, {row.confirmed_at and row.confirmed_at.date()}"
    codes = ", ".join(dict.fromkeys(item["code"] for item in row.findings))
    about = f" (on {codes})" if codes else ""
    said = f"{row.reason}{f' / {row.confirmed_reason}' if row.confirmed_reason else ''}"
    by = f"{row.proposed_by}, {row.proposed_at.date()}{second}"
    return [
        str(row.entry_index),
        f"{words.words(row.subject_kind)} {row.subject}",
        words.words(row.disposition) + about,
        said,
        by,
    ]


def _paper(line: dict[str, Any]) -> list[str]:
    kept = "yes" if line["file"] else f"its hash alone: {line['why_no_file']}"
    read = words.words((line["read"] or {}).get("type", "not read by an assessment"))
    return [line["filename"], read, line["sha256"], kept]


def _mitigation(had: Records) -> Iterable[Block]:
    plans = [one for state in had.states for one in had.facts(state).get("mitigation_plans", [])]
    names = ("plan_id", "risk_code", "adopted_on", "review_due_on", "progress")
    yield table(_PLANS, [[words.value(plan.get(name)) for name in names] for plan in plans], f"plans: {words.NOTHING}")
    steps = [(row, step) for row in had.decisions for step in row.steps]
    lines = [[str(row.entry_index), str(step.get("what", "")), str(step.get("due_on", ""))] for row, step in steps]
    yield heading("Steps that decisions ask for")
    yield table(_STEPS, lines)


def _audits(had: Records) -> Iterable[Block]:
    audit = had.system.get("audit", {})
    yield rows([
        ("Audit of the importer completed", audit.get("completed_on")), ("Auditor", audit.get("auditor")),
        ("Covers all activities", audit.get("covers_all_activities")),
    ])  # fmt: skip
    smelters = [one for state in had.states for one in had.facts(state).get("shipment", {}).get("smelters", [])]
    yield heading("Smelters and refiners")
    yield table(
        (Column("Smelter", 5), Column("Country", 1), Column("Assurances", 9)),
        [
            [s.get("name") or s.get("smelter_id", ""), s.get("country", ""), words.value(s.get("assurances"))]
            for s in smelters
        ],
    )
    yield heading("Audit reports among the documents")
    papers = [paper.line for paper in had.papers if (paper.line["read"] or {}).get("type") == "audit_report"]
    yield table(_PAPERS, [_paper(line) for line in papers])


def _disclosures(had: Records) -> Iterable[Block]:
    annual = had.system.get("annual_report", {})
    yield rows([
        ("Latest public due diligence report, year", annual.get("reporting_year")),
        ("Published at", annual.get("published_url")),
        ("Statement on recycled metals", had.system.get("recycled_statement_url")),
    ])  # fmt: skip
    told = [row for row in had.decisions if row.disposition == "reported_to_authority"]
    yield heading("Reported to an authority")
    yield table(_DECISIONS, [_decision(row) for row in told])


def _remedial(had: Records) -> Iterable[Block]:
    asked = [one for state in had.states for one in had.facts(state).get("authority_requests", [])]
    lines = [
        [one["request_id"], words.words(one.get("kind", "")), one.get("issued_on", ""), _answered(one)] for one in asked
    ]
    yield table(_CASES, lines, f"requests of authorities: {words.NOTHING}")


def _answered(asked: dict[str, Any]) -> str:
    until = due(asked)
    said = f"answered {asked['answered_on']}" if asked.get("answered_on") else "not answered"
    return f"due {until}; {said}" if until else said


CHAPTERS: Final[Sequence[tuple[str, Chapter]]] = (
    ("Policy", _of_each(_policy)),
    ("Responsible persons", _of_each(_persons)),
    ("Risk identification", _of_each(_identification)),
    ("Grievance channel", _of_each(_grievances)),
    ("Risk assessment and its basis", _of_each(_assessment)),
    ("Mitigation", _of_each(_mitigation)),
    ("Traceability", traceability),
    ("Audits", _of_each(_audits)),
    ("Disclosures", _of_each(_disclosures)),
    ("Remedial plan", _of_each(_remedial)),
)
