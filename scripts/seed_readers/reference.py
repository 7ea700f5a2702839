"""Reference tables: codes of countries, subdivisions and goods, and annexes of the acts, as entries of kind code."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from seed_readers.table import read_csv
from traceability.lists.entries import ListEntry, names
from traceability.lists.readers.reading import Reading, key_of

_ARTICLE = re.compile(r"\s*\(the\)$")
_ANNEX_X = {"1(a)": "cobalt", "1(b)": "natural_graphite", "1(c)": "lithium", "1(d)": "nickel"}


def countries(path: Path, aliases: Path) -> Reading:
    """Return ISO 3166-1 codes with the name of the UN table and the names the lists use instead."""
    reading = Reading("iso-3166-1")
    own: defaultdict[str, list[str]] = defaultdict(list)
    status: dict[str, str] = {}
    for row in read_csv(aliases):
        own[row["code"]].append(row["name"])
        status[row["code"]] = status.get(row["code"]) or row["status"]
    for row in read_csv(path):
        name = _ARTICLE.sub("", row["CountryName"]).strip()
        reading.entries.append(_country(row["CountryCode"], [name, *own.pop(row["CountryCode"], [])], ""))
    reading.entries.extend(_country(code, own[code], status[code]) for code in own)
    return reading


def subdivisions(path: Path, aliases: Path) -> Reading:
    """Return ISO 3166-2 codes with their kind, every name the table gives them and the usual English ones."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for row in read_csv(path):
        code = f"{row['SUCountry']}-{row['SUCode']}"
        found[code].extend(row["SUName"].replace("|", " ").split(" / "))
        kinds[code] = row["SUType"]
    for row in read_csv(aliases):
        found[row["code"]].append(row["name"])
    entries = (
        ListEntry(
            "iso-3166-2",
            code,
            "code",
            names=(*names("primary", spelt[:1]), *names("strong", sorted({*spelt[1:]} - {spelt[0]}))),
            country=code[:2],
            code=code,
            extra={"type": kinds[code]},
        )
        for code, spelt in found.items()
    )
    return _reading("iso-3166-2", entries)


def code_history(path: Path) -> Reading:
    """Return codes that lists still use and the current table does not hold."""
    reading = Reading("iso-3166-2-history")
    for row in read_csv(path):
        reading.entries.append(
            ListEntry(
                "iso-3166-2-history",
                row["code"],
                "code",
                names=names("primary", [row["name"]]),
                country=row["country"],
                code=row["code"],
                extra={"status": row["status"]},
            )
        )
    return reading


def harmonized_system(path: Path) -> Reading:
    """Return HS codes with their headings."""
    rows = read_csv(path)
    entries = (
        ListEntry(
            "hs",
            row["hscode"],
            "code",
            names=names("primary", [row["description"].replace("|", " ")]),
            code=row["hscode"],
            extra={"section": row["section"], "level": row["level"]},
        )
        for row in rows
    )
    return _reading("hs", entries)


def annex_i(path: Path) -> Reading:
    """Return the lines of Annex I of Reg. (EU) 2017/821: CN prefixes and TARIC code.

    The yearly thresholds are left out: delegated acts change them, so they have dates and a table of their own, which
    the rules read (``annex_i_thresholds.csv``).
    """
    kept = ("part", "ex", "taric_sub", "note", "row_provenance")
    entries = (
        ListEntry(
            "eu-2017-821-annex-i",
            row["row_id"],
            "code",
            names=names("primary", [row["description"]]),
            code=row["cn_prefixes"],
            material=row["metal"],
            source=row["law_ref"],
            extra={column: row[column] for column in kept},
        )
        for row in read_csv(path)
    )
    return _reading("eu-2017-821-annex-i", entries)


def critical_materials(path: Path) -> Reading:
    """Return critical and strategic raw materials of Reg. (EU) 2024/1252, Annexes I and II."""
    entries = (
        ListEntry(
            "eu-2024-1252-annex-i-ii",
            row["material_code"],
            "code",
            names=names("primary", [row["material"]]),
            code=row["material_code"],
            material=row["material_code"],
            valid_from=None,
            source=row["law_ref"],
            extra={column: row[column] for column in ("critical", "strategic", "strategic_form", "provenance")}
            | {"in_force_from": row["valid_from"]},
        )
        for row in read_csv(path)
    )
    return _reading("eu-2024-1252-annex-i-ii", entries)


def battery_annex_x(path: Path) -> Reading:
    """Return raw materials and risk categories of Annex X of Reg. (EU) 2023/1542."""
    entries = (
        ListEntry(
            "eu-2023-1542-annex-x",
            row["annex_x_point"],
            "code",
            names=names("primary", [row["text"]]),
            code=row["annex_x_point"],
            material=_ANNEX_X.get(row["annex_x_point"]),
            source=row["law_ref"],
            extra={"type": row["kind"], "applies_from": row["applies_from"], "provenance": row["provenance"]},
        )
        for row in read_csv(path)
    )
    return _reading("eu-2023-1542-annex-x", entries)


def uflpa_sectors(path: Path) -> Reading:
    """Return the high-priority sectors of the UFLPA strategy."""
    entries = (
        ListEntry(
            "us-uflpa-sectors",
            key_of("us-uflpa-sectors", row["sector"]),
            "code",
            names=names("primary", [row["sector"]]),
            material=row["material_code"] or None,
            source=row["source"],
            extra={"added_year": row["added_year"], "provenance": row["provenance"]},
        )
        for row in read_csv(path)
    )
    return _reading("us-uflpa-sectors", entries)


def goods_crosswalk(path: Path, goods: frozenset[str]) -> Reading:
    """Return the reviewed crosswalk good -> material code; a good the list does not hold waits for review."""
    reading = Reading("us-dol-goods-materials")
    for row in read_csv(path):
        if row["good"] not in goods:
            reading.ask(
                row["good"], "good", row["good"], "the crosswalk names a good the list does not hold", lost=False
            )
        reading.entries.append(
            ListEntry(
                "us-dol-goods-materials",
                row["good"],
                "code",
                names=names("primary", [row["good"]]),
                material=row["material"],
                extra={"basis": row["basis"], "reviewed": row["reviewed"]},
            )
        )
    return reading


def _country(code: str, found: list[str], status: str) -> ListEntry:
    given = (*names("primary", found[:1]), *names("strong", found[1:]))
    extra = {"status": status} if status else {}
    return ListEntry("iso-3166-1", code, "code", names=given, country=code, code=code, extra=extra)


def _reading(list_id: str, entries: Iterable[ListEntry]) -> Reading:
    reading = Reading(list_id)
    reading.entries.extend(entries)
    return reading
