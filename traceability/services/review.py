"""Officer decisions: with a reason, on named findings, by two persons wherever a critical would disappear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence.status import PENDING
from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound, Unprocessable
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import assess, reach, reviewer_memory
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.facts.decided import DOC_TYPE, document_types
from traceability.services.period import within
from traceability.services.releases import RELEASES
from traceability.services.states import SubjectState, state_of
from traceability.services.volume_effects import papers_changed
from traceability.services.whole import record_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import Decision

DISPOSITIONS = (*RELEASES, "suspended", "disengaged", "reported_to_authority")
VERDICTS: Mapping[str, tuple[str, ...]] = {
    "hit": ("rejected", "confirmed"),
    "signal": ("rejected", "confirmed"),
    "document": ("read_by_person",),
    DOC_TYPE: document_types(),
    "correction": ("accepted", "refused"),
}
_MIN_REASON = 20
MAX_REASON = 5000
_ELSEWHERE = ("entry_index", "confirmed_index", "proposed")
_SERIOUS = ("critical", "major")
_MAX_REFS = 16


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer wants to decide about a batch or shipment record."""

    kind: str
    subject: str
    disposition: str
    reason: str
    reason_code: str = "other"
    findings: tuple[str, ...] = ()  # digests of the findings it covers
    inputs_hash: str | None = None
    evidence: tuple[str, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = field(default=())
    review_on: date | None = None


def decide(service: Service, actor: Actor, proposal: Proposal) -> Decision:
    """Decide about a batch or shipment record of one's own importer.

    Raises:
        InvalidInput: the reason is too short, or mitigation has no step with a date.
        Conflict: the subject is pending, or a finding has come that the form did not show.
        Unprocessable: a release leaves a major or critical finding unnamed.
        NotFound: there is no assessment of this subject.

    """
    actor.require("decide", scope="write")
    _check_proposal(proposal)
    owner_id = actor.own_party()

    def change(tx: Transaction) -> Decision:
        _ = tx.now  # locks the head: nothing is assessed or decided between what is read here and the decision
        state = state_of(service, tx.session, owner_id, proposal.kind, proposal.subject)
        assessment = state.assessment
        if assessment is None:
            raise NotFound(f"there is no assessment of {proposal.kind} {proposal.subject[:200]} for you to decide on")
        covered = _covered(state, proposal)
        critical = any(item["severity"] == "critical" for item in covered)
        row = _row(actor, tx, proposal.kind, proposal.subject, proposal.disposition, proposal.reason, covered)
        row.reason_code, row.needs_second = proposal.reason_code[:60], proposal.disposition in RELEASES and critical
        row.state = "waiting" if row.needs_second else "in_force"
        row.evidence, row.steps = list(proposal.evidence), [dict(step) for step in proposal.steps]
        row.review_on, row.inputs_hash = proposal.review_on, assessment.inputs_hash
        row.assessment_id = assessment.id
        return _append(service, tx, row, ref=_assessed_at(state))

    return service.store.write(change)


def check(state: SubjectState, proposal: Proposal) -> None:
    """Check a proposal against the state its officer looks at, as ``decide`` will; nothing is written.

    Raises:
        InvalidInput, Conflict, Unprocessable: as ``decide``.

    """
    _check_proposal(proposal)
    _covered(state, proposal)


def _check_proposal(proposal: Proposal) -> None:
    if proposal.kind not in ("batch", "shipment"):
        raise InvalidInput("a decision is about a batch or a shipment")
    if proposal.disposition not in DISPOSITIONS:
        raise InvalidInput(f"expected a disposition of {', '.join(DISPOSITIONS)}; got {proposal.disposition[:40]!r}")
    _check_reason(proposal.reason)
    dated = [step for step in proposal.steps if step.get("what") and step.get("due_on")]
    if proposal.disposition == "released_with_mitigation" and not dated:
        raise InvalidInput("release with mitigation needs at least one measurable step with a date (what, due_on)")


def _check_reason(reason: str) -> None:
    if not _MIN_REASON <= len(reason.strip()) <= MAX_REASON:
        raise InvalidInput(f"a decision needs a reason of {_MIN_REASON} to {MAX_REASON} characters")


def _covered(state: SubjectState, proposal: Proposal) -> list[dict[str, Any]]:
    """Return the findings a decision names; for a release these are at least all major and critical ones."""
    named = [item for item in state.findings if item.digest in proposal.findings]
    fresh = [item for item in state.findings if item.severity in _SERIOUS and item.digest not in proposal.findings]
    row = state.assessment
    changed = proposal.inputs_hash is not None and row is not None and proposal.inputs_hash != row.inputs_hash
    if fresh and changed:
        codes = ", ".join(sorted({item.code for item in fresh}))
        raise Conflict(f"since the form was opened these findings have come or changed: {codes}; look at them first")
    if proposal.disposition in RELEASES:
        if state.state == PENDING or state.pending:
            raise Conflict(f"it is pending ({'; '.join(state.pending)}), and nothing pending can be released")
        if fresh:
            codes = ", ".join(sorted({item.code for item in fresh}))
            raise Unprocessable(f"a release names every major and critical finding; it leaves out {codes}")
    here = {"kind": state.kind, "subject": state.subject, "assessment_id": (row.id if row else 0) or 0}
    found = [{"code": i.code, "severity": i.severity, "digest": i.digest, **here} for i in named]
    now = {item.code for item in state.findings if item.severity == "critical"}
    once = sorted({*(row.criticals if row else ()), *state.open_criticals} - now)
    if proposal.disposition in RELEASES:
        found += [{"code": code, "severity": "critical", "digest": "", **here} for code in once]
    return found


def judge(service: Service, actor: Actor, kind: str, subject: str, verdict: str, reason: str) -> Decision:
    """Decide on a name hit, a text signal, an unread document, what paper a document is, or a correction.

    Whatever would make a critical disappear, make a paper into proof, or take an unread one or a correction as settled,
    waits for a second person. A decision is about this subject alone and is never applied to another by itself.

    Raises:
        InvalidInput: kind or verdict is unknown, or the reason too short.
        NotFound: nothing assessed for this importer shows it.

    """
    actor.require("decide", scope="write")
    if verdict not in VERDICTS.get(kind, ()):
        known = f"a verdict of {', '.join(VERDICTS[kind])}" if kind in VERDICTS else f"a kind of {', '.join(VERDICTS)}"
        raise InvalidInput(f"expected {known}; got {kind[:20]!r}, {verdict[:30]!r}")
    _check_reason(reason)
    owner_id = actor.own_party()

    def change(tx: Transaction) -> Decision:
        _ = tx.now  # locks the head: no critical comes to rest on it between what is read here and the decision
        touched = reach.subjects_showing(tx.session, owner_id, kind, subject)
        if not touched:
            raise NotFound(not_shown(kind))
        found = [item for one in touched for item in one.criticals]
        row = _row(actor, tx, kind, subject, verdict, reason, found)
        settles = kind == DOC_TYPE or verdict in ("read_by_person", "accepted")
        row.needs_second = settles or (verdict == "rejected" and bool(found))
        row.state = "waiting" if row.needs_second else "in_force"
        if kind == "hit":
            row.sides = reviewer_memory.sides(tx.session, subject, [one.entry_index for one in touched])
            if verdict == "rejected":
                row.review_on = _later(tx, service.settings.override_review_days)
        row.assessment_id = max(one.assessment_id for one in touched)
        _append(service, tx, row, ref=tuple(sorted({one.entry_index for one in touched}))[-_MAX_REFS:])
        if row.state == "in_force":
            _ask(tx, owner_id, touched)
        return row

    return service.store.write(change)


def _later(tx: Transaction, days: int) -> date:
    """Return the day after so many; the last there is where it would be beyond."""
    today = tx.now.date()
    return today + timedelta(days=days) if days < (date.max - today).days else date.max


def not_shown(kind: str) -> str:
    """Return what is said of something to judge that no newest assessment knows."""
    if kind in ("document", DOC_TYPE):
        return "no assessment of yours shows this document; link it to a batch or shipment record that is assessed"
    return f"no assessment of yours shows this {kind}"


def confirm(service: Service, actor: Actor, decision_id: str, reason: str) -> Decision:
    """Confirm another officer's proposal as the second person.

    Raises:
        Forbidden: it is one's own proposal.
        Conflict: a major or critical finding has come or changed since it was made.
        NotFound: no such proposal waits.

    """
    actor.require("decide", scope="write")
    _check_reason(reason)

    def change(tx: Transaction) -> Decision:
        _ = tx.now  # locks the head: of two answers to one proposal the second finds the first
        row = _waiting(tx.session, actor, decision_id)
        if actor.person == row.proposed_by:
            raise Forbidden("the second person is another officer; you made this proposal yourself")
        touched = _checked_again(service, tx.session, row)
        row.state, row.confirmed_by, row.confirmed_at, row.confirmed_reason = "in_force", actor.person, tx.now, reason
        row.confirmed_index = tx.log.append(_entry(service, tx, row, (row.entry_index,)))
        tx.session.add(row)
        _ask(tx, row.owner_id, touched)
        return row

    return service.store.write(change)


def decline(service: Service, actor: Actor, decision_id: str, reason: str) -> Decision:
    """Refuse a waiting proposal, one's own included; the subject stays as it was."""
    actor.require("decide", scope="write")
    _check_reason(reason)

    def change(tx: Transaction) -> Decision:
        _ = tx.now  # locks the head: of two answers to one proposal the second finds the first
        row = _waiting(tx.session, actor, decision_id)
        row.state, row.confirmed_by, row.confirmed_at, row.confirmed_reason = "refused", actor.person, tx.now, reason
        row.confirmed_index = tx.log.append(_entry(service, tx, row, (row.entry_index,)))
        tx.session.add(row)
        return row

    return service.store.write(change)


def decisions(service: Service, actor: Actor, *, state: str | None = None) -> Sequence[Decision]:
    """Return the decisions of the actor's own importer, newest first."""
    actor.require("private", scope="read")
    with service.store.read() as session:
        query = select(Decision).where(
            Decision.owner_id == actor.own_party(), within(actor, col(Decision.proposed_at), col(Decision.confirmed_at))
        )
        query = query if state is None else query.where(Decision.state == state)
        return session.exec(query.order_by(col(Decision.entry_index).desc())).all()


def _waiting(session: Session, actor: Actor, decision_id: str) -> Decision:
    row = session.get(Decision, decision_id)
    if row is None or row.owner_id != actor.own_party() or row.state != "waiting":
        raise NotFound(f"no proposal {decision_id[:60]} of your importer waits for a second person")
    return row


def _checked_again(service: Service, session: Session, row: Decision) -> Sequence["reach.Showing"]:
    """Check that a proposal still fits; a judgement then covers the criticals that rest on its subject by now."""
    newer = select(Decision.id).where(
        Decision.owner_id == row.owner_id, Decision.subject_kind == row.subject_kind,
        Decision.subject == row.subject, Decision.state == "in_force", Decision.entry_index > row.entry_index,
    )  # fmt: skip
    if session.exec(newer.limit(1)).first() is not None:
        raise Conflict("another decision has come since this proposal; decline it and decide anew")
    if row.subject_kind in ("batch", "shipment"):
        _still_fresh(service, session, row)
        return ()
    touched = reach.subjects_showing(session, row.owner_id, row.subject_kind, row.subject)
    row.proposed = row.findings
    row.findings = [item for one in touched for item in one.criticals]
    return touched


def _still_fresh(service: Service, session: Session, row: Decision) -> None:
    state = state_of(service, session, row.owner_id, row.subject_kind, row.subject)
    named = {item["digest"] for item in row.findings}
    fresh = sorted({i.code for i in state.findings if i.severity in _SERIOUS and i.digest not in named})
    if fresh or state.pending:
        why = f"new or changed findings: {', '.join(fresh)}" if fresh else "; ".join(state.pending)
        raise Conflict(f"the proposal no longer fits ({why}); decline it and decide anew")


def _row(
    actor: Actor, tx: Transaction, kind: str, subject: str, disposition: str, reason: str, found: list[dict[str, Any]]
) -> Decision:
    return Decision(
        id=new_id(), owner_id=actor.own_party(), subject_kind=kind, subject=subject, disposition=disposition,
        reason_code="other", reason=reason.strip(), findings=found, needs_second=False, state="waiting",
        proposed_by=actor.person, proposed_at=tx.now, entry_index=0,
    )  # fmt: skip


def _append(service: Service, tx: Transaction, row: Decision, ref: tuple[int, ...]) -> Decision:
    row.entry_index = tx.log.append(_entry(service, tx, row, ref))
    tx.session.add(row)
    tx.session.flush()
    return row


def _entry(service: Service, tx: Transaction, row: Decision, ref: tuple[int, ...]) -> Entry:
    """Return the ledger entry of a decision; its reason may name persons, so only a hash of the record goes in."""
    body = digest(decision_bytes(row))
    kind = "correction" if row.subject_kind == "correction" else "decision"
    return Entry(kind=kind, body=body, who=service.who(row.owner_id), at=milliseconds(tx.now), ref=ref)


def decision_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a decision is hashed into the ledger for what it says now.

    That is every column but those that say where its entries stand, and what was proposed before it was confirmed; and
    the sides of a hit only where they were kept, as they are since 0022.
    """
    left_out = (*_ELSEWHERE, *(("sides",) if row["sides"] is None else ()))
    return {name: value for name, value in row.items() if name not in left_out}


def proposal_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a decision was hashed into the ledger when it was made, before a second person answered."""
    named = row["findings"] if row["proposed"] is None else row["proposed"]
    state = "waiting" if row["needs_second"] else "in_force"
    answer = dict.fromkeys(("confirmed_by", "confirmed_at", "confirmed_reason"))
    return decision_record({**row, **answer, "state": state, "findings": named})


def decision_bytes(row: Decision) -> bytes:
    """Return the bytes that a decision's entry stands for."""
    return record_bytes(decision_record(row.model_dump()))


def _assessed_at(state: SubjectState) -> tuple[int, ...]:
    return (state.assessment.entry_index,) if state.assessment else ()


def _ask(tx: Transaction, owner_id: str, touched: Sequence["reach.Showing"]) -> None:
    for one in touched:
        assess.ask(tx, owner_id, one.kind, one.subject)
    papers_changed(tx, owner_id, [one.subject for one in touched if one.kind == "shipment"])
