"""What stands of what a party contests: which verdicts its contest opens again, and what is decided before an answer.

A contest opens again each verdict that the party is the listed one: it goes on counting, and has to be given anew. One
that it is somebody else agrees with the party, and stays. That something was corrected is answered where officers have
decided it since, or where newer runs that know everything show it no longer (``contest_runs``).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.errors import Conflict, Problem
from traceability.events.identifiers import normalise
from traceability.services import contest_runs, reach
from traceability.services.context import Service
from traceability.services.facts.decided import in_force_since
from traceability.services.request_forms import refuse
from traceability.services.reviewer_memory import Asked, Contested, memory
from traceability.storage.tables import AssessmentRow, CaseVersion, Decision

KIND = "contest"
_SHOWN = 5


def check_shown(session: Session, owner_id: str, record: Mapping[str, Any]) -> None:
    """Check that the importer's newest assessments show the hit or finding a party is told of.

    Raises:
        InvalidInput: they do not.

    """
    if "hit" in record:
        shown = bool(reach.subjects_showing(session, owner_id, "hit", record["hit"]))
    else:
        shown = bool(contest_runs.raising(contest_runs.concerned(session, owner_id, record), record["finding"]))
    name = "hit" if "hit" in record else "finding"
    if not shown:
        refuse([Problem(name, f"no newest assessment of yours of what it is about shows this {name}")])


def check_judged(service: Service, session: Session, row: CaseVersion, outcome: str) -> None:
    """Check before an answer that what the contest opened was judged since, and that the answer says what was decided.

    Raises:
        Conflict: it was not, or it says something else; the message says what comes first.

    """
    if "finding" in row.record:
        _check_finding(service, session, row, outcome)
    elif "hit" in row.record:
        _check_hit(service, session, row, outcome)
    else:
        _check_party(service, session, row, outcome)


def _check_finding(service: Service, session: Session, row: CaseVersion, outcome: str) -> None:
    code, runs = row.record["finding"], contest_runs.concerned(session, row.owner_id, row.record)
    raised = contest_runs.raising(runs, code)
    if not raised:
        once = contest_runs.once_raising(session, runs, code, _told_at(session, row))
        # Others that are kept say nothing of what was erased.
        kept = runs if any(run.erased_index is None for run, _ in once) else []
        _check_gone(service, session, row, outcome, kept, set[str]().union(*(lists for _, lists in once)))
    elif outcome != "stands":
        on = ", ".join(run.subject for run in raised[:_SHOWN])
        raise Conflict(f"{code} is still raised on {on}: what it rests on has to change first, or it stands")
    elif all(run.entry_index < row.entry_index for run in raised):
        raise Conflict(f"nothing that raises {code} was assessed since it was contested; wait until it is")


def _told_at(session: Session, row: CaseVersion) -> int:
    first = select(CaseVersion.entry_index).where(CaseVersion.case_id == row.case_id, CaseVersion.version == 1)
    return session.exec(first).one()


def _check_hit(service: Service, session: Session, row: CaseVersion, outcome: str) -> None:
    hit = row.record["hit"]
    runs = contest_runs.met_by(session, row.owner_id, hit)
    shown, newest = contest_runs.shown_as(session, runs, hit), _newest(session, row.owner_id)
    known = {one: newest[one] for one in shown or {hit} if one in newest}
    since = {one: verdict for one, verdict in known.items() if in_force_since(verdict) >= row.entry_index}
    if open_ := shown - since.keys():
        now = "" if hit in open_ else f" (shown as {', '.join(sorted(open_))} by now)"
        raise Conflict(f"judge the hit first{now}: what the party contests is open until officers have said anew")
    decided = _decided(since.values())
    if shown:
        _check_says(decided, outcome)
    elif outcome != decided:
        _check_gone(service, session, row, outcome, runs, {hit.partition("|")[0]})


def _decided(verdicts: Collection[Decision]) -> str | None:
    if not verdicts:
        return None
    return "corrected" if all(one.disposition == "rejected" for one in verdicts) else "stands"


def _check_says(decided: str | None, outcome: str) -> None:
    if decided != outcome:
        said = "the listed party, so it stands" if decided == "stands" else "somebody else, so it was corrected"
        raise Conflict(f"officers have decided that it is {said}: the answer says what was decided")


def _check_gone(
    service: Service, session: Session, row: CaseVersion, outcome: str, runs: Sequence[AssessmentRow],
    lists: Collection[str],
) -> None:  # fmt: skip
    """Check an answer on what no run shows: that it is gone is known once newer runs have looked for it in full."""
    living = [run for run in runs if run.erased_index is None]
    if not living:
        if outcome != "looked_into":
            raise Conflict("what showed it is kept no longer, so nobody can tell: answer that it was looked into")
        return
    _check_settled(service, session, row, living, lists)
    if outcome != "corrected":
        raise Conflict("no assessment shows it any longer: answer that it was corrected")


def _check_settled(
    service: Service, session: Session, row: CaseVersion, runs: Sequence[AssessmentRow], lists: Collection[str] | None
) -> None:
    found = contest_runs.unsettled(service, session, runs, row.entry_index, lists)
    if found:
        more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise Conflict(
            f"it is not known whether it is gone ({'; '.join(found[:_SHOWN])}{more}): load the lists that are missing,"
            " see to what waits or has failed, and answer once it was assessed again"
        )


def _check_party(service: Service, session: Session, row: CaseVersion, outcome: str) -> None:
    """Check the verdicts on hits of the party itself; of one that contests without having been told of anything."""
    asked = Contested(None, row.record["addressee"], row.entry_index, "")
    verdicts = [one for one in _newest(session, row.owner_id).values() if asked.is_about(one)]
    runs = [one for one in contest_runs.concerned(session, row.owner_id, row.record) if one.erased_index is None]
    shown = _hits_of(session, runs, row.record["addressee"])
    opened = {one.subject for one in verdicts if asked.opens(one)}
    known = memory(session, row.owner_id, latest_date(service.clock()))
    if any(key in opened or known.recall(one).disposition is None for key, one in shown.items()):
        raise Conflict("judge the hits of this party first: its contest has opened them until officers have said anew")
    if outcome == "corrected":
        if any(one.disposition == "confirmed" and one.subject in shown for one in verdicts):
            raise Conflict("officers have confirmed a hit of this party: it was not corrected")
        if not runs:
            raise Conflict(
                "no assessment of yours has this party, so nothing was corrected: say that it was looked into"
            )
    if outcome == "corrected" or opened:
        _check_settled(service, session, row, runs, None)


def _hits_of(session: Session, runs: Sequence[AssessmentRow], party: str) -> dict[str, Asked]:
    """Return the hits of a party that runs show, by what decisions name."""
    shown = (one for run in runs for one, _ in reach.hits_shown(session, run))
    return {one.key: one for one in shown if one.party_id and normalise(one.party_id) == party}


def _newest(session: Session, owner_id: str) -> dict[str, Decision]:
    query = select(Decision).where(Decision.owner_id == owner_id, col(Decision.subject_kind) == "hit")
    rows = session.exec(query.where(Decision.state == "in_force"))
    return {row.subject: row for row in sorted(rows, key=in_force_since)}
