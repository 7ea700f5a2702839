"""Dates of birth as publishers write them, kept as ISO 8601 days, months or years separated by ``|``.

They tell two bearers of a name apart only where the list is sure of them: beside one date that is approximate, or in a
form that cannot be read, the others of that entry say nothing either, and none is kept.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from xml.etree.ElementTree import Element

COLUMN: Final = "birth_dates"
_ISO: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_YEARS: Final = re.compile(r"(\d{4}) to (\d{4})")
# A longer span is hardly a date of birth any more; each year of a shorter one is possible.
_LONGEST_SPAN: Final = 10
_WRITTEN: Final = (("%d %b %Y", "%Y-%m-%d"), ("%b %Y", "%Y-%m"), ("%Y", "%Y"))
_LABEL: Final = re.compile(r"^(?:alt\. )?DOB (?P<said>.+)$")
Found = tuple[str, ...] | None
"""Days, months or years; None where the publisher is not sure, or says it in no form that is known."""


def kept(stated: Iterable[Found]) -> dict[str, str]:
    """Return what an entry's ``extra`` holds of its dates of birth: nothing where one of them is not sure."""
    found = list(stated)
    sure = [text for one in found if one is not None for text in one]
    return {COLUMN: "|".join(dict.fromkeys(sure))} if sure and None not in found else {}


def iso(text: str) -> Found:
    """Read ``1948-12-10``, ``1948-12`` or ``1948``; nothing where nothing is written."""
    said = text.strip()
    if not said:
        return ()
    if not _ISO.fullmatch(said):
        return None
    try:
        date.fromisoformat(f"{said}-01-01"[: len("1948-12-10")])
    except ValueError:
        return None
    return (said,)


def of_un(element: Element) -> Found:
    """Read an INDIVIDUAL_DATE_OF_BIRTH: exact ones, and years between two; a note says something else."""
    said = {child.tag: (child.text or "").strip() for child in element}
    if not any(said.values()):
        return ()
    if said.get("NOTE") or said.get("TYPE_OF_DATE") not in {"EXACT", "BETWEEN"}:
        return None
    if said["TYPE_OF_DATE"] == "BETWEEN":
        return _span(said.get("FROM_YEAR", ""), said.get("TO_YEAR", ""))
    return iso(said.get("DATE", "") or said.get("YEAR", "")) or None


def of_remark(segment: str) -> Found:
    """Read a remark such as ``DOB 10 Dec 1948``, ``alt. DOB 1949`` or ``DOB 1960 to 1962``; ``()`` of any other."""
    match = _LABEL.match(segment)
    if match is None:
        return ()
    said = match["said"].strip()
    if years := _YEARS.fullmatch(said):
        return _span(*years.groups())
    for form, as_iso in _WRITTEN:
        try:
            return (datetime.strptime(said, form).strftime(as_iso),)  # noqa: DTZ007  # a day of birth has no zone
        except ValueError:
            continue
    return None


def _span(first: str, last: str) -> Found:
    if not (first.isdecimal() and last.isdecimal() and 0 <= int(last) - int(first) < _LONGEST_SPAN):
        return None
    return tuple(f"{year:04d}" for year in range(int(first), int(last) + 1))
