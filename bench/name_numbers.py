"""Parties found by their numbers whatever their names: Senzing's fictional customers, reference and watch list."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from traceability.documents.evaluation import Rate
from traceability.lists import identifiers as ids
from traceability.lists.entries import Identifier, ListEntry, Name
from traceability.lists.match import NameIndex, Query

_FILES = ("customers", "reference", "watchlist")
_NUMBERS = {"PASSPORT": "passport", "NATIONAL_ID": "national_id", "TAX_ID": "tax"}


def by_number(folder: Path) -> dict[str, Any]:
    """Return how many records of one party that share a number find each other, and how many others they meet."""
    entries = [entry for name in _FILES for entry in _entries(folder / f"senzing_{name}.jsonl")]
    with (folder / "senzing_truthset_key.csv").open(encoding="utf-8", newline="") as stream:
        party = {f"{row['DATA_SOURCE']} {row['RECORD_ID']}": row["CLUSTER_ID"] for row in csv.DictReader(stream)}
    index = NameIndex.build(entries)
    wanted, found, others = 0, 0, 0
    for entry in entries:
        query = Query("A name it never had", identifiers=entry.identifiers)
        met = {hit.entry_key for hit in index.match(query, as_of=date(2026, 1, 1)) if hit.match_basis == "identifier"}
        same = {other.entry_key for other in entries if party[other.entry_key] == party[entry.entry_key]}
        sharing = {other.entry_key for other in entries if _keys(other) & _keys(entry)} & same
        sharing.discard(entry.entry_key)
        wanted, found, others = wanted + len(sharing), found + len(sharing & met), others + len(met - same)
    return {"one party, found by its number": Rate(found, wanted).as_dict(), "other parties met": others}


def _entries(path: Path) -> Iterator[ListEntry]:
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        numbers = tuple(found for feature in record["FEATURES"] for found in _identifiers(feature))
        key = f"{record['DATA_SOURCE']} {record['RECORD_ID']}"
        yield ListEntry("senzing", key, "party", (Name(key),), numbers)


def _identifiers(feature: Mapping[str, str]) -> Iterator[Identifier]:
    if "LEI_NUMBER" in feature:
        yield Identifier("lei", feature["LEI_NUMBER"])
    for name, scheme in _NUMBERS.items():
        if f"{name}_NUMBER" in feature:
            yield Identifier(scheme, feature[f"{name}_NUMBER"], feature.get(f"{name}_COUNTRY"))


def _keys(entry: ListEntry) -> set[tuple[str, str, str]]:
    return {key for item in entry.identifiers if (key := ids.key(item))}
