"""Build the tables under seed/ from a folder of source data: ``python scripts/build_seed.py FOLDER [--out DIR]``.

The tables hold facts only (names, aliases, identifiers, codes, dates, programmes). The same folder gives the same
bytes. What a reader does not fully understand is written to seed/lists/review.csv, never left out silently.
"""

import argparse
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

from seed_readers import org_forms
from seed_readers.catalogue import LISTS, TABLES, Listed
from seed_readers.gather import OWN, read_all
from seed_readers.table import read_csv, write_table

from traceability.lists.entries import ListEntry, ListSource
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import OrgForms, read_forms
from traceability.lists.readers import seen
from traceability.lists.readers.reading import Reading, Review
from traceability.lists.seedfile import MANIFEST, REVIEW, SOURCES, ManifestRow
from traceability.lists.tables import csv_bytes, table_bytes
from traceability.lists.words import TOTAL, count_words

_ROOT = Path(__file__).resolve().parents[1]
# Words of the trade count as borne by so many of the parties, however few the lists have: like "trading" itself.
_AS_COMMON_AS = 300
# The commonest given names and surnames of the world, of which the lists hold those of a few countries: Smith stands
# in one name of 120 in the United States, and in one of a thousand here.
_NAMES_AS_COMMON_AS = 60
# UN/LOCODE's own code for installations in international waters: nobody's territory, and no destination.
_NO_COUNTRY = "XZ"
# A country of ISO 3166-1 all the same, of which UN/LOCODE has no place: Bouvet Island, where nobody lives.
_NO_PLACES = "BV"
_SUBHEADING = 6  # digits
# Collective codes of statistics: what is filed under them could be anything.
_NO_GOODS = ("98", "99")
# Whoever stands for them is not named.
_MORE = re.compile(r"\band (?:its )?(?:subsidiar|subordinat|affiliat)", re.IGNORECASE)
_LICENCES = {
    "names/LICENSE-rigour-MIT.txt": "org-forms-rigour-MIT.txt",
    "risklists/LICENSES/opensanctions-MIT.txt": "us-cbp-wro-opensanctions-MIT.txt",
    "risklists/LICENSES/dpp-lint-NOTICE.txt": "eu-cahra-dpp-lint-NOTICE.txt",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the folder named on the command line and write every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with risklists/, law/ and names/")
    parser.add_argument("--out", type=Path, default=_ROOT, help="where seed/ and traceability/ stand")
    options = parser.parse_args(arguments)
    build(options.folder, options.out)


def build(data: Path, out: Path) -> None:
    """Write seed/lists, seed/tables and the word tables of traceability/lists under ``out``."""
    readings = read_all(data)
    for folder, listed in (("lists", LISTS), ("tables", TABLES)):
        target = out / "seed" / folder
        target.mkdir(parents=True, exist_ok=True)
        rows = [_write(target, item, readings[item.list_id], data) for item in listed]
        (target / MANIFEST).write_bytes(csv_bytes([item.name for item in fields(ManifestRow)], map(asdict, rows)))
        (target / SOURCES).write_bytes(_sources(listed, data))
    _write_review(out, readings)
    _write_org_forms(data, out)
    _write_word_counts(readings, out)
    _write_codes(readings, out)
    _write_subheadings(readings, out)
    _write_cbp_entities(data, out)
    for source, name in _LICENCES.items():
        _copy(data / source, out / "seed" / "licences" / name)


def _write(target: Path, item: Listed, reading: Reading, data: Path) -> ManifestRow:
    sourced = [replace(entry, source_key=item.source_key(data)) for entry in reading.entries]
    file, digest = write_table(target, item.list_id, table_bytes(sourced))
    row = item.manifest_row(data, reading, file=file, table_sha256=digest)
    print(f"{row.list_id:28}{row.rows:>7} rows  {row.coverage:8}{len(reading.review):>5} for review  {file}")
    return row


def _sources(listed: Sequence[Listed], data: Path) -> bytes:
    rows = [{"list_id": item.list_id, **asdict(source)} for item in listed for source in item.sources(data)]
    return csv_bytes(["source_key", "list_id", *[item.name for item in fields(ListSource)][1:]], rows)


def _write_review(out: Path, readings: dict[str, Reading]) -> None:
    waiting = sorted({question for reading in readings.values() for question in reading.review})
    columns = [item.name for item in fields(Review)]
    (out / "seed" / "lists" / REVIEW).write_bytes(csv_bytes(columns, map(asdict, waiting)))


def _write_org_forms(data: Path, out: Path) -> None:
    target = out / "traceability" / "lists" / "data"
    target.mkdir(parents=True, exist_ok=True)
    rows = org_forms.rows(data / "names" / "org_types.yml", OWN / "org_forms.csv")
    (target / "org_forms.csv").write_bytes(csv_bytes(["form", "canonical"], rows))
    _copy(data / "names" / "LICENSE-rigour-MIT.txt", target / "LICENSE-org-forms.txt")


def _write_word_counts(readings: dict[str, Reading], out: Path) -> None:
    target = out / "traceability" / "lists" / "data"
    forms = read_forms(target / "org_forms.csv")
    parties = [entry for reading in readings.values() for entry in reading.entries if entry.kind == "party"]
    counted = count_words(frozenset(_words(entry, forms)) for entry in parties)
    trade = {row["word"]: _AS_COMMON_AS for row in read_csv(OWN / "trade_words.csv")}
    known = {row["word"]: _NAMES_AS_COMMON_AS for row in read_csv(OWN / "common_names.csv")} | trade
    counts = {**counted.counts, **{word: max(count, counted.counts.get(word, 0)) for word, count in known.items()}}
    rows = [{"word": word, "parties": count} for word, count in sorted({**counts, TOTAL: counted.total}.items())]
    (target / "word_counts.csv").write_bytes(csv_bytes(["word", "parties"], rows))


def _write_codes(readings: dict[str, Reading], out: Path) -> None:
    """Write the codes that a record may name, one line per country: where no database is, they are still known."""
    known = {entry.code or "" for entry in readings["iso-3166-1"].entries} - {_NO_COUNTRY} | {_NO_PLACES}
    parts: dict[str, list[str]] = {code: [] for code in known}
    for list_id in ("iso-3166-2", "iso-3166-2-history"):
        for entry in readings[list_id].entries:
            parts[entry.country or ""].append((entry.code or "").partition("-")[2])
    former = {entry.code for entry in readings["iso-3166-1"].entries if entry.extra.get("status") == "former"}
    rows = [
        {"country": code, "status": "former" if code in former else "", "subdivisions": "|".join(sorted(parts[code]))}
        for code in sorted(parts)
    ]
    target = out / "traceability" / "data" / "iso_3166.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(csv_bytes(["country", "status", "subdivisions"], rows))


def _write_subheadings(readings: dict[str, Reading], out: Path) -> None:
    """Write the six-digit codes of goods that a record may name, one line per heading."""
    known = [entry.code or "" for entry in readings["hs"].entries]
    codes = sorted(code for code in known if len(code) == _SUBHEADING and not code.startswith(_NO_GOODS))
    headings: dict[str, list[str]] = {}
    for code in codes:
        headings.setdefault(code[:4], []).append(code[4:])
    rows = [{"heading": heading, "subheadings": "|".join(headings[heading])} for heading in headings]
    (out / "traceability" / "lists" / "data" / "hs.csv").write_bytes(csv_bytes(["heading", "subheadings"], rows))


def _write_cbp_entities(data: Path, out: Path) -> None:
    """Write the parties that people have found in cells of CBP's table, for the reader of that table."""
    rows = [
        {
            "entity": " ".join(row["cbp_entity_field_verbatim"].split()),
            "name": row["name"],
            "aliases": "|".join(row["aliases"].split("; ")),
            "reaches_more": "yes" if row["notes"] or _MORE.search(row["cbp_entity_field_verbatim"]) else "",
        }
        for row in read_csv(data / "risklists" / "us_cbp_wro" / "wro_entity_names.csv")
        if not seen.names_goods(row["name"])
    ]
    target = out / "traceability" / "lists" / "data"
    (target / "cbp_entities.csv").write_bytes(csv_bytes(["entity", "name", "aliases", "reaches_more"], rows))
    _copy(data / "risklists" / "LICENSES" / "opensanctions-MIT.txt", target / "LICENSE-cbp-entities.txt")


def _words(entry: ListEntry, forms: OrgForms) -> Iterator[str]:
    for name in entry.names:
        for form in forms_of(name.text, entry.schema, forms):
            yield from form.core


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    main()
