"""Retention ends, a dpo approves, bodies go: what was proved stays proved, and nothing looks better than before."""

import contextlib
import io
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from sqlmodel import col, select

from traceability.events.personal import committed
from traceability.ledger.commitment import new_opening
from traceability.ledger.entry import Entry
from traceability.ledger.pack import MANIFEST, RECEIPTS, SIGNATURE, Manifest, json_lines, read_pack, write_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.ledger.verify_pack import verify_pack
from traceability.services.fsck import fsck
from traceability.services.retention import files, reports  # noqa: F401  # their jobs
from traceability.services.touched import sweep
from traceability.storage.erasures import erased
from traceability.storage.tables import (
    AccessLog,
    AccessLogParty,
    AssessmentRow,
    Capture,
    Document,
    ErasedEntry,
    Event,
    LedgerEntry,
    PersonalData,
    Shipment,
)

WHY = "the term is over and nobody needs it any more"
PROFILE = {"profile": {"employees": 12, "net_turnover_eur": "900000"}, "volumes": []}
SECRET = "Jean-Bosco Mutombo, telephone 0812345678"
PAPER = b"Certificate of origin. Signed by Jean-Bosco Mutombo, telephone 0812345678. Country of origin: Rwanda.\n"


class Story:
    """One consignment from a mine to an importer, with a paper, and those who may speak about its retention."""

    def __init__(self, service, client, clock, work, make, tell):
        self.service, self.client, self.clock, self.work = service, client, clock, work
        make_sender, self._make_api_key, self._make_user = make
        self.tell = tell
        self.mine = make_sender("Mine One", country="RW")
        self.importer = make_sender("Importer", role="importer", roles=["importer"], country="NL")
        assert self.importer.post(PROFILE, "/v1/profile").status_code == 201

    def consign(self, lot="LOT-1", shipment="S-1", **fields):
        born = self.tell.born(
            lot, **{"crm:note": SECRET, "bizTransactionList": [{"type": "po", "bizTransaction": "urn:po:secret-7"}]}
        )
        sent = self.mine.post(self.tell.document(born, self.tell.handed(self.importer.party.did, lot)))
        assert sent.status_code == 202, sent.text
        record = {
            "shipment_id": shipment, "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
            "net_weight_kg": "100", "batch_ids": [self.tell.lot(lot)], "trade_name": SECRET,
        } | fields  # fmt: skip
        assert self.importer.post(record, "/v1/shipments").status_code in {200, 201}
        return sent.json

    def paper(self, shipment="S-1", data=PAPER):
        form = {"file": (io.BytesIO(data), "mutombo.txt"), "shipment": shipment}
        answer = self.client.post("/v1/documents", data=form, headers=self.importer.headers)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json

    def key(self, role="dpo", sender=None):
        """Return the headers of a person who signs in with each request: erasing is never automated."""
        return self._make_user(role, party=sender and sender.party).headers

    def later(self, years):
        self.clock.advance(days=366 * years)

        for sender, role in ((self.mine, "supplier"), (self.importer, "importer")):
            object.__setattr__(sender, "api_key", self._make_api_key(sender.party, role=role))
        self.work()

    def report(self, dpo):
        asked = self.client.post("/v1/retention/reports", headers=dpo)
        assert asked.status_code == 202, asked.text
        self.work()
        found = self.client.get(asked.headers["Location"], headers=dpo)
        assert found.status_code == 200, found.text
        return found.json

    def approve(self, report, dpo, **more):
        path = f"/v1/retention/reports/{report['id']}/approve"
        return self.client.post(path, json={"reason": WHY, **more}, headers=dpo)

    def hold(self, who, kind, target=""):
        body = {"kind": kind, "target": target, "reason": "the insurer asked for it, case 7"}
        return self.client.post("/v1/retention/holds", json=body, headers=who)

    def lift(self, who, hold):
        body = {"reason": "the insurer has paid, case 7 is closed"}
        answer = self.client.post(f"/v1/retention/holds/{hold.json['id']}/lift", json=body, headers=who)
        assert answer.status_code == 200, answer.text

    def rows(self, table):
        with self.service.store.read() as session:
            return list(session.exec(select(table)))


@pytest.fixture
def tale(service, client, *, clock, work, make_sender, make_api_key, make_user, story):
    return Story(service, client, clock, work, (make_sender, make_api_key, make_user), story)


def states(report):
    return {(line["kind"], line["state"]) for line in report["lines"]}


def due(report):
    return sorted(line["kind"] for line in report["lines"] if line["state"] == "due")


@pytest.fixture
def policy(service):
    return Policy.parse(f"log {service.log_key.vkey}\nquorum none\n".encode())


