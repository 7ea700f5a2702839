"""Shipment records from a spreadsheet: our template's rows become records, each error with its row and column."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from traceability.errors import InvalidInput, Problem
from traceability.events.sheet_files import FORMULA, Row, read_file
from traceability.services import shipment_cells as cells
from traceability.services.shipment_fields import problems_of


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field of the record it fills, how its cell is read, and what to write there.

    ``adds`` is the field that a column of further facts adds to the smelters of the record.
    """

    name: str
    path: tuple[str, ...]
    read: Callable[[str], Any]
    help: str
    adds: str = ""


def _column(name: str, path: str, help_: str, read: Callable[[str], Any] = cells.text, adds: str = "") -> Column:
    return Column(name, tuple(path.split(".")), read, help_, adds)


COLUMNS: tuple[Column, ...] = (
    _column("shipment_id", "shipment_id", "your own number of the consignment; the same again is a correction"),
    _column("cn_code", "cn_code", "Combined Nomenclature, 8 digits"),
    _column("taric_subdivision", "taric_subdivision", "TARIC digits 9 and 10, where the code has them"),
    _column("material_class", "material_class", "mined, by_product, recycled, mixed, pre_2013_stock, waste or product"),
    _column("materials", "materials", "material codes, such as tin; tantalum", cells.many),
    _column("net_weight_kg", "net_weight_kg", "net weight in kg, full stop as decimal sign"),
    _column("purity_pct", "purity_pct", "gold content in per cent"),
    _column("trade_name", "trade_name", "trade name, Art. 4(f)(i) / (g)(i)"),
    _column("material_type", "material_type", "type, Art. 4(f)(i) / (g)(i)"),
    _column("destination_country", "destination_country", "ISO country of release or delivery"),
    _column("dispatch_country", "dispatch_country", "ISO country of dispatch"),
    _column("released_on", "released_on", "date of release for free circulation, 2026-11-23", cells.day),
    _column("batches", "batch_ids", "batch identifiers, ; between them", cells.many),
    _column("supplier_name", "supplier.name", "Art. 4(f)(ii) / (g)(ii)"),
    _column("supplier_address", "supplier.address", "postal address"),
    _column("supplier_country", "supplier.country", "ISO country"),
    _column("supplier_subdivision", "supplier.subdivision", "ISO 3166-2, such as CD-NK"),
    _column("supplier_id", "supplier.party_id", "DID of the supplier, where it has one"),
    _column("origins", "origins", "countries of origin, such as CD-NK; RW", cells.places),
    _column("extraction_start", "extraction_period.start", "first day of extraction", cells.day),
    _column("extraction_end", "extraction_period.end", "last day of extraction", cells.day),
    _column("mine_name", "mine_of_origin.name", "Art. 4(f)(v)"),
    _column("mine_id", "mine_of_origin.mine_id", "identifier of the mine"),
    _column("mine_country", "mine_of_origin.country", "ISO country of the mine"),
    _column("mine_subdivision", "mine_of_origin.subdivision", "ISO 3166-2, such as CD-NK"),
    _column("mining_method", "mine_of_origin.mining_method", "ASM or LSM"),
    _column(
        "upstream_locations", "upstream_locations", "such as trading: CD-SK Bukavu; processing: RW", cells.locations,
    ),
    _column(
        "taxes", "taxes_fees_royalties", "such as royalty 120 USD to Ministry on 2026-10-20 receipt D-7; or none",
        cells.taxes,
    ),
    _column("refined_in", "refined_in", "country of refining of gold"),
    _column("smelters", "smelters", "such as CID001234 Name (DE) at Street 1, Town; or none", cells.smelters),
    _column(
        "smelter_origins", "smelters", "countries of origin of each smelter's minerals: CID001234: CD, RW; Name: PE",
        cells.smelter_origins, "countries_of_origin",
    ),
    _column(
        "smelter_assurances", "smelters",
        "audits and schemes: CID001234: audit document D-7; Name: scheme RMAP until 2027-01-31",
        cells.smelter_assurances, "assurances",
    ),
    _column("first_separation_point", "first_separation_point", "of a by-product, Art. 4(h)"),
    _column("manufacturer_name", "manufacturer.name", "manufacturer of a product"),
    _column("manufacturer_address", "manufacturer.address", "postal address"),
    _column("manufacturer_country", "manufacturer.country", "ISO country"),
    _column("manufacturer_subdivision", "manufacturer.subdivision", "ISO 3166-2"),
    _column("product_suppliers", "product_suppliers", "such as Name (DE) at Street 1; Name Two", cells.parties),
    _column("product_description", "product_description", "what identifies the product"),
    _column("payment_method", "payment_method", "bank_transfer, letter_of_credit, cash, barter or other"),
    _column("stock_created_on", "stock_created_on", "of stock from before February 2013", cells.day),
    _column("stock_evidence", "stock_evidence", "ids of the documents that prove it", cells.many),
    _column("recycled_evidence", "recycled_evidence", "ids of the documents that prove recycled origin", cells.many),
    _column("separation_evidence", "first_separation_evidence", "ids of documents of that point", cells.many),
)  # fmt: skip
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


def read_rows(data: bytes, name: str, today: date) -> tuple[list[dict[str, Any]], list[RowError]]:
    """Return the shipment records of a filled-in template, or what is wrong: one of the two lists is empty.

    Args:
        data: the file.
        name: its name, which tells XLSX from CSV.
        today: the date now; a release is at most a year ahead.

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
        record, wrong = _read_row(header, row, today)
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


def _read_row(header: Row, row: Row, today: date) -> tuple[dict[str, Any], list[RowError]]:
    record: dict[str, Any] = {}
    errors: list[RowError] = []
    added: list[tuple[Column, Any]] = []
    for number, cell in enumerate(row.cells):
        if not cell.strip():
            continue
        name = header.cells[number] if number < len(header.cells) else ""
        try:
            column, value = _value(name, cell)
        except ValueError as error:
            errors.append(RowError(row.number, name or f"column {number + 1}", str(error)))
            continue
        if column.adds:
            added.append((column, value))
        else:
            _put(record, column.path, value)
    errors += _add(record, added, row.number) if not errors else []
    if not errors:
        errors = [RowError(row.number, _header_of(problem), problem.message) for problem in problems_of(record, today)]
    return record, errors


def _value(name: str, cell: str) -> tuple[Column, Any]:
    """Return a cell's column and what it says.

    Raises:
        ValueError: it says nothing that can be read; the message is for the one who filled it in.

    """
    if not name:
        raise ValueError("holds something, and has no header")
    if cell == FORMULA:
        raise ValueError("holds a formula; paste the value")
    return _BY_NAME[name], _BY_NAME[name].read(cell.strip())


def _add(record: dict[str, Any], added: Sequence[tuple[Column, Any]], number: int) -> list[RowError]:
    errors = []
    for column, stated in added:
        try:
            cells.attach(record, column.adds, stated)
        except ValueError as error:
            errors.append(RowError(number, column.name, str(error)))
    return errors


def _put(record: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        record = record.setdefault(part, {})
    record[path[-1]] = value


def _header_of(problem: Problem) -> str:
    parts = tuple(problem.path.split("."))
    further = next((column.name for column in COLUMNS if column.adds and column.adds in parts), None)
    return further or next((c.name for c in COLUMNS if parts[: len(c.path)] == c.path), problem.path)


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
