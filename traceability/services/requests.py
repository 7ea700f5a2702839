"""Requests for information: an officer asks a party of the chain, its people answer, the officer accepts.

Each step is a version with a ledger entry. An answer changes nothing by itself: its documents count once the asker has
accepted it, and then as every document does; accepting clears no finding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.clock import latest_date
from traceability.errors import Conflict, Forbidden, NotFound, Problem
from traceability.ledger.credential import is_wrapped
from traceability.services import addressed, assess, cases, documents
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.document_links import Link, sees
from traceability.services.request_forms import (
    FROM,
    Act,
    AnswerSchema,
    check_reason,
    due_problems,
    loaded,
    record_of,
    refuse,
    stepped,
)
from traceability.services.signed import SignedBody, media_type_of, open_signed, still_good
from traceability.storage.store import Transaction
from traceability.storage.tables import CaseVersion, Party

KIND = "request"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: what it says, and the signature where it has one."""

    said: Mapping[str, Any]
    signed: SignedBody | None = None


def ask(service: Service, actor: Actor, said: Mapping[str, Any]) -> CaseVersion:
    """Record a question of the officer's importer to a party of its chain; ``said`` is a loaded form.

    Raises:
        Forbidden: the actor is no officer.
        InvalidInput: a field cannot be, or names a party, batch or shipment record the importer does not see.

    """
    actor.require("ask", scope="write")

    def change(tx: Transaction) -> CaseVersion:
        asker = tx.session.get_one(Party, actor.own_party())
        record = record_of(said, asker.did, latest_date(tx.now))
        _check_seen(tx.session, actor, record)
        asked = tx.session.exec(select(Party).where(Party.did == record["addressee"])).one()
        row = cases.append(service, tx, actor, KIND, new_id(), record, None, asked.id)
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def _check_seen(session: Session, actor: Actor, record: Mapping[str, Any]) -> None:
    """Check that the importer sees whom it asks and what about; a foreign and an unknown one get the same answer."""
    named = [("addressee", "party", record["addressee"])]
    named += [(f"about[{number}].id", one["kind"], one["id"]) for number, one in enumerate(record["about"])]
    refuse([
        Problem(path, f"you see no such {kind}; write it as its page does")
        for path, kind, target in named
        if not sees(session, actor, kind, target)
    ])  # fmt: skip


def read_answer(service: Service, actor: Actor, body: bytes, content_type: str, jws: str | None) -> Answer:
    """Return an answer as it came over HTTP: signed as every signed body is, or plain JSON without a signature.

    Raises:
        InvalidInput: it is not of its form.
        NotAuthenticated, Forbidden: it is signed, and not well by an active key of the actor's own party.
        UnsupportedMediaType: it is neither JSON nor vc+jwt.

    """
    actor.require("answer", scope="write")
    if jws is not None or media_type_of(content_type) != "application/json" or is_wrapped(body):
        signed = open_signed(service, actor, body, content_type, jws)
        return Answer(loaded(AnswerSchema, signed.data), signed)
    data = strict_json.loads(body)
    strict_json.refuse_nul(body, data)
    return Answer(loaded(AnswerSchema, data))


def answer(service: Service, actor: Actor, case_id: str, given: Answer) -> CaseVersion:
    """Record an answer of the addressee's people; documents it names are handed over to the asker.

    Raises:
        NotFound: nothing of that id is asked of the actor's party.
        Conflict: it is not open, or a newer version came meanwhile.
        InvalidInput: a signed one does not name the request, or a document is none of one's own.

    """
    actor.require("answer", scope="write")
    said, signed = given.said, given.signed
    if said.get("request", None if signed else case_id) != case_id:
        refuse([Problem("request", "write the id of the request that is answered")])

    def change(tx: Transaction) -> CaseVersion:
        today = latest_date(tx.now)
        if signed is not None:
            still_good(tx, signed)
        before = _before(tx.session, actor, case_id, "answered", said["based_on"])
        papers = documents.own_files(tx.session, actor.own_party(), said["documents"])
        refuse([
            Problem(f"documents[{number}]", "you have no such document; upload it first (POST /v1/documents)")
            for number, one in enumerate(said["documents"])
            if one not in papers
        ])  # fmt: skip
        step: dict[str, Any] = {"text": said["text"], "fields_given": said["fields_given"]}
        step["documents"] = [{"sha256": row.sha256, "filename": row.filename} for row in papers.values()]
        step |= {"signed": _signature(signed)} if signed else {}
        record = stepped(before.record, "answered", _did(tx.session, actor), today, step)
        if before.owner_id != actor.own_party():
            documents.hand_over(service, tx, papers.values(), before.owner_id, before.record["addressee"])
        return cases.append(service, tx, actor, KIND, case_id, record, before)

    return service.store.write(change)


def _signature(signed: SignedBody) -> dict[str, Any]:
    """Return the signed bytes and their signature, so that who holds the record can verify them."""
    return {"kid": signed.key.kid, "media_type": signed.media_type, "body": signed.body.decode(), "jws": signed.jws}