def test_nothing_goes_before_a_dpo_approves_what_is_over(tale):
    tale.consign()
    tale.paper()
    tale.work()
    dpo = tale.key()
    tale.later(4)
    early = tale.report(dpo)
    assert due(early) == []
    assert early["counts"]["capture"] == {"running": 1}
    tale.later(2)
    report = tale.report(dpo)
    assert due(report) == ["capture", "document", "shipment"], report
    assert SECRET not in json.dumps(report)
    for role, sender in (("admin", None), ("officer", tale.importer), ("importer", tale.importer), ("regulator", None)):
        assert tale.approve(report, tale.key(role, sender)).status_code == 403, role
    assert all(row.erased_index is None for row in tale.rows(Capture)), "a report erases nothing"
    done = tale.approve(report, dpo)
    assert done.status_code == 200, done.text
    assert len(done.json["erased"]) == 3
    size = len(tale.rows(LedgerEntry))
    again = tale.approve(report, dpo)
    assert (again.json["erased"], len(again.json["already_erased"])) == ([], 3)
    assert len(tale.rows(LedgerEntry)) == size, "the same approval again appends nothing"


@dataclass(frozen=True)
class Gone:
    """A consignment with a paper that was erased: what its sender was told and kept, and the rows as they are now."""

    sent: dict
    document: dict
    kept: tuple
    capture: Capture
    record: Shipment
    paper: Document

    @property
    def receipts(self):
        return f"/v1/captures/{self.sent['captureID']}/receipts"


@pytest.fixture
def gone(tale):
    sent, document = tale.consign(), tale.paper()
    tale.work()
    path = f"/v1/captures/{sent['captureID']}/receipts"
    kept = tale.client.get(path, headers=tale.mine.headers).json
    tale.later(6)
    dpo = tale.key()
    assert len(tale.approve(tale.report(dpo), dpo).json["erased"]) == 3
    tale.work()
    rows = (tale.rows(table)[0] for table in (Capture, Shipment, Document))
    return Gone(sent, document, tuple(json.dumps(one["receipt"]).encode() for one in kept), *rows)


def test_the_bodies_are_gone_and_each_has_a_verdict_and_an_erasure_entry(tale, service, gone):
    assert (gone.capture.body, gone.record.body, gone.paper.report) == (b"", b"", None)
    assert gone.paper.sha256 not in service.files.digests()
    tables = (Capture, Event, Shipment, Document, AssessmentRow)
    everything = repr([row for table in tables for row in tale.rows(table)])
    assert "Mutombo" not in everything
    assert "secret-7" not in everything
    entries = [Entry.parse(bytes(row.body)) for row in tale.rows(LedgerEntry)]
    with service.store.read() as session:
        for index in (gone.capture.entry_index, *(row.index for row in tale.rows(Event)), gone.record.entry_index):
            found = erased(session, index)
            assert found is not None
            assert found.verdict == "ok"
            assert found.verdict_entry < found.erasure
            assert entries[found.erasure].kind == "erasure"
            assert index in entries[found.erasure].ref
        assert erased(session, gone.paper.entry_index).verdict == "unsigned"
        assert erased(session, 0) is None


def test_a_kept_receipt_verifies_and_one_served_now_says_what_is_gone(tale, gone, policy):
    for data in gone.kept:
        assert verify_receipt(data, policy=policy).verdict == "ok"
    served = tale.client.get(gone.receipts, headers=tale.mine.headers)
    assert served.status_code == 200
    for one in served.json:
        assert one["receipt"]["body"] is None
        assert one["receipt"]["erased"]["verdict"] == "ok"
        verdict = verify_receipt(json.dumps(one["receipt"]).encode(), policy=policy)
        assert verdict.verdict == "ok", verdict.reason
        assert "the body was erased" in verdict.reason
    one = tale.client.get(f"/v1/receipts/{gone.record.entry_index}", headers=tale.importer.headers).json
    assert one["body"] is None
    assert one["erased"]["entry"] == gone.record.erased_index
    assert verify_receipt(json.dumps(one).encode(), policy=policy).verdict == "ok"


def test_what_was_erased_answers_410_with_its_entry_and_what_is_foreign_404(tale, gone):
    for path, sender in (
        (f"/epcis/capture/{gone.sent['captureID']}", tale.mine), ("/v1/shipments/S-1", tale.importer),
        (f"/v1/documents/{gone.document['id']}", tale.importer),
        (f"/v1/documents/{gone.document['id']}/content", tale.importer),
        (f"/epcis/events/{quote(gone.sent['events'][0]['event_id'], safe='')}", tale.mine),
    ):  # fmt: skip
        answer = tale.client.get(path, headers=sender.headers)
        assert (answer.status_code, answer.content_type) == (410, "application/problem+json"), (path, answer.text)
        known = {gone.capture.erased_index, gone.record.erased_index, gone.paper.erased_index}
        assert answer.json["erasure"]["entry"] in known
        assert str(answer.json["erasure"]["entry"]) in answer.json["detail"]
    foreign = tale.client.get(f"/epcis/capture/{gone.sent['captureID']}", headers=tale.importer.headers)
    assert foreign.status_code == 404


