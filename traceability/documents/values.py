"""Values of labelled fields: dates to ISO 8601, weights to kilograms, places to ISO 3166, minerals to our words."""

import re
from datetime import date
from decimal import Decimal

from traceability.documents.text import lowered
from traceability.documents.vocabulary import mineral_names, place_names

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier januar januari enero janeiro gennaio janv jänner ene",
            "february feb février fevrier februar februari febrero fevereiro febbraio févr fev",
            "march mar mars märz maerz maart marzo março mrz mrt",
            "april apr avril abril aprile avr abr",
            "may mai mei mayo maio maggio",
            "june jun juin juni junio junho giugno",
            "july jul juillet juli julio julho luglio juil",
            "august aug août aout augustus agosto ago",
            "september sep sept septembre septiembre setembro settembre set",
            "october oct octobre oktober octubre outubro ottobre okt out",
            "november nov novembre noviembre novembro",
            "december dec décembre decembre dezember diciembre dezembro dicembre dez dic déc",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_WORDS = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,10})\.?,?\s+(?:de\s+)?(\d{4})\b")
_US_WORDS = re.compile(r"\b([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_DIGITS = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b")
_RANGE = re.compile(r"\b(\d{1,2})\s*(?:to|-|\u2013|bis|au|tot|al|a|until)\s*(?=\d{1,2}\s+[^\W\d_])")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_WEIGHT = re.compile(
    r"(\d[\d.,'\u00a0 ]{0,18}\d|\d)\s*(kgs?\b|kilograms?|kilogram|kilogramm|kilo|kg\.|"
    r"t\b|mt\b|tonnes?\b|tons?\b|tonnen|ton\b|toneladas|公斤|千克|吨|g\b)?",
    re.IGNORECASE,
)
_UNIT_IN_LABEL = re.compile(r"\bkgs?\b|kilo|公斤|千克", re.IGNORECASE)
_LONE_SEPARATOR = re.compile(r"\d{1,3}[.,]\d{3}")
_MONTHS_A_YEAR = 12
_TONNES = ("t", "mt", "ton", "tonne", "吨")
_GROUP = 3
_DECIMAL_POINT = ("en", "zh")


def dates(value: str) -> list[str]:
    """Return the dates of ``value`` as YYYY-MM-DD in reading order; "3 to 5 February 2025" gives both ends."""
    found: list[tuple[int, str]] = []
    for pattern, order in ((_ISO, "ymd"), (_CHINESE, "ymd"), (_WORDS, "dmy"), (_US_WORDS, "mdy"), (_DIGITS, "dmy")):
        for match in pattern.finditer(value):
            day = _date(match.groups(), order)
            if day is not None:
                found.append((match.start(), day))
                start = _range_start(value, match.start(), day)
                if start is not None:
                    found.append((match.start() - 1, start))
    return [day for _, day in sorted(set(found))]


def _range_start(value: str, at: int, end: str) -> str | None:
    for match in _RANGE.finditer(value, max(0, at - 12)):
        if match.end() == at:
            first = int(match.group(1))
            last = date.fromisoformat(end)
            return last.replace(day=first).isoformat() if 0 < first <= last.day else None
    return None


def _date(parts: tuple[str, ...], order: str) -> str | None:
    named = dict(zip(order, parts, strict=True))
    month = _MONTHS.get(lowered(named["m"])) if not named["m"].isdigit() else int(named["m"])
    if month is None:
        return None
    try:
        return date(int(named["y"]), month, int(named["d"])).isoformat()
    except ValueError:
        return None


def kilograms(value: str, lang: str) -> Decimal | None:
    """Return the first weight of ``value`` in kilograms; a bare number counts as kilograms (the label says so)."""
    found = _WEIGHT.search(value)
    if found is None:
        return None
    amount = number(found.group(1), lang)
    unit = (found.group(2) or "").lower().rstrip("s.")
    if amount is None:
        return None
    if unit == "g":
        return amount / 1000
    return amount * 1000 if unit.startswith(_TONNES) else amount


def states_unit(label: str, value: str) -> bool:
    """Tell whether a weight names its unit, beside it or in its label: "40" may be drums, "9,259 lbs" are pounds."""
    found = _WEIGHT.search(value)
    if found is None:
        return False
    after = value[found.end() : found.end() + 1]
    return found.group(2) is not None or (_UNIT_IN_LABEL.search(label) is not None and not after.strip(" ,;.)"))


