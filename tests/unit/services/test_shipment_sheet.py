"""Shipment records from a spreadsheet: every column, every kind of error, in CSV and XLSX."""

import csv
import io
from datetime import date, datetime

import pytest

from traceability.errors import InvalidInput
from traceability.services import shipment_sheet as sheet

TODAY = date(2026, 11, 23)
GOOD = {
    "shipment_id": "S-1", "cn_code": "26159000", "taric_subdivision": "10", "material_class": "mined",
    "materials": "tantalum; tin", "trade_name": "Coltan", "net_weight_kg": "2050.5", "destination_country": "DE", "released_on": "2026-11-19",
    "batches": "https://a.example/lot/1; https://a.example/lot/2", "supplier_name": "Trader", "supplier_country": "CD",
    "origins": "CD-NK Masisi; RW", "extraction_start": "2026-10-19", "extraction_end": "2026-10-20",
    "mine_name": "Pit", "mine_country": "CD", "mine_subdivision": "CD-NK", "mining_method": "ASM",
    "upstream_locations": "trading: CD-NK Goma; processing: RW", "taxes": "royalty 120.50 USD to Ministry on 2026-10-20 receipt D-9; fee 3 EUR",
    "smelters": "CID001234 Smelter One (DE) at Hafen 1, Hamburg; Smelter Two",
    "smelter_origins": "CID001234: CD, RW; Smelter Two: PE",
    "smelter_assurances": "CID001234: audit from 2026-01-01 until 2026-12-31 document D-7; CID001234: scheme Clean Tin;"
    " Smelter Two: union list",
    "product_suppliers": "Trader One (CD) at Rue 1; Trader Two", "supplier_address": "Avenue 1\nGoma",
}  # fmt: skip


def as_csv(*rows, headers=None):
    out = io.StringIO(newline="")
    headers = headers or list(GOOD)
    writer = csv.writer(out)
    writer.writerow(headers)
    writer.writerows([row.get(name, "") for name in headers] if isinstance(row, dict) else row for row in rows)
    return out.getvalue().encode()


def as_xlsx(cells_by_row):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "shipments"
    for cells in cells_by_row:
        book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def errors_of(data, name="s.csv"):
    records, errors = sheet.read_rows(data, name, TODAY)
    assert not (records and errors)
    return [(error.row, error.column, error.message) for error in errors]


def test_every_kind_of_column_is_read():
    (record,), errors = sheet.read_rows(as_csv(GOOD), "s.csv", TODAY)
    assert errors == []
    assert record["materials"] == ["tantalum", "tin"]
    assert record["net_weight_kg"] == "2050.5"
    assert record["origins"] == [{"country": "CD", "subdivision": "CD-NK", "name": "Masisi"}, {"country": "RW"}]
    assert record["upstream_locations"][0] == {
        "kind": "trading", "country": "CD", "subdivision": "CD-NK", "name": "Goma",
    }  # fmt: skip
    assert record["taxes_fees_royalties"] == [
        {
            "kind": "royalty",
            "amount": "120.50",
            "currency": "USD",
            "payee": "Ministry",
            "paid_on": "2026-10-20",
            "receipt_document_id": "D-9",
        },
        {"kind": "fee", "amount": "3", "currency": "EUR"},
    ]
    assert record["smelters"] == [
        {
            "smelter_id": "CID001234", "name": "Smelter One", "country": "DE", "address": "Hafen 1, Hamburg",
            "countries_of_origin": ["CD", "RW"],
            "assurances": [
                {"kind": "third_party_audit_report", "valid_from": "2026-01-01", "valid_to": "2026-12-31",
                 "document_id": "D-7"},
                {"kind": "recognised_scheme", "scheme": "Clean Tin"},
            ],
        },
        {"name": "Smelter Two", "countries_of_origin": ["PE"], "assurances": [{"kind": "union_list"}]},
    ]  # fmt: skip
    assert record["product_suppliers"] == [
        {"name": "Trader One", "country": "CD", "address": "Rue 1"}, {"name": "Trader Two"},
    ]  # fmt: skip
    assert record["supplier"]["address"] == "Avenue 1, Goma"
    assert record["extraction_period"] == {"start": "2026-10-19", "end": "2026-10-20"}
    assert record["mine_of_origin"]["mining_method"] == "ASM"


