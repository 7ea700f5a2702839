"""Hostile names through the command line: answered or refused with what to mend, never a failure, never clear unseen."""

import csv
import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from hostile_names import HOSTILE, LISTED, Hostile

HELPFUL = ("expected", "cannot be", "field larger")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"id,name,schema,country\n1,{LISTED},Organization,UG\n2,Somebody Else SARL,Organization,CD\n")
    return path


def encodable(name):
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def written(path, header, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def holds(done, hostile: Hostile, decisions):
    """Check an outcome; exit code 0 is "none", 1 is found, 2 is refused."""
    came = {0: "none", 1: "found", 2: "refused"}[done.code]
    assert came in hostile.outcome or "answered" in hostile.outcome, (came, done.out[:300], done.err[:300])
    assert "Traceback" not in done.err
    if came == "refused":
        assert any(word in done.err for word in HELPFUL), done.err[:300]
        assert len(done.err) < 1_000
        assert decisions in (None, [])
    elif decisions is not None:
        assert len(decisions) == 1
        assert (decisions[0] == "none") == (came == "none")


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.what)
def test_as_an_argument(run, table, hostile):
    done = run("match", "--against", table, "--json", "--", hostile.name)
    holds(done, hostile, [row["decision"] for row in done.json])
    told = run("match", "--against", table, "--explain", "--", hostile.name)
    assert told.code == done.code
    assert [letter for letter in told.out + told.err if letter != "\n" and not letter.isprintable()] == []


@pytest.mark.parametrize("hostile", [item for item in HOSTILE if encodable(item.name)], ids=lambda item: item.what)
def test_in_a_table_of_names(run, table, tmp_path, hostile):
    names = written(tmp_path / "names.csv", ["id", "name"], ["a", hostile.name])
    done = run("match", "--names", names, "--against", table, "--json")
    holds(done, hostile, [row["decision"] for row in json.loads(done.out or "[]")])


@pytest.mark.parametrize("hostile", [item for item in HOSTILE if encodable(item.name)], ids=lambda item: item.what)
def test_in_a_table_of_pairs(run, tmp_path, hostile):
    pairs = written(tmp_path / "pairs.csv", ["name1", "name2"], [LISTED, hostile.name])
    done = run("match", "--pairs", pairs, "--json")
    holds(done, hostile, [row["decision"] for row in json.loads(done.out or "[]")])


def test_the_others_are_still_answered(run, table):
    done = run("match", "--against", table, "--json", "--", "Nobody Known", "x" * 301, LISTED)
    assert done.code == 2
    assert [row["decision"] for row in done.json] == ["none", "review"] or done.json[1]["decision"] == "match"
    assert "at most 300 characters; got 301" in done.err


def test_a_table_that_is_not_utf_8_is_refused(run, table, tmp_path):
    names = tmp_path / "names.csv"
    names.write_bytes("id,name\na,Soci\xe9t\xe9 Mini\xe8re\n".encode("latin-1"))
    for option in ("--names", "--pairs"):
        done = run("match", option, names, *(["--against", table] if option == "--names" else []))
        assert done.code == 2
        assert "UTF-8" in done.err
