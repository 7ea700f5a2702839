"""Publishers' files as a folder of our own tables, each read by the reader of its format: one form for what is loaded.

So a list that comes as the publisher's file and the same list as a table of the seed are the same bytes.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import get_args

from traceability.errors import InvalidInput, Problem
from traceability.lists.codes import is_reference
from traceability.lists.entries import Kind, ListSource
from traceability.lists.gathered import Gathered, GatheredFile
from traceability.lists.places import Places
from traceability.lists.published import PUBLISHED, Published
from traceability.lists.readers.formats import OWN, Format, Given, format_of, refuse_unread
from traceability.lists.readers.reading import Reading, Review, tidied
from traceability.lists.seedfile import (
    MANIFEST,
    REVIEW,
    SOURCES,
    ManifestRow,
    full_date,
    read_list,
    read_manifest,
    source_key,
)
from traceability.lists.tables import csv_bytes, table_bytes

_DAY = len("2026-11-20")
_OWN_ROWS = (1, 1_000_000)
_OWN_AGE = 365
_LONGEST_VERSION = 120


@dataclass(frozen=True, slots=True)
class Reference:
    """What readers look up: names of countries, and the material of a good on the US list of goods."""

    places: Places
    materials: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Made:
    row: ManifestRow
    reading: Reading
    sources: Sequence[ListSource]
    table: bytes


def reference_tables(folder: Path) -> Reference:
    """Return what readers look up, from the folder of reference tables that comes with the program.

    Raises:
        InvalidInput: a table is missing, or not as the manifest says.

    """
    rows = {row.list_id: row for row in read_manifest(folder)}
    if missing := [name for name in ("iso-3166-1", "us-dol-goods-materials") if name not in rows]:
        raise InvalidInput(f"{folder.name}: expected the reference table {missing[0]}")
    countries, goods = (read_list(folder, rows[name])[1] for name in ("iso-3166-1", "us-dol-goods-materials"))
    return Reference(Places.build(countries), {entry.name: entry.material or "" for entry in goods})


def make_tables(
    files: Sequence[Gathered],
    reference: Reference,
    folder: Path,
    as_partial: Collection[str] = (),
    watch: Callable[[str], None] = lambda _list_id: None,
) -> None:
    """Write the lists of gathered files into an empty folder: tables, manifest, sources, and what waits for review.

    Args:
        files: the files, each with what is said of it.
        reference: what readers look up.
        folder: where the tables are written.
        as_partial: lists that are taken as partial, however few entries they have.
        watch: told the id of each list once it was read.

    Raises:
        InvalidInput: a file cannot be read, or a list has fewer or more entries than a whole one; all are named.

    """
    made, problems = [], []
    for list_id, parts in _by_list(files).items():
        try:
            made.append(_make(list_id, parts, reference, partial=list_id in as_partial))
        except InvalidInput as error:
            problems.append(Problem(list_id, error.detail))
        watch(list_id)
    if problems:
        said = "; ".join(f"{one.path}: {one.message}" for one in problems)
        raise InvalidInput(f"nothing was loaded, the versions in force stay: {said}", problems=problems)
    _write(folder, made)


def _by_list(files: Sequence[Gathered]) -> dict[str, list[Gathered]]:
    found: dict[str, list[Gathered]] = {}
    for said, data in files:
        found.setdefault(said.list_id, []).append((said, data))
    return found


def _make(list_id: str, parts: Sequence[Gathered], reference: Reference, *, partial: bool) -> _Made:
    first = parts[0][0]
    form = format_of(first.format)
    files = _parts(form, list_id, parts)
    given = Given(
        places=reference.places, materials=reference.materials, retrieved=first.retrieved_on, list_id=list_id,
        kind=_kind(first), columns=first.map_of_columns,
    )  # fmt: skip
    reading = tidied(form.read(files, given))
    about = _about(first)
    count = len(reading.entries)
    if not partial and not about.expected[0] <= count <= about.expected[1]:
        raise InvalidInput(
            f"expected {about.expected[0]} to {about.expected[1]} entries, got {count}: is it the whole list? Where it "
            f"is known to be a part, load it with --as-partial {list_id} (over HTTP ?as_partial={list_id})"
        )
    key = source_key(first.sha256)
    table = table_bytes(replace(entry, source_key=key) for entry in reading.entries)
    row = _row(about, _version(form, files), first, reading, table)
    return _Made(
        replace(row, coverage="partial") if partial else row, reading, [_source(said, key) for said, _ in parts], table
    )


def _parts(form: Format, list_id: str, parts: Sequence[Gathered]) -> dict[str, bytes]:
    """Return the bytes by part, all parts of one format, each once."""
    if {said.format for said, _ in parts} != {form.format_id}:
        raise InvalidInput("expected all its files in one format")
    if form.format_id in OWN and is_reference(list_id):
        raise InvalidInput("it is a table of this program: load it as a folder of tables")
    if form.list_id not in ("", list_id):
        raise InvalidInput(f"the format {form.format_id} makes the list {form.list_id}")
    files = {said.part: data for said, data in parts}
    wanted = {part.name for part in form.parts}
    if files.keys() != wanted or len(files) != len(parts):
        names = ", ".join(sorted(wanted)) if len(wanted) > 1 else "one file"
        raise InvalidInput(f"the format {form.format_id} needs {names}; got {', '.join(sorted(files)) or 'one'}")
    for data in files.values():
        refuse_unread(data)
    return {part.name: files[part.name] for part in form.parts}


def _kind(said: GatheredFile) -> Kind:
    for kind in get_args(Kind):
        if said.kind in ("", kind):
            return "party" if not said.kind else kind
    raise InvalidInput(f"expected a kind of {', '.join(get_args(Kind))}; got {said.kind[:60]!r}")


def _about(said: GatheredFile) -> Published:
    """Return what is known of the list: of an operator's own, what the operator says."""
    if said.list_id in PUBLISHED:
        return PUBLISHED[said.list_id]
    expected = (int(said.expected_min or _OWN_ROWS[0]), int(said.expected_max or _OWN_ROWS[1]))
    return Published(
        said.publisher or "own list", said.title or said.list_id, said.terms or "not stated", expected,
        int(said.max_age_days or _OWN_AGE),
    )  # fmt: skip