def test_an_empty_cell_is_unknown_and_none_is_stated_to_be_none():
    nothing = {"smelter_origins": "", "smelter_assurances": "", "origins": ""}
    row = {**GOOD, "smelters": "none", "taxes": "None", **nothing}
    (record,), _ = sheet.read_rows(as_csv(row), "s.csv", TODAY)
    assert record["smelters"] == []
    assert record["taxes_fees_royalties"] == []
    assert "origins" not in record


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("origins", "Congo", "expected a country"),
        ("upstream_locations", "CD-NK Goma", "expected kind: place"),
        ("upstream_locations", "trading: Goma", "expected a country"),
        ("taxes", "a lot of money", "expected a payment"),
        ("cn_code", "2615", "8 digits without blanks, such as 26090000; got '2615'"),
        (
            "net_weight_kg",
            "12,5",
            "expected more than 0 kilograms with a point, at most 6 decimals, such as 2050.5; got '12,5'",
        ),
        ("destination_country", "Germany", "in two capital letters, such as DE; got 'Germany'"),
        ("destination_country", "XX", "expected a country of ISO 3166-1"),
        ("destination_country", "UE", "name the Member State"),
        ("released_on", "19.11.2026", "expected a date between 1900 and 2099 as year-month-day"),
        ("released_on", "2027-11-30", "expected a date until 2027-11-24, a year from now"),
        ("origins", "CD-ZZ", "ISO 3166-2, such as CD-NK; got 'CD-ZZ'"),
        ("smelter_origins", "CID001234", "expected smelter: what of it"),
        ("smelter_origins", "Nobody: CD", "expected a smelter that the column smelters names; got 'Nobody'"),
        ("smelter_origins", "CID001234: Congo", "expected a country of ISO 3166-1"),
        ("smelter_assurances", "CID001234: it is good", "expected audit, scheme NAME or union list"),
        ("smelter_assurances", "CID001234: audit until 2026-13-01", "expected a date"),
        ("trade_name", "tin\u202eore", "without line breaks, control or invisible characters"),
        ("mine_subdivision", "RW-01", "another country"),
        ("batches", "https://a.example/1; https://a.example/1", "names something twice"),
        ("taric_subdivision", "=1+1", "formula"),
        ("smelters", "CID001234 " + "x" * 300, "expected a smelter"),
    ],
)
def test_an_error_names_its_row_and_column_and_nothing_is_read(column, cell, said):
    errors = errors_of(as_csv(GOOD | {"shipment_id": "S-0"}, GOOD | {column: cell}))
    assert {error[:2] for error in errors} == {(3, column)}
    assert any(said in error[2] for error in errors)


def test_a_missing_field_is_told_under_the_column_that_fills_it():
    said = "is missing: expected one of mined, by_product, recycled, mixed, pre_2013_stock, waste, product"
    assert errors_of(as_csv({**GOOD, "material_class": ""})) == [(2, "material_class", said)]
    assert errors_of(as_csv({**GOOD, "mine_country": ""}))[0][:2] == (2, "mine_country")


def test_a_number_given_twice_names_the_first_row():
    assert errors_of(as_csv(GOOD, GOOD)) == [(3, "shipment_id", "stands in row 2 already")]


def test_headers_must_be_those_of_the_template():
    headers = [*list(GOOD)[2:], "colour", "materials"]
    said = {(row, column): message for row, column, message in errors_of(as_csv(GOOD, headers=headers))}
    assert "no column" in said[1, "colour"]
    assert "missing" in said[1, "shipment_id"]
    assert "missing" in said[1, "cn_code"]
    assert "twice" in said[1, "materials"]


def test_a_cell_without_a_header_is_not_passed_over():
    row = [*GOOD.values(), "what is this?"]
    assert errors_of(as_csv(row)) == [(2, f"column {len(row)}", "holds something, and has no header")]


def test_a_workbook_with_real_dates_and_numbers_is_read():
    names = ["shipment_id", "cn_code", "material_class", "destination_country", "released_on", "net_weight_kg"]
    data = as_xlsx([names, ["S-9", 26090000, "mined", "NL", datetime.fromisoformat("2026-11-19"), 0.1]])
    (record,), errors = sheet.read_rows(data, "s.xlsx", TODAY)
    assert errors == []
    assert (record["released_on"], record["net_weight_kg"], record["cn_code"]) == ("2026-11-19", "0.1", "26090000")
    assert sheet.row_count(data, "s.xlsx") == 1


def test_a_formula_in_a_workbook_is_an_error():
    data = as_xlsx([["shipment_id", "cn_code"], ["S-9", "=A1"]])
    assert errors_of(data, "s.xlsx") == [(2, "cn_code", "holds a formula; paste the value")]


@pytest.mark.parametrize("data", [b"", b"shipment_id,cn_code\n", b"\xff\xfe\x00"])
def test_a_file_without_rows_is_refused(data):
    with pytest.raises(InvalidInput):
        sheet.read_rows(data, "s.csv", TODAY)


def test_the_templates_are_headers_that_a_filled_row_fits():
    header = sheet.template_csv().strip().split(",")
    assert header == [column.name for column in sheet.COLUMNS]
    (record,), errors = sheet.read_rows(as_csv(GOOD, headers=header), "s.csv", TODAY)
    assert errors == []
    assert record["shipment_id"] == "S-1"
    with pytest.raises(InvalidInput, match="at least one row"):
        sheet.read_rows(sheet.template_xlsx(), "t.xlsx", TODAY)
