"""From bytes to text with places: the type is decided by magic bytes, the extension is only compared with it."""

from collections.abc import Callable

from traceability.documents.extraction import archive, magic, mail, markup, office, pdf, plain, slides, workbook
from traceability.documents.extraction.extracted import Builder, Extracted, Refused
from traceability.documents.report import Note

_READERS: dict[str, Callable[[bytes, Builder], None]] = {
    "pdf": pdf.read,
    "docx": office.read,
    "xlsx": workbook.read,
    "pptx": slides.read,
    "html": markup.read,
    "txt": plain.read,
}
_PACKAGES = frozenset({"docx", "xlsx", "pptx"})
_ARCHIVES = frozenset({"zip", "gzip", "rar", "7z"})
_TAKEN = "PDF, Word (DOCX), Excel (XLSX), PowerPoint (PPTX), HTML, mail (EML) and plain text"
# Office files with a password lie in the old container (MS-OFFCRYPTO 2.3), in a stream of this name.
_PROTECTED = "EncryptedPackage".encode("utf-16-le")


def extract(data: bytes, name: str) -> Extracted:
    """Extract the text of ``data``. Runs in the parsing child; ``name`` is used for its extension alone.

    What a file is refused for is an outcome, not an exception. What a parser raises on a broken file is left to the
    child, which answers ``broken``.
    """
    kind = magic.detect(data)
    builder = Builder(kind or "unknown")
    try:
        _read(kind, data, name, builder)
        return builder.finish()
    except Refused as refused:
        return _refused(refused.reason, kind, builder)


def _read(kind: str | None, data: bytes, name: str, builder: Builder, depth: int = 1) -> None:
    if kind is not None and (clash := magic.extension_clash(name, kind)):
        builder.note("extension_mismatch", clash, builder.last_page + 1 if depth > 1 else None)
    if kind in _PACKAGES:
        archive.check(data, builder)
    if kind == "ole" and _PROTECTED in data:
        raise Refused("encrypted")
    if kind == "eml":
        mail.read(data, builder, _attached, depth)
        return
    reader = _READERS.get(kind or "")
    if reader is None:
        raise Refused("type")
    reader(data, builder)


def _attached(data: bytes, name: str, builder: Builder, depth: int) -> None:
    """Read an attachment; a picture is a page nobody has read, an empty file a page without text."""
    kind = magic.detect(data)
    if kind == "image" or not data.strip():
        builder.page("", [])
        builder.unread.extend([builder.last_page] if kind == "image" else ())
        return
    if kind in _ARCHIVES:
        raise Refused("external_content")
    try:
        _read(kind, data, name, builder, depth)
    except (Refused, MemoryError, RecursionError):
        raise
    except Exception as error:  # a parser may raise anything on a hostile file; the rest of the mail is still read
        raise Refused("broken") from error


def _refused(reason: str, kind: str | None, builder: Builder) -> Extracted:
    notes = list(builder.notes)
    if reason == "type" and kind is not None:
        notes.append(Note("type_not_taken", f"The bytes say {kind}; taken are {_TAKEN}."))
    return Extracted("rejected", reason, kind, notes=tuple(notes))
