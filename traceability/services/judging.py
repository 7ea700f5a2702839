"""What an officer looks at before judging a hit, signal, document or correction: both sides, and earlier decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlmodel import Session, select

from traceability.clock import latest_date
from traceability.documents.passages import passage
from traceability.documents.report import Report
from traceability.errors import InvalidInput, NotFound
from traceability.lists.codes import party_list
from traceability.services import reach, review
from traceability.services.access import Actor
from traceability.services.assess import latest
from traceability.services.context import Service
from traceability.services.facts.decided import DOC_TYPE, confirmed_types
from traceability.services.facts.papers import signal_key
from traceability.services.review import VERDICTS
from traceability.services.reviewer_memory import Asked, memory
from traceability.services.screening_record import screened_by
from traceability.services.states import decisions_on
from traceability.storage.tables import AssessmentRow, Decision, Document, Screening


@dataclass(frozen=True, slots=True)
class Judging:
    """One thing to judge: the record's side, the other side, where it shows, and what was decided about it before."""

    kind: str
    subject: str
    showing: Sequence[reach.Showing]
    earlier: Sequence[Decision]
    record: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    again: str | None = None
    """Why an earlier verdict on this hit is to be confirmed again."""


def look(service: Service, actor: Actor, kind: str, subject: str) -> Judging:
    """Return what is known of a hit, signal, document or correction that an assessment of the actor's importer shows.

    Raises:
        InvalidInput: there is no such kind.
        NotFound: no assessment of this importer shows it.

    """
    actor.require("decide", scope="read")
    if kind not in VERDICTS:
        raise InvalidInput(f"expected one of {', '.join(VERDICTS)}; got {kind[:20]!r}")
    owner_id = actor.own_party()
    with service.store.read() as session:
        showing = reach.subjects_showing(session, owner_id, kind, subject)
        if not showing:
            raise NotFound(review.not_shown(kind))
        runs = [latest(session, owner_id, one.kind, one.subject) for one in showing]
        record, other = _sides(session, owner_id, kind, subject, [run for run in runs if run is not None])
        earlier, again = decisions_on(session, owner_id, kind, subject), None
        if kind == "hit":
            known = memory(session, owner_id, latest_date(service.clock())).recall(_asked(subject, record, other))
            again = known.again
            if known.decision is not None and known.decision not in earlier:
                earlier = [known.decision, *earlier]
        return Judging(kind, subject, showing, earlier, record, other, again)


def hit_key(service: Service, actor: Actor, of: tuple[str, str], hit: tuple[str, str, str]) -> str:
    """Return what a decision about a hit names; of namesakes in one chain, the first that nobody has judged yet.

    Args:
        service: the service.
        actor: an officer.
        of: kind and name of the subject whose newest assessment shows the hit.
        hit: list code, entry id and the party's name, as the facts carry them.

    Raises:
        NotFound: the newest assessment shows no such hit.

    """
    actor.require("decide", scope="read")
    owner_id = actor.own_party()
    with service.store.read() as session:
        row = latest(session, owner_id, *of)
        asked = [
            Asked(found["list_id"], found["entry_key"], one.subject_key, one.party_id, found.get("identity"))
            for one in _screened(session, row)
            for found in one.hits
            if (party_list(found["list_id"]).list_code, found["entry_key"], one.subject["name"]) == hit
        ]
        known = memory(session, owner_id, latest_date(service.clock()))
        recalled = [(one.key, known.recall(one)) for one in asked]
    if not recalled:
        raise NotFound("the newest assessment shows no such hit; open the batch again")
    return next((key for key, said in recalled if said.disposition is None or said.again), recalled[0][0])


def _asked(subject: str, record: Mapping[str, Any], other: Mapping[str, Any]) -> Asked:
    list_id, entry_key, subject_key = subject.split("|", 2)
    return Asked(list_id, entry_key, subject_key, record.get("party_id"), other.get("identity"))


def _screened(session: Session, row: AssessmentRow | None) -> Sequence[Screening]:
    """Return the screenings of a run."""
    if row is None:
        return []
    return session.exec(select(Screening).where(screened_by(row.entry_index))).all()


def _sides(
    session: Session, owner_id: str, kind: str, subject: str, runs: Sequence[AssessmentRow]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if kind == "hit":
        return _hit_sides(session, subject, runs)
    if kind == "correction":
        notes = [note["message"] for run in runs for note in run.notes if subject in note.get("events", ())]
        return {"event": subject}, {"notes": list(dict.fromkeys(notes))}
    sha256, _, _ = subject.partition("|")
    paper = session.exec(select(Document).where(Document.owner_id == owner_id, Document.sha256 == sha256)).one_or_none()
    about = {"document": paper.filename, "document_id": paper.id, "sha256": sha256} if paper else {"sha256": sha256}
    if kind == "document":
        return about, {"outcome": paper.outcome if paper else None}
    if kind == DOC_TYPE:
        return about, _types(session, owner_id, paper)
    for note in (note for run in runs for note in run.notes if note.get("signal") == subject):
        return _contradiction_sides(about, note)
    return about, {**next(iter(_signals(subject, runs)), {}), **_reading(paper, subject)}


def _contradiction_sides(
    about: Mapping[str, Any], note: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the signed facts that a paper's field contradicts, and what was read in the field."""
    signed = [{name: fact[name] for name in ("what", "value", "day", "signature")} for fact in note["signed"]]
    read = {name: note["read"][name] for name in ("label", "quote", "page", "confidence")}
    return {**about, "signed": signed}, {"about": note["kind"].replace("_", " "), **read, "why": note["message"]}


def _reading(paper: Document | None, subject: str) -> Mapping[str, Any]:
    """Return where a signal stands in its document, in which sentence, and by which rule and why it was found."""
    if paper is None or paper.report is None:
        return {}
    report = Report.from_dict(paper.report)
    found = next((item for item in report.findings if signal_key(paper.sha256, item) == subject), None)
    if found is None:
        return {}
    said = {"page": found.page, "rule": f"{found.rule}, version {found.rule_version}", "said by": found.actor}
    return {**said, "why": found.why, "passage": asdict(passage(report, found))}


def _types(session: Session, owner_id: str, paper: Document | None) -> dict[str, Any]:
    if paper is None:
        return {}
    found = {"read by machine": (paper.report or {}).get("facts_type")}
    return found | {"confirmed before": confirmed_types(session, owner_id).get(paper.sha256)}


def _hit_sides(
    session: Session, subject: str, runs: Sequence[AssessmentRow]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    list_id, entry_key, subject_key = subject.split("|", 2)
    for run in runs:
        for screened in _screened(session, run):
            for found in screened.hits:
                if (found["list_id"], found["entry_key"], screened.subject_key) == (list_id, entry_key, subject_key):
                    version = next((item for item in screened.versions if item["list_id"] == list_id), {})
                    return screened.subject, {**found, "list_version": version.get("version")}
    return {}, {}


def _signals(subject: str, runs: Sequence[AssessmentRow]) -> list[Mapping[str, Any]]:
    return [
        signal
        for run in runs
        for signal in run.facts.get("text_signals", [])
        if subject
        == f"{signal['document_id'].removeprefix('sha256:')}|{signal['topic']}|{signal['start']}-{signal['end']}"
    ]
