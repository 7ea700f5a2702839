"""Contests: an officer tells a party what concerns it, the party contests with papers, a person answers in a set time.

Each step is a version with a ledger entry. A contest opens the hit again and clears nothing: what clears it is the
officers' decision, and an answer is not given before there is one (``contest_standing``).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from traceability.errors import Conflict, NotFound, Problem
from traceability.events.identifiers import normalise
from traceability.services import addressed, assess, cases, contest_standing, documents
from traceability.services.access import Actor
from traceability.services.contest_forms import FROM, Act, own_record, stepped, told_record
from traceability.services.context import Service, new_id
from traceability.services.document_links import Link, sees
from traceability.services.request_forms import check_reason, refuse
from traceability.storage.store import Transaction
from traceability.storage.tables import CaseVersion, Party

KIND = contest_standing.KIND
#: What two contests of a party with an office have alike that are about the same thing.
_WHAT = ("about", "hit", "finding")


def tell(service: Service, actor: Actor, said: Mapping[str, Any]) -> CaseVersion:
    """Tell a party that something concerns it, in the officer's words alone; ``said`` is a loaded ``ConcernSchema``.

    Raises:
        Forbidden: the actor is no officer.
        InvalidInput: a field cannot be, or names what the importer does not see.

    """
    actor.require("tell", scope="write")

    def change(tx: Transaction) -> CaseVersion:
        office = tx.session.get_one(Party, actor.own_party())
        record = told_record(said, {"did": office.did, "name": office.name}, tx.now.date())
        party = _addressee(tx.session, actor, record)
        refuse([
            Problem(f"about[{number}].id", f"you see no such {one['kind']}; write it as its page does")
            for number, one in enumerate(record["about"])
            if not sees(tx.session, actor, one["kind"], one["id"])
        ])  # fmt: skip
        contest_standing.check_shown(tx.session, office.id, record)
        if party is not None:
            record["name"] = party.name
        return cases.append(service, tx, actor, KIND, new_id(), record, None, party.id if party else None)

    return service.store.write(change)


def _addressee(session: Session, actor: Actor, record: Mapping[str, Any]) -> Party | None:
    if "addressee" not in record:
        return None
    party = _party(session, record["addressee"])
    if party is None or party.id == actor.own_party() or not sees(session, actor, "party", party.did):
        told = "you see no such other party; of one that is not registered write the name, and send it a link"
        refuse([Problem("addressee", told)])
    return party


def _party(session: Session, did: str) -> Party | None:
    return session.exec(select(Party).where(Party.did == did, Party.state == "active")).one_or_none()


def contest(service: Service, actor: Actor, said: Mapping[str, Any]) -> CaseVersion:
    """Contest of one's own accord with an importer of one's chain; nobody is told whether there is anything to contest.

    Raises:
        InvalidInput: one sees no such importer, or a document is none of one's own.
        Conflict: one contests the same with it already, and has no answer yet.

    """
    actor.require("contest", scope="write")

    def change(tx: Transaction) -> CaseVersion:
        _ = tx.now  # locks the head: no erasure takes the papers meanwhile
        office = _party(tx.session, normalise(said["importer"].strip()))
        known = office is not None and "importer" in office.roles and sees(tx.session, actor, "party", office.did)
        if office is None or not known or office.id == actor.own_party():
            refuse([Problem("importer", "there is no such importer in your chain; write its DID as its pages do")])
            raise NotFound("refuse() has ended it")  # pragma: no cover - for the reader of types
        party = tx.session.get_one(Party, actor.own_party())
        before = own_record({"did": party.did, "name": party.name}, office.name)
        _check_none_open(tx.session, party, office, before)
        record = _contested(service, tx, actor, before, office.id, said)
        row = cases.append(service, tx, actor, KIND, new_id(), record, None, party.id, office.id)
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def _check_none_open(session: Session, party: Party, office: Party, record: Mapping[str, Any]) -> None:
    query = select(CaseVersion).where(
        CaseVersion.owner_id == office.id, CaseVersion.addressee_id == party.id, CaseVersion.kind == KIND,
        col(CaseVersion.latest).is_(True),
    )  # fmt: skip
    for row in session.exec(query):
        if row.record.get("status") == "contested" and all(row.record.get(name) == record.get(name) for name in _WHAT):
            due = row.record["due_on"]
            raise Conflict(
                f"you contest this with {office.name} already (contest {row.case_id}, an answer is due on {due}): "
                "wait for the answer, and contest that where it is wrong. Nothing was recorded"
            )


def object_to(service: Service, actor: Actor, case_id: str, said: Mapping[str, Any]) -> CaseVersion:
    """Contest what one's party was told, or an answer one has; ``said`` is a loaded ``ObjectionSchema``.

    Raises:
        NotFound: one's party was told nothing of that id.
        Conflict: it was contested already, or taken back, or a newer version came meanwhile.
        InvalidInput: a document is none of one's own.

    """
    actor.require("contest", scope="write")

    def change(tx: Transaction) -> CaseVersion:
        _ = tx.now  # locks the head: no erasure takes the papers meanwhile
        before = _before(tx.session, actor, case_id, "contested", said["based_on"])
        record = _contested(service, tx, actor, before.record, before.owner_id, said)
        row = cases.append(service, tx, actor, KIND, case_id, record, before)
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def _contested(
    service: Service, tx: Transaction, actor: Actor, before: Mapping[str, Any], to: str, said: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """Return the record with what a party says, its papers handed over to the office."""
    party = tx.session.get_one(Party, actor.own_party())
    papers = documents.own_files(tx.session, party.id, said["documents"])
    refuse([
        Problem(f"documents[{number}]", "you have no such document; upload it first (POST /v1/documents)")
        for number, one in enumerate(said["documents"])
        if one not in papers
    ])  # fmt: skip
    documents.hand_over(service, tx, papers.values(), to, party.did)
    shown = [{"sha256": row.sha256, "filename": row.filename} for row in papers.values()]
    return contested_record(service, tx, before, party.did, said["text"].strip(), shown)


def contested_record(
    service: Service, tx: Transaction, before: Mapping[str, Any], by: str, text: str,
    papers: Sequence[Mapping[str, str]],
) -> dict[str, Any]:  # fmt: skip
    """Return the record with one more contest, and the day (UTC) by which a person answers it."""
    today = tx.now.date()
    due = today + timedelta(days=service.settings.contest_answer_days)
    said = {"text": text, "documents": [dict(one) for one in papers], "due_on": due.isoformat()}
    return stepped(before, "contested", by, today, said)


def answer(service: Service, actor: Actor, case_id: str, said: Mapping[str, Any]) -> CaseVersion:
    """Answer a contest as a person of the office, once what it opened was judged again; its papers then count.

    ``said`` is a loaded ``ContestAnswerSchema``.

    Raises:
        Forbidden: the actor is no officer.
        PersonNeeded: it is no person: an API key answers nobody.
        NotFound: nothing of that id was contested with the officer's importer.
        Conflict: it waits for no answer, what it opened was not judged since, or the outcome is not what was decided.
        InvalidInput: the reason is too short.

    """
    actor.require("answer_contests", scope="write")
    reason = check_reason(said["text"], "text")

    def change(tx: Transaction) -> CaseVersion:
        _ = tx.now  # locks the head: nothing is decided between what is checked here and the answer
        before = _before(tx.session, actor, case_id, "answered", said["based_on"])
        contest_standing.check_judged(service, tx.session, before, said["outcome"])
        office = said.get("office", "").strip() or before.record["office"]
        step = {"text": reason, "outcome": said["outcome"], "office": office}
        row = _step(service, tx, actor, before, "answered", step)
        # Those of earlier contests too: what a paper warns of does not go away because a later one leaves it out.
        given = [paper["sha256"] for one in before.record["thread"] for paper in one.get("documents", ())]
        links = [Link(one["kind"], one["id"]) for one in before.record["about"]]
        documents.attach(service, tx, actor, given, links)
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def withdraw(service: Service, actor: Actor, case_id: str, based_on: int, text: str) -> CaseVersion:
    """Take back what a party was told and has not contested, with a reason it reads; a contest itself is answered.

    Raises:
        NotFound: the officer's importer told no such thing.
        Conflict: it was contested, or a newer version came meanwhile.
        InvalidInput: the reason is too short.

    """
    actor.require("tell", scope="write")
    reason = check_reason(text, "text")

    def change(tx: Transaction) -> CaseVersion:
        _ = tx.now  # locks the head: of two steps at once the second finds the first
        before = _before(tx.session, actor, case_id, "withdrawn", based_on)
        return _step(service, tx, actor, before, "withdrawn", {"text": reason})

    return service.store.write(change)


def _step(
    service: Service, tx: Transaction, actor: Actor, before: CaseVersion, act: Act, said: Mapping[str, Any]
) -> CaseVersion:  # fmt: skip
    by = tx.session.get_one(Party, actor.own_party()).did
    record = stepped(before.record, act, by, tx.now.date(), said)
    return cases.append(service, tx, actor, KIND, before.case_id, record, before)


def _before(session: Session, actor: Actor, case_id: str, act: Act, based_on: int) -> CaseVersion:
    """Return the newest version, from which the actor's party may take this step."""
    party_id, found = actor.own_party(), _versions(session, actor, case_id)
    if party_id != (found[0].addressee_id if act == "contested" else found[0].owner_id):
        raise _none(case_id)
    cases.check_base(found, based_on)
    check_step(found[0], act)
    return found[0]


