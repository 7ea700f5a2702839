"""`traceability report` against a real service: a new file whose ending tells the format, and what refuses it."""

import csv
import hashlib

import pytest


@pytest.fixture
def at(run, server, make_party, make_api_key):
    key = make_api_key(make_party("Importer", roles=["importer"]), role="importer").secret
    return lambda *arguments: run("report", *arguments, "--url", server, "--token", key)


def test_the_ending_tells_the_format_and_nothing_is_written_over(at, tmp_path):
    done = at("annual-volume", "--year", "2025", "--out", tmp_path / "volumes.csv", "--json")
    data = (tmp_path / "volumes.csv").read_bytes()
    assert done.code == 0, done.err
    assert done.json == {
        "kind": "annual-volume", "format": "csv", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    assert next(csv.reader(data.decode().splitlines()))[0] == "Row"
    again = at("annual-volume", "--year", "2025", "--out", tmp_path / "volumes.csv")
    assert (again.code, "written into a new file" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("annual-volume", "--out", "x.txt"), "one of the endings"),
        (("annual-volume", "--out", "x.docx"), "has the formats json, csv, xlsx, pdf"),
        (("nothing", "--out", "x.json"), "there is no report 'nothing'"),
        (("due-diligence", "--batch", "b", "--out", "x.json"), "is asked for by year, from, to"),
        (("downstream-information", "--shipment", "s", "--out", "x.json"), "there is no shipment record s"),
    ],
)
def test_what_cannot_be_had_is_told_and_leaves_no_file(at, tmp_path, arguments, said):
    done = at(*arguments)
    assert done.code == 2
    assert said in done.err
    assert not list(tmp_path.glob("x.*"))
