"""The screening record: whole, filtered, paged, each reader its own, and exported without formulas."""

import csv
import io
import json
from datetime import date

import pytest
from sqlmodel import col

from traceability.app import create_app
from traceability.services import mandates, screenings
from traceability.services.access import Actor
from traceability.services.fsck import fsck
from traceability.services.screenings import Wanted
from traceability.storage.tables import AccessLog, Screening

LOT = "https://mine.example/lot/L-1"
ADMIN = Actor("root", "root", "admin")


@pytest.fixture
def recorded(world, tell):
    """A shipment whose mine stands on the UN list, screened and assessed."""
    world.lists(tell.listed("UN.9", "Mine", country="RW"))
    world.chain(LOT)
    world.shipment([LOT], supplier={"name": "=cmd()", "address": "Kigali"})
    world.work()
    return world


def names(world, actor=None, **wanted):
    found = screenings.screenings(world.service, actor or world.officer(), Wanted(**wanted))
    return sorted({one.row.subject["name"] for one in found})


def test_a_row_says_who_when_which_lists_and_by_which_settings(recorded):
    row = next(one for one in recorded.rows(Screening) if one.hits)
    assert (row.kind, row.status, row.failure, row.asked_by) == ("party", "done", None, None)
    assert (row.owner_id, row.threshold, len(row.settings_hash)) == (recorded.importer.id, "0.75", 64)
    assert row.known_at <= row.at
    assert row.hits[0]["explanation"]
    assert len(row.hits[0]["identity"]) == 64


def test_every_new_column_is_held_by_the_entry(recorded):
    row = next(one for one in recorded.rows(Screening) if one.hits)
    others = {
        "kind": "site", "status": "failed", "failure": "x", "asked_by": "anna", "threshold": "0.9",
        "settings_hash": "0" * 64, "owner_id": recorded.mine.id, "party_id": "did:web:other", "known_at": row.at,
    }  # fmt: skip
    for name, value in others.items():
        kept = getattr(row, name)
        recorded.sql(Screening, col(Screening.id) == row.id, **{name: value})
        if value != kept:
            assert any(one.table == "screening" for one in fsck(recorded.service).problems), name
        recorded.sql(Screening, col(Screening.id) == row.id, **{name: kept})
    assert fsck(recorded.service, deep=True).verdict == "ok"


def test_what_was_recorded_before_still_verifies(quick, tell, monkeypatch):
    from traceability.services import screening_record

    monkeypatch.setattr(screening_record, "screenings_bytes", lambda rows, _who: screening_record.bytes_before(rows))
    empty = dict.fromkeys(name for name in screening_record.SINCE if name != "asked_by")
    real = screening_record.record
    monkeypatch.setattr("traceability.services.assess.record", lambda *args: [one | empty for one in real(*args)])
    quick.lists(tell.listed("UN.9", "Mine", country="RW"))
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    monkeypatch.undo()
    assert fsck(quick.service, deep=True).verdict == "ok"
    quick.sql(Screening, col(Screening.id) > 0, threshold="0.5")
    assert fsck(quick.service).verdict == "failed"


def test_filters(recorded):
    everybody = names(recorded)
    assert {"Mine", "Importer", "=cmd()"} <= set(everybody)
    assert names(recorded, subject="Mine") == ["Mine"]
    key = next(one.subject_key for one in recorded.rows(Screening) if one.subject["name"] == "Mine")
    assert names(recorded, subject=key) == ["Mine"]
    assert names(recorded, party=recorded.mine.did) == ["Mine"]
    assert names(recorded, list_id="un-sc", entry="UN.9") == ["Mine"]
    assert names(recorded, entry="UN.8") == []
    assert names(recorded, list_id="us-ofac-sdn") == []
    assert names(recorded, outcome="hits") == ["Mine"]
    today = recorded.service.clock().date()
    assert names(recorded, since=today, until=today) == everybody
    assert names(recorded, until=date(2020, 1, 1)) == []
    assert names(recorded, since=date(9999, 12, 31), until=date.max) == []


def test_pages_follow_each_other_without_gap(recorded):
    whole = [one.row.id for one in screenings.screenings(recorded.service, recorded.officer(), Wanted())]
    seen, after = [], None
    while page := screenings.screenings(recorded.service, recorded.officer(), Wanted(limit=1, after=after)):
        after = page[-1].row.id
        seen.append(after)
    assert seen == whole == sorted(whole, reverse=True)


