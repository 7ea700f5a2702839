"""A seed folder as one ZIP file, to carry lists to a running service; judged before a byte of it is expanded."""

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from traceability.errors import InvalidInput, TooLarge
from traceability.lists.seedfile import MANIFEST, MAX_BYTES, REVIEW, SOURCES, read_manifest

MAX_BUNDLE: Final = 48_000_000
_MAX_ENTRIES: Final = 100
_MAX_TOTAL: Final = 256 * 1024 * 1024
_MAX_RATIO: Final = 100
_SMALL: Final = 100_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ENCRYPTED: Final = 1


def pack(folder: Path) -> bytes:
    """Return the manifest of a folder and what it names as a ZIP file; the same folder gives the same bytes.

    Raises:
        InvalidInput: there is no manifest, or a table it names is not there.

    """
    tables = sorted({row.file for row in read_manifest(folder)})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in (MANIFEST, *(name for name in (SOURCES, REVIEW) if (folder / name).is_file()), *tables):
            if Path(name).name != name or not (folder / name).is_file():
                raise InvalidInput(f"{folder.name}: the table {name} is missing")
            bundle.writestr(zipfile.ZipInfo(name), (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Write the files of a bundle into an empty folder.

    Raises:
        InvalidInput: it is no ZIP file, is encrypted, names a file twice or outside itself, or is damaged.
        TooLarge: it holds too many files, or unpacks to too much.

    """
    if len(data) > MAX_BUNDLE:
        raise TooLarge(f"a bundle of lists may have {MAX_BUNDLE} bytes; this one has {len(data)}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            entries = bundle.infolist()
            _check(entries)
            for entry in entries:
                (folder / entry.filename).write_bytes(_content(bundle, entry))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise InvalidInput(f"expected a ZIP file of a folder of lists; got one that cannot be read: {error}") from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_TOTAL:
        raise TooLarge(f"a bundle may hold {_MAX_ENTRIES} files of together {_MAX_TOTAL} bytes")
    for entry in entries:
        if not _NAME.fullmatch(entry.filename):
            raise InvalidInput(f"expected plain file names without folders in the bundle; got {entry.filename[:100]!r}")
        if entry.flag_bits & _ENCRYPTED:
            raise InvalidInput(f"{entry.filename} is encrypted; send it readable")
        ratio = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > MAX_BYTES or (entry.file_size > _SMALL and ratio > _MAX_RATIO):
            raise TooLarge(f"{entry.filename} unpacks to {entry.file_size} bytes, more than a table of lists has")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"the bundle holds {twice[0]} twice")


def _content(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # The declared size may be a lie: never expand more than it.
    with bundle.open(entry) as stream:
        found = stream.read(entry.file_size + 1)
    if len(found) != entry.file_size:
        raise InvalidInput(f"{entry.filename} is not as long as the bundle says")
    return found
