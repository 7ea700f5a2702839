"""Shipment records from a spreadsheet: our template's rows become records, each error with its row and column."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from traceability.errors import InvalidInput, Problem
from traceability.events.sheet_files import FORMULA, Row, read_file
from traceability.services.shipment_fields import problems_of

_NONE = "none"
_PLACE = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?(?:\s+(.{1,200}))?")
_SMELTER = re.compile(r"(?:(CID[0-9]{6})\s+)?(.{1,200}?)(?:\s*\(([A-Z]{2})\))?")
_TAX = re.compile(r"(tax|fee|royalty|other)\s+([0-9.]{1,20})\s+([A-Z]{3})(?:\s+to\s+(.{1,200}))?")


def _text(cell: str) -> Any:
    return cell


def _date(cell: str) -> str:
    # A spreadsheet that knows the cell as a date gives midnight with it.
    return cell.removesuffix("T00:00:00")


def _many(cell: str) -> list[str]:
    return [] if cell.lower() == _NONE else [part.strip() for part in cell.split(";") if part.strip()]


def _places(cell: str) -> list[dict[str, str]]:
    return [_place(part) for part in _many(cell)]


def _place(text: str) -> dict[str, str]:
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError(f"expected a country or part of one, such as CD-NK or PE; got {text[:60]!r}")
    country, part, name = found.groups()
    return {"country": country} | ({"subdivision": country + part} if part else {}) | ({"name": name} if name else {})


def _locations(cell: str) -> list[dict[str, str]]:
    rows = []
    for text in _many(cell):
        kind, colon, place = text.partition(":")
        if not colon:
            raise ValueError(f"expected kind: place, such as processing: RW Kigali; got {text[:60]!r}")
        rows.append({"kind": kind.strip(), **_place(place.strip())})
    return rows


def _smelters(cell: str) -> list[dict[str, str]]:
    rows = []
    for text in _many(cell):
        found = _SMELTER.fullmatch(text)
        if found is None:
            raise ValueError(f"expected a smelter such as CID001234 Name (DE); got {text[:60]!r}")
        parts = zip(("smelter_id", "name", "country"), found.groups(), strict=True)
        rows.append({name: value for name, value in parts if value})
    return rows


def _taxes(cell: str) -> list[dict[str, str]]:
    rows = []
    for text in _many(cell):
        found = _TAX.fullmatch(text)
        if found is None:
            raise ValueError(f"expected a payment such as royalty 120.50 USD to Ministry; got {text[:60]!r}")
        parts = zip(("kind", "amount", "currency", "payee"), found.groups(), strict=True)
        rows.append({name: value for name, value in parts if value})
    return rows


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field of the record it fills, how its cell is read, and what to write there."""

    name: str
    path: tuple[str, ...]
    read: Callable[[str], Any]
    help: str


def _column(name: str, path: str, help_: str, read: Callable[[str], Any] = _text) -> Column:
    return Column(name, tuple(path.split(".")), read, help_)