@pytest.mark.parametrize("deep", [False, True])
def test_fsck_excuses_what_was_erased_and_nothing_else(tale, service, gone, deep):
    assert told(service, deep) == []
    tale.consign("LOT-9", "S-9")
    tale.work()
    assert told(service, deep) == []

    def forge(tx):
        row = tx.session.exec(select(Capture).where(col(Capture.erased_index).is_(None))).one()
        row.body, row.erased_index, row.last_verdict = b"", gone.capture.erased_index, "ok"
        tx.session.add(row)
        place = row.entry_index
        tx.session.add(ErasedEntry(target_index=place, erasure_index=gone.capture.erased_index, verdict_index=0))

    service.store.write(forge)
    assert any(table == "capture" for table, _ in told(service, deep)), "a row in a table excuses no missing body"


def told(service, deep):
    return [(one.table, one.what) for one in fsck(service, deep=deep).problems]


def test_the_chain_answers_from_its_outline_and_nothing_became_clear(tale, gone):
    lot = quote(tale.tell.lot("LOT-1"), safe="")
    chain = tale.client.get(f"/v1/batches/{lot}/chain", headers=tale.key("officer", tale.importer))
    assert chain.status_code == 200, chain.text
    assert [one["erasure"] for one in chain.json["erased"]] == [gone.capture.erased_index] * 2
    assert chain.json["nodes"][0]["batch"] == tale.tell.lot("LOT-1")
    assert chain.json["state"] == "pending"
    state = tale.client.get("/v1/shipments/S-1/state", headers=tale.importer.headers).json
    assert state["state"] == "pending"
    assert any("erased" in why for why in state["pending"]), state["pending"]


def test_an_erased_subject_is_not_assessed_again_and_a_new_event_about_it_stays_pending(tale):
    tale.consign()
    tale.work()
    tale.later(6)
    dpo = tale.key()
    assert tale.approve(tale.report(dpo), dpo).status_code == 200
    runs = len(tale.rows(AssessmentRow))
    tale.mine.post(tale.tell.document(tale.tell.handed(tale.importer.party.did, "LOT-1")))
    tale.work()
    assert len(tale.rows(AssessmentRow)) == runs, "the record is gone, so there is nothing to assess"
    record = {"shipment_id": "S-2", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
              "batch_ids": [tale.tell.lot("LOT-1")]}  # fmt: skip
    assert tale.importer.post(record, "/v1/shipments").status_code == 201
    tale.work()
    state = tale.client.get("/v1/shipments/S-2/state", headers=tale.importer.headers).json
    assert state["state"] == "pending"
    assert any("evidence of 2 events was erased" in why for why in state["pending"]), state["pending"]
    assert not any(one["code"] == "INT-SIGNATURE" for one in state["findings"]), "an erasure accuses nobody"


def test_what_a_living_batch_rests_on_is_kept(tale):
    tale.consign()
    tale.work()
    tale.later(4)
    lots, new = ["LOT-1"], ["MIX-1"]
    assert tale.importer.post(tale.tell.document(tale.tell.made(lots, new))).status_code == 202
    record = {"shipment_id": "S-2", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
              "batch_ids": [tale.tell.lot("MIX-1")]}  # fmt: skip
    assert tale.importer.post(record, "/v1/shipments").status_code == 201
    tale.later(2)
    dpo = tale.key()
    report = tale.report(dpo)
    assert due(report) == ["shipment"], "the record's own term is over; the events upstream of MIX-1 are needed"
    blocked = [line for line in report["lines"] if line["state"] == "blocked"]
    assert [line["kind"] for line in blocked] == ["capture"]
    assert "still kept rests on it" in blocked[0]["why"]
    tale.later(5)
    assert due(tale.report(dpo)) == ["capture", "capture", "shipment", "shipment"]


def test_what_has_no_known_ground_is_kept_and_reported(tale):
    tale.mine.post(tale.tell.document(tale.tell.born("ALONE")))
    tale.work()
    tale.later(30)
    report = tale.report(tale.key())
    assert [(line["kind"], line["state"]) for line in report["lines"]] == [
        ("assessment", "unknown"), ("capture", "unknown"),
    ]  # fmt: skip
    assert all("no legal ground is known" in line["why"] for line in report["lines"])
    refused = tale.approve(report, tale.key(), lines=[report["lines"][0]["line"]])
    assert refused.status_code == 409
    assert "not due" in refused.json["detail"]


