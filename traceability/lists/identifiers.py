"""Identifiers of parties and ships, compared by value.

LEI (ISO 17442, check digits ISO 7064 MOD 97-10), IMO ship and company numbers (Resolution A.1117(30)), EORI (Reg. (EU)
952/2013 Art. 9), smelter CID, BIC (ISO 9362), D-U-N-S, MMSI. National numbers (register, tax, identity card, passport)
mean something only together with the country that gave them.
"""

import re
from typing import Final

from traceability.lists.entries import Identifier

_SHAPES: Final = {
    "lei": re.compile(r"[0-9A-Z]{18}[0-9]{2}"),
    "imo": re.compile(r"[0-9]{7}"),
    "imo_company": re.compile(r"[0-9]{7}"),
    "cid": re.compile(r"CID[0-9]{6}"),
    "eori": re.compile(r"[A-Z]{2}[0-9A-Z]{1,15}"),
    "bic": re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"),
    "duns": re.compile(r"[0-9]{9}"),
    "mmsi": re.compile(r"[0-9]{9}"),
}
# One company number is called a register, tax or "national" number by different lists; the country keeps them apart.
_FAMILIES: Final = {
    "registration": "national",
    "tax": "national",
    "vat": "national",
    "national": "national",
    "national_id": "national",
    "passport": "passport",
}
_MINIMUM: Final = 4
_MAXIMUM: Final = 64
_NOISE: Final = re.compile(r"[^0-9A-Z]+")
_WEIGHTS: Final = {"imo": (7, 6, 5, 4, 3, 2), "imo_company": (8, 6, 4, 2, 9, 7)}


def normalise(scheme: str, value: str) -> str:
    """Return a value as it is compared: capitals and digits only, without a leading ``IMO`` or ``DUNS``."""
    text = _NOISE.sub("", value[:300].upper())
    return text.removeprefix("IMO") if scheme.startswith("imo") else text


def key(identifier: Identifier) -> tuple[str, str, str] | None:
    """Return what two equal identifiers share: scheme (or family), country, value.

    None when the identifier cannot be used: a bad form or check digit, or a national number without its country.
    A number that cannot be used is worth a note (`problem`), never a match.
    """
    if problem(identifier) is not None:
        return None
    scheme = identifier.scheme.lower()
    value = normalise(scheme, identifier.value)
    family = _FAMILIES.get(scheme)
    return (family, identifier.country or "", value) if family else (scheme, "", value)


def problem(identifier: Identifier) -> str | None:
    """Return what is wrong with an identifier, for people; None when it can be compared."""
    scheme = identifier.scheme.lower()
    value = normalise(scheme, identifier.value)
    if scheme in _FAMILIES:
        return _national_problem(identifier, value)
    shape = _SHAPES.get(scheme)
    if shape is None:
        return f"unknown identifier scheme {identifier.scheme!r}: expected one of {', '.join(schemes())}"
    if not shape.fullmatch(value):
        return f"{identifier.value!r} has not the form of a {scheme} identifier"
    return None if _check_digits_agree(scheme, value) else f"{identifier.value!r}: the check digit is wrong"


def schemes() -> list[str]:
    """Return the schemes that can be compared."""
    return sorted({*_SHAPES, *_FAMILIES})


def _national_problem(identifier: Identifier, value: str) -> str | None:
    if not identifier.country:
        return f"{identifier.value!r}: a {identifier.scheme} number needs the country that gave it"
    if not _MINIMUM <= len(value) <= _MAXIMUM or not any(character.isdigit() for character in value):
        return f"{identifier.value!r} is too short, too long or without a digit: it does not tell parties apart"
    return None


def _check_digits_agree(scheme: str, value: str) -> bool:
    if scheme == "lei":
        return int("".join(str(int(character, 36)) for character in value)) % 97 == 1
    weights = _WEIGHTS.get(scheme)
    if weights is None:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(value, weights, strict=False))
    check = total % 10 if scheme == "imo" else (11 - total % 11) % 10
    return check == int(value[-1])
