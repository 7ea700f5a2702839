"""``shipments``: the template, checking a sheet, and importing it signed, all rows or none."""

import csv
from datetime import date
from pathlib import Path

import pytest

from traceability.services import shipment_sheet
from traceability.storage.tables import Shipment

ROW = {
    "shipment_id": "S-1", "cn_code": "26159000", "material_class": "mined", "destination_country": "DE",
    "origins": "CD-NK", "net_weight_kg": "2050.5", "batches": "https://a.example/lot/1",
}  # fmt: skip


@pytest.fixture
def sheet(tmp_path):
    """``sheet(row, ...)``: a CSV file of these rows."""

    def write(*rows):
        path = tmp_path / "shipments.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(ROW))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def importer(make_party, tmp_path, sqlite_service):
    party = make_party("Importer", roles=["importer"], did="did:web:importer.example", country="DE")
    party.key.save(tmp_path / "importer.key")
    return party


@pytest.fixture
def token(make_api_key, importer):
    return make_api_key(importer, role="importer").secret


def stored(service):
    from sqlmodel import select

    with service.store.read() as session:
        return list(session.exec(select(Shipment)))


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_the_template_is_written_once_and_never_over_a_file(run, tmp_path, name):
    assert run("shipments", "template", "--out", name).code == 0
    assert (tmp_path / name).stat().st_size > 100
    assert run("shipments", "template", "--out", name).code == 2


def test_a_check_needs_nothing_but_the_file(run, sheet):
    done = run("shipments", "import", sheet(ROW), "--check", "--json")
    assert (done.code, done.json) == (0, {"rows": 1, "accepted": 1, "errors": []})
    assert run("shipments", "import", sheet(ROW), "--check").out == "1 of 1 rows checked\n"


def test_each_error_is_told_with_row_and_column(run, sheet):
    done = run("shipments", "import", sheet(ROW, ROW | {"shipment_id": "S-2", "cn_code": "26"}), "--check", "--json")
    assert done.code == 2
    assert (done.json["rows"], done.json["accepted"]) == (2, 0)
    assert [(error["row"], error["column"]) for error in done.json["errors"]] == [(3, "cn_code")]
    text = run("shipments", "import", sheet(ROW | {"origins": "Congo"}), "--check")
    assert text.code == 2
    assert "row 2, origins: expected a country" in text.out
    assert "1 errors in 1 rows; nothing was imported" in text.out


def test_an_import_needs_key_and_address(run, sheet):
    done = run("shipments", "import", sheet(ROW))
    assert done.code == 2
    assert "--key and --url" in done.err


def test_every_record_is_signed_by_itself_and_stored(run, sheet, server, importer, token, sqlite_service):
    file = sheet(ROW, ROW | {"shipment_id": "S-2"})
    arguments = ("shipments", "import", file, "--key", "importer.key", "--url", server, "--token", token)
    done = run(*arguments, "--json")
    assert (done.code, done.json) == (0, {"rows": 2, "accepted": 2, "errors": []})
    rows = stored(sqlite_service)
    assert {row.shipment_id for row in rows} == {"S-1", "S-2"}
    assert {row.jws.count(".") for row in rows} == {2}
    assert rows[0].record["origins"] == [{"country": "CD", "subdivision": "CD-NK"}]
    assert run(*arguments).code == 0
    assert len(stored(sqlite_service)) == 2  # the same bytes again are the same record


def test_a_record_the_service_refuses_keeps_the_others_out(
    run, sheet, server, make_party, token, tmp_path, sqlite_service
):
    make_party("Other", roles=["importer"], did="did:web:other.example").key.save(tmp_path / "other.key")
    done = run("shipments", "import", sheet(ROW), "--key", "other.key", "--url", server, "--token", token)
    assert done.code == 2
    assert "belongs to another party" in done.err
    assert stored(sqlite_service) == []


def test_nobody_answers(run, sheet, importer):
    done = run(
        "shipments", "import", sheet(ROW), "--key", "importer.key", "--url", "http://127.0.0.1:9", "--token", "x"
    )
    assert done.code == 3


def test_the_sheet_to_try_out_is_in_order():
    path = Path(__file__).resolve().parents[3] / "seed" / "demo" / "try" / "shipments.csv"
    records, errors = shipment_sheet.read_rows(path.read_bytes(), path.name, date(2026, 11, 23))
    assert errors == []
    assert records[0]["smelters"] == [{"name": "Demo Pacifico Tin Smelter (invented)", "country": "PE"}]
