"""Plain text: UTF-8, UTF-16 with a byte-order mark, else latin-1, said in a note because it is a guess."""

import codecs

from traceability.documents.extraction.extracted import Builder, Refused
from traceability.documents.extraction.lines import blocks_of_lines
from traceability.documents.limits import MAX_CHARACTERS


def read(data: bytes, builder: Builder) -> None:
    """Decode ``data`` and split it at form feeds into pages."""
    text = _decode(data, builder).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_CHARACTERS:
        raise Refused("limit")
    for page in text.split("\f"):
        builder.page(page, blocks_of_lines(page, wrapped=False))


def _decode(data: bytes, builder: Builder) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        builder.note("encoding_guessed", "The text is not UTF-8; it was read as latin-1, so accents may be wrong.")
        return data.decode("latin-1")