COLUMNS: tuple[Column, ...] = (
    _column("shipment_id", "shipment_id", "your own number of the consignment; the same again is a correction"),
    _column("cn_code", "cn_code", "Combined Nomenclature, 8 digits"),
    _column("taric_subdivision", "taric_subdivision", "TARIC digits 9 and 10, where the code has them"),
    _column("material_class", "material_class", "mined, by_product, recycled, mixed, pre_2013_stock, waste or product"),
    _column("materials", "materials", "material codes, such as tin; tantalum", _many),
    _column("net_weight_kg", "net_weight_kg", "net weight in kg, full stop as decimal sign"),
    _column("purity_pct", "purity_pct", "gold content in per cent"),
    _column("trade_name", "trade_name", "trade name, Art. 4(f)(i) / (g)(i)"),
    _column("material_type", "material_type", "type, Art. 4(f)(i) / (g)(i)"),
    _column("destination_country", "destination_country", "ISO country of release or delivery"),
    _column("dispatch_country", "dispatch_country", "ISO country of dispatch"),
    _column("released_on", "released_on", "date of release for free circulation, 2026-11-23", _date),
    _column("batches", "batch_ids", "batch identifiers, ; between them", _many),
    _column("supplier_name", "supplier.name", "Art. 4(f)(ii) / (g)(ii)"),
    _column("supplier_address", "supplier.address", "postal address"),
    _column("supplier_country", "supplier.country", "ISO country"),
    _column("supplier_id", "supplier.party_id", "DID of the supplier, where it has one"),
    _column("origins", "origins", "countries of origin, such as CD-NK; RW", _places),
    _column("extraction_start", "extraction_period.start", "first day of extraction", _date),
    _column("extraction_end", "extraction_period.end", "last day of extraction", _date),
    _column("mine_name", "mine_of_origin.name", "Art. 4(f)(v)"),
    _column("mine_id", "mine_of_origin.mine_id", "identifier of the mine"),
    _column("mine_country", "mine_of_origin.country", "ISO country of the mine"),
    _column("mine_subdivision", "mine_of_origin.subdivision", "ISO 3166-2, such as CD-NK"),
    _column("mining_method", "mine_of_origin.mining_method", "ASM or LSM"),
    _column("upstream_locations", "upstream_locations", "such as trading: CD-SK Bukavu; processing: RW", _locations),
    _column("taxes", "taxes_fees_royalties", "such as royalty 120 USD to Ministry; or none", _taxes),
    _column("refined_in", "refined_in", "country of refining of gold"),
    _column("smelters", "smelters", "such as CID001234 Name (DE); or none", _smelters),
    _column("first_separation_point", "first_separation_point", "of a by-product, Art. 4(h)"),
    _column("manufacturer_name", "manufacturer.name", "manufacturer of a product"),
    _column("manufacturer_country", "manufacturer.country", "ISO country"),
    _column("manufacturer_subdivision", "manufacturer.subdivision", "ISO 3166-2"),
    _column("product_description", "product_description", "what identifies the product"),
    _column("payment_method", "payment_method", "bank_transfer, letter_of_credit, cash, barter or other"),
    _column("stock_created_on", "stock_created_on", "of stock from before February 2013", _date),
)
_BY_NAME = {column.name: column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in a sheet, by row number and column header."""

    row: int
    column: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """Return the shape of cli.md."""
        return {"row": self.row, "column": self.column, "message": self.message}


def read_rows(data: bytes, name: str) -> tuple[list[dict[str, Any]], list[RowError]]:
    """Return the shipment records of a filled-in template, or what is wrong: one of the two lists is empty.

    Raises:
        InvalidInput, TooLarge: the file cannot be read at all, or holds no row.

    """
    rows = read_file(data, name, "shipments")
    if len(rows) < 2:  # noqa: PLR2004  # a header and one row
        raise InvalidInput(f"{name}: expected a header and at least one row; start from the template")
    header, errors = rows[0], _header_errors(rows[0])
    if errors:
        return [], errors
    records: list[dict[str, Any]] = []
    for row in rows[1:]:
        record, wrong = _read_row(header, row)
        errors += wrong
        records.append(record)
    errors += _twice(records, rows[1:])
    return ([], errors) if errors else (records, [])


def row_count(data: bytes, name: str) -> int:
    """Return how many rows below the header hold anything; raises as ``read_rows``."""
    return max(len(read_file(data, name, "shipments")) - 1, 0)


def _header_errors(header: Row) -> list[RowError]:
    unknown = [cell for cell in header.cells if cell and cell not in _BY_NAME]
    missing = [name for name in ("shipment_id", "cn_code") if name not in header.cells]
    errors = [RowError(header.number, cell[:60], "is no column of the template") for cell in unknown]
    errors += [RowError(header.number, name, "is missing; start from the template") for name in missing]
    named = [cell for cell in header.cells if cell]
    return errors + [
        RowError(header.number, n, "stands twice") for n in sorted({n for n in named if named.count(n) > 1})
    ]


def _read_row(header: Row, row: Row) -> tuple[dict[str, Any], list[RowError]]:
    record: dict[str, Any] = {}
    errors: list[RowError] = []
    for number, cell in enumerate(row.cells):
        if not cell.strip():
            continue
        name = header.cells[number] if number < len(header.cells) else ""
        if not name:
            errors.append(RowError(row.number, f"column {number + 1}", "holds something, and has no header"))
            continue
        if cell == FORMULA:
            errors.append(RowError(row.number, name, "holds a formula; paste the value"))
            continue
        try:
            _put(record, _BY_NAME[name].path, _BY_NAME[name].read(cell.strip()))
        except ValueError as error:
            errors.append(RowError(row.number, name, str(error)))
    if not errors:
        errors = [RowError(row.number, _header_of(problem), problem.message) for problem in problems_of(record)]
    return record, errors


def _put(record: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        record = record.setdefault(part, {})
    record[path[-1]] = value


def _header_of(problem: Problem) -> str:
    parts = tuple(problem.path.split("."))
    exact = next((column.name for column in COLUMNS if parts[: len(column.path)] == column.path), None)
    if exact:
        return exact
    missing = next((column.name for column in COLUMNS if f"'{column.path[-1]}'" in problem.message), None)
    return missing or problem.path


def _twice(records: Sequence[dict[str, Any]], rows: Sequence[Row]) -> list[RowError]:
    first: dict[str, int] = {}
    errors = []
    for record, row in zip(records, rows, strict=True):
        name = record.get("shipment_id", "")
        if name and first.setdefault(name, row.number) != row.number:
            errors.append(RowError(row.number, "shipment_id", f"stands in row {first[name]} already"))
    return errors


def template_csv() -> str:
    """Return the empty template as CSV: the headers."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([column.name for column in COLUMNS])
    return out.getvalue()


def template_xlsx() -> bytes:
    """Return the empty template as XLSX, with a page that says what each column takes."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "shipments"
    sheet.append([column.name for column in COLUMNS])
    sheet.freeze_panes = "B2"
    for number in range(1, len(COLUMNS) + 1):
        letter = get_column_letter(number)
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet.column_dimensions[letter].width = 22
        sheet.column_dimensions[letter].number_format = "@"
    page: Any = book.create_sheet("instructions")
    page.append(
        ["One row for each consignment. Leave a cell empty where you do not know; write none where there is none."]
    )
    page.append(["Nothing is imported until every row is in order. The records are then signed with your key."])
    page.append([])
    page.append(["column", "what to write"])
    for column in COLUMNS:
        page.append([column.name, column.help])
    for letter, width in zip("AB", (26, 80), strict=True):
        page.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
