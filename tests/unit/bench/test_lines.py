"""What the bench says of a target: met, MISSED, or not judged; and when --strict fails."""

import pytest

from bench.lines import Lines, at_least, at_most, only_of


@pytest.mark.parametrize(
    ("target", "value", "times", "verdict"),
    [
        (at_least(900, "/s"), 900, (), "met"),
        (at_least(900, "/s"), 899.9, (), "MISSED"),
        (at_most(10, "s"), 10, (), "met"),
        (at_most(10, "s"), 10.1, (), "MISSED"),
        (at_most(1, "ms", of="p99"), 5, [0.0005] * 99 + [0.002], "MISSED"),
        (at_most(1, "ms", of="p99"), 5, [0.0005] * 199 + [0.002], "met"),
        (at_most(1, "ms", of="p50"), 5, [0.0005] * 60 + [0.002] * 40, "met"),
        (at_most(1, "ms", of="p50"), 5, [0.0005] * 40 + [0.002] * 60, "MISSED"),
        (at_least(1, "/s", unjudged=only_of(1_000, 10, "entries")), 99, (), "not judged: it is for 1,000 entries"),
        (at_least(1, "/s", unjudged=only_of(1_000, 1_000, "entries")), 99, (), "met"),
    ],
)
def test_a_line_says_whether_its_target_is_met(capsys, target, value, times, verdict):
    lines = Lines()
    lines.part("capture (of something)")
    lines.say("events", value, "/s", times, ("echo", 1_800), [target])
    said = capsys.readouterr().out
    assert f"{target}: {verdict}\n" in said
    assert "x echo (1,800)" in said
    assert lines.tell() is (verdict == "met")
    told = capsys.readouterr().out
    assert ("capture: events" in told) is (verdict != "met")


def test_a_line_without_a_target_is_no_verdict(capsys):
    lines = Lines()
    lines.say("disk flushes", 5_000, "/s")
    assert lines.tell()
    assert "0 of 0 targets" in capsys.readouterr().out