def _version(form: Format, files: Mapping[str, bytes]) -> str:
    """Return the publisher's version, else the SHA-256 of the file; of several, of their sums in order."""
    data = list(files.values())
    if form.version:
        return form.version(data[0])
    sums = [hashlib.sha256(one).hexdigest() for one in data]
    return f"sha256:{sums[0] if len(sums) == 1 else hashlib.sha256(''.join(sums).encode()).hexdigest()}"


def _source(said: GatheredFile, key: str) -> ListSource:
    return ListSource(key, said.file, said.address, said.published_at, said.retrieved_at, said.sha256)


def _row(about: Published, version: str, said: GatheredFile, reading: Reading, table: bytes) -> ManifestRow:
    day = version[:_DAY]
    return ManifestRow(
        list_id=said.list_id, file=f"{said.list_id}.csv", publisher=about.publisher, title=about.title,
        version=version[:_LONGEST_VERSION], published_at=said.published_at or (day if full_date(day) else ""),
        retrieved_at=said.retrieved_at[:_DAY], source_url=said.address, source_sha256=said.sha256,
        rows=len(reading.entries), expected_min=about.expected[0], expected_max=about.expected[1], coverage="full",
        max_age_days=about.max_age_days, terms=about.terms, table_sha256=hashlib.sha256(table).hexdigest(),
        for_review=len(reading.review),
    )  # fmt: skip


def _write(folder: Path, made: Sequence[_Made]) -> None:
    for one in made:
        (folder / one.row.file).write_bytes(one.table)
    sources = [{"list_id": one.row.list_id, **asdict(source)} for one in made for source in one.sources]
    review = [asdict(question) for one in made for question in one.reading.review]
    columns = ["source_key", "list_id", *[item.name for item in fields(ListSource)][1:]]
    (folder / MANIFEST).write_bytes(
        csv_bytes([item.name for item in fields(ManifestRow)], (asdict(one.row) for one in made))
    )
    (folder / SOURCES).write_bytes(csv_bytes(columns, sources))
    (folder / REVIEW).write_bytes(csv_bytes([item.name for item in fields(Review)], review))