def test_an_importer_that_stated_no_profile_is_not_known(tale, make_sender):
    silent = make_sender("Silent", role="importer", roles=["importer"])
    record = {"shipment_id": "Q-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL"}
    assert silent.post(record, "/v1/shipments").status_code == 201
    tale.work()
    tale.later(30)
    lines = [line for line in tale.report(tale.key())["lines"] if line["kind"] == "shipment"]
    assert [(line["subject"], line["state"]) for line in lines] == [("Q-1", "unknown")]
    assert "stated no profile" in lines[0]["why"]


def test_a_hold_placed_after_the_report_keeps_what_the_report_called_due(tale):
    tale.consign()
    tale.work()
    tale.later(6)
    dpo, officer = tale.key(), tale.key("officer", tale.importer)
    report = tale.report(dpo)
    short = tale.client.post("/v1/retention/holds", json={"kind": "all", "reason": "claim"}, headers=officer)
    assert short.status_code == 422
    nothing = {"kind": "shipment", "target": "S-9", "reason": "the insurer asked for it, case 7"}
    assert tale.client.post("/v1/retention/holds", json=nothing, headers=officer).status_code == 404
    hold = tale.client.post("/v1/retention/holds", json=nothing | {"target": "S-1"}, headers=officer)
    assert hold.status_code == 201, hold.text
    done = tale.approve(report, dpo).json
    assert done["erased"] == []
    assert {one["why"] for one in done["kept"]} >= {"a person holds it; the reason stands with the hold"}
    assert all(row.erased_index is None for row in tale.rows(Shipment))
    lift = {"reason": "the insurer has paid, case 7 is closed"}
    other = tale.client.post(
        f"/v1/retention/holds/{hold.json['id']}/lift", json=lift, headers=tale.key("dpo", tale.mine)
    )
    assert other.status_code == 404, "another party's hold"
    assert (
        tale.client.post(f"/v1/retention/holds/{hold.json['id']}/lift", json=lift, headers=officer).status_code == 200
    )
    assert len(tale.approve(report, dpo).json["erased"]) == 2


def test_a_report_that_waits_is_the_one_that_is_asked_for_again(tale):
    dpo = tale.key()
    first, second = (tale.client.post("/v1/retention/reports", headers=dpo).json["id"] for _ in range(2))
    assert first == second
    tale.work()
    assert tale.client.get(f"/v1/retention/reports/{first}", headers=dpo).status_code == 200
    assert tale.client.post("/v1/retention/reports", headers=dpo).json["id"] != first


def test_a_report_is_made_every_month_where_the_operator_has_a_dpo(tale, service, clock, make_user):
    assert not reports.remind(service), "nobody would read it"
    make_user("dpo", party=tale.mine.party)
    assert not reports.remind(service), "a party's dpo reads its own"
    make_user("dpo")
    assert reports.remind(service)
    tale.work()
    clock.advance(days=29)
    assert not reports.remind(service)
    clock.advance(days=1)
    assert reports.remind(service)


def test_a_dpo_of_a_party_speaks_for_its_own_records_alone(tale):
    tale.consign()
    tale.work()
    tale.later(6)
    own, other = tale.key("dpo", tale.mine), tale.key("dpo", tale.importer)
    report = tale.report(own)
    assert due(report) == ["capture"]
    assert due(tale.report(other)) == ["shipment"]
    assert tale.client.get(f"/v1/retention/reports/{report['id']}", headers=other).status_code == 404
    assert tale.approve(report, other).status_code == 404
    assert len(tale.approve(report, own).json["erased"]) == 1
    assert all(row.erased_index is None for row in tale.rows(Shipment))


def test_a_part_of_a_report_can_be_approved(tale):
    tale.consign()
    tale.consign("LOT-2", "S-2")
    tale.work()
    tale.later(6)
    dpo = tale.key()
    report = tale.report(dpo)
    line = next(one for one in report["lines"] if one["subject"] == "S-2")["line"]
    assert tale.approve(report, dpo, lines=[line + 1000]).status_code == 404
    assert tale.approve(report, dpo, lines=[line]).json["erased"][0]["line"] == line
    assert {row.shipment_id for row in tale.rows(Shipment) if row.erased_index is not None} == {"S-2"}


def test_a_file_another_party_needs_stays_and_a_paper_can_be_handed_over_again(tale, service):
    tale.consign()
    tale.paper()
    tale.work()
    tale.later(6)
    other = tale.client.post("/v1/documents", data={"file": (io.BytesIO(PAPER), "same.txt")}, headers=tale.mine.headers)
    assert other.status_code < 300
    tale.work()
    dpo = tale.key()
    assert tale.approve(tale.report(dpo), dpo).status_code == 200
    tale.work()
    sha256 = tale.rows(Document)[0].sha256
    assert sha256 in service.files.digests(), "the mine has handed over the same bytes"
    again = tale.paper()
    tale.work()
    shown = tale.client.get(f"/v1/documents/{again['id']}", headers=tale.importer.headers)
    assert shown.status_code == 200
    assert shown.json["outcome"] == "parsed"
    with service.store.read() as session:
        assert erased(session, shown.json["index"]) is None, "a new entry stands for it"


