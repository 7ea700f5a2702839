"""Workbooks (XLSX, ISO/IEC 29500) of strangers: judged by their directory before a byte of them is expanded."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from traceability.errors import InvalidInput
from traceability.lists.readers.reading import within_limit

_MAX_MEMBERS: Final = 500
_MAX_UNPACKED: Final = 200_000_000
_MAX_RATIO: Final = 100
_SMALL: Final = 1_000_000
_ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook, read twice side by side: what was written into a cell, and the value kept for it."""

    written: Any
    cached: Any

    @property
    def names(self) -> Sequence[str]:
        """Return the names of the sheets, in order."""
        found: list[str] = self.written.sheetnames
        return found

    def rows(self, name: str, *, first: int, rows: int, columns: int) -> Iterator[tuple[int, Sequence[Any], Any]]:
        """Yield (row, what was written, values) of a sheet from its ``first`` row on, within the bounds."""
        bounds = {"min_row": first, "max_row": first + rows - 1, "max_col": columns, "values_only": True}
        sheets = (book[name].iter_rows(**bounds) for book in (self.written, self.cached))
        for number, (written, cached) in enumerate(zip(*sheets, strict=True), start=first):
            yield number, written, cached


def has_no_value(written: Any, cached: Any) -> bool:
    """Return whether a cell holds a formula whose value was not kept: what it says is unknown, not nothing."""
    return cached is None and isinstance(written, str) and written.startswith("=")


@contextmanager
def opened(data: bytes) -> Iterator[Book]:
    """Open a workbook without following its links and without running anything in it.

    Raises:
        InvalidInput: it is no workbook, is damaged or encrypted, declares entities, or expands without measure.

    """
    _check_archive(within_limit(data))
    from openpyxl import load_workbook

    try:
        yield Book(
            load_workbook(io.BytesIO(data), read_only=True, keep_links=False),
            load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False),
        )
    except InvalidInput:
        raise
    except Exception as error:  # a damaged workbook raises whatever the library met first
        raise InvalidInput(f"the workbook cannot be read ({type(error).__name__}): save it again") from error


def _check_archive(data: bytes) -> None:
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InvalidInput("expected a workbook (XLSX)") from error
    if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > _MAX_UNPACKED:
        raise InvalidInput(f"the workbook unpacks to more than {_MAX_UNPACKED} bytes or {_MAX_MEMBERS} files")
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise InvalidInput("the workbook is encrypted: save it without a password")
        if member.file_size > _SMALL and member.file_size > _MAX_RATIO * max(1, member.compress_size):
            raise InvalidInput(
                f"{member.filename[:100]!r} in the workbook unpacks to more than {_MAX_RATIO} times itself"
            )
