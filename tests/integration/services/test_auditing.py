"""Audits on schedule: what is due, what is drawn, and what a problem stops (ledger.md 9, fault 3)."""

import pytest
import sqlalchemy as sa

from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services.auditing import audit, audit_due
from traceability.services.context import open_service
from traceability.services.fsck import Stopped
from traceability.services.fsck.sample import fsck_sample
from traceability.services.health import health
from traceability.storage.quarantine import Quarantined

LOT = "https://mine.example/lot/L-1"
SWAPPED = """UPDATE ledger_tile SET hashes = (SELECT hashes FROM ledger_tile WHERE level = 0 AND "index" = 1)
    WHERE level = 0 AND "index" = 2"""


def append(service, count=1):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="evidence-pack", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def rot(service, statement):
    with service.store.writer_engine.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount


def test_what_is_due(service, clock):
    append(service, 3)
    assert audit_due(service) == "deep", "nothing was audited yet"
    assert audit_due(service) is None
    clock.advance(minutes=61)
    assert [audit_due(service), audit_due(service)] == ["sample", None]
    clock.advance(hours=24)
    assert [audit_due(service), audit_due(service)] == ["full", None], "all of the log says what a sample would"
    clock.advance(days=6)
    assert [audit_due(service), audit_due(service)] == ["deep", None], "what is derived from the log, once a week"


def test_the_weekly_one_keeps_the_others_from_nothing(service):
    append(service, 3)
    assert audit_due(service, ("full", "sample")) == "full"
    assert audit_due(service, ("deep",)) == "deep"


def test_what_another_process_is_at_is_left_to_it(service, clock):
    append(service, 3)
    other = open_service(service.settings, clock)
    with other.audits.alone("deep") as is_ours:
        assert is_ours
        assert audit_due(service) == "full"
    assert audit_due(service) == "deep"
    other.close()


def test_one_whose_process_ends_is_given_up_and_still_due(service, make_party):
    make_party("One")
    with pytest.raises(Stopped):
        audit(service, "deep", lambda: True)
    assert service.audits.outcomes() == {}


def test_a_wrong_holding_stops_signing_within_a_week(quick, clock):
    """It is derived from the events, and only the weekly audit derives it again."""
    quick.chain(LOT)
    quick.work()
    rot(quick.service, "UPDATE holding SET made = NOT made")
    assert audit_due(quick.service, ("full", "sample")) == "full"
    assert quick.service.audits.problem() is None
    clock.advance(days=7)
    assert audit_due(quick.service) == "deep"
    assert "holding" in quick.service.audits.problem()


def test_a_problem_stops_signing_in_every_process_and_reading_warns(service, clock):
    append(service, 300)
    rot(service, "UPDATE ledger_entry SET body = 'x' WHERE \"index\" = 270")
    assert audit(service, "full").first.index == 270
    other = open_service(service.settings, clock)
    for one in (service, other):
        with pytest.raises(Quarantined, match="at ledger index 270"):
            append(one)
        found = health(one)
        assert (found.status, found.audits["full"]["first_bad"]["index"]) == ("degraded", 270)
        assert "270" in found.quarantine
        assert found.size == 300, "reading goes on"
    other.close()


def test_what_is_mended_is_signed_on(service):
    append(service, 3)
    rot(service, "UPDATE log_head SET size = 2")
    assert audit(service, "deep").verdict == "failed"
    rot(service, "UPDATE log_head SET size = 3")
    assert audit(service, "sample").verdict == "ok"
    assert audit(service, "full").verdict == "ok"
    assert service.store.quarantine, "what a thorough audit found, only one as thorough ends"
    assert audit(service, "deep").verdict == "ok"
    append(service)


def test_a_full_audit_ends_what_a_sample_found(service):
    append(service, 3)
    rot(service, "UPDATE log_head SET size = 2")
    assert audit(service, "sample").verdict == "failed"
    rot(service, "UPDATE log_head SET size = 3")
    assert audit(service, "full").verdict == "ok"
    append(service)


def test_a_sample_of_a_whole_chain(world, quick):
    for one in (world, quick):
        one.chain(LOT)
        one.work()
        report = fsck_sample(one.service)
        assert [problem.as_dict() for problem in report.problems] == []
        assert report.checked.keys() >= {"ledger_entry", "capture", "event"}


@pytest.mark.parametrize(("statement", "table", "index"), [
    ("UPDATE ledger_entry SET body = 'x' WHERE \"index\" = 700", "ledger_entry", 700),
    ('DELETE FROM ledger_entry WHERE "index" = 700', "ledger_entry", 700),
    ('DELETE FROM ledger_tile WHERE level = 0 AND "index" = 2', "ledger_tile", 512),
    (SWAPPED, "ledger_tile", 512),
    ("UPDATE log_head SET size = 757", "log_head", 900),
])  # fmt: skip
def test_a_drawn_tile_that_was_changed_is_named(sqlite_service, statement, table, index):
    append(sqlite_service, 900)
    rot(sqlite_service, statement)
    report = fsck_sample(sqlite_service, seed=1)
    assert (table, index) in {(problem.table, problem.index) for problem in report.problems}


def test_a_sample_costs_the_same_however_long_the_log(sqlite_service):
    append(sqlite_service, 6_000)
    report = fsck_sample(sqlite_service, tiles=3, seed=5)
    assert report.checked["ledger_entry"] <= 3 * 256


def test_nothing_to_draw_from(sqlite_service):
    assert fsck_sample(sqlite_service).verdict == "ok"


def test_pages_and_answers_warn(app, client, sqlite_service):
    append(sqlite_service, 3)
    assert "Ledger-Warning" not in client.get("/v1/log").headers
    rot(sqlite_service, "UPDATE log_head SET size = 2")
    audit(sqlite_service, "full")
    answer = client.get("/v1/log")
    assert answer.status_code == 200
    assert "not written" in answer.headers["Ledger-Warning"]
    assert client.get("/health").json["quarantine"]


def test_a_sample_that_finds_nothing_does_not_end_what_another_found(service):
    append(service, 3)
    rot(service, "UPDATE log_head SET size = 2")
    assert audit(service, "sample").verdict == "failed"
    rot(service, "UPDATE log_head SET size = 3")
    assert audit(service, "sample").verdict == "ok", "other tiles may have been drawn"
    assert service.store.quarantine
    assert audit_due(service, ("full", "sample")) == "full", "all of the log is due at once"
    append(service)


def test_a_disk_that_fails_for_a_moment_is_no_finding(service, monkeypatch):
    append(service, 3)

    def fails(*_args):
        raise sa.exc.OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr("traceability.services.fsck.check_moments", fails)
    with pytest.raises(sa.exc.OperationalError):
        audit(service, "full")
    assert service.audits.problem() is None
    append(service)


def test_what_was_found_and_cannot_be_read_stops_writing(service):
    append(service, 3)
    service.audits.path.write_bytes(b"")
    with pytest.raises(Quarantined, match="cannot be read"):
        append(service)
    assert audit(service, "sample").verdict == "ok"
    assert service.store.quarantine, "a sample does not stand for what cannot be read"
    assert audit(service, "full").verdict == "ok"
    append(service)


def test_an_audit_of_the_future_is_none(service, clock):
    append(service, 3)
    clock.advance(days=400)
    audit(service, "full")
    clock.advance(days=-400)
    assert audit_due(service, ("full", "sample")) == "full"