def test_the_same_bytes_posted_again_find_their_place_though_they_are_erased(tale):
    sent = tale.consign()
    before = [(one["event_id"], one["index"]) for one in sent["events"]]
    body = next(row.body for row in tale.rows(Capture))
    record = next(row.body for row in tale.rows(Shipment))
    tale.work()
    tale.later(6)
    dpo = tale.key()
    tale.approve(tale.report(dpo), dpo)
    repeated = tale.mine.post(bytes(body))
    assert repeated.status_code == 202, repeated.text
    assert [(one["event_id"], one["index"]) for one in repeated.json["events"]] == before
    answer = tale.importer.post(bytes(record), "/v1/shipments")
    assert (answer.status_code, answer.json["repeated"]) == (200, True)


def whole(path):
    """Return every byte of the database file, its log written back."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy
    return Path(path).read_bytes()


def test_an_erased_body_goes_from_the_pages_of_the_file_too(tale, service):
    if not service.settings.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL frees the old rows with its next VACUUM")
    tale.consign()
    tale.work()
    tale.later(6)
    dpo = tale.key()
    path = service.settings.database_url.removeprefix("sqlite:///")
    assert b"Mutombo" in whole(path)
    tale.approve(tale.report(dpo), dpo)
    tale.work()
    assert b"Mutombo" not in whole(path)


def test_a_row_in_a_table_excuses_no_missing_body(tale, service):
    sent = tale.consign()
    index = sent["events"][0]["index"]
    service.store.write(
        lambda tx: tx.session.add(ErasedEntry(target_index=index, erasure_index=index, verdict_index=0))
    )
    with service.store.read() as session:
        assert erased(session, index) is None


def test_a_pack_of_what_was_erased_holds_its_hash_and_verifies(tale, policy):
    tale.consign()
    tale.paper()
    tale.work()
    tale.later(6)
    dpo = tale.key()
    tale.approve(tale.report(dpo), dpo)
    tale.work()
    lot = quote(tale.tell.lot("LOT-1"), safe="")
    answer = tale.client.get(f"/v1/batches/{lot}/evidence", headers=tale.key("officer", tale.importer))
    assert answer.status_code == 200, answer.text
    verdict = verify_pack(answer.data, policy=policy)
    assert verdict.verdict == "ok", verdict.reason
    assert b"Mutombo" not in answer.data
    assert ("erased", "ok") in {(item.what, item.verdict) for item in verdict.items}
    assert "erased when retention ended" in verdict.reason


def test_a_pack_cannot_say_erased_without_the_entries_that_say_so(tale, service, policy, gone):
    lot = quote(tale.tell.lot("LOT-1"), safe="")
    data = tale.client.get(f"/v1/batches/{lot}/evidence", headers=tale.key("officer", tale.importer)).data
    held = read_pack(data)
    manifest = Manifest.from_json(held.pop(MANIFEST))
    held.pop(SIGNATURE)
    assert any(name.startswith("erasures/") for name in held)
    lines = [row for row in json_lines(held[RECEIPTS]) if not (row["file"] or "").startswith("erasures/")]
    held = {name: body for name, body in held.items() if not name.startswith("erasures/")}
    held[RECEIPTS] = b"".join(json.dumps(row).encode() + b"\n" for row in lines)
    verdict = verify_pack(write_pack(held, manifest, service.log_key), policy=policy)
    assert verdict.verdict == "failed"
    assert "no erasure entry" in verdict.reason


def test_old_reads_are_deleted_after_an_approval(tale, service, make_user):
    def write(tx):
        for number in (1, 2):
            row = AccessLog(
                at=service.clock(), actor=f"inspector {number}", role="regulator", action="chain", subject="x"
            )
            tx.session.add(row)
            tx.session.flush()
            tx.session.add(AccessLogParty(read_id=row.id, party_id=tale.importer.party.id))

    service.store.write(write)
    tale.later(3)
    service.store.write(write)
    dpo = tale.key()
    report = tale.report(dpo)
    assert due(report) == ["access_log"]
    assert tale.approve(report, dpo).status_code == 200
    with service.store.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(AccessLog)).scalar_one() == 2
        assert session.execute(sa.select(sa.func.count()).select_from(AccessLogParty)).scalar_one() == 2


def test_reads_are_deleted_as_far_as_the_report_counted_also_on_a_later_day(tale, service, clock):
    def write(tx):
        tx.session.add(AccessLog(at=service.clock(), actor="inspector", role="regulator", action="chain", subject="x"))

    service.store.write(write)
    clock.advance(days=10)
    service.store.write(write)
    clock.advance(days=725)
    dpo = tale.key()
    report = tale.report(dpo)
    assert due(report) == ["access_log"]
    clock.advance(days=10)
    assert len(tale.approve(report, dpo).json["erased"]) == 1
    assert len(tale.rows(AccessLog)) == 1, "what was not over on the day of the report is in the next one"


def test_reads_that_concern_a_party_that_holds_all_its_records_stay(tale, service):
    def write(tx):
        for reader, shown in (
            (None, tale.importer.party.id),
            (tale.importer.party.id, tale.mine.party.id),
            (None, None),
        ):
            row = AccessLog(
                at=service.clock(), actor="reader", role="regulator", action="chain", subject="x", party_id=reader
            )
            tx.session.add(row)
            tx.session.flush()
            if shown:
                tx.session.add(AccessLogParty(read_id=row.id, party_id=shown))

    service.store.write(write)
    tale.later(3)
    dpo = tale.key()
    report = tale.report(dpo)
    assert tale.hold(tale.key("dpo", tale.importer), "all").status_code == 201
    assert len(tale.approve(report, dpo).json["erased"]) == 1
    assert len(tale.rows(AccessLog)) == 2, "only the read that concerned nobody is gone"


class Shared:
    """Two importers whose lots come from one capture of the mine: one declares a shipment, one has its lot in stock."""

    def __init__(self, tale, make_sender, country):
        self.tale = tale
        self.other = make_sender("Neighbour", role="importer", roles=["importer"], country=country)
        self.profile()
        tell = tale.tell
        sent = tale.mine.post(tell.document(
            tell.born("ORE", kg=200, **{"crm:note": SECRET}),
            tell.made(["ORE"], ["LOT-A", "LOT-B"], inputQuantityList=tell.goods("ORE", kg=200)),
            tell.handed(tale.importer.party.did, "LOT-A"), tell.handed(self.other.party.did, "LOT-B"),
        ))  # fmt: skip
        assert sent.status_code == 202, sent.text
        record = {"shipment_id": "S-A", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
                  "batch_ids": [tell.lot("LOT-A")]}  # fmt: skip
        assert tale.importer.post(record, "/v1/shipments").status_code == 201
        tale.work()

    def profile(self):
        assert self.other.post(PROFILE, "/v1/profile").status_code == 201

    def runs(self):
        """Return the facts of the other importer's runs over its lot, newest last."""
        return [row for row in self.tale.rows(AssessmentRow) if row.owner_id == self.other.party.id]

    def lines(self, dpo):
        found = self.tale.report(dpo)
        return found, {(line["kind"], line["owner"]): line for line in found["lines"]}


