"""PDF through pypdf, for damaged files that pdfium does not open: slower, and without places on the page."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from traceability.documents.extraction.extracted import Refused
from traceability.documents.limits import MAX_PAGES

if TYPE_CHECKING:
    from pypdf import PageObject


def pages(data: bytes) -> Iterator[tuple[str, bool]]:
    """Yield the text of each page and whether a picture is on it.

    Raises:
        Refused: encrypted, limit, or broken where pypdf cannot read it either.

    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise Refused("encrypted")
        if len(reader.pages) > MAX_PAGES:
            raise Refused("limit")
        if not reader.pages:
            raise Refused("broken")
        for page in reader.pages:
            yield page.extract_text(), _has_picture(page)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, NotImplementedError) as error:
        raise Refused("broken") from error


def _has_picture(page: "PageObject") -> bool:
    # Only the names are asked for: nothing is decoded.
    return bool(page.images.keys())
