"""The supplier's sheet: both templates, every kind of row, every error with its row and column, hostile files."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability import strict_json
from traceability.errors import InvalidInput, TooLarge, TraceabilityError
from traceability.events.capture_rules import capture_problems
from traceability.events.reading import read_events
from traceability.events.sheet import RowError, document, read_rows, row_count, template_csv, template_xlsx
from traceability.events.sheet_columns import COLUMNS
from traceability.events.sheet_files import MAX_BYTES, MAX_ROWS
from traceability.events.sheet_kinds import KINDS
from traceability.events.validation import document_problems

PARTY = "did:web:mine.example"
EXAMPLES = {column.name: column.example for column in COLUMNS}
ROW = {name: EXAMPLES[name] for name in ("when", "zone", "batch", "quantity", "mineral", "origin_country")} | {
    "what": "extraction"
}


def as_csv(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    names = [column.name for column in COLUMNS]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_xlsx(*rows: list[object], title: str = "events") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def events_of(*rows: dict[str, str], party: str = PARTY):
    events, errors = read_rows(as_csv(*rows), "x.csv", party=party)
    assert errors == []
    return events


def errors_of(*rows: dict[str, str]) -> list[RowError]:
    events, errors = read_rows(as_csv(*rows), "x.csv", party=PARTY)
    assert events == []
    return errors


def accepted(events) -> bool:
    body = strict_json.loads(strict_json.dumps(document(events, datetime(2026, 11, 23, tzinfo=UTC))))
    return document_problems(body) == [] and capture_problems(body) == [] and len(read_events(body)) == len(events)


def test_the_templates_have_the_same_header_and_no_row() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx()))
    assert book.sheetnames == ["events", "instructions"]
    header = [cell.value for cell in book["events"][1]]
    assert header == next(csv.reader([template_csv()])) == [column.name for column in COLUMNS]
    assert book["events"].max_row == 1
    assert len(book["events"].data_validations.dataValidation) == 7
    assert all(len(one.formula1) <= 257 for one in book["events"].data_validations.dataValidation)
    page = [row[0].value for row in book["instructions"].iter_rows()]
    assert {*EXAMPLES, *KINDS} <= set(page)
    for data in (template_xlsx(), template_csv().encode()):
        with pytest.raises(InvalidInput, match="no row below the header"):
            read_rows(data, "template.csv")


def test_a_row_becomes_the_event_it_says() -> None:
    (event,) = events_of(ROW | {"site": "geo:-1.5,28.8", "grade_percent": "62.10", "invoice": "INV 7/1", "uom": "TNE"})
    assert event.pop("eventID").startswith("urn:uuid:")
    assert event == {
        "type": "ObjectEvent",
        "eventTime": "2026-02-01T09:00:00+02:00",
        "eventTimeZoneOffset": "+02:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "quantityList": [{"epcClass": EXAMPLES["batch"], "quantity": 1250, "uom": "TNE"}],
        "readPoint": {"id": "geo:-1.5,28.8"},
        "bizTransactionList": [{"type": "inv", "bizTransaction": "urn:x-doc:did%3Aweb%3Amine.example:inv:INV%207%2F1"}],
        "destinationList": [
            {"type": "owning_party", "destination": PARTY},
            {"type": "possessing_party", "destination": PARTY},
        ],
        "ilmd": {"crm:mineral": "cassiterite", "crm:originCountry": "CD", "crm:gradePercent": Decimal("62.1")},
    }


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("fields", ["needed", "all"])
def test_every_kind_makes_a_valid_event(name: str, fields: str) -> None:
    kind = KINDS[name]
    names = {"when", "zone", *kind.needs} if fields == "needed" else kind.columns
    row = {column: EXAMPLES[column] for column in names} | {"what": name}
    if fields == "needed" and kind.type == "ObjectEvent" and "batch" not in kind.needs:
        row["bags"] = EXAMPLES["bags"]
    events = events_of(row)
    assert accepted(events)
    assert (events[0]["type"], events[0].get("action"), events[0]["bizStep"]) == (kind.type, kind.action, kind.step)


def test_what_each_kind_says_of_parties_and_goods() -> None:
    moved = {"when": ROW["when"], "zone": "Z", "from": "did:web:a", "to": "did:web:b", "to_site": "geo:1,2"}
    (dispatch,) = events_of(moved | {"what": "dispatch", "bags": "a:1; a:2", "seal": "S-1"})
    assert dispatch["epcList"] == ["a:1", "a:2"]
    assert dispatch["sourceList"] == [{"type": "possessing_party", "source": "did:web:a"}]
    assert dispatch["destinationList"] == [
        {"type": "possessing_party", "destination": "did:web:b"},
        {"type": "location", "destination": "geo:1,2"},
    ]
    assert dispatch["crm:sealNumber"] == "S-1"
    ship = {"what": "transport", "bags": "a:1", "vessel": "MV Example Star", "vessel_imo": "9074729"}
    (sailed,) = events_of(moved | ship)
    assert (sailed["crm:vesselName"], sailed["crm:vesselImo"]) == ("MV Example Star", "9074729")
    goods = {"batch": "a:l", "quantity": "1"}
    (declared,) = events_of(moved | goods | {"what": "export", "customs_declaration": "urn:x-mrn:26CD1"})
    assert declared["bizTransactionList"] == [{"type": "crm:customsDeclaration", "bizTransaction": "urn:x-mrn:26CD1"}]
    (brought,) = events_of(moved | goods | {"what": "import", "customs_declaration": "26NL000000000001"})
    assert brought["destinationList"][0]["type"] == "owning_party"
    assert brought["bizTransactionList"] == [
        {"type": "crm:customsDeclaration", "bizTransaction": "urn:x-mrn:26NL000000000001"}
    ]
    made = {
        "what": "processing",
        "when": ROW["when"],
        "zone": "Z",
        "process": "smelting",
        "inputs": "a:l?x=y=10; a:m=2.50;",
        "outputs": "a:n=12",
    }
    (smelted,) = events_of(made | {"smelter_id": "did:web:smelter.example"})
    assert smelted["inputQuantityList"] == [
        {"epcClass": "a:l?x=y", "quantity": 10, "uom": "KGM"},
        {"epcClass": "a:m", "quantity": Decimal("2.5"), "uom": "KGM"},
    ]
    assert smelted["ilmd"] == {"crm:processType": "smelting", "crm:smelterId": "did:web:smelter.example"}
    (fed,) = events_of(ROW | {"what": "recycling_feed"})
    assert fed["ilmd"]["crm:materialOrigin"] == "recycled"
    (blended,) = events_of({name: value for name, value in made.items() if name != "process"} | {"what": "blending"})
    assert blended["ilmd"] == {"crm:processType": "blending"}
    (packed,) = events_of(goods | {"what": "packing", "when": ROW["when"], "zone": "Z", "bags": "a:b", "seal": "S"})
    assert (packed["parentID"], packed["childQuantityList"][0]["quantity"]) == ("a:b", 1)
    (assay,) = events_of(
        goods
        | {
            "what": "assay",
            "when": ROW["when"],
            "zone": "Z",
            "result": "non_conformant",
            "test_result": "https://lab.example/1",
        }
    )
    assert assay["disposition"] == "non_conformant"
    assert assay["bizTransactionList"] == [{"type": "testres", "bizTransaction": "https://lab.example/1"}]


def test_nobody_holds_a_birth_where_the_party_is_unknown() -> None:
    (event,) = events_of(ROW, party="")
    assert "destinationList" not in event


def test_importing_again_makes_the_same_events() -> None:
    header = list(ROW)
    typed = [
        datetime(2026, 2, 1, 9, tzinfo=UTC).replace(tzinfo=None),
        "+02:00",
        ROW["batch"],
        1250.0,
        "cassiterite",
        "CD",
        "extraction",
    ]
    from_xlsx, errors = read_rows(as_xlsx(header, typed), "x.xlsx", party=PARTY)
    assert errors == []
    assert from_xlsx == events_of(ROW) == events_of(ROW | {"quantity": "1250.00", "when": "2026-02-01 09:00:00"})
    assert events_of(ROW, party="did:web:other")[0]["eventID"] != from_xlsx[0]["eventID"]
    assert events_of(ROW | {"quantity": "1251"})[0]["eventID"] != from_xlsx[0]["eventID"]


@pytest.mark.parametrize(
    ("when", "zone", "time"),
    [
        ("2026-02-01T09:00", "+02:00", "2026-02-01T09:00:00+02:00"),
        ("2026-02-01 09:00:30", "Z", "2026-02-01T09:00:30+00:00"),
        ("2026-02-01T09:00Z", "", "2026-02-01T09:00:00+00:00"),
        ("2026-02-01T09:00Z", "UTC", "2026-02-01T09:00:00+00:00"),
        ("2026-02-01T09:00-05:00", "-05:00", "2026-02-01T09:00:00-05:00"),
    ],
)
def test_times(when: str, zone: str, time: str) -> None:
    (event,) = events_of(ROW | {"when": when, "zone": zone})
    assert event["eventTime"] == time
    assert event["eventTimeZoneOffset"] == time[-6:]


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        ({"what": "mining"}, "what", "expected one of extraction"),
        ({"what": ""}, "what", "got nothing that can be read"),
        ({"what": "=A1"}, "what", "got nothing that can be read"),
        ({"when": ""}, "when", "such as 2026-02-01T09:00"),
        ({"when": "=NOW()"}, "when", "formula"),
        ({"when": "2026-02-01"}, "when", "date and time"),
        ({"when": "01.02.2026 09:00"}, "when", "date and time"),
        ({"when": "2026-02-30T09:00"}, "when", "no date and time"),
        ({"when": "0001-01-01T00:00"}, "when", "no date and time"),
        ({"zone": ""}, "zone", "is needed"),
        ({"zone": "CET"}, "when", "zone up to 14:00"),
        ({"zone": "+15:00"}, "when", "zone up to 14:00"),
        ({"when": "2026-02-01T09:00+01:00"}, "zone", "differs"),
        ({"batch": ""}, "batch", "is needed for extraction"),
        ({"batch": "CAS-1"}, "batch", "expected an identifier"),
        ({"quantity": "1,5"}, "quantity", "without spaces or a comma"),
        ({"quantity": "-1"}, "quantity", "expected a number"),
        ({"quantity": "1e5"}, "quantity", "expected a number"),
        ({"quantity": "=1+1"}, "quantity", "formula"),
        ({"quantity": "9999999999999"}, "quantity", "check number and unit"),
        ({"uom": "kg"}, "uom", "KGM for kilograms"),
        ({"mineral": "Tin ore"}, "mineral", "mineral code"),
        ({"hs_code": "2609"}, "hs_code", "6 digits"),
        ({"cn_code": "2609000"}, "cn_code", "8 digits"),
        ({"origin_country": "cd"}, "origin_country", "two capitals"),
        ({"origin_region": "Kivu"}, "origin_region", "ISO 3166-2"),
        ({"latitude": "91"}, "latitude", "-90 to 90"),
        ({"longitude": "28,8"}, "longitude", "-180 to 180"),
        ({"mining_method": "big"}, "mining_method", "ASM, LSM"),
        ({"grade_percent": "101"}, "grade_percent", "0 to 100"),
        ({"permit": "P-1"}, "permit", "identifier"),
        ({"invoice": "x" * 81}, "invoice", "80 characters"),
        ({"customs_declaration": "MRN"}, "customs_declaration", "26NL"),
        ({"seal": "S-1"}, "seal", "not used for extraction"),
        ({"what": "dispatch", "mineral": "", "origin_country": "", "from": "a:b", "to": "a:c", "batch": "", "quantity": ""}, "batch", "say which goods"),
        ({"what": "receipt", "mineral": "", "origin_country": "", "from": "a:b", "to": "a:c", "bags": "a:x", "quantity": ""}, "bags", "go together"),
        ({"what": "packing", "mineral": "", "origin_country": "", "bags": "a:x; a:y"}, "bags", "one bag for each row"),
        ({"what": "packing", "mineral": "", "origin_country": "", "bags": "a:x; a:x"}, "bags", "each of them once"),
        ({"what": "packing", "mineral": "", "origin_country": "", "bags": ";"}, "bags", "each of them once"),
    ],
)  # fmt: skip
def test_each_error_names_row_and_column(changes: dict[str, str], column: str, said: str) -> None:
    errors = errors_of(ROW, ROW | {"quantity": "7"}, ROW | {"quantity": "8"} | changes)
    (error,) = [one for one in errors if one.column == column]
    assert error.row == 4
    assert said in error.message
    assert error.as_dict() == {"row": 4, "column": column, "message": error.message}


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        ({"inputs": "a:b"}, "inputs", "batch=kg"),
        ({"inputs": ";"}, "inputs", "1 to 500"),
        ({"inputs": "a:b=1;a:b=2"}, "inputs", "each of them once"),
        ({"outputs": "lot=1"}, "outputs", "identifier"),
        ({"outputs": "a:b=x"}, "outputs", "number"),
        ({"process": "magic"}, "process", "one of crushing"),
        ({"smelter_id": "CID12"}, "smelter_id", "six digits"),
        ({"uom": "TNE"}, "uom", "not used for processing"),
    ],
)
def test_errors_of_rows_that_make_batches(changes: dict[str, str], column: str, said: str) -> None:
    row = {
        "what": "processing",
        "when": ROW["when"],
        "zone": "Z",
        "inputs": "a:b=1",
        "outputs": "a:c=1",
        "process": "smelting",
    }
    assert events_of(row)
    (error,) = errors_of(row | changes)
    assert (error.row, error.column) == (2, column)
    assert said in error.message


def test_a_row_twice_is_an_error() -> None:
    (error,) = errors_of(ROW, ROW)
    assert error == RowError(3, "what", "says the same as row 2: remove it, or correct it")


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("what,when,colour\na,b,c", "colour", "no column of the template"),
        ("what,what,when\na,b,c", "what", "twice"),
        ("what,zone\na,b", "when", "missing"),
        ("what,when\nextraction,x,y", "column 3", "no header"),
    ],
)
def test_headers_are_checked(text: str, column: str, said: str) -> None:
    events, errors = read_rows(text.encode(), "x.csv")
    assert events == []
    assert any(one.column == column and said in one.message for one in errors)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_usual_delimiter_and_with_a_mark(delimiter: str) -> None:
    data = b"\xef\xbb\xbf" + as_csv(ROW, {}, ROW | {"quantity": "5"}, delimiter=delimiter)
    events, errors = read_rows(data, "x.csv", party=PARTY)
    assert errors == []
    assert [one["quantityList"][0]["quantity"] for one in events] == [1250, 5]
    assert row_count(data, "x.csv") == 2


def test_empty_rows_keep_the_numbers_of_the_spreadsheet() -> None:
    header = ["what", "when"]
    _, errors = read_rows(as_xlsx(header, [], [], ["mining", "x"], title="Sheet1"), "x.xlsx")
    assert [(one.row, one.column) for one in errors] == [(4, "what")]


def test_cells_of_other_kinds_are_read_as_text() -> None:
    header = [
        "what",
        "when",
        "zone",
        "batch",
        "quantity",
        "mineral",
        "origin_country",
        "hs_code",
        "certificate",
        "invoice",
    ]
    row = ["extraction", "2026-02-01T09:00", "Z", "a:b", 0.5, "gold", "CD", 260900, True, date(2026, 2, 1)]
    events, errors = read_rows(as_xlsx(header, row), "x.xlsx")
    assert errors == []
    assert events[0]["quantityList"][0]["quantity"] == Decimal("0.5")
    assert events[0]["ilmd"]["crm:hsCode"] == "260900"
    assert [one["bizTransaction"] for one in events[0]["bizTransactionList"]] == [
        "urn:x-doc::inv:2026-02-01T00%3A00%3A00",
        "urn:x-doc::cert:True",
    ]


def test_formulas_are_not_calculated() -> None:
    _, errors = read_rows(
        as_xlsx(["what", "when", "zone", "inputs"], ["blending", "2026-02-01T09:00", "Z", "=1+1"]), "x.xlsx"
    )
    assert RowError(2, "inputs", "holds a formula: paste its value") in errors


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def entity_bomb() -> bytes:
    source, out = zipfile.ZipFile(io.BytesIO(as_xlsx(["what", "when"], ["x", "y"]))), io.BytesIO()
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    with zipfile.ZipFile(out, "w") as archive:
        for member in source.infolist():
            archive.writestr(member, bomb if "worksheets/" in member.filename else source.read(member))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (b"", InvalidInput, "empty"),
        (b"\n\n", InvalidInput, "empty"),
        (b"\xff\xfe", InvalidInput, "neither"),
        (b'what,when\n"x', InvalidInput, "damaged"),
        (b"what,when\n" + b"x" * 200_000, InvalidInput, "damaged"),
        (b"what,when\n" + b"x" * 40_000, TooLarge, "characters"),
        (b"," * 64 + b"x\n1\n", InvalidInput, "at most 64 columns"),
        (b"what,when\n" + b"a,b\n" * (MAX_ROWS + 1), TooLarge, "at most 5000 rows"),
        (b" " * (MAX_BYTES + 1), TooLarge, "at most 5000000 bytes"),
        (b"PK\x03\x04 no archive", InvalidInput, "damaged"),
        (zipped(a=b"x"), InvalidInput, "cannot be read"),
        (zipped(a=b"0" * 20_000_001), TooLarge, "unpacks"),
        (zipped(**{f"m{number}": b"" for number in range(201)}), TooLarge, "unpacks"),
        (as_xlsx(["what", "when"], ["x", "y"])[:-30], InvalidInput, "damaged"),
        (as_xlsx(["x"] * 65), InvalidInput, "at most 64 columns"),
        (entity_bomb(), InvalidInput, "cannot be read"),
    ],
)
def test_hostile_files_are_refused(data: bytes, error: type[TraceabilityError], said: str) -> None:
    with pytest.raises(error, match=said):
        read_rows(data, "x.xlsx")


SMALL = as_xlsx(["what", "when"], ["x", "y"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_to_a_workbook_is_refused_or_read(data) -> None:
    good = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 5))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        events, errors = read_rows(bytes(good), "x.xlsx")
    except (InvalidInput, TooLarge):
        return
    assert events == []
    assert errors


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.data()), min_size=1, max_size=3))
def test_every_event_so_made_is_captured(rows) -> None:
    sheet = []
    for name, data in rows:
        kind = KINDS[name]
        chosen = data.draw(st.sets(st.sampled_from(sorted(kind.columns))))
        row = {column: EXAMPLES[column] for column in {"when", "zone", *kind.needs} | chosen} | {"what": name}
        odd = data.draw(st.dictionaries(st.sampled_from(sorted(EXAMPLES)), st.text(max_size=8), max_size=1))
        sheet.append(row | {column: text for column, text in odd.items() if column != "what"})
    events, errors = read_rows(as_csv(*sheet), "x.csv", party=PARTY)
    assert bool(events) != bool(errors)
    assert not events or accepted(events)


def test_a_document_needs_a_time_with_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        document([], datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))
    made = document([], datetime(2026, 1, 1, tzinfo=UTC))
    assert made["creationDate"] == "2026-01-01T00:00:00Z"
    assert document_problems(made) == []


def test_more_rows_than_one_capture_takes_are_to_be_split() -> None:
    with pytest.raises(TooLarge, match=r"at most 500 events.*has 501 rows: split it"):
        read_rows(as_csv(*[ROW] * 501), "x.csv", party=PARTY)


@pytest.mark.parametrize("name", ["notes", "x.txt", "x.json"])
def test_a_file_of_another_name_is_no_damaged_table(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"name ends in \.csv"):
        read_rows(b'{"a": "b"c}', name, party=PARTY)
    with pytest.raises(InvalidInput, match="no row below the header"):
        read_rows(template_xlsx(), name, party=PARTY)
