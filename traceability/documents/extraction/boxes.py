"""Where passages stand on a PDF's pages: rectangles in PDF points (1/72 inch) from the page's lower left corner."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from traceability.documents.extraction.pdf import clean, open_document

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
Span = tuple[int, int, int]
"""Page, counted from 1, and the passage's first and last offset in the text of that page."""
MAX_BOXES = 200
_FARTHEST = 100_000.0


def boxes(data: bytes, spans: Sequence[Span]) -> list[list[Box]]:
    """Return for each span one rectangle a line; none where it is not in the text of its page."""
    found: dict[Span, list[Box]] = {}
    document = open_document(data)
    try:
        for number, wanted in groupby(sorted(set(spans)), key=lambda span: span[0]):
            if 0 < number <= len(document):
                found.update(_on_page(document, number, list(wanted)))
    finally:
        document.close()
    return [found.get(span, []) for span in spans]


def _on_page(document: Any, number: int, spans: Sequence[Span]) -> dict[Span, list[Box]]:
    page = document[number - 1]
    try:
        text_page = page.get_textpage()
        raw = text_page.get_text_range()
        whole = clean(raw)
        found = {}
        for span in spans:
            inside = 0 <= span[1] < span[2] <= len(whole)
            found[span] = list(_rectangles(text_page, raw, whole, span)) if inside else []
        text_page.close()
    finally:
        page.close()
    return found


def _rectangles(text_page: Any, raw: str, whole: str, span: Span) -> Iterator[Box]:
    first, last = (_character(text_page, raw, whole, at) for at in (span[1], span[2] - 1))
    if first < 0 or last < first:
        return
    for index in range(min(text_page.count_rects(first, last - first + 1), MAX_BOXES)):
        left, bottom, right, top = (_rounded(value) for value in text_page.get_rect(index))
        if left < right and bottom < top:
            yield left, bottom, right, top


def _character(text_page: Any, raw: str, whole: str, at: int) -> int:
    """Return pdfium's number for the character at ``at`` of the cleaned text; -1 where it has none."""
    import pypdfium2.raw as pdfium

    # Cleaning shortens line ends alone: each counts two characters in pdfium's text, which counts in UTF-16 units.
    place = at + (whole.count("\n", 0, at) if "\r\n" in raw else 0)
    units = place if raw.isascii() else len(raw[:place].encode("utf-16-le", "surrogatepass")) // 2
    return int(pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, units))


def _rounded(value: float) -> float:
    # Two decimals, and no number so large or so small that it would be written with an exponent.
    return round(min(max(value, -_FARTHEST), _FARTHEST), 2) + 0.0