@pytest.fixture
def api(recorded, make_api_key):
    client = create_app(service=recorded.service).test_client()

    def get(path, role="officer", party=None, **headers):
        key = make_api_key(party, role=role, service=recorded.service)
        return client.get(path, headers=key.headers | headers)

    return get


def test_each_reader_sees_its_own(recorded, api, make_user):
    rival = recorded.party("Rival", ["importer"], "NL")
    own, foreign = api("/v1/screenings", party=recorded.importer), api("/v1/screenings", party=rival)
    assert len(own.json["screenings"]) == len(recorded.rows(Screening))
    assert foreign.json["screenings"] == []
    one = own.json["screenings"][0]["id"]
    assert api(f"/v1/screenings/{one}", party=recorded.importer).status_code == 200
    assert api(f"/v1/screenings/{one}", party=rival).status_code == 404
    assert api("/v1/screenings/999999999999", party=rival).status_code == 404
    assert len(api("/v1/screenings", "admin").json["screenings"]) == len(own.json["screenings"])
    assert api("/v1/screenings", "supplier", recorded.mine).status_code == 403


def test_a_regulator_reads_within_its_mandate_and_leaves_a_line(recorded, make_user):
    user = make_user("regulator", name="rita", service=recorded.service)
    actor = Actor(user.row.id, "rita", "regulator")
    period = (date(2026, 11, 1), date(2027, 10, 31))
    mandates.grant(recorded.service, ADMIN, "rita", "BGR", "Art. 11", "ex-post checks", period)
    as_reader = mandates.private_reader(
        recorded.service, actor, "checks of importers", recorded.importer.did, "/v1/screenings"
    )
    assert "Mine" in names(recorded, as_reader)
    (line,) = recorded.rows(AccessLog)
    assert (line.actor, line.subject) == ("rita", "/v1/screenings")


def test_an_auditor_sees_the_records_of_its_period(recorded):
    auditor = Actor("a", "aud", "auditor", recorded.importer.id, records=(date(2020, 1, 1), date(2020, 12, 31)))
    assert names(recorded, auditor) == []


def test_one_screening_says_what_people_said_of_its_hits(recorded, api):
    recorded.confirm(recorded.judge("hit", recorded.hit("S-1"), "rejected"))
    number = api("/v1/screenings?outcome=hits", party=recorded.importer).json["screenings"][0]["id"]
    hit = api(f"/v1/screenings/{number}", party=recorded.importer).json["hits"][0]
    assert (hit["said"], hit["again"], hit["list_version"]) == ("rejected", None, "2026-11-20")


def test_exports_hold_every_row_and_no_formula(recorded, api):
    rows = recorded.rows(Screening)
    answer = api("/v1/screenings/export", party=recorded.importer)
    assert answer.mimetype == "text/csv"
    table = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(table) == sum(max(1, len(row.hits)) for row in rows)
    assert "'=cmd()" in {line["subject"] for line in table}
    hit = next(line for line in table if line["entry"] == "UN.9")
    assert "word: mine = mine" in hit["alignment"]
    assert (hit["threshold"], hit["list_version"], hit["importer"]) == ("0.75", "2026-11-20", recorded.importer.did)
    lines = api("/v1/screenings/export?format=jsonl&outcome=hits", party=recorded.importer).text.splitlines()
    assert {json.loads(line)["subject"]["name"] for line in lines} == {"Mine"}


def test_an_export_is_bounded_and_says_how_to_go_on(recorded, api, monkeypatch):
    monkeypatch.setattr(screenings, "MOST_EXPORTED", 2)
    answer = api("/v1/screenings/export", party=recorded.importer)
    assert (answer.status_code, "narrow them" in answer.json["detail"]) == (422, True)
    assert api("/v1/screenings/export?outcome=hits", party=recorded.importer).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "after=x", "after=0", "outcome=clear", "from=yesterday", "what=1", "after=99999999999"],
)
def test_a_bad_filter_is_told(recorded, api, query):
    assert api(f"/v1/screenings?{query}", party=recorded.importer).status_code == 400
