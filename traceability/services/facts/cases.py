"""Plans, grievances and requests naming a party, site, batch or record of a chain, for its facts (facts.md 7).

Open notices of authorities are the importer's, so they go in whatever they are about. Of each goes in what the schema
asks: no words of theirs, and nothing of who reported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from traceability.events.identifiers import normalise
from traceability.services.notice_forms import request
from traceability.storage.tables import CaseVersion
from traceability.texts import phrase

_NAMES: Final = {"party_id": "party", "site_id": "site", "mine_id": "site"}
#: What the outcome of a closed grievance says of its report; every other is open.
_STANDS: Final = {"substantiated": "substantiated", "remediated": "remediated", "not_substantiated": "refuted"}
_NOTED: Final = ("plan", "grievance")
_DONE: Final = ("completed", "closed")
About = set[tuple[str, str]]


def cases(
    session: Session, owner_id: str, facts: Mapping[str, Any], shipment_id: str, batches: Iterable[str],
    parties: Iterable[str],
) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
    """Return what is kept of each kind of case, by the section of the facts; each is absent where there is none."""
    about = {("shipment", shipment_id), *_chain(facts, batches, parties)}
    every = _newest(session, owner_id)
    rows = [row for row in every if about & _about(row.record)]
    open_ = [row for row in every if row.kind == "notice" and row.record["status"] == "open"]
    found = {
        "mitigation_plans": [_plan(row) for row in rows if row.kind == "plan"],
        "grievances": [_grievance(row) for row in rows if row.kind == "grievance"],
        "reports": [one for row in rows if row.kind == "grievance" for one in _reports(row)],
        "authority_requests": [request(row.case_id, row.record) for row in open_],
        "supplier_information_requests": [
            _asked(row) for row in rows if row.kind == "request" and row.record["status"] != "withdrawn"
        ],
    }
    return {name: entries for name, entries in found.items() if entries}


def contest_notes(
    session: Session, owner_id: str, facts: Mapping[str, Any], subject: tuple[str, str], batches: Iterable[str],
    parties: Iterable[str],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return what is noted of parties of a chain that contest, and wait for a person's answer: it asks for an officer.

    A contest lowers nothing and clears nothing (`contest_standing`).
    """
    about = {subject, *_chain(facts, batches, parties)}
    rows = (row for row in _newest(session, owner_id) if row.kind == "contest" and about & _about(row.record))
    return [_contested(row) for row in rows if row.record["status"] == "contested"]


def _contested(row: CaseVersion) -> dict[str, Any]:
    name, due_on = row.record["name"], row.record["due_on"]
    message = phrase(f"{name} contests what concerns it here; an answer is due on {due_on}: case {row.case_id}")
    return {"kind": "contested", "message": message, "review": True}


def case_notes(
    session: Session, owner_id: str, facts: Mapping[str, Any], batches: Iterable[str], parties: Iterable[str],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return what is noted of plans and grievances naming the chain of a batch without a shipment record.

    Its facts hold custody alone (facts.md 1), so their rules wait for the record; that they are there is not kept back.
    What would be major or critical there asks for an officer here.
    """
    about, as_of = _chain(facts, batches, parties), facts["as_of"]
    rows = [row for row in _newest(session, owner_id) if row.kind in _NOTED and about & _about(row.record)]
    return [_unread(row, as_of) for row in rows if row.record.get("progress", row.record.get("status")) not in _DONE]


def _unread(row: CaseVersion, as_of: str) -> dict[str, Any]:
    record = row.record
    if row.kind == "plan":
        is_serious = record["progress"] == "failed" or record.get("review_due_on", as_of) < as_of
        said = phrase(
            f"a mitigation plan on {record['risk_code']} names this chain ({record['progress'].replace('_', ' ')})"
        )
    else:
        is_serious = True
        said = phrase(f"a grievance names this chain ({record['status'].replace('_', ' ')})")
    message = phrase(f"{said}; its rules run once a shipment record names the batch: case {row.case_id}")
    return {"kind": f"{row.kind}_not_assessed", "message": message, "review": is_serious}


def _newest(session: Session, owner_id: str) -> Sequence[CaseVersion]:
    query = select(CaseVersion).where(
        CaseVersion.owner_id == owner_id, col(CaseVersion.latest).is_(True), col(CaseVersion.erased_index).is_(None)
    )
    return session.exec(query.order_by(col(CaseVersion.case_id))).all()


def _chain(facts: Mapping[str, Any], batches: Iterable[str], parties: Iterable[str]) -> About:
    """Return every batch, party and site of a chain that a case can be about."""
    others = {("batch", normalise(batch)) for batch in batches} | {("party", normalise(one)) for one in parties}
    return {*named(facts), *others}


def _about(record: Mapping[str, Any]) -> About:
    asked = {("party", record["addressee"])} if "addressee" in record else set()
    return {(one["kind"], one["id"]) for one in record["about"]} | asked


def named(node: Any) -> Iterator[tuple[str, str]]:
    """Yield every party and site that the facts name, wherever they stand."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name in _NAMES and isinstance(value, str):
                yield _NAMES[name], normalise(value)
            else:
                yield from named(value)
    elif isinstance(node, list):
        for value in node:
            yield from named(value)


def _plan(row: CaseVersion) -> dict[str, Any]:
    record = row.record
    wanted = ("risk_code", "adopted_on", "review_due_on", "progress")
    said = {"plan_id": row.case_id} | {name: record[name] for name in wanted if name in record}
    held = [one["on"] for one in record["consultations"]]
    return said | ({"stakeholders_consulted_on": max(held)} if held else {})


def _reports(row: CaseVersion) -> Iterator[dict[str, Any]]:
    """Yield an entry for each risk that a grievance reports; a person named it, and it says nothing of its truth.

    One that was withdrawn stays open: that refutes nothing.
    """
    record = row.record
    sites = [one["id"] for one in record["about"] if one["kind"] == "site"]
    said = {"status": _STANDS.get(record.get("outcome", ""), "open"), "reported_on": record["received_on"]}
    said |= {"source_type": "grievance"} if record["kind"] == "grievance" else {}
    said |= {"site_id": sites[0]} if len(sites) == 1 else {}
    for risk in record.get("risks", ()):
        yield {"report_id": f"{row.case_id}#{risk}", "class": risk} | said


def _asked(row: CaseVersion) -> dict[str, Any]:
    wanted = ("partner_employees", "obtainable_otherwise")
    said = {name: row.record[name] for name in wanted if name in row.record}
    return {"request_id": row.case_id, "necessity_explained": "necessity" in row.record} | said


def _grievance(row: CaseVersion) -> dict[str, Any]:
    return {"case_id": row.case_id, "status": row.record["status"], "received_on": row.record["received_on"]}
