"""A page of a PDF as a picture in grey, for a program that recognises characters."""

import base64

from traceability.documents.extraction.pdf import open_document

_DOTS_PER_INCH = 200
_POINTS_PER_INCH = 72
_MAX_PIXELS = 12_000_000


def picture(data: bytes, number: int) -> str:
    """Return page ``number``, counted from 1, as base64 of a PGM (netpbm) of at most 200 dots an inch."""
    document = open_document(data)
    try:
        page = document[number - 1]
        width, height = page.get_size()
        scale = _DOTS_PER_INCH / _POINTS_PER_INCH
        scale *= min(1.0, (_MAX_PIXELS / max(1.0, width * height * scale * scale)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        rows = bytes(bitmap.buffer)
        wide, high, stride = bitmap.width, bitmap.height, bitmap.stride
        page.close()
    finally:
        document.close()
    body = b"".join(rows[at * stride : at * stride + wide] for at in range(high))
    return base64.b64encode(b"P5 %d %d 255\n" % (wide, high) + body).decode("ascii")