@pytest.fixture
def share(tale, make_sender):
    return lambda country="NL": Shared(tale, make_sender, country)


def test_a_hold_of_one_importer_keeps_its_assessments_and_the_capture_they_share(tale, share):
    shared = share()
    assert [row.subject for row in shared.runs()] == [tale.tell.lot("LOT-B")]
    before = shared.runs()[0].facts
    assert before["custody_events"]
    tale.later(6)
    dpo, theirs = tale.key(), tale.key("officer", shared.other)
    report = tale.report(dpo)
    hold = tale.hold(theirs, "all")
    assert hold.status_code == 201, hold.text
    assert tale.approve(report, dpo).status_code == 200
    assert shared.runs()[0].facts == before
    assert all(row.erased_index is None for row in shared.runs())
    assert all(row.erased_index is None for row in tale.rows(Capture)), "the evidence for what is held is held"
    assert all(row.erased_index is not None for row in tale.rows(Shipment)), "the record of the other is not"
    gone = {row.owner_id for row in tale.rows(AssessmentRow) if row.erased_index is not None}
    assert gone == {tale.importer.party.id, tale.mine.party.id}
    tale.lift(theirs, hold)
    done = tale.approve(report, dpo).json
    assert len(done["erased"]) == 2, done
    assert all(row.facts == {} for row in shared.runs())
    assert all(row.body == b"" for row in tale.rows(Capture))


def test_assessments_stay_for_their_own_importers_period(tale, share):
    shared = share("DE")  # seven years
    tale.later(6)
    dpo = tale.key()
    report, lines = shared.lines(dpo)
    assert ("assessment", shared.other.party.did) not in lines, "in its term"
    assert ("capture", tale.mine.party.did) not in lines, "the ground of the one that has to keep it longest"
    assert due(report) == ["shipment"]
    assert len(tale.approve(report, dpo).json["erased"]) == 1
    assert all(row.erased_index is None for row in shared.runs())
    tale.later(2)
    report, lines = shared.lines(dpo)
    assert {key: line["state"] for key, line in lines.items()} == {
        ("assessment", shared.other.party.did): "due", ("capture", tale.mine.party.did): "due",
        ("assessment", tale.mine.party.did): "due",
    }  # fmt: skip
    assert lines["assessment", shared.other.party.did]["ground"] == "LKSG"


