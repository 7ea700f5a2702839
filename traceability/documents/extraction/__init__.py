"""From bytes to text with places: the type is decided by magic bytes, the extension is only compared with it."""

from collections.abc import Callable

from traceability.documents.extraction import archive, magic, office, pdf, plain, slides, workbook
from traceability.documents.extraction.extracted import Builder, Extracted, Refused
from traceability.documents.report import Note

_READERS: dict[str, Callable[[bytes, Builder], None]] = {
    "pdf": pdf.read,
    "docx": office.read,
    "xlsx": workbook.read,
    "pptx": slides.read,
    "txt": plain.read,
}
_PACKAGES = frozenset({"docx", "xlsx", "pptx"})
_TAKEN = "PDF, Word (DOCX), Excel (XLSX), PowerPoint (PPTX) and plain text"


def extract(data: bytes, name: str) -> Extracted:
    """Extract the text of ``data``. Runs in the parsing child; ``name`` is used for its extension alone.

    What a file is refused for is an outcome, not an exception. What a parser raises on a broken file is left to the
    child, which answers ``broken``.
    """
    kind = magic.detect(data)
    builder = Builder(kind or "unknown")
    if kind is not None and (clash := magic.extension_clash(name, kind)):
        builder.note("extension_mismatch", clash)
    try:
        if kind in _PACKAGES:
            archive.check(data, builder)
        reader = _READERS.get(kind or "")
        if reader is None:
            return _refused("type", kind, builder)
        reader(data, builder)
        return builder.finish()
    except Refused as refused:
        return _refused(refused.reason, kind, builder)


def _refused(reason: str, kind: str | None, builder: Builder) -> Extracted:
    notes = list(builder.notes)
    if reason == "type" and kind is not None:
        notes.append(Note("type_not_taken", f"The bytes say {kind}; taken are {_TAKEN}."))
    return Extracted("rejected", reason, kind, notes=tuple(notes))
