"""The columns of the supplier's sheet: what each holds, said for people, and how its text becomes an EPCIS value.

A reader takes the text of one cell and returns its value, or raises ValueError with a message for the supplier.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from traceability.events import formats
from traceability.events.capture_rules import MAX_QUANTITY

_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,12})?")
_SIGNED = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_MRN = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{12,14}")
_DOCUMENT = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
_FULL_PERCENT = 100
_MAX_SHARES = 500


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, what to write there with an example, how it is read, and the choices it offers."""

    name: str
    help: str
    example: str
    read: Callable[[str], Any]
    choices: tuple[str, ...] = ()


def tidy(number: Decimal) -> int | Decimal:
    """Return a number without idle zeros, so that 50, 50.0 and a spreadsheet's 50.000 make the same event."""
    if number == number.to_integral_value():
        return int(number)
    return Decimal(f"{number:f}".rstrip("0"))


def uri(text: str) -> str:
    """Read an identifier, which must be an absolute URI."""
    if not formats.is_uri(text):
        raise ValueError(f"expected an identifier such as https://id.mineco.example/lot/1, got {text[:60]!r}")
    return text


def quantity(text: str) -> int | Decimal:
    """Read a quantity of zero or more, with a full stop as decimal sign."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"expected a number such as 1250 or 1250.5, without spaces or a comma, got {text[:60]!r}")
    number = Decimal(text)
    if number > MAX_QUANTITY:
        raise ValueError(f"expected at most {MAX_QUANTITY}, got {text[:60]}: check number and unit")
    return tidy(number)


def _percent(text: str) -> int | Decimal:
    number = quantity(text)
    if number > _FULL_PERCENT:
        raise ValueError(f"expected a percentage from 0 to 100, got {text[:60]}")
    return number


def _degrees(limit: int) -> Callable[[str], int | Decimal]:
    def read(text: str) -> int | Decimal:
        if not _SIGNED.fullmatch(text) or abs(Decimal(text)) > limit:
            raise ValueError(f"expected degrees from -{limit} to {limit} such as -1.5667, got {text[:60]!r}")
        return tidy(Decimal(text))

    return read


def _digits(count: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) == count):
            raise ValueError(f"expected {count} digits, got {text[:60]!r}: format the cell as text")
        return text

    return read


def _matching(pattern: re.Pattern[str], expected: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"expected {expected}, got {text[:60]!r}")
        return text

    return read


def _choice(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}; got {text[:60]!r}")
        return text

    return read


def _unit(text: str) -> str:
    if not formats.is_unit(text):
        raise ValueError(f"expected a UN/ECE unit code (KGM for kilograms, TNE for tonnes), got {text[:60]!r}")
    return text


def _uris(text: str) -> list[str]:
    values = [uri(part.strip()) for part in text.split(";") if part.strip()]
    if not values or len(set(values)) != len(values):
        raise ValueError("expected identifiers with ; between them, each of them once")
    return values


def _shares(text: str) -> list[tuple[str, int | Decimal]]:
    """Read ``lot=kg; lot=kg``; the last = parts lot and weight, since an identifier may hold one itself."""
    shares = []
    for part in text.split(";"):
        if part.strip():
            lot, equals, weight = part.rpartition("=")
            if not equals:
                raise ValueError(f"expected batch=kg with ; between the batches, got {part.strip()[:60]!r}")
            shares.append((uri(lot.strip()), quantity(weight.strip())))
    lots = {lot for lot, _ in shares}
    if not shares or len(shares) > _MAX_SHARES or len(lots) != len(shares):
        raise ValueError(f"expected 1 to {_MAX_SHARES} batches as batch=kg with ; between them, each of them once")
    return shares


def _customs(text: str) -> str:
    """Read a movement reference number, or the URI that stands for one."""
    if _MRN.fullmatch(text):
        return f"urn:x-mrn:{text}"
    if not formats.is_uri(text):
        raise ValueError(f"expected an MRN such as 26NL000000000001, or its URI, got {text[:60]!r}")
    return text


def _smelter(text: str) -> str:
    if not re.fullmatch(r"CID[0-9]{6}", text) and not formats.is_uri(text):
        raise ValueError(f"expected CID and six digits, or a URI, got {text[:60]!r}")
    return text


def _any(text: str) -> str:
    return text


_SHIP = re.compile(r".{1,300}")
_document = _matching(_DOCUMENT, "the document's number or URI, at most 80 characters")
UNITS = ("KGM", "GRM", "TNE", "LBR")
PROCESSES = ("crushing", "concentrating", "blending", "smelting", "refining", "alloying", "recycling")
METHODS = ("ASM", "LSM")
MODELS = ("identity_preserved", "segregated", "mass_balance", "book_and_claim")
ORIGINS = ("primary", "recycled", "by_product", "stock")
RESULTS = ("conformant", "non_conformant")

_LOT = "https://id.mineco.example/lot/CAS-2026-0001"

COLUMNS: tuple[Column, ...] = (
    Column("what", "What happened; choose from the list.", "extraction", _any),
    Column("when", "Date and time of the place, with its zone here or in the next column.", "2026-02-01T09:00", _any),
    Column("zone", "Difference to UTC where the time was read.", "+02:00", _any),
    Column("batch", "Identifier of the batch; an address of your own that names it.", _LOT, uri),
    Column("quantity", "How much, in the unit of the next column.", "1250", quantity),
    Column("uom", "Unit: KGM kilograms, GRM grams, TNE tonnes, LBR pounds. Empty: KGM.", "KGM", _unit, UNITS),
    Column("from", "Who gave the goods away; for a sale, the seller.", "did:web:mineco.example", uri),
    Column("to", "Who took them over; for a sale, the buyer.", "did:web:trader.example", uri),
    Column("site", "Where it happened: a registered site, or geo:latitude,longitude.", "geo:-1.5667,28.8833", uri),
    Column("to_site", "Where the goods go.", "https://id.trader.example/site/depot", uri),
    Column("bags", "Tags of the bags as identifiers, with ; between.", "https://id.mineco.example/bag/T-1", _uris),
    Column("seal", "Number of the seal.", "S-77120", _document),
    Column("vessel", "Name of the ship.", "MV Example Star", _matching(_SHIP, "a name of at most 300 characters")),
    Column("vessel_imo", "IMO number of the ship, seven digits.", "9074729", _digits(7)),
    Column("inputs", "Batches used, as batch=kg with ; between.", f"{_LOT}=1250", _shares),
    Column("outputs", "Batches made, as batch=kg with ; between.", "https://id.trader.example/lot/MIX-1=1240", _shares),
    Column("mineral", "Mineral code.", "cassiterite", _matching(_CODE, "a mineral code such as cassiterite")),
    Column("hs_code", "Tariff heading, six digits.", "260900", _digits(6)),
    Column("cn_code", "EU tariff code, eight digits.", "26090000", _digits(8)),
    Column("origin_country", "Country of extraction (ISO 3166-1).", "CD", _matching(_COUNTRY, "two capitals")),
    Column(
        "origin_region",
        "Province of extraction (ISO 3166-2).",
        "CD-NK",
        _matching(_REGION, "an ISO 3166-2 code such as CD-NK"),
    ),
    Column("latitude", "Of the mine, degrees.", "-1.5667", _degrees(90)),
    Column("longitude", "Of the mine, degrees.", "28.8833", _degrees(180)),
    Column("mine_site", "Identifier of the mine.", "https://id.mineco.example/site/pit-7", uri),
    Column("mining_method", "ASM artisanal and small-scale, LSM large-scale.", "ASM", _choice(*METHODS), METHODS),
    Column("material_origin", "Where the material comes from.", "primary", _choice(*ORIGINS), ORIGINS),
    Column("grade_percent", "Metal content, percent.", "62.1", _percent),
    Column("moisture_percent", "Water, percent.", "4.5", _percent),
    Column("process", "Kind of processing.", "smelting", _choice(*PROCESSES), PROCESSES),
    Column("process_loss_kg", "Loss in the process, kilograms.", "10", quantity),
    Column("custody_model", "How batches were kept apart.", "segregated", _choice(*MODELS), MODELS),
    Column("smelter_id", "Smelter: CID and six digits, or an identifier.", "CID002158", _smelter),
    Column("result", "Result of an assay.", "conformant", _choice(*RESULTS), RESULTS),
    Column("permit", "Permit, licence or accreditation, as an address.", "https://id.regulator.example/permit/1", uri),
    Column("bill_of_lading", "Number of the bill of lading or waybill.", "BOL-55", _document),
    Column("purchase_order", "Number of the order.", "PO-9", _document),
    Column("invoice", "Number of the invoice.", "INV-77", _document),
    Column("despatch_advice", "Number of the despatch advice or packing list.", "DA-3", _document),
    Column("receiving_advice", "Number of the goods receipt.", "RA-4", _document),
    Column("test_result", "Number of the assay report.", "LAB-2026-17", _document),
    Column("certificate", "Number of the certificate.", "C-1001", _document),
    Column("customs_declaration", "Movement reference number (MRN).", "26NL000000000001", _customs),
)
BY_NAME = {column.name: column for column in COLUMNS}