def test_a_capture_that_goes_first_leaves_the_assessments_and_makes_them_pending(tale, share, service, clock):
    from traceability.services.states import state_of

    shared = share()
    tale.later(6)
    tale.work()
    sweep(service)
    tale.work()
    runs = len(shared.runs())
    mine = tale.key("dpo", tale.mine)
    assert len(tale.approve(tale.report(mine), mine).json["erased"]) == 2
    assert all(row.body == b"" for row in tale.rows(Capture))
    assert [row.erased_index for row in shared.runs()] == [None] * runs
    with service.store.read() as session:
        state = state_of(service, session, shared.other.party.id, "batch", tale.tell.lot("LOT-B"))
    assert state.state == "pending"
    assert any("erased after the last assessment" in why for why in state.pending), state.pending
    theirs = tale.key("dpo", shared.other)
    done = tale.approve(tale.report(theirs), theirs)
    assert len(done.json["erased"]) == 1
    assert all(row.facts == {} for row in shared.runs())


def test_a_dpo_erases_no_assessments_of_another_importer(tale, share):
    shared = share()
    tale.later(6)
    own = tale.key("dpo", tale.importer)
    report = tale.report(own)
    assert due(report) == ["shipment"]
    assert tale.approve(report, own).status_code == 200
    assert all(row.erased_index is None for row in shared.runs())


def test_an_importer_that_stated_no_profile_keeps_what_it_has_in_stock(tale, share, monkeypatch):
    monkeypatch.setattr(Shared, "profile", lambda self: None)
    shared = share()
    tale.later(30)
    _, lines = shared.lines(tale.key())
    assert lines["assessment", shared.other.party.did]["state"] == "unknown"
    assert lines["capture", tale.mine.party.did]["state"] == "unknown"


def test_assessments_made_before_a_record_named_their_batch_go_with_the_last_record(tale):
    tell = tale.tell
    born, handed = tell.born("LOT-1"), tell.handed(tale.importer.party.did, "LOT-1")
    assert tale.mine.post(tell.document(born, handed)).status_code == 202
    tale.work()
    for name in ("S-1", "S-2"):
        record = {"shipment_id": name, "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
                  "net_weight_kg": "50", "batch_ids": [tell.lot("LOT-1")]}  # fmt: skip
        assert tale.importer.post(record, "/v1/shipments").status_code == 201
    tale.work()
    tale.later(6)
    dpo = tale.key()
    report = tale.report(dpo)
    assert due(report) == ["capture", "shipment", "shipment"]
    alone = [row for row in tale.rows(AssessmentRow) if row.subject_kind == "batch"]
    assert [row.subject for row in alone] == [tell.lot("LOT-1")]
    first, second = (line["line"] for line in report["lines"] if line["kind"] == "shipment")
    tale.approve(report, dpo, lines=[first])
    assert {row.erased_index for row in tale.rows(AssessmentRow) if row.subject_kind == "batch"} == {None}
    tale.approve(report, dpo, lines=[second])
    assert None not in {row.erased_index for row in tale.rows(AssessmentRow)}


def test_a_suppliers_assessments_go_with_the_term_of_the_events(tale):
    tell = tale.tell
    tale.mine.post(tell.document(tell.born("LOT-1")))
    tale.work()
    tale.mine.post(tell.document(tell.handed(tale.importer.party.did, "LOT-1")))
    tale.work()
    record = {"shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
              "batch_ids": [tell.lot("LOT-1")]}  # fmt: skip
    assert tale.importer.post(record, "/v1/shipments").status_code == 201
    tale.later(6)
    dpo = tale.key()
    assert due(tale.report(dpo)) == ["assessment", "capture", "capture", "shipment"]


def refused(tale):
    """Let a capture of the mine be refused, and return the incident and an officer of the importer."""
    tale.client.post("/epcis/capture", data=SECRET.encode(), content_type="application/json", headers=tale.mine.headers)
    officer = tale.key("officer", tale.importer)
    return tale.client.get("/v1/incidents", headers=officer).json[0]["id"], officer


def linked(tale, incident, officer, lot):
    body = {"batch": tale.tell.lot(lot), "reason": "the driver told of another weight"}
    return tale.client.post(f"/v1/incidents/{incident}/link", json=body, headers=officer)