def accept(service: Service, actor: Actor, case_id: str, based_on: int, text: str) -> CaseVersion:
    """Accept an answer: the documents of the thread are attached to what it is about, which is assessed again.

    Raises:
        NotFound: the officer's importer asked no such thing.
        Forbidden: the actor is no officer, or gave that answer.
        Conflict: there is no answer to accept, or a newer version came meanwhile.
        InvalidInput: the reason is too short.

    """
    actor.require("close_requests", scope="write")
    reason = check_reason(text, "text")

    def change(tx: Transaction) -> CaseVersion:
        _ = tx.now  # locks the head: of two steps at once the second finds the first
        before = _before(tx.session, actor, case_id, "accepted", based_on)
        if before.addressee_id == before.owner_id and before.written_by == actor.person:
            raise Forbidden("you gave this answer; another officer accepts it")
        row = _step(service, tx, actor, before, "accepted", {"text": reason})
        # Those of earlier answers too: what a paper warns of does not go away because a later answer leaves it out.
        given = [paper for step in before.record["thread"] for paper in step.get("documents", ())]
        links = [Link(one["kind"], one["id"]) for one in before.record["about"]]
        documents.attach(service, tx, actor, [one["sha256"] for one in given], links)
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def ask_again(service: Service, actor: Actor, case_id: str, based_on: int, text: str, due_on: date) -> CaseVersion:
    """Ask on after an answer that is not enough, with a new day; raises as ``accept``, but that it may be one's own."""
    actor.require("ask", scope="write")
    question = check_reason(text, "text")

    def change(tx: Transaction) -> CaseVersion:
        refuse(due_problems(due_on, latest_date(tx.now)))
        before = _before(tx.session, actor, case_id, "asked_again", based_on)
        return _step(service, tx, actor, before, "asked_again", {"text": question, "due_on": due_on.isoformat()})

    return service.store.write(change)


def withdraw(service: Service, actor: Actor, case_id: str, based_on: int, text: str) -> CaseVersion:
    """Withdraw a request, answered or not, for a reason the addressee reads; raises as ``ask_again``."""
    actor.require("close_requests", scope="write")
    reason = check_reason(text, "text")

    def change(tx: Transaction) -> CaseVersion:
        _ = tx.now  # locks the head: of two steps at once the second finds the first
        before = _before(tx.session, actor, case_id, "withdrawn", based_on)
        row = _step(service, tx, actor, before, "withdrawn", {"text": reason})
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def _step(
    service: Service, tx: Transaction, actor: Actor, before: CaseVersion, act: Act, said: Mapping[str, Any]
) -> CaseVersion:  # fmt: skip
    record = stepped(before.record, act, _did(tx.session, actor), latest_date(tx.now), said)
    return cases.append(service, tx, actor, KIND, before.case_id, record, before)


def _did(session: Session, actor: Actor) -> str:
    return session.get_one(Party, actor.own_party()).did


def _before(session: Session, actor: Actor, case_id: str, act: Act, based_on: int) -> CaseVersion:
    """Return the newest version, from which the actor's party may take this step."""
    party_id, found = actor.own_party(), _versions(session, actor, case_id)
    if party_id != (found[0].addressee_id if act == "answered" else found[0].owner_id):
        raise _none(case_id)
    cases.check_base(found, based_on)
    status = found[0].record["status"]
    if status not in FROM[act]:
        raise Conflict(f"the request is {status}; this can be done while it is {' or '.join(FROM[act])}")
    return found[0]


def listed(service: Service, actor: Actor) -> Sequence[CaseVersion]:
    """Return the newest version of each request that the actor's party asked or is asked: open ones first, by the day.

    A supplier sees only what is asked of it; who reads under a mandate, what its importer asked.
    """
    actor.require("requests", scope="read")
    with service.store.read() as session:
        return sorted(addressed.newest(session, actor, KIND, "answer"), key=_order)


def one(service: Service, actor: Actor, case_id: str) -> cases.Case:
    """Return one request with its versions, newest first.

    Raises:
        NotFound: there is none that the actor may see; the answer is the same for a foreign and an unknown one.

    """
    actor.require("requests", scope="read")
    with service.store.read() as session:
        return cases.Case(_versions(session, actor, case_id))


def names(service: Service, rows: Sequence[CaseVersion]) -> dict[str, Party]:
    """Return the parties that ask and are asked in some requests, by their id."""
    ids = {one for row in rows for one in (row.owner_id, row.addressee_id or "")}
    with service.store.read() as session:
        return {row.id: row for row in session.exec(select(Party).where(col(Party.id).in_(ids)))}


def _versions(session: Session, actor: Actor, case_id: str) -> Sequence[CaseVersion]:
    found = addressed.versions(session, actor, KIND, "answer", case_id)
    if not found:
        raise _none(case_id)
    return found


def _none(case_id: str) -> NotFound:
    return NotFound(f"there is no request {case_id[:60]} that you asked or are asked")


def _order(row: CaseVersion) -> tuple[bool, str, int]:
    record = row.record
    return record.get("status") not in ("open", "answered"), record.get("due_on", ""), row.entry_index
