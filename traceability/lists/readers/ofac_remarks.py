"""The remarks of an OFAC entry: weak aliases in quotes, identifiers by label, nationality, birth; that alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from traceability.lists.entries import Identifier
from traceability.lists.identifiers import problem
from traceability.lists.places import Places
from traceability.lists.readers import births

_ALIAS = re.compile(r"^(?:alt\. )?[afn]\.k\.a\. '(.+)'$")
_NATIONAL = re.compile(r"^(?:alt\. )?(?:nationality|citizen) (?P<country>.+)$")
# The last bracket is the country; one before it is a place, one glued to the number a check digit.
_VALUE = re.compile(
    r"^#?\s*(?P<value>[^()]{1,300}?(?:(?<=\w)\(\w\))?)\s*(?:\([^()]+\)\s*(?=\())?(?:\((?P<country>[^()]+)\))?"
    r"(?:\s+(?:issued|expires|exp\.|expired).*)?$"
)
_LONGEST = 300  # characters; the longest with its place and dates has 120
_LABELS = {
    "imo": ("Vessel Registration Identification IMO", "Vessel Registration Identification"),
    "imo_company": ("Company Number IMO", "Identification Number IMO"),
    "mmsi": ("MMSI",),
    "bic": ("SWIFT/BIC",),
    "duns": ("D-U-N-S Number",),
    "registration": (
        "Registration Number",
        "Registration ID",
        "Public Registration Number",
        "Company Number",
        "UK Company Number",
        "Commercial Registry Number",
        "Business Registration Number",
        "Business Registration Document",
        "Business Number",
        "Matricula Mercantil No",
        "Folio Mercantil No.",
        "C.R. No.",
        "Trade License No.",
        "Chamber of Commerce Number",
        "Dubai Chamber of Commerce Membership No.",
        "Certificate of Incorporation Number",
        "Enterprise Number",
        "Legal Entity Number",
        "Unified Social Credit Code (USCC)",
        "United Social Credit Code Certificate (USCCC)",
        "Government Gazette Number",
        "Branch Unit Number",
        "Registered Charity No.",
        "Istanbul Chamber of Comm. No.",
        "Central Registration System Number",
        "Tourism License No.",
        "File Number",
        "License",
    ),
    "tax": (
        "Tax ID No.",
        "NIT",
        "RUC",
        "R.F.C.",
        "RFC",
        "RIF",
        "RTN",
        "C.U.I.T.",
        "V.A.T. Number",
        "US FEIN",
        "Italian Fiscal Code",
        "Romanian Tax Registration",
        "Fiscal Code",
    ),
    "passport": ("Passport", "Diplomatic Passport", "Travel Document Number"),
    "national_id": (
        "Cedula No.",
        "National ID No.",
        "National Foreign ID Number",
        "Identification Number",
        "D.N.I.",
        "C.U.R.P.",
        "C.U.I.",
        "C.U.I.P.",
        "I.F.E.",
        "LE Number",
        "Personal ID Card",
        "Citizen's Card Number",
        "Turkish Identification Number",
        "Kenyan ID No.",
        "Numero de Identidad",
        "Residency Number",
        "Cedula de Residencia",
        "Tarjeta de Identidad",
        "NIE",
    ),
}
_SCHEMES = sorted(
    ((label, scheme) for scheme, labels in _LABELS.items() for label in labels), key=lambda item: -len(item[0])
)
# Numbered things that identify no trading party, or that a list of facts about risk has no business carrying.
_NOT_CARRIED = re.compile(
    r"^(?:alt\. )?(?:Aircraft|Previous Aircraft|Former Vessel|Other Vessel|Digital Currency|Executive Order|DOB|POB|"
    r"Linked To|Additional|Secondary|Transactions|Phone|Telephone|PHONE|Tel|Fax|Website|Email|Gender|Organization|"
    r"CAATSA|IFCA|SSN|Driver|Credencial|Electoral|Cartilla|Chinese Commercial Code|BIK|VisaNumberID|Birth Certificate|"
    r"Target Type|Nationality of Registration|Serial Number|Stateless Person|ISIN|Military Registration|"
    r"Refugee ID|Tazkira|Moroccan Personal|Bosnian Personal|British National|Kuwait|Pilot License|Professional)"
)
_LOOKS_NUMBERED = re.compile(r"\b(?:No\.?|Number|ID|Code|License|Card|Registration)\b[^;]*\d")
_LOOKS_LIKE_ALIAS = re.compile(r"[afn]\.k\.a\.")


@dataclass(slots=True)
class Remarks:
    """What the remarks of one entry say that is carried, and the segments a person should look at."""

    weak: list[str] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    born: list[births.Found] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)


def read(text: str, places: Places) -> Remarks:
    """Return what the remarks say; segments are separated by semicolons, the last ends in a full stop."""
    remarks = Remarks()
    for segment in _segments(text):
        alias, national = _ALIAS.match(segment), _NATIONAL.match(segment)
        if alias:
            remarks.weak.append(alias[1])
        elif national:
            remarks.countries.append(national["country"])
        else:
            _other(segment, places, remarks)
    return remarks


def _segments(text: str) -> Iterator[str]:
    for segment in text.strip().removesuffix(".").split(";"):
        if segment.strip():
            yield segment.strip()


def _other(segment: str, places: Places, remarks: Remarks) -> None:
    remarks.born.append(births.of_remark(segment))
    found = _identifier(segment.removeprefix("alt. "), places)
    if isinstance(found, Identifier):
        remarks.identifiers.append(found)
    elif found:
        remarks.questions.append((segment, found))
    elif _LOOKS_LIKE_ALIAS.search(segment):
        remarks.questions.append((segment, "an alias in an unknown form"))
    elif not _NOT_CARRIED.match(segment) and _LOOKS_NUMBERED.search(segment):
        remarks.questions.append((segment, "looks like an identifier of an unknown kind"))


def _identifier(segment: str, places: Places) -> Identifier | str | None:
    for label, scheme in _SCHEMES:
        if segment.startswith(label) and not segment[len(label) : len(label) + 1].isalpha():
            value = _VALUE.match(segment[len(label) :].strip()) if len(segment) <= _LONGEST else None
            if value is None or not (scheme == "bic" or any(map(str.isdigit, value["value"]))):
                return "an identifier in an unknown form"
            return _kept(Identifier(scheme, value["value"].strip(), places.country_code(value["country"] or "")))
    return None


def _kept(found: Identifier) -> Identifier:
    """Return the identifier; a number under a ship's label that only a company's check digit fits is a company's."""
    company = replace(found, scheme="imo_company")
    return company if found.scheme == "imo" and problem(found) and not problem(company) else found