def test_an_incident_linked_to_another_batch_while_an_approval_runs_keeps_that_one(tale, monkeypatch):
    """The number of links is what it was; the plan made before the lock no longer holds all the same."""
    from traceability.services.incidents import link
    from traceability.services.retention import approve as module

    anna = tale.importer.party.actor("officer", "anna")
    tale.consign("LOT-1", "S-1")
    tale.consign("LOT-2", "S-2")
    tale.work()
    incident, officer = refused(tale)
    tale.later(6)
    dpo, officer = tale.key(), tale.key("officer", tale.importer)
    assert linked(tale, incident, officer, "LOT-1").status_code == 204
    report = tale.report(dpo)
    assert sorted(
        line["subject"] for line in report["lines"] if line["state"] == "due" and line["kind"] == "shipment"
    ) == ["S-2"]
    plan, calls = module.plan, []

    def planned(*arguments):
        found = plan(*arguments)
        calls.append(found)
        if len(calls) == 1:
            link(tale.service, anna, incident, tale.tell.lot("LOT-2"), "the driver told of another weight")
        return found

    monkeypatch.setattr(module, "plan", planned)
    done = tale.approve(report, dpo).json
    assert len(calls) == 2, "it was planned again under the lock"
    assert done["erased"] == []
    assert all(row.erased_index is None for row in tale.rows(Shipment))


def test_an_incident_is_still_seen_and_linked_when_its_batch_was_erased_and_tells_nothing_of_it(tale):
    tale.consign()
    tale.work()
    incident, _ = refused(tale)
    tale.later(6)
    dpo, officer = tale.key(), tale.key("officer", tale.importer)
    assert len(tale.approve(tale.report(dpo), dpo).json["erased"]) == 2
    assert linked(tale, incident, officer, "LOT-1").status_code == 204
    (shown,) = tale.client.get("/v1/incidents", headers=officer).json
    assert shown["linked_batch"] == tale.tell.lot("LOT-1")
    chain = tale.client.get(f"/v1/batches/{quote(tale.tell.lot('LOT-1'), safe='')}/chain", headers=officer)
    assert [row["id"] for row in chain.json["incidents"]] == [incident]
    for text in (json.dumps(shown), chain.text):
        assert "Mutombo" not in text
        assert "secret-7" not in text


def test_a_pack_concludes_nothing_where_what_was_assessed_was_erased(tale, gone):
    lot = quote(tale.tell.lot("LOT-1"), safe="")
    pack = tale.client.get(f"/v1/batches/{lot}/evidence", headers=tale.key("officer", tale.importer)).data
    report = PdfReader(io.BytesIO(read_pack(pack)["report.pdf"]))
    assert json.loads(report.attachments["evidence.json"][0])["importers"] == []
    assert "nothing is concluded about it" in " ".join(report.pages[0].extract_text().split())


def test_a_pack_says_pending_where_a_capture_went_and_the_assessments_stayed(tale, share):
    shared = share()
    tale.later(6)
    mine = tale.key("dpo", tale.mine)
    assert len(tale.approve(tale.report(mine), mine).json["erased"]) == 2
    lot = quote(tale.tell.lot("LOT-B"), safe="")
    pack = tale.client.get(f"/v1/batches/{lot}/evidence", headers=tale.key("officer", shared.other)).data
    (had,) = json.loads(PdfReader(io.BytesIO(read_pack(pack)["report.pdf"])).attachments["evidence.json"][0])[
        "importers"
    ]
    assert [one["state"] for one in had["subjects"]] == ["pending"]
    assert "evidence it rests on was erased after the last assessment" in had["subjects"][0]["pending"]


def test_openings_go_with_their_capture_and_stay_with_one_that_is_held(tale, make_sender):
    """Of the mine that deposited them: a hold of the importer whose record rests on the event keeps them too."""
    found = []

    def commit(name, value):
        found.append(new_opening(name, value))
        return found[-1].commitment

    tell = tale.tell
    goods = tell.document(
        tell.born("LOT-1", **{"crm:personal": {"miner": "Jean-Bosco Mutombo"}}),
        tell.handed(tale.importer.party.did, "LOT-1"),
    )
    sent = tale.mine.post(committed(goods, commit)).json
    path = f"/v1/captures/{sent['captureID']}/openings"
    assert tale.client.post(path, json={"openings": [found[0].as_dict()]}, headers=tale.mine.headers).status_code == 201
    record = {"shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
              "net_weight_kg": "100", "batch_ids": [tell.lot("LOT-1")]}  # fmt: skip
    assert tale.importer.post(record, "/v1/shipments").status_code == 201
    tale.work()
    tale.later(6)
    dpo, officer = tale.key(), tale.key("officer", tale.importer)
    report = tale.report(dpo)
    hold = tale.hold(officer, "shipment", "S-1")
    assert tale.approve(report, dpo).json["erased"] == []
    assert [row.value for row in tale.rows(PersonalData)] == ["Jean-Bosco Mutombo"]
    tale.lift(officer, hold)
    assert len(tale.approve(report, dpo).json["erased"]) == 2
    assert [(row.value, row.salt) for row in tale.rows(PersonalData)] == [(None, None)]
