"""What stands of what a party contests: which verdicts its contest opens again, and what is decided before an answer.

A contest opens again each verdict that the party is the listed one: it goes on counting, and has to be given anew. One
that it is somebody else agrees with the party, and stays.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from traceability.errors import Conflict, Problem
from traceability.services import reach
from traceability.services.assess import latest_all
from traceability.services.facts.decided import in_force_since
from traceability.services.request_forms import refuse
from traceability.services.reviewer_memory import Contested
from traceability.storage.tables import CaseVersion, Decision

KIND = "contest"


def check_shown(session: Session, owner_id: str, record: Mapping[str, Any]) -> None:
    """Check that the importer's newest assessments show the hit or finding a party is told of.

    Raises:
        InvalidInput: they do not.

    """
    if "hit" in record:
        shown = bool(reach.subjects_showing(session, owner_id, "hit", record["hit"]))
    else:
        shown = bool(_raised(session, owner_id, record))
    name = "hit" if "hit" in record else "finding"
    if not shown:
        refuse([Problem(name, f"no newest assessment of yours of what it is about shows this {name}")])


def _raised(session: Session, owner_id: str, record: Mapping[str, Any]) -> list[str]:
    """Return the batches and shipment records of a contest (all of the importer's for none) that raise its finding."""
    about = {(one["kind"], one["id"]) for one in record["about"] if one["kind"] != "party"}
    return [
        row.subject
        for row in latest_all(session, owner_id)
        if (not about or (row.subject_kind, row.subject) in about or _has_batch(row.batches, about))
        and any(item["code"] == record["finding"] for item in row.result["findings"])
    ]


def _has_batch(batches: Iterable[str], about: set[tuple[str, str]]) -> bool:
    return any(("batch", one) in about for one in batches)


def check_judged(session: Session, row: CaseVersion, outcome: str) -> None:
    """Check before an answer that what the contest opened was judged since, and that the answer says what was decided.

    Raises:
        Conflict: it was not, or it says something else; the message says what comes first.

    """
    record = row.record
    if outcome == "looked_into" and ("hit" in record or "finding" in record):
        raise Conflict("the party was told of a hit or finding: answer that it stands, or that it was corrected")
    if "finding" in record:
        _check_finding(session, row, outcome)
    elif "hit" in record:
        _check_hit(session, row, outcome)
    else:
        _check_party(session, row, outcome)


def _check_finding(session: Session, row: CaseVersion, outcome: str) -> None:
    raised, code = _raised(session, row.owner_id, row.record), row.record["finding"]
    if raised and outcome == "corrected":
        on = ", ".join(raised[:5])
        raise Conflict(f"{code} is still raised on {on}: what it rests on has to change first, or it stands")
    if not raised and outcome == "stands":
        raise Conflict(f"{code} is raised no longer: answer that it was corrected")


def _check_hit(session: Session, row: CaseVersion, outcome: str) -> None:
    hit = row.record["hit"]
    if not reach.subjects_showing(session, row.owner_id, "hit", hit):
        if outcome == "stands":
            raise Conflict("no assessment shows this hit any longer: answer that it was corrected")
        return
    verdict = _newest(session, row.owner_id).get(hit)
    if verdict is None or in_force_since(verdict) < row.entry_index:
        raise Conflict("judge the hit first: what the party contests is open again until officers have said anew")
    _check_says(verdict.disposition, outcome)


def _check_says(disposition: str, outcome: str) -> None:
    if (disposition == "rejected") != (outcome == "corrected"):
        said = "somebody else, so it was corrected" if disposition == "rejected" else "the listed party, so it stands"
        raise Conflict(f"officers have decided that it is {said}: the answer says what was decided")


def _check_party(session: Session, row: CaseVersion, outcome: str) -> None:
    """Check the verdicts on hits of the party itself; of one that contests without having been told of anything."""
    asked = Contested(None, row.record["addressee"], row.entry_index, "")
    verdicts = [one for one in _newest(session, row.owner_id).values() if asked.is_about(one)]
    if any(asked.opens(one) for one in verdicts):
        raise Conflict("judge the hits of this party first: its contest has opened them until officers have said anew")
    if outcome == "corrected" and any(one.disposition == "confirmed" for one in verdicts):
        raise Conflict("officers have confirmed a hit of this party: it was not corrected")


def _newest(session: Session, owner_id: str) -> dict[str, Decision]:
    query = select(Decision).where(Decision.owner_id == owner_id, col(Decision.subject_kind) == "hit")
    rows = session.exec(query.where(Decision.state == "in_force"))
    return {row.subject: row for row in sorted(rows, key=in_force_since)}