def check_step(row: CaseVersion, act: Act) -> None:
    """Check that a step may be taken from the newest version.

    Raises:
        Conflict: it may not; the message says how the contest stands.

    """
    status = row.record["status"]
    if status not in FROM[act]:
        raise Conflict(f"the contest is {status}; this can be done while it is {' or '.join(FROM[act])}")


def listed(service: Service, actor: Actor) -> Sequence[CaseVersion]:
    """Return the newest version of each contest that the actor's party has, or that concerns it: what waits first.

    A supplier sees only what concerns it; who reads under a mandate, what its importer has.
    """
    actor.require("contests", scope="read")
    with service.store.read() as session:
        return sorted(addressed.newest(session, actor, KIND, "contest"), key=_order)


def one(service: Service, actor: Actor, case_id: str) -> cases.Case:
    """Return one contest with its versions, newest first.

    Raises:
        NotFound: there is none that the actor may see; the answer is the same for a foreign and an unknown one.

    """
    actor.require("contests", scope="read")
    with service.store.read() as session:
        return cases.Case(_versions(session, actor, case_id))


def one_of(session: Session, actor: Actor, case_id: str) -> CaseVersion:
    """Return the newest version of a contest within a session; raises as ``one``."""
    return _versions(session, actor, case_id)[0]


def _versions(session: Session, actor: Actor, case_id: str) -> Sequence[CaseVersion]:
    found = addressed.versions(session, actor, KIND, "contest", case_id)
    if not found:
        raise _none(case_id)
    return found


def _none(case_id: str) -> NotFound:
    return NotFound(f"there is no contest {case_id[:60]} of yours or that concerns you")


def _order(row: CaseVersion) -> tuple[bool, str, int]:
    return row.record.get("status") != "contested", row.record.get("due_on", ""), -row.entry_index
