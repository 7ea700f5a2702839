"""Plain text: UTF-8, UTF-16 and UTF-32 by their marks or their NULs; what is guessed is said in a note."""

import codecs
from collections.abc import Iterator

from traceability.documents.extraction.extracted import Block, Builder, Refused
from traceability.documents.extraction.lines import blocks_of_lines
from traceability.documents.limits import MAX_CHARACTERS

# The longer marks first: UTF-32-LE begins as UTF-16-LE does.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_LATIN = frozenset({"iso-8859-1", "iso8859-1", "latin-1", "us-ascii", "ascii"})
_PLAIN = b"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 +-&"
_SAMPLE = 4_096
_MIN_ROWS = 3
_MIN_BORDERS = 2
_HAN = range(0x4E00, 0xA000)
_KANA = range(0x3040, 0x3100)
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主年动同工也能下过子产种面而方后多定行所民公司"
)


def read(data: bytes, builder: Builder) -> None:
    """Decode ``data`` and split it at form feeds into pages."""
    add(decode(data, builder), builder)


def add(text: str, builder: Builder) -> None:
    """Add typed text, split at form feeds into pages."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_CHARACTERS:
        raise Refused("limit")
    for page in text.split("\f"):
        builder.page(page, _rows(page) or blocks_of_lines(page, wrapped=False))


def _rows(page: str) -> list[Block]:
    """Return a page of comma-separated values (RFC 4180) as rows: every line has as many cells; none for all else."""
    lines = [line for line in page.split("\n") if line.strip()]
    for border in (";", ","):
        counts = {line.count(border) for line in lines}
        if len(lines) >= _MIN_ROWS and len(counts) == 1 and counts.pop() >= _MIN_BORDERS and '"' not in page:
            return list(_cells(page, border))
    return []


def _cells(page: str, border: str) -> Iterator[Block]:
    at = 0
    for line in page.split("\n"):
        spans, start = [], at
        for cell in line.split(border):
            spans.append((start, start + len(cell)))
            start += len(cell) + 1
        if line.strip():
            yield Block(0, "table_row", at, at + len(line), tuple(spans))
        at += len(line) + 1


def decode(data: bytes, builder: Builder, declared: str | None = None) -> str:
    """Return the text of ``data``: by its mark, as declared, as UTF-8, or guessed, which is said in a note.

    Raises:
        Refused: the mark promises an encoding that the text is not in; read by it, its words would be hidden.

    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            marked = _noted(data, name, builder)
            if name != "utf-8-sig" and _belies_its_mark(data, marked):
                raise Refused("broken")
            return marked
    bare = utf16_without_mark(data)
    if bare is not None:
        builder.note("encoding_guessed", f"The text has no byte-order mark; it was read as {bare}.")
        return data.decode(bare, "replace")
    # Who says Latin-1 means Windows' letters, of which it is a part (Encoding Standard, WHATWG).
    declared = "cp1252" if declared in _LATIN else declared
    if declared is not None and (text := _as_declared(data, declared)) is not None:
        return text
    text = _strictly(data, "utf-8")
    return text if text is not None else _guessed(data, builder)


def utf16_without_mark(data: bytes) -> str | None:
    """Return utf-16-le or utf-16-be for text of Latin letters whose every other byte is NUL; None for all else."""
    head = data[:_SAMPLE]
    if len(head) < 4 or len(data) % 2:  # noqa: PLR2004 - two characters
        return None
    even, odd = head[::2], head[1::2]
    for name, nul, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if nul.count(0) * 10 >= len(nul) * 7 and letters.count(0) * 50 <= len(letters):
            return name
    return None


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (ValueError, LookupError):
        return None


def _as_declared(data: bytes, declared: str) -> str | None:
    """Return the text as its head says; None where it is not in that, or where plain words would read as others."""
    text = _strictly(data, declared)
    if text is None or _strictly(_PLAIN, declared) == _PLAIN.decode("ascii"):
        return text
    is_wide = codecs.lookup(declared).name.startswith(("utf-16", "utf-32"))
    return text if is_wide and not _belies_its_mark(data, text) else None


def _noted(data: bytes, name: str, builder: Builder) -> str:
    text = _strictly(data, name)
    if text is not None:
        return text
    builder.note("encoding_broken", f"The text calls itself {name} and is not wholly so; marks stand for what is not.")
    return data.decode(name, "replace")


def _belies_its_mark(data: bytes, text: str) -> bool:
    """Whether a wide encoding is only pretended: read so, plain words turn into Chinese that says nothing.

    Wide text of most scripts has a NUL at every blank and digit; Chinese without them has its commonest characters, and
    Japanese its syllables.
    """
    syllables = sum(ord(char) in _KANA for char in text)
    return data.count(0) * 50 < len(data) and syllables * 5 < len(text) and not _reads_as_chinese(text)


def _guessed(data: bytes, builder: Builder) -> str:
    """GB 18030 when that gives mostly Chinese characters, else Windows' Latin letters, of which Latin-1 is a part."""
    chinese = _strictly(data, "gb18030")
    if chinese is not None:
        foreign = [char for char in chinese if ord(char) > 0x7F]  # noqa: PLR2004 - beyond ASCII
        if sum(ord(char) in _HAN for char in foreign) * 10 >= len(foreign) * 8 and _reads_as_chinese(chinese):
            builder.note("encoding_guessed", "The text is not UTF-8; it was read as GB 18030 (Chinese).")
            return chinese
    text = _strictly(data, "cp1252")
    name = "latin-1" if text is None else "Windows-1252"
    builder.note("encoding_guessed", f"The text is not UTF-8; it was read as {name}, so accents may be wrong.")
    return data.decode("latin-1") if text is None else text


def _reads_as_chinese(text: str) -> bool:
    """Whether the commonest characters are there: a quarter of a Chinese text, one in a hundred of what is misread."""
    chinese = [char for char in text if ord(char) in _HAN]
    return sum(char in _COMMON for char in chinese) * 12 >= len(chinese)
