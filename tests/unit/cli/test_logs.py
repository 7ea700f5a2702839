import json
import logging

import pytest
import structlog

from traceability.cli.logs import configure_logs


@pytest.fixture
def lines(capsys):
    """``lines()`` are those written since."""
    before = logging.getLogger().handlers[:]

    def written():
        return capsys.readouterr().err.splitlines()

    yield written
    structlog.reset_defaults()
    logging.basicConfig(handlers=before, force=True)


def test_ours_and_the_libraries_lines_have_one_form(lines):
    configure_logs("json")
    structlog.get_logger("ours").info("request", path="/health", ms=1.5)
    logging.getLogger("theirs").warning("%s went", "something")
    structlog.get_logger("ours").debug("not told")
    first, second = map(json.loads, lines())
    assert (first["event"], first["level"], first["logger"], first["path"]) == ("request", "info", "ours", "/health")
    assert (second["event"], second["level"], second["logger"]) == ("something went", "warning", "theirs")
    assert first["timestamp"].endswith("Z")
    assert set(first) - {"path", "ms"} == set(second)


def test_whatever_is_told_is_one_line(lines):
    configure_logs("json")
    try:
        raise ValueError("a\nb")
    except ValueError:
        structlog.get_logger("ours").exception("failed", path="/\udcff\n", size=1 << 70, what={1}, inner={2: b"x"})
    (line,) = lines()
    found = json.loads(line)
    assert (found["path"], found["size"], found["what"]) == ("/\udcff\n", 1 << 70, "{1}")
    assert "ValueError: a" in found["exception"]


def test_people_get_text(lines):
    configure_logs("text")
    structlog.get_logger("ours").warning("no request", status=408)
    (line,) = lines()
    assert "no request" in line
    assert "status=408" in line
