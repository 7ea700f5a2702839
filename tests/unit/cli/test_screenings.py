"""Names against a service, and the screening record as a file: over --url and from the database here."""

import csv
import hashlib
import json

import pytest

from traceability.lists.match import Query
from traceability.services.access import Actor
from traceability.services.asked_names import Asking, ask_names
from traceability.services.lists import load_folder

ADMIN = Actor("root", "root", "admin")


@pytest.fixture
def listed(sqlite_service, tmp_path):
    """A list of one party, loaded into the service."""
    folder = tmp_path / "lists"
    folder.mkdir()
    table = b"entry_key,kind,primary,country\nUN.9,party,Machanga Ltd,UG\n"
    (folder / "list.csv").write_bytes(table)
    line = {
        "list_id": "un-sc", "file": "list.csv", "publisher": "P", "title": "UN", "version": "1",
        "published_at": "2026-11-20", "retrieved_at": "2026-11-20", "source_url": "https://list.example/",
        "source_sha256": "0" * 64, "rows": 1, "expected_min": 1, "expected_max": 9, "coverage": "full",
        "max_age_days": 365, "terms": "facts", "table_sha256": hashlib.sha256(table).hexdigest(),
    }  # fmt: skip
    with (folder / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(line))
        writer.writeheader()
        writer.writerow(line)
    load_folder(sqlite_service, ADMIN, folder)


def test_match_asks_a_service_in_the_shape_of_this_machine(run, server, listed, make_party, make_session, tmp_path):
    key = make_session(make_party("Importer", roles=["importer"]), role="officer").secret
    at = ("--url", server, "--token", key)
    done = run("match", "Machanga Ltd", "Nobody Known", *at, "--json", "--explain")
    assert done.code == 1, done.err
    assert [(row["query"], row["decision"]) for row in done.json] == [
        ("Machanga Ltd", "review"), ("Nobody Known", "none"),
    ]  # fmt: skip
    assert list(done.json[0]) == ["query", "decision", "coverage", "candidates"]
    assert done.json[0]["coverage"][0]["list_id"] == "un-sc"
    names = tmp_path / "names.csv"
    names.write_text("id,name,country\n" + "".join(f"n{number},Company {number},UG\n" for number in range(1200)))
    many = run("match", "--names", names, *at, "--jsonl", "--against", "un-sc")
    assert (many.code, many.err) == (0, ""), "no bar where nobody looks"
    assert [row["id"] for row in many.lines] == [f"n{number}" for number in range(1200)]
    assert run("match", "x", *at, "--against", "nonsense").code == 2


def test_a_table_of_ones_own_is_compared_here_whatever_the_address(run, tmp_path):
    table = tmp_path / "list.csv"
    table.write_text("id,name\n1,Machanga Ltd\n")
    done = run("match", "Machanga Ltd", "--against", table, "--url", "http://127.0.0.1:9", "--json")
    assert done.code == 1


def test_the_record_is_exported_over_the_address_and_not_over_a_file(
    run, server, listed, sqlite_service, make_party, make_session, tmp_path
):
    party = make_party("Importer", roles=["importer"])
    key = make_session(party, role="officer").secret
    officer = Actor("o", "anna", "officer", party.id)
    ask_names(sqlite_service, officer, Asking([(None, Query("Machanga Ltd")), (None, Query("Nobody"))], record=True))
    at = ("--url", server, "--token", key)
    out = tmp_path / "record.csv"
    done = run("screenings", "export", "--out", out, *at, "--json")
    assert (done.code, done.json["bytes"]) == (0, out.stat().st_size), done.err
    with out.open(newline="") as stream:
        assert [row["subject"] for row in csv.DictReader(stream)] == ["Nobody", "Machanga Ltd"]
    assert run("screenings", "export", "--out", out, *at).code == 2
    lines = tmp_path / "record.jsonl"
    assert run("screenings", "export", "--out", lines, "--jsonl", "--outcome", "hits", *at).code == 0
    (one,) = [json.loads(line) for line in lines.read_text().splitlines()]
    assert (one["subject"]["name"], one["asked_by"], one["kind"]) == ("Machanga Ltd", "anna", "query")
    bad = tmp_path / "bad.csv"
    assert run("screenings", "export", "--out", bad, "--outcome", "clear", *at).code == 2
    assert list(tmp_path.glob("bad*")) == []
