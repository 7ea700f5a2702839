"""GS1 keys in their two spellings: EPC URN (TDS 1.13, section 6) and Digital Link URI (GS1 DL URI Syntax 1.2).

Both become the constrained canonical Digital Link of CBV 2.0: domain id.gs1.org, no query, finest level of identity.
"""

import re
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

CANONICAL = "https://id.gs1.org/"


class Lead(Enum):
    """How the digits of an EPC URN are put together before the check digit."""

    PLAIN = "company, reference"
    ZERO = "0, company, reference"
    INDICATOR = "first digit of the reference, company, rest of the reference"


@dataclass(frozen=True, slots=True)
class _Numeric:
    """A key made of digits: how many the URN holds, the application identifier, and where a serial goes.

    ``tail`` is None where the key has no serial, "" where it follows the key directly, else its own identifier.
    """

    digits: int
    lead: Lead
    ai: str
    tail: str | None = None


_NUMERIC = {
    "sgtin": _Numeric(13, Lead.INDICATOR, "01", "21"),
    "lgtin": _Numeric(13, Lead.INDICATOR, "01", "10"),
    "upui": _Numeric(13, Lead.INDICATOR, "01", "235"),
    "itip": _Numeric(13, Lead.INDICATOR, "8006", "21"),
    "sscc": _Numeric(17, Lead.INDICATOR, "00"),
    "sgln": _Numeric(12, Lead.PLAIN, "414", "254"),
    "pgln": _Numeric(12, Lead.PLAIN, "417"),
    "grai": _Numeric(12, Lead.ZERO, "8003", ""),
    "gdti": _Numeric(12, Lead.PLAIN, "253", ""),
    "sgcn": _Numeric(12, Lead.PLAIN, "255", ""),
    "gsrn": _Numeric(17, Lead.PLAIN, "8018"),
    "gsrnp": _Numeric(17, Lead.PLAIN, "8017"),
    "gsin": _Numeric(16, Lead.PLAIN, "402"),
}
_FREE_FORM = {"giai": "8004", "ginc": "401", "cpi": "8010"}
_KIND = {"lgtin": "class"}
_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]{3,5}):([0-9]{6,12})\.([!'()*+,\-.0-9:;=A-Z_a-z%]{0,120})")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ITIP_PIECES = re.compile(r"([0-9]{2})\.([0-9]{2})\.(.+)")
_TO_ENCODE = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "!()*+,:"})

