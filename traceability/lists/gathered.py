"""Publishers' files as they were found, in one ZIP file with what is to be known of each: the way of fresh lists.

``gathered.csv`` says of each file which list it belongs to, in which format, the address it came from and when (UTC),
its SHA-256 and size. A file that is not exactly that is refused. Of an operator's own list it says what it is about.
"""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Final

from traceability.errors import InvalidInput
from traceability.lists.tables import csv_bytes

GATHERED: Final = "gathered.csv"
_LIST_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PUBLISHED: Final = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_MOST: Final = {"address": 1000, "media_type": 100, "title": 300, "publisher": 200, "terms": 500, "format": 60}
_COUNTS: Final = ("expected_min", "expected_max", "max_age_days")
_DAY: Final = len("2026-11-20")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredFile:
    """One file. ``retrieved_at`` is a moment (UTC) or a day, ``published_at`` a day, month or year, or empty.

    What comes after ``media_type`` is of operators' own lists: ``columns`` is JSON, our column -> theirs.
    """

    list_id: str
    format: str
    part: str
    file: str
    address: str
    retrieved_at: str
    published_at: str = ""
    sha256: str
    size: str
    media_type: str = ""
    kind: str = ""
    columns: str = ""
    title: str = ""
    publisher: str = ""
    terms: str = ""
    expected_min: str = ""
    expected_max: str = ""
    max_age_days: str = ""

    @property
    def retrieved_on(self) -> date:
        """Return the day the file was taken from its publisher."""
        return date.fromisoformat(self.retrieved_at[:_DAY])

    @property
    def map_of_columns(self) -> Mapping[str, str]:
        """Return our column -> theirs."""
        found: dict[str, str] = json.loads(self.columns) if self.columns else {}
        return found


Gathered = tuple[GatheredFile, bytes]


def gathered(data: bytes, *, file: str, **said: str) -> Gathered:
    """Return a file with its SHA-256 and size, and what is ``said`` of it."""
    return GatheredFile(file=file, sha256=hashlib.sha256(data).hexdigest(), size=str(len(data)), **said), data


def pack(files: Sequence[Gathered]) -> bytes:
    """Return the ZIP file of gathered files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        columns = [item.name for item in fields(GatheredFile)]
        rows = csv_bytes(columns, (asdict(said) for said, _ in files))
        for name, data in ((GATHERED, rows), *((said.file, data) for said, data in files)):
            bundle.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def is_gathered(folder: Path) -> bool:
    """Return whether a folder holds publishers' files, not tables of ours."""
    return (folder / GATHERED).is_file()


def read(folder: Path) -> list[Gathered]:
    """Return the files of an unpacked bundle.

    Raises:
        InvalidInput: a line cannot be understood, a file is missing, or is not what its line says.

    """
    try:
        text = (folder / GATHERED).read_text(encoding="utf-8")
        lines = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{GATHERED} is not a UTF-8 CSV table: {error}") from error
    if not lines:
        raise InvalidInput(f"{GATHERED} names no file")
    return [_file(folder, number, cells) for number, cells in enumerate(lines, start=2)]


def _file(folder: Path, number: int, cells: Mapping[str, str | None]) -> Gathered:
    known = {item.name for item in fields(GatheredFile)}
    given = {name: cells.get(name) or "" for name in known}
    said = GatheredFile(**given)
    if problem := wrong_with(said):
        raise InvalidInput(f"{GATHERED} line {number}: {problem}")
    path = folder / said.file
    if Path(said.file).name != said.file or not path.is_file():
        raise InvalidInput(f"{GATHERED} line {number}: the file {said.file[:100]!r} is missing")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != said.sha256 or str(len(data)) != said.size:
        raise InvalidInput(f"{said.file} has not the SHA-256 and size that {GATHERED} says: gather it again")
    return said, data


def wrong_with(said: GatheredFile) -> str | None:
    """Return what is wrong with what is said of a file; None where nothing is."""
    return next(_problems(said), None)


def _problems(said: GatheredFile) -> Iterator[str]:
    if not _LIST_ID.fullmatch(said.list_id):
        yield f"expected a list id of small letters, digits and hyphens, got {said.list_id[:60]!r}"
    if not said.address or not _SHA256.fullmatch(said.sha256):
        yield "a list without source address and SHA-256 is not taken"
    if not _is_moment(said.retrieved_at):
        yield f"retrieved_at: expected a day or a moment such as 2026-11-20T08:00:00Z, got {said.retrieved_at[:60]!r}"
    if said.published_at and not _PUBLISHED.fullmatch(said.published_at):
        yield f"published_at: expected a day, month or year such as 2026-11-20, got {said.published_at[:60]!r}"
    long = [name for name, most in _MOST.items() if len(getattr(said, name)) > most]
    yield from (f"{name}: expected at most {_MOST[name]} characters" for name in long)
    yield from (f"{name}: expected a whole number" for name in _COUNTS if not _is_count(getattr(said, name)))
    if not _is_map(said.columns):
        yield "columns: expected a JSON object of our column names and theirs"


def _is_moment(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _is_count(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) <= 7)  # noqa: PLR2004  # ten million


def _is_map(text: str) -> bool:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
