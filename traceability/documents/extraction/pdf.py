"""PDF (ISO 32000) through pdfium: text per page; scripts, attachments and launch actions are noted, never run."""

import ctypes
import re
from typing import Any

from traceability.documents.extraction import pdf_fallback
from traceability.documents.extraction.extracted import Builder, Refused
from traceability.documents.extraction.lines import blocks_of_lines
from traceability.documents.limits import MAX_CHARACTERS, MAX_PAGES

_FEW = 20
_IMAGE = 3
_MAX_OBJECTS = 2_000
_LAUNCH = 4
# FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of fpdfview.h: a password, or a scheme pdfium does not know.
_LOCKED = frozenset({4, 5})
_MAX_NAME = 400
# pdfium counts the scripts of the name tree; those behind /OpenAction and page actions stand in the objects.
_SCRIPT = re.compile(rb"/(?:JavaScript|JS)\b")


_Page = tuple[str, bool, bool]
"""Its text, whether there is a picture on it, whether a link on it would start a program."""


def read(data: bytes, builder: Builder) -> None:
    """Read every page; a page with a picture and fewer than 20 characters is unread (needs_ocr)."""
    import pypdfium2

    try:
        pages = _by_pdfium(data, builder)
    except (Refused, pypdfium2.PdfiumError) as error:
        if isinstance(error, Refused) and error.reason != "broken":
            raise
        pages = [(text, picture, False) for text, picture in pdf_fallback.pages(data)]
        builder.note("damaged", "The file is damaged and was read by a second reader; compare it with the original.")
    if _SCRIPT.search(data) and not any(note.code == "script" for note in builder.notes):
        builder.note("script", "The file holds JavaScript that begins by itself; none was run.")
    for text, picture, launches in pages:
        _add(text, builder, picture=picture, launches=launches)


def _by_pdfium(data: bytes, builder: Builder) -> list[_Page]:
    import pypdfium2

    document = open_document(data)
    try:
        if len(document) > MAX_PAGES:
            raise Refused("limit")
        pages: list[_Page] = []
        left = MAX_CHARACTERS
        for index in range(len(document)):
            pages.append(_read_page(pypdfium2.raw, document, index))
            left -= len(pages[-1][0])
            if left < 0:
                raise Refused("limit")
        _note_active_content(pypdfium2.raw, document, builder)
        return pages
    finally:
        document.close()


def _add(text: str, builder: Builder, *, picture: bool, launches: bool) -> None:
    builder.page(text, blocks_of_lines(text, wrapped=True))
    if launches:
        message = "A link on this page would start a program; it was not followed."
        builder.note("launch_action", message, builder.last_page)
    if picture and len(text.strip()) < _FEW:
        builder.unread.append(builder.last_page)


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
        if code in _LOCKED or "password" in str(error).lower():
            raise Refused("encrypted") from error
        raise Refused("broken") from error


def _read_page(raw: Any, document: Any, index: int) -> _Page:
    page = document[index]
    try:
        text_page = page.get_textpage()
        text = clean(text_page.get_text_range())
        text_page.close()
        return text, len(text.strip()) < _FEW and _has_image(page), _launches(raw, page)
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


def _launches(raw: Any, page: Any) -> bool:
    position = ctypes.c_int(0)
    link = raw.FPDF_LINK()
    for _ in range(_MAX_OBJECTS):
        if not raw.FPDFLink_Enumerate(page, ctypes.byref(position), ctypes.byref(link)):
            return False
        action = raw.FPDFLink_GetAction(link)
        if action and raw.FPDFAction_GetType(action) == _LAUNCH:
            return True
    return False