_ALIASES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
_TEXT = r"[\"'\-.0-9;-?A-Z_a-z%!()*+,:]"
_KEY_FORM = {
    ai: re.compile(form)
    for ai, form in {
        "00": r"[0-9]{18}", "01": r"[0-9]{14}", "253": rf"[0-9]{{13}}{_TEXT}{{0,17}}",
        "255": r"[0-9]{13,25}", "401": rf"[0-9]{{4}}{_TEXT}{{1,80}}", "402": r"[0-9]{17}", "414": r"[0-9]{13}",
        "417": r"[0-9]{13}", "8003": rf"[0-9]{{14}}{_TEXT}{{0,48}}", "8004": rf"[0-9]{{4}}{_TEXT}{{1,80}}",
        "8006": r"[0-9]{18}", "8010": r"[0-9]{4}[%\-0-9A-Z]{1,80}", "8017": r"[0-9]{18}", "8018": r"[0-9]{18}",
    }.items()
}  # fmt: skip
# Per key the qualifiers that may follow, the finest first; a consumer product variant (22) is not identity.
_QUALIFIERS = {"01": ("21", "235", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
_IGNORED = frozenset({"22"})
# Where the check digit stands; None: at the end. Keys that are not here have none.
_CHECKED_DIGITS = {
    "00": None, "01": None, "402": None, "414": None, "417": None, "8017": None, "8018": None,
    "253": 13, "255": 13, "8003": 14, "8006": 14,
}  # fmt: skip
_AFTER_HOST = re.compile(r"https?://[^/?#]*([^?#]*)")
_QUALIFIER = re.compile(rf"{_TEXT}{{1,84}}")


def canonical_link(uri: str) -> str | None:
    """Return the constrained canonical Digital Link of a URI that holds a GS1 key, or None where it holds none."""
    if uri.startswith("urn:epc:"):
        return _from_urn(uri)
    if uri.startswith(("https://", "http://")):
        return _from_link(uri)
    return None


def check_digit(digits: str) -> str:
    """Return the GS1 check digit: weights 3 and 1 from the right, to the next multiple of ten."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _from_urn(uri: str) -> str | None:
    match = _URN.fullmatch(uri)
    if match is None or _BROKEN_ESCAPE.search(uri):
        return None
    kind, scheme, company, rest = match.groups()
    if kind != "idpat" and kind != _KIND.get(scheme, "id"):
        return None
    if scheme in _FREE_FORM:
        return _free_form(_FREE_FORM[scheme], company, rest, pattern=kind == "idpat")
    shape = _NUMERIC.get(scheme)
    return None if shape is None else _numeric(shape, company, rest, pattern=kind == "idpat")


def _free_form(ai: str, company: str, rest: str, *, pattern: bool) -> str | None:
    """Return the link of a key whose reference is not numeric; a component part number has a serial after it."""
    if ai != "8010":
        return None if pattern or not rest else f"{CANONICAL}{ai}/{company}{rest.translate(_TO_ENCODE)}"
    reference, _, serial = rest.rpartition(".")
    key = f"{CANONICAL}{ai}/{company}{reference.translate(_TO_ENCODE)}"
    if pattern and serial == "*" and reference:
        return key
    return f"{key}/8011/{serial}" if reference and serial.isdigit() else None


def _numeric(shape: _Numeric, company: str, rest: str, *, pattern: bool) -> str | None:
    reference, dot, tail = rest.partition(".")
    if not (reference.isdigit() or reference == "") or len(company + reference) != shape.digits:
        return None
    key = _with_check_digit(shape, company, reference)
    if shape.ai == "8006":
        pieces = _ITIP_PIECES.fullmatch(tail)
        if pieces is None:
            return None
        key, tail = key + pieces[1] + pieces[2], pieces[3]
    if shape.tail is None:
        return None if dot else f"{CANONICAL}{shape.ai}/{key}"
    if not tail or (pattern and tail != "*"):
        return None
    return f"{CANONICAL}{shape.ai}/{key}" + ("" if pattern else _tail(shape, tail))


def _with_check_digit(shape: _Numeric, company: str, reference: str) -> str:
    digits = {
        Lead.PLAIN: company + reference,
        Lead.ZERO: "0" + company + reference,
        Lead.INDICATOR: reference[:1] + company + reference[1:],
    }[shape.lead]
    return digits + check_digit(digits)


def _tail(shape: _Numeric, tail: str) -> str:
    if shape.ai == "414" and tail == "0":  # a location without extension
        return ""
    separator = f"/{shape.tail}/" if shape.tail else ""
    return separator + tail.translate(_TO_ENCODE)


def _from_link(uri: str) -> str | None:
    """Read a Digital Link on any domain.

    The check digit must be right: a path such as /2026/01/20260115000001 of somebody's own lot must not become a GTIN.
    """
    path = _AFTER_HOST.match(uri)
    segments = [_ALIASES.get(segment, segment) for segment in path[1].rstrip("/").split("/", 64)] if path else []
    for index, (ai, value) in enumerate(pairwise(segments)):
        if ai in _KEY_FORM and _KEY_FORM[ai].fullmatch(value) and _check_digit_is_right(ai, value):
            return _link(ai, value, segments[index + 2 :])
    return None


def _check_digit_is_right(ai: str, value: str) -> bool:
    if ai not in _CHECKED_DIGITS:
        return True
    end = _CHECKED_DIGITS[ai] or len(value)
    return check_digit(value[: end - 1]) == value[end - 1]


def _link(ai: str, value: str, rest: list[str]) -> str | None:
    """Return the link of a key and the finest of its qualifiers; None where something else follows the key."""
    names = _QUALIFIERS.get(ai, ())
    qualifiers = dict(zip(rest[::2], rest[1::2], strict=False))
    if len(rest) % 2 or not set(qualifiers) <= {*names, *_IGNORED}:
        return None
    if not all(_QUALIFIER.fullmatch(text) for text in qualifiers.values()):
        return None
    key = value.translate(_TO_ENCODE)
    finest = next((name for name in names if name in qualifiers), None)
    suffix = f"/{finest}/{qualifiers[finest].translate(_TO_ENCODE)}" if finest else ""
    return f"{CANONICAL}{ai}/{key}{suffix}"
