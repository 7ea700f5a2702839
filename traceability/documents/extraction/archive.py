"""The directory of an office file is judged before a byte of its content is expanded (documents.md 4)."""

import io
import zipfile

from traceability.documents.extraction.extracted import Builder, Refused

MAX_ENTRIES = 2_000
MAX_RATIO = 100
MAX_TOTAL = 200_000_000
_SMALL = 100_000
_NESTED = (".zip", ".docx", ".xlsx", ".pptx", ".jar", ".rar", ".7z", ".gz", ".docm", ".xlsm")
_RELATIONSHIPS_MAX = 2_000_000
_PROLOGUE = 4_096
# A hyperlink is text for a reader to follow, not content that a program fetches.
_HARMLESS = b"/relationships/hyperlink"


def check(data: bytes, builder: Builder) -> None:
    """Refuse what expands without measure or reaches outside itself; macros are a note and never run.

    Raises:
        Refused: archive_expansion_limit, limit, external_content, encrypted or broken.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = opened.infolist()
            _check_sizes(entries)
            _check_names(entries, builder)
            for entry in entries:
                if entry.filename.lower().endswith(".rels"):
                    _check_relationships(opened, entry)
                elif entry.filename.lower().endswith(".xml"):
                    _check_document_type(opened, entry)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Refused("broken") from error


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused("limit")
    if sum(entry.file_size for entry in entries) > MAX_TOTAL:
        raise Refused("archive_expansion_limit")
    for entry in entries:
        if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise Refused("archive_expansion_limit")


def _check_names(entries: list[zipfile.ZipInfo], builder: Builder) -> None:
    for entry in entries:
        name = entry.filename.lower()
        if entry.flag_bits & 1:
            raise Refused("encrypted")
        if name.endswith(_NESTED):
            raise Refused("external_content")
    _note_active(entries, builder)


def _note_active(entries: list[zipfile.ZipInfo], builder: Builder) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        builder.note("macro", "The file holds macros; they were not run.")
    embedded = [name for name in names if "/embeddings/" in name or "/activex/" in name]
    if embedded:
        some = ", ".join(name.rpartition("/")[2][:60] for name in embedded[:3])
        builder.note("embedded_file", f"The file holds {len(embedded)} embedded object(s), not opened: {some}")


def _check_document_type(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Refuse a document type: packages have none (ISO/IEC 29500-2), and text put in by it would be lost."""
    with opened.open(entry) as stream:
        # In UTF-16 a NUL stands beside each letter. Behind a longer comment the reader's own parser finds it.
        if b"<!doctype" in stream.read(_PROLOGUE).replace(b"\x00", b"").lower():
            raise Refused("broken")


def _check_relationships(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.file_size > _RELATIONSHIPS_MAX:
        raise Refused("limit")
    # The declared size may be a lie: never expand more than it.
    with opened.open(entry) as stream:
        body = stream.read(_RELATIONSHIPS_MAX)
    for element in body.split(b"<Relationship ")[1:]:
        tag = element.split(b">", 1)[0].lower()
        if (b'targetmode="external"' in tag or b"targetmode='external'" in tag) and _HARMLESS not in tag:
            raise Refused("external_content")
