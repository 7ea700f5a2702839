"""PDF (ISO 32000) through pdfium: text per page; scripts, attachments and launch actions are noted, never run."""

import ctypes
from typing import Any

from traceability.documents.extraction.extracted import Builder, Refused
from traceability.documents.extraction.lines import blocks_of_lines
from traceability.documents.limits import MAX_PAGES

_FEW = 20
_IMAGE = 3
_MAX_OBJECTS = 2_000
_LAUNCH = 4
_PASSWORD_ERROR = 4
_MAX_NAME = 400


def read(data: bytes, builder: Builder) -> None:
    """Read every page; a page with a picture and fewer than 20 characters is unread (needs_ocr)."""
    import pypdfium2

    document = open_document(data)
    try:
        if len(document) > MAX_PAGES:
            raise Refused("limit")
        _note_active_content(pypdfium2.raw, document, builder)
        for index in range(len(document)):
            _read_page(pypdfium2.raw, document, index, builder)
    finally:
        document.close()


def open_document(data: bytes) -> Any:
    """Return pdfium's document of a file.

    Raises:
        Refused: encrypted or broken.

    """
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code == _PASSWORD_ERROR or "password" in str(error).lower():
            raise Refused("encrypted") from error
        raise Refused("broken") from error


def _read_page(raw: Any, document: Any, index: int, builder: Builder) -> None:
    page = document[index]
    try:
        _note_launches(raw, page, builder.last_page + 1, builder)
        text_page = page.get_textpage()
        text = clean(text_page.get_text_range())
        text_page.close()
        builder.page(text, blocks_of_lines(text, wrapped=True))
        if len(text.strip()) < _FEW and _has_image(page):
            builder.unread.append(builder.last_page)
    finally:
        page.close()


def clean(text: str) -> str:
    """Return pdfium's text with single line ends, soft hyphens where a line splits a word, and no NUL."""
    # pdfium writes U+FFFE (in older builds U+0002) where a line ends in a hyphen that splits a word.
    for mark in ("\ufffe", "\x02"):
        text = text.replace(mark + "\r\n", "\u00ad\r\n").replace(mark, "\u00ad")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", " ")


def _has_image(page: Any) -> bool:
    return next(page.get_objects(filter=[_IMAGE], max_depth=4), None) is not None


def _note_active_content(raw: Any, document: Any, builder: Builder) -> None:
    scripts = raw.FPDFDoc_GetJavaScriptActionCount(document)
    if scripts > 0:
        builder.note("script", f"The file holds {scripts} JavaScript action(s); none was run.")
    attachments = raw.FPDFDoc_GetAttachmentCount(document)
    if attachments > 0:
        names = ", ".join(_attachment_name(raw, document, index) for index in range(min(attachments, 5)))
        builder.note("embedded_file", f"The file holds {attachments} embedded file(s), not opened: {names}")


def _attachment_name(raw: Any, document: Any, index: int) -> str:
    attachment = raw.FPDFDoc_GetAttachment(document, index)
    size = min(raw.FPDFAttachment_GetName(attachment, None, 0), _MAX_NAME)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    raw.FPDFAttachment_GetName(attachment, buffer, size)
    return bytes(buffer)[: max(0, size - 2)].decode("utf-16-le", "replace")


def _note_launches(raw: Any, page: Any, number: int, builder: Builder) -> None:
    position = ctypes.c_int(0)
    link = raw.FPDF_LINK()
    for _ in range(_MAX_OBJECTS):
        if not raw.FPDFLink_Enumerate(page, ctypes.byref(position), ctypes.byref(link)):
            return
        action = raw.FPDFLink_GetAction(link)
        if action and raw.FPDFAction_GetType(action) == _LAUNCH:
            builder.note("launch_action", "A link on this page would start a program; it was not followed.", number)
            return
