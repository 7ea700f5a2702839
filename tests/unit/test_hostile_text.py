"""Fault 26: no pattern of ours takes long over hostile text, wherever it is; no pattern comes from a caller."""

import importlib
import pkgutil
import re
import signal
import time

import pytest

import traceability
from traceability.documents import answers
from traceability.services import shipment_cells

LENGTH = 100_000
#: Times what one look at each character takes; 50 ms are eleven, and twice that is noise where tests run side by side.
#: A pattern that looks at each character again for each takes thousands of times as long.
TIMES = 40
STOPPED = 200  # times the same: not waited for
LONG = 3  # times the same: what takes less is below what the clock can compare
LONGER = 4  # times the part, so that what others do to the machine's caches is small beside what a pattern does
GROWTH = 8  # times as long for that; 4 where each character costs the same, 16 where it costs all others
ONE_LOOK = re.compile(r"[^\W\d_]\d")
HOSTILE = [
    ("", piece, end)
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
    ("traceability.documents.answers", "_NO_ANSWER"): ("match",),
    ("traceability.documents.answers", "_OFFERED"): ("match",),
    ("traceability.documents.answers", "_OFFERED_BARE"): ("match",),
    ("traceability.documents.answers", "_WORD"): ("match",),
    ("traceability.documents.declared", "_NUMBER"): ("match",),
    ("traceability.documents.extraction.lines", "_BULLET"): ("match",),
    ("traceability.documents.extraction.lines", "_FIELD"): ("match",),
    ("traceability.documents.extraction.magic", "_MAIL_LINE"): ("match",),
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


def hostile(made, length=LENGTH):
    start, piece, end = made
    return start + piece * (length // len(piece)) + end


def seconds(pattern, how, text, tries=1):
    """Return the least processor time of some tries: this thread's, whatever others do that earlier tests left."""
    given = text.encode() if isinstance(pattern.pattern, bytes) else text
    taken = []
    for _ in range(tries):
        started = time.thread_time()
        getattr(pattern, how)(given)
        taken.append(time.thread_time() - started)
    return min(taken)


def too_slow(pattern, how, one_look, texts=HOSTILE):
    """Say over which text it takes too long, or None; one that does at first is given two more tries."""
    for made in texts:
        text = hostile(made)
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, STOPPED * one_look)
            took = seconds(pattern, how, text)
            signal.setitimer(signal.ITIMER_VIRTUAL, 6 * STOPPED * one_look)
            if took > TIMES * one_look:
                took = min(took, seconds(pattern, how, text, 2))
            if took > TIMES * one_look:
                return f"{how} of {text[:16]!r}... takes {took / one_look:.0f} times as long as one look"
            if took > LONG * one_look and (growth := grows(pattern, how, made, LONG * one_look)) > GROWTH:
                return f"{how} of {LONGER} times as much {text[:16]!r}... takes {growth:.1f} times as long"
        except TooLong:
            return f"{how} of {text[:16]!r}... does not end"
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


def grows(pattern, how, made, least):
    """Return how many times as long it takes for the text as for a part of it, by the least of up to six tries of each.

    A ratio of two single tries is as wrong as the worse of them where others use the machine.
    """
    once = longer = float("inf")
    growth = GROWTH + 1
    for _ in range(6):
        if growth > GROWTH:
            once = min(once, seconds(pattern, how, hostile(made, LENGTH // LONGER)))
            longer = min(longer, seconds(pattern, how, hostile(made)))
            growth = longer / max(least / LONGER, once)
    return growth


@pytest.fixture(scope="module")
def one_look():
    """Return the processor seconds of one look at each character of a text, on this machine and now."""
    # Several at once, because some machines count processor time in steps longer than one look.
    return min(seconds(ONE_LOOK, "search", "a" * (10 * LENGTH)) for _ in range(3)) / 10


@pytest.fixture
def stopped_in_time():
    def stop(_number, _frame):
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.usefixtures("stopped_in_time")
def test_every_pattern_is_quick_on_hostile_text(one_look):
    slow, met = [], 0
    for place, pattern in patterns():
        met += 1
        slow += [(place, found) for how in USED.get(place, WAYS) if (found := too_slow(pattern, how, one_look))]
    assert slow == []
    assert met > 100


@pytest.mark.usefixtures("stopped_in_time")
@pytest.mark.parametrize(
    ("pattern", "how"),
    [
        (r"[0-9]+\.?[0-9]*", "fullmatch"),
        (r"\s*:?\s*\[", "match"),
    ],
)
def test_a_slow_pattern_is_seen(pattern, how, one_look):
    assert too_slow(re.compile(pattern), how, one_look) is not None


@pytest.mark.usefixtures("stopped_in_time")
@pytest.mark.parametrize(
    ("pattern", "how", "start", "end"),
    [
        (answers._WORD, "match", "answer", "!"),
        (answers._WORD_BOX, "search", "no", "!"),
        (shipment_cells._PARTY, "fullmatch", "Name (DE) at", "y" * 301),
        (shipment_cells._SMELTER, "fullmatch", "CID001234 Name (DE) at", "y" * 301),
    ],
)
def test_what_is_begun_as_expected_and_goes_on_in_spaces_is_quick(pattern, how, start, end, one_look):
    assert too_slow(pattern, how, one_look, [(start, " ", end)]) is None


@pytest.mark.parametrize("begun", ["tax 1 USD to a", "royalty 1 USD receipt", "fee 1 USD on"])
def test_a_cell_longer_than_its_form_is_not_searched(begun, one_look):
    started = time.thread_time()
    with pytest.raises(ValueError, match="expected a payment"):
        shipment_cells.taxes(begun + " " * LENGTH + "!")
    assert time.thread_time() - started < TIMES * one_look