def weights(value: str, kg: Decimal) -> tuple[Decimal, ...]:
    """Return the weights in kg that ``value``, read as ``kg``, may mean: "4.200" is 4.2 to some, 4200 to others."""
    found = _WEIGHT.search(value)
    lone = found and _LONE_SEPARATOR.fullmatch(found.group(1).strip())
    return (kg, kg * 1000, kg / 1000) if lone else (kg,)


def days(value: str, day: str) -> tuple[str, ...]:
    """Return the dates that ``value``, read as ``day``, may mean: 03/04/2025 is in March to some, or in April."""
    read = date.fromisoformat(day)
    if read.day > _MONTHS_A_YEAR or not any(_date(m.groups(), "dmy") == day for m in _DIGITS.finditer(value)):
        return (day,)
    return tuple(dict.fromkeys((day, read.replace(day=read.month, month=read.day).isoformat())))


def number(text: str, lang: str) -> Decimal | None:
    """Read a decimal with the separators of ``lang``: "4.200" is 4200, in English and Chinese 4.2."""
    digits = re.sub(r"['\u00a0 ]", "", text).strip(".,")
    thousands, point = (",", ".") if lang in _DECIMAL_POINT else (".", ",")
    last = max(digits.rfind(","), digits.rfind("."))
    if last >= 0 and "," in digits and "." in digits:
        point = digits[last]
        thousands = "," if point == "." else "."
    elif digits.count(point) == 1 and len(digits) - last - 1 == _GROUP and thousands not in digits and point == ",":
        # "1,250" on a paper in another language: three digits after a lone comma are thousands.
        thousands, point = ",", "."
    plain = digits.replace(thousands, "").replace(point, ".")
    return Decimal(plain) if re.fullmatch(r"\d+(?:\.\d+)?", plain) else None


_WORD = re.compile(r"[^\W_][\w'’.\-]*")
_LONGEST_NAME = 6
_FIRST_CJK = 0x2E80


def places(value: str) -> list[tuple[str, int, int]]:
    """Return the places named in ``value`` as (ISO code, start, end), the longest names first where they overlap."""
    names = place_names()
    words = [(match.start(), match.end()) for match in _WORD.finditer(value)]
    found: list[tuple[str, int, int]] = []
    index = 0
    while index < len(words):
        for length in range(min(_LONGEST_NAME, len(words) - index), 0, -1):
            start, end = words[index][0], words[index + length - 1][1]
            name = value[start:end].rstrip(".'")
            code = names.get(lowered(" ".join(name.split())))
            if code is not None and name[:1].isupper():
                found.append((code, start, start + len(name)))
                index += length - 1
                break
        index += 1
    return found or _inside(value, names)


def _inside(value: str, names: dict[str, str]) -> list[tuple[str, int, int]]:
    # Chinese writes no spaces between words: there a name is looked for inside the value.
    longest = max((name for name in names if ord(name[0]) >= _FIRST_CJK and name in value), key=len, default=None)
    if longest is None:
        return []
    at = value.find(longest)
    return [(names[longest], at, at + len(longest))]


def mineral(value: str, lang: str) -> str | None:
    """Return our word for the mineral that ``value`` names, None for none or only "ore"."""
    plain = lowered(value)
    best: tuple[int, str] | None = None
    for names in (mineral_names().get(lang, {}), mineral_names()["en"]):
        for name, word in names.items():
            stem = name.rstrip("*")
            at = plain.find(stem)
            if at < 0 or word == "ore" or not _at_word(plain, at, at + len(stem), open_end=name.endswith("*")):
                continue
            if best is None or at < best[0]:
                best = (at, word)
        if best is not None:
            return best[1]
    return None


def _at_word(text: str, start: int, end: int, *, open_end: bool) -> bool:
    if not text[start].isascii() and not text[start].isalpha():
        return True
    before = start == 0 or not text[start - 1].isalnum() or ord(text[start]) >= _FIRST_CJK
    after = open_end or end >= len(text) or not text[end].isalnum() or ord(text[end - 1]) >= _FIRST_CJK
    return before and after
