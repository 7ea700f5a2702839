"""The clock an hour back, a year ahead, and anything between (ledger.md 10, fault 6), on an injected clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.storage.clock_watch import FILE, ClockRefused, ClockWatch, confirm

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


class Machine:
    """A clock that can be set, and the seconds that pass beside it."""

    def __init__(self, folder, **changes):
        self.now, self.passed = START, 1000.0
        self.file = folder / FILE
        self.limits = {"tolerance": timedelta(minutes=5), "gap": timedelta(days=31)} | changes
        self.start()

    def start(self):
        self.watch = ClockWatch(lambda: self.now, lambda: self.passed, confirmed=self.file, **self.limits)

    def another(self):
        """Return another process of the same installation, which believes the clock of now."""
        other = Machine.__new__(Machine)
        other.__dict__ |= self.__dict__ | {"watch": None}
        other.watch = ClockWatch(
            lambda: self.now, lambda: self.passed, confirmed=self.file, machine=self.watch.machine, **self.limits
        )
        return other

    def confirm(self):
        confirm(self.file, self.now, self.passed, self.watch.machine)

    def pass_(self, **amount):
        self.now += timedelta(**amount)
        self.passed += timedelta(**amount).total_seconds()

    def believes(self, last=START):
        try:
            self.watch.check(last)
        except ClockRefused:
            assert self.watch.alarm
            return False
        assert self.watch.alarm is None
        return True


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_time_that_passes_is_believed(machine):
    for amount in ({"seconds": 0}, {"milliseconds": 1}, {"hours": 1}, {"days": 40}, {"days": 4000}):
        machine.pass_(**amount)
        assert machine.believes()


@pytest.mark.parametrize("jump", [HOUR, YEAR, DAY, timedelta(minutes=6)])
def test_a_jump_forward_while_it_runs_is_not(machine, jump, caplog):
    assert machine.believes()
    machine.now += jump
    for _ in range(3):
        assert not machine.believes()
        machine.pass_(minutes=1)
    assert len(caplog.records) == 1, "told once"
    machine.now -= jump
    assert machine.believes(), "set right again, it goes on by itself"


@pytest.mark.parametrize("jump", [HOUR, timedelta(minutes=6)])
def test_nor_a_jump_back(machine, jump):
    assert machine.believes()
    machine.pass_(hours=10)
    assert machine.believes()
    machine.now -= jump
    assert not machine.believes()
    machine.now += jump
    assert machine.believes()


@pytest.mark.parametrize("jump", [timedelta(seconds=299), timedelta(seconds=-299)])
def test_what_a_clock_is_slewed_by_is_believed(machine, jump):
    assert machine.believes()
    machine.now += jump
    assert machine.believes()


def test_a_clock_before_the_last_entry_is_not_believed_and_cannot_be_confirmed(machine):
    machine.now = START - HOUR
    assert not machine.believes()
    confirm(machine.file, machine.now)
    assert not machine.believes()
    machine.start()
    assert not machine.believes()
    machine.pass_(minutes=56)
    assert machine.believes(), "it has caught up to within the tolerance"


def test_a_start_after_a_long_time_asks_and_a_year_ahead_is_such_a_one(machine):
    machine.now = START + YEAR
    assert not machine.believes()
    assert "clock confirm" in machine.watch.alarm
    confirm(machine.file, machine.now)
    assert machine.believes(), "the running process goes on by itself"


def test_a_start_within_the_gap_asks_nothing(machine):
    machine.now = START + 31 * DAY
    assert machine.believes()


def test_a_confirmation_before_the_start_will_do(machine):
    confirm(machine.file, START + YEAR)
    machine.now = START + YEAR + timedelta(minutes=1)
    assert machine.believes()


def test_a_confirmation_of_another_time_will_not(machine):
    for at in (START, START + YEAR + DAY, START + YEAR - 32 * DAY):
        confirm(machine.file, at)
        machine.start()
        machine.now = START + YEAR
        assert not machine.believes(), at


def test_a_jump_that_is_confirmed_afterwards_is_believed_and_the_next_one_is_not(machine):
    assert machine.believes()
    machine.now += HOUR
    assert not machine.believes()
    confirm(machine.file, machine.now)
    assert machine.believes()
    machine.pass_(minutes=10)
    assert machine.believes()
    machine.now += HOUR
    assert not machine.believes(), "the same confirmation explains no second jump"


def test_a_confirmation_from_before_a_jump_does_not_explain_it(machine):
    assert machine.believes()
    confirm(machine.file, machine.now)
    machine.now += HOUR
    assert not machine.believes()
    assert not machine.believes()


def test_a_jump_back_that_is_confirmed(machine):
    """The clock had been ahead, and was corrected; the last entry is older than what it shows now."""
    machine.pass_(hours=5)
    assert machine.believes()
    machine.now -= HOUR
    assert not machine.believes()
    confirm(machine.file, machine.now)
    assert machine.believes()


@pytest.fixture(params=["a boot", ""], ids=["counted", "uncounted"])
def pair(machine, request):
    """Two processes of one installation that believe the clock; on a machine whose runs have a name, and without."""
    machine.watch.machine = request.param.replace(" ", "-")
    other = machine.another()
    assert machine.believes()
    assert other.believes()
    return machine, other


def test_a_confirmation_holds_for_a_process_that_notices_the_jump_later(pair):
    one, other = pair
    one.now += HOUR
    assert not one.believes()
    one.confirm()
    assert one.believes()
    one.pass_(minutes=2)
    assert other.believes(), "it did nothing since the jump"
    assert one.another().believes(), "nor does one that starts now ask again"


def test_where_the_seconds_are_counted_it_holds_however_late_a_process_notices(machine):
    machine.watch.machine = "a-boot"
    other, behind = machine.another(), machine.another()
    machine.pass_(days=2)
    assert all(one.believes() for one in (machine, other, behind))
    machine.now -= HOUR  # corrected: it had been ahead
    assert not machine.believes()
    machine.confirm()
    machine.pass_(days=3)
    assert other.believes()
    machine.now += 3 * HOUR
    assert not behind.believes(), "the clock is not the one that was confirmed: it jumped again"
    assert not machine.believes()


def test_it_ends(machine):
    machine.watch.machine = "a-boot"
    machine.now = START + YEAR
    machine.confirm()
    machine.pass_(days=32)
    assert not machine.believes(), "older than the gap"
    assert not machine.another().believes()


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 7 * DAY])
def test_one_from_before_a_jump_explains_it_in_no_process(pair, jump):
    one, other = pair
    one.pass_(days=10)
    assert one.believes()
    assert other.believes()
    one.confirm()
    one.now += jump
    for _ in range(2):
        assert not one.believes()
        assert not other.believes()


def test_a_confirmation_of_another_run_of_the_machine_counts_by_the_clock_alone(machine):
    """Passed seconds of two runs cannot be compared: what was counted before it was started again says nothing."""
    machine.watch.machine = "a-boot"
    confirm(machine.file, START + YEAR, 9e9, "an-earlier-boot")
    machine.now = START + YEAR + DAY
    assert machine.believes(), "a start"
    machine.now += HOUR
    assert not machine.believes()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "0001-01-01T00:00:00+00:00",
        "2027-11-23T09:00:00+00:00 nan a-boot",
        "2027-11-23T09:00:00+00:00 1e300 a-boot",
        "2027-11-23T09:00:00+00:00 1000.0",
        "2026-11-23",
        "2027-11-23T09:00:00",
        "\xff",
        "2027-11-23T09:00:00+00:00 x",
    ],
)
def test_what_is_no_confirmation_is_none(machine, text):
    machine.watch.machine = "a-boot"
    machine.file.write_text(text, encoding="latin-1")
    machine.now = START + YEAR
    assert not machine.believes()


def test_an_empty_log_has_nothing_to_compare_with(machine):
    machine.now = START + YEAR
    assert machine.believes(None)
    machine.now += HOUR
    assert not machine.believes(None)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(-100_000, 100_000)), max_size=20))
def test_no_moment_is_believed_that_jumped(tmp_path_factory, steps):
    """Whatever happens to the clock, what is believed grows with the time that has passed, to within the tolerance."""
    machine = Machine(tmp_path_factory.mktemp("clock"))
    assert machine.believes()
    last, at = machine.now, machine.passed
    for seconds, jump in steps:
        machine.pass_(seconds=seconds)
        machine.now += timedelta(seconds=jump)
        if machine.believes(last):
            assert abs((machine.now - last).total_seconds() - (machine.passed - at)) <= 300
            last, at = machine.now, machine.passed
        else:
            assert machine.now < last - timedelta(minutes=5) or abs(
                (machine.now - last).total_seconds() - (machine.passed - at)
            ) > 300  # fmt: skip
