"""Why a stored finding is there: its law, its rule, the facts the rule looked at, and what would end it.

A finding is named by its assessment and its code, ``17-RF-L1``: no run raises a code twice. The rule is run once more
over the facts kept with the assessment; where the rules have changed since, the answer says so.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlmodel import Session, select

from traceability.diligence import catalogue, check_facts, versions
from traceability.diligence.explanation import SEVERITY_WORDS, Looked, clearing, law, logic, look, places
from traceability.errors import NotFound, Unprocessable
from traceability.services.access import TERMINAL, Actor
from traceability.services.context import Service
from traceability.services.facts.chain import item_ids
from traceability.services.mandates import check_purpose, log_read
from traceability.services.period import batches_within
from traceability.services.rule_sets import line_of
from traceability.services.shipments import in_period
from traceability.storage.tables import AssessmentRow, Party, RuleSet

_ID: Final = re.compile(r"([1-9][0-9]{0,9})-([A-Za-z0-9-]{1,40})")
_END_OF_IDS: Final = 2**31
_SHOWN: Final = ("code", "title", "severity", "advisory", "message", "evidence")


def explanation(service: Service, actor: Actor, finding_id: str, purpose: str | None = None) -> dict[str, Any]:
    """Return why a finding is there, as JSON, to whom the finding itself may be shown.

    The operator's terminal may ask for any, as who can run commands on the server can read its database. It is nobody
    of the importer, so it states a purpose, and the importer's data protection officer reads of it: what an admin may
    not read over the API is no secret door here. Reads over the API are logged where their actor is told.

    Raises:
        Forbidden: the role reads no findings.
        PurposeNeeded: the terminal states none.
        NotFound: there is no such finding that the actor may see; the answer is the same for foreign and unknown ones.

    """
    if actor is TERMINAL:
        purpose = check_purpose(purpose)
    else:
        actor.require("private", scope="read")
        actor.own_party()
    with service.store.read() as session:
        row, finding = _finding(session, actor, finding_id)
        told = {"id": finding_id, **_explained(session, row, finding)}
    if actor is TERMINAL:
        log_read(service, actor, "private", f"the finding {finding_id}", None, {"purpose": purpose}, [row.owner_id])
    return told


def _finding(session: Session, actor: Actor, finding_id: str) -> tuple[AssessmentRow, Mapping[str, Any]]:
    number, code = _parts(finding_id)
    query = select(AssessmentRow).where(AssessmentRow.id == number)
    query = query if actor is TERMINAL else query.where(AssessmentRow.owner_id == actor.own_party())
    row = session.exec(query).one_or_none()
    findings = row.result["findings"] if row is not None and _in_period(session, actor, row) else []
    found = next((one for one in findings if one["code"] == code), None)
    if row is None or found is None:
        raise NotFound(
            f"there is no finding {finding_id[:60]!r} that you may see; each finding of a state carries its id, "
            "such as 17-RF-L1, and `traceability rules show CODE` explains a code by itself"
        )
    return row, found


def _parts(finding_id: str) -> tuple[int, str]:
    """Return the number of the assessment and the code; a number that no assessment has where it is no such id."""
    asked = _ID.fullmatch(finding_id)
    number = int(asked[1]) if asked else 0
    return (number, asked[2]) if asked and number < _END_OF_IDS else (0, "")


def _in_period(session: Session, actor: Actor, row: AssessmentRow) -> bool:
    """Tell whether the period of a mandate, where there is one, opens the state that shows the finding."""
    if actor.records is None:
        return True
    if row.subject_kind == "shipment":
        return in_period(session, actor, row.subject)
    return bool(batches_within(session, actor, item_ids(session, [row.subject])))


def _explained(session: Session, row: AssessmentRow, finding: Mapping[str, Any]) -> dict[str, Any]:
    code, version = finding["code"], row.result["rule_pack_version"]
    kept = session.exec(select(RuleSet).where(RuleSet.name == "law", RuleSet.version == version)).first()
    its = _row_of(kept, version, code)
    looked, notes = _looked(row, finding)
    raised = looked.asked if looked else {}
    return {
        **{name: finding[name] for name in _SHOWN},
        "lists": finding.get("lists", []),
        "severity_words": SEVERITY_WORDS[finding["severity"]],
        "about": _about(session, row),
        "law": {**law(its), "law_ref": finding["law_ref"]},
        "rule": {**logic(its), **_version(finding, version), "entry_index": kept and kept.entry_index},
        "facts": places(looked, finding["evidence"]) if looked else [],
        "raised": [other for other, is_raised in raised.items() if is_raised],
        "not_raised": [other for other, is_raised in raised.items() if not is_raised],
        "clears": {**clearing(its), "two_persons": finding["severity"] == "critical"},
        "notes": notes,
    }


def _version(finding: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return the version of the rules, and that of the rule's own pack; None of a run of before packs had one."""
    return {"version": version, "pack_version": finding.get("pack_version")}


def _about(session: Session, row: AssessmentRow) -> dict[str, Any]:
    owner = session.get(Party, row.owner_id)
    return {
        "kind": row.subject_kind,
        "subject": row.subject,
        "importer": owner and owner.did,
        "as_of": row.as_of.isoformat(),
        "at": row.at.isoformat(),
        "inputs_hash": row.inputs_hash,
        "entry_index": row.entry_index,
    }


def _row_of(kept: RuleSet | None, version: str, code: str) -> catalogue.Row:
    """Return the row of the rules that raised the finding, which the ledger's record holds; else that of today's."""
    if kept is not None and version != versions.rule_pack_version():
        old = line_of(kept, code)
        if old is not None:
            return catalogue.row_of(old)
    return catalogue.row(code)


def _looked(row: AssessmentRow, finding: Mapping[str, Any]) -> tuple[Looked | None, list[str]]:
    """Return what the rule looks at in the kept facts, and what limits that answer."""
    if row.erased_index is not None:
        return None, [f"The facts were erased when their retention ended (ledger entry {row.erased_index})."]
    notes = list(_changed(row.result["rule_pack_version"], finding))
    try:
        check_facts(row.facts)
        looked = look(row.facts, finding["code"])
    except (Unprocessable, NotFound) as error:
        return None, [*notes, f"Today's rules cannot read these facts again: {error.detail}"]
    if looked.finding is None:
        notes.append("Today's rules do not raise this finding from these facts.")
    return looked, notes


def _changed(version: str, finding: Mapping[str, Any]) -> Iterator[str]:
    """Yield what has changed since the run: the rule's own pack, or only others, whose findings it may ask for."""
    today = versions.rule_pack_version()
    if version == today:
        return
    pack = versions.packs().get(finding.get("pack", ""))
    if pack is not None and pack.version == finding.get("pack_version"):
        yield f"Other packs have changed since; the rules of {pack.name} have not."
    else:
        yield f"The rules have changed since: what was looked at is told by {pack.version if pack else today}."
