"""Parts of an office package (ISO/IEC 29500-2) read as a stream of XML: no document type, no deep nesting, no tree."""

import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from traceability.documents.extraction.extracted import Builder, Refused

MAX_NESTING = 256
_NUMBER = re.compile(r"(\d+)")


def elements(opened: zipfile.ZipFile, member: str) -> Iterator[tuple[str, Any, str]]:
    """Yield ``start`` and ``end`` events with the element and its local name; what has ended is emptied.

    Raises:
        Refused: limit for more than ``MAX_NESTING`` levels, broken for a document type or what is no XML.

    """
    depth = 0
    try:
        with opened.open(member) as stream:
            for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                depth += 1 if event == "start" else -1
                if depth > MAX_NESTING:
                    raise Refused("limit")
                yield event, element, element.tag.rpartition("}")[2]
                if event == "end":
                    element.clear()
    except (DefusedXmlException, ParseError, KeyError) as error:
        raise Refused("broken") from error


def paragraphs(opened: zipfile.ZipFile, member: str) -> Iterator[str]:
    """Yield the text of each paragraph (``p`` of DrawingML and WordprocessingML, ``text`` of a cell's comment)."""
    text: list[str] = []
    for event, element, name in elements(opened, member):
        if event == "end" and name == "t":
            text.append(element.text or "")
        elif event == "end" and name in {"tab", "br", "cr"}:
            text.append(" ")
        elif event == "end" and name in {"p", "text"}:
            if whole := "".join(text).strip():
                yield whole
            text.clear()


def members(opened: zipfile.ZipFile, pattern: str) -> list[str]:
    """Return the names that match ``pattern``, in the order of the numbers in them."""
    wanted = re.compile(pattern)
    return sorted((name for name in opened.namelist() if wanted.fullmatch(name)), key=_natural)


def _natural(name: str) -> list[tuple[bool, int, str]]:
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _NUMBER.split(name)]


def note_pictures(opened: zipfile.ZipFile, pattern: str, builder: Builder) -> bool:
    """Say how many pictures stand beside the text, for none of them is read; return whether there are any."""
    pictures = members(opened, pattern)
    if pictures:
        builder.note("picture_not_read", f"The file holds {len(pictures)} picture(s); what they show was not read.")
    return bool(pictures)
