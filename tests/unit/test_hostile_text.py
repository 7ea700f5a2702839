"""Fault 26: no pattern of ours takes long over hostile text, wherever it is; no pattern comes from a caller."""

import importlib
import pkgutil
import re
import signal

import pytest

import traceability

SECONDS = 1  # of computing, for 100 kB; a pattern that looks twice at each character would take minutes
HOSTILE = [
    piece * (100_000 // len(piece)) + end
    for piece in (
        "a",
        "0",
        " ",
        "-",
        ".",
        "/",
        "(",
        "\n",
        "A1",
        "a@",
        "a.",
        "-a",
        "0,",
        "é",
        "::",
        "=",
        "\t a",
        "0-0",
        "%41",
    )
    for end in ("!", "\x00")
]
WAYS = ("match", "fullmatch", "search")
#: The only ways these are used, each on any text; elsewhere (numbers of papers) on forty characters.
USED = {
    ("traceability.documents.answers", "_WORD"): ("match",),
    ("traceability.documents.declared", "_NUMBER"): ("match",),
    ("traceability.events.formats", "_URI"): ("fullmatch",),
    ("traceability.events.canonical_values", "_NUMBER"): ("fullmatch",),
    ("traceability.ledger.note", "VKEY"): ("fullmatch",),
    ("traceability.ledger.policy", "_UNTIL"): ("fullmatch",),
}


def patterns():
    """Yield every compiled pattern that a module of the package holds, by itself or in a table, once."""
    seen = set()
    for found in pkgutil.walk_packages(traceability.__path__, "traceability."):
        if "migrations" in found.name or found.name.endswith(("__main__", ".standalone")):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            several = (
                value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
            )
            for one in several:
                if isinstance(one, re.Pattern) and (one.pattern, one.flags) not in seen:
                    seen.add((one.pattern, one.flags))
                    yield home(found.name, name), one


def home(module, name):
    """The same pattern is met first in a module that imports it."""
    for place in USED:
        if place[1] == name and getattr(importlib.import_module(place[0]), name) is getattr(
            importlib.import_module(module), name
        ):
            return place
    return module, name


class TooLong(Exception):
    pass


def took_too_long(pattern, how):
    for text in HOSTILE:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            getattr(pattern, how)(text.encode() if isinstance(pattern.pattern, bytes) else text)
        except TooLong:
            return f"{how} of {text[:4]!r}..."
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


@pytest.fixture
def stopped_in_time():
    def stop(_number, _frame):
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.usefixtures("stopped_in_time")
def test_every_pattern_is_quick_on_hostile_text():
    slow, met = [], 0
    for place, pattern in patterns():
        met += 1
        slow += [(place, found) for how in USED.get(place, WAYS) if (found := took_too_long(pattern, how))]
    assert slow == []
    assert met > 100


@pytest.mark.usefixtures("stopped_in_time")
def test_a_slow_pattern_is_seen():
    assert took_too_long(re.compile(r"[0-9]+\.?[0-9]*"), "fullmatch") is not None
