"""A service whose machine's clock jumps (fault 6): received_at is monotone, no checkpoint, an alarm, and a way back."""

import pytest
from sqlmodel import select

from traceability.app import create_app
from traceability.clock import running_since
from traceability.errors import TraceabilityError
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services.context import open_service
from traceability.storage.clock_watch import FILE, ClockRefused, confirm
from traceability.storage.tables import Checkpoint


class Passing:
    """Seconds that pass beside the clock."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def passing():
    return Passing()


@pytest.fixture
def watched(settings, clock, passing):
    service = open_service(settings, clock, passing)
    yield service
    service.close()


def append(service):
    def write(tx):
        tx.log.append(Entry(kind="capture", body=digest(b"x"), at=milliseconds(tx.now)))
        return tx.now

    return service.store.write(write)


def checkpoints(service):
    with service.store.read() as session:
        return [(row.size, row.at) for row in session.exec(select(Checkpoint).order_by(Checkpoint.size))]


def let_pass(clock, passing, seconds):
    clock.advance(seconds=seconds)
    passing.seconds += seconds


@pytest.mark.parametrize("jump", [{"hours": -1}, {"days": 365}])
def test_no_checkpoint_an_alarm_and_a_clock_set_right_goes_on(watched, clock, passing, jump, caplog):
    first = append(watched)
    clock.advance(**jump)
    for _ in range(3):
        with pytest.raises(ClockRefused):
            append(watched)
    assert len(checkpoints(watched)) == 1
    assert "outside its tolerance" in caplog.text
    health = create_app(service=watched).test_client().get("/health")
    assert health.json["status"] == "degraded"
    assert "the clock shows" in health.json["clock"]
    clock.advance(**{name: -amount for name, amount in jump.items()})
    let_pass(clock, passing, 1)
    second = append(watched)
    assert (second - first).total_seconds() == 1
    assert "clock" not in create_app(service=watched).test_client().get("/health").json


def test_a_small_step_back_is_believed_and_received_at_stays(watched, clock):
    first = append(watched)
    clock.advance(seconds=-200)
    assert append(watched) == first


def test_a_year_ahead_at_the_start_is_refused_until_it_is_confirmed(service, settings, clock, passing):
    append(service)
    clock.advance(days=365)
    later = open_service(settings, clock, passing)
    with pytest.raises(ClockRefused, match="clock confirm"):
        later.store.check()
    with pytest.raises(ClockRefused):
        append(later)
    confirm(settings.state_dir / FILE, clock())
    assert append(later) == clock()
    assert [size for size, _ in checkpoints(later)] == [1, 2]
    later.close()


def test_a_confirmation_is_for_every_process_of_the_installation(make_database, make_settings, clock, passing):
    """On PostgreSQL web processes and workers share the state folder; some of them do nothing for an hour."""
    settings = make_settings(make_database("postgresql"))
    one, idle = open_service(settings, clock, passing), open_service(settings, clock, passing)
    append(one)
    append(idle)
    clock.advance(hours=1)
    with pytest.raises(ClockRefused):
        append(one)
    confirm(settings.state_dir / FILE, clock(), passing.seconds, running_since())
    append(one)
    let_pass(clock, passing, 7200)
    append(idle)
    assert idle.store.clock_alarm is None
    clock.advance(hours=1)
    for each in (one, idle):
        with pytest.raises(ClockRefused):
            append(each)
        each.close()


def test_a_clock_before_the_last_entry_at_the_start_is_refused(service, settings, clock, passing):
    append(service)
    clock.advance(hours=-1)
    later = open_service(settings, clock, passing)
    with pytest.raises(ClockRefused, match="the last entry was recorded at"):
        append(later)
    confirm(settings.state_dir / FILE, clock())
    with pytest.raises(ClockRefused):
        append(later)
    let_pass(clock, passing, 3400)
    append(later)
    moments = [at for _, at in checkpoints(later)]
    assert moments == sorted(moments)
    later.close()


def test_another_process_with_a_clock_behind_is_refused(make_database, make_settings, clock, passing):
    """On PostgreSQL several machines record; each is held against what the others recorded."""
    settings, behind = make_settings(make_database("postgresql")), type(clock)(clock())
    ahead, other = open_service(settings, clock, passing), open_service(settings, behind, Passing())
    append(other)
    let_pass(clock, passing, 3600)
    append(ahead)
    with pytest.raises(ClockRefused):
        append(other)
    ahead.close()
    other.close()


def test_a_jump_inside_a_group_of_use_cases_is_seen(watched, clock):
    append(watched)

    def write(tx):
        tx.log.append(Entry(kind="capture", body=digest(b"y"), at=milliseconds(tx.now)))
        clock.advance(days=365)

    def late(tx):
        return tx.now

    def together(tx, items):
        write(tx)
        inner = type(tx)(tx.connection, tx.session, tx.log, tx.clock)
        return [late(inner) for _ in items]

    with pytest.raises(ClockRefused):
        watched.store.write_together(together, None)
    assert len(checkpoints(watched)) == 1


def test_the_refusal_is_a_503_with_a_way_out(watched, clock):
    append(watched)
    clock.advance(days=365)
    with pytest.raises(TraceabilityError) as refused:
        append(watched)
    body = refused.value.as_problem()
    assert (body["status"], body["type"]) == (503, "about:blank#clock")
    assert "clock confirm" in body["detail"]


def test_the_clock_of_the_settings_and_of_the_demonstration_is_not_watched(make_settings, make_database):
    from datetime import UTC, datetime

    pinned = open_service(make_settings(make_database("sqlite"), now=datetime(2026, 1, 1, tzinfo=UTC)))
    machine = open_service(make_settings(make_database("sqlite")))
    settings = make_settings(make_database("sqlite"))
    (settings.state_dir / "demo").mkdir()
    invented = open_service(settings)
    watches = [one.store._log._watch is not None for one in (pinned, machine, invented)]
    for one in (pinned, machine, invented):
        one.close()
    assert watches == [False, True, False]


def test_the_machines_own_clock_and_time_agree(make_settings, make_database):
    service = open_service(make_settings(make_database("sqlite")))
    append(service)
    append(service)
    assert service.store.clock_alarm is None
    service.close()
