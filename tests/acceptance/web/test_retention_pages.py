"""The dpo's pages eight years later: what is due, what is kept and why, an approval, and a hold by an officer."""

import shutil
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html
from sqlmodel import select

from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services.context import open_service
from traceability.services.retention import files, reports  # noqa: F401  # their jobs
from traceability.storage.tables import ImporterProfile, Shipment

REASON = "terms are over and no case is open, file 12"


@pytest.fixture
def later(console_world, tmp_path):
    """The console's world eight years later, in which the importer has stated its profile."""
    stories = sys.modules["console_story"]
    shutil.copytree(console_world, tmp_path / "copy")
    service = open_service(stories.settings_in(tmp_path / "copy"), lambda: stories.NOW + timedelta(days=8 * 366))
    story = replace(stories._BUILT["story"], service=service)

    def state(tx):
        said = {"employees": 12, "net_turnover_eur": "900000"}
        place = tx.log.append(Entry(kind="document", body=digest(b"{}"), at=milliseconds(tx.now)))
        of = {"importer_id": story.parties["importer"].id, "profile": said, "body": b"{}", "entry_index": place}
        tx.session.add(ImporterProfile(received_at=tx.now, **of))

    service.store.write(state)
    yield story
    service.close()


@pytest.fixture
def reader(later):
    stories = sys.modules["console_story"]
    return lambda name: stories.Browser(later, name)


def report_of(later, dora):
    assert dora.send("/retention").status_code == 303
    later.work()
    (link,) = html.fromstring(dora.get("/retention").data).xpath("//table[@data-table='reports']//tbody//a/@href")
    return link


def test_a_dpo_finds_what_is_due_approves_it_and_sees_that_it_is_gone(later, reader):
    dora = reader("dora")
    assert "No report has been made yet" in dora.get("/retention").get_data(as_text=True)
    link = report_of(later, dora)
    twin = dora.get(f"{link}.json").get_json()
    kinds = {(row["kind"], row["state"]) for row in twin["tables"]["lines"]}
    assert ("shipment record", "over, and kept") in kinds, "the consignments that are held are an open case"
    assert twin["open"], kinds
    page = html.fromstring(dora.get(link).data)
    assert len(page.xpath("//h1")) == 1
    assert len(page.xpath("//table[@data-table='lines']/tbody/tr")) == len(twin["tables"]["lines"])
    for fields, said in (
        ({"reason": REASON}, "choose what to erase"),
        ({"which": "some", "lines": "x", "reason": REASON}, "the lines cannot be read"),
        ({"which": "some", "lines": "999999", "reason": REASON}, None),
        ({"which": "all", "reason": "short"}, "at least 20 characters"),
    ):
        answer = dora.send(f"{link}/approve", **fields)
        assert answer.status_code == (400 if said else 404), fields
        assert said is None or said in answer.get_data(as_text=True)
    assert dora.send(f"{link}/approve", which="all", reason=REASON).status_code == 303
    twin = dora.get(f"{link}.json").get_json()
    done = [row for row in twin["tables"]["lines"] if row["state"] == "erased"]
    assert done
    assert all("dora, " in row["done"] and REASON in row["done"] for row in done)
    assert twin["open"] == []
    assert "Nothing of this report waits" in dora.get(link).get_data(as_text=True)
    with later.service.store.read() as session:
        rows = {row.shipment_id: row.erased_index for row in session.exec(select(Shipment))}
    assert rows["NL-2026-0002"] is None, "an open case keeps its records"
    assert rows["NL-2026-0001"] is not None
    anna = reader("anna")
    for address in ("/shipment?id=NL-2026-0001", "/shipment.json?id=NL-2026-0001"):
        answer = anna.get(address)
        assert answer.status_code in {200, 410}, answer.status_code
        assert "erased" in answer.get_data(as_text=True)


def test_an_officer_holds_a_record_and_lifts_the_hold(later, reader):
    anna, dora = reader("anna"), reader("dora")
    assert anna.get("/retention").status_code == 403
    bad = anna.send("/holds", kind="shipment", target="NL-2026-0001", reason="short")
    assert bad.status_code == 400
    assert "at least 20 characters" in bad.get_data(as_text=True)
    for text, said in (("x" * 2001, "at most 2000 characters; got 2001"), (REASON + "\x00", "NUL")):
        refused = anna.send("/holds", kind="shipment", target="NL-2026-0001", reason=text)
        assert (refused.status_code, said in refused.get_data(as_text=True)) == (422, True)
    for address in ("/holds.json?a=%00", "/batches/%00"):
        assert "NUL" in anna.get(address).get_data(as_text=True)
    assert anna.send("/holds", kind="shipment", target="NL-2026-0001", reason=REASON).status_code == 303
    (row,) = anna.get("/holds.json").get_json()["tables"]["holds"]
    assert (row["target"], row["by"], row["lifted"]) == ("NL-2026-0001", "anna", "")
    assert dora.get("/holds.json").get_json()["tables"]["holds"] == [row]
    assert dora.send("/holds/lift", hold=row["id"], lift_reason=REASON).status_code == 404, "not the operator's to lift"
    assert anna.send("/holds/lift", hold=row["id"], lift_reason=REASON).status_code == 303
    assert REASON in anna.get("/holds.json").get_json()["tables"]["holds"][0]["lifted"]
