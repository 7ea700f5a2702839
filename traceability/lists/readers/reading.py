"""What every reader gives back: entries, and what it did not fully understand, which waits for a person.

A reader takes bytes and asks no network and no clock. What it cannot read is never left out silently: it is put up for
review with its raw text, and whether a name or an entry is missing because of it.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry

MAX_BYTES: Final = 256 * 1024 * 1024
"""The largest list file that is read; the largest published one we know, OFAC's advanced XML, is half of it."""
_MAX_RAW: Final = 300


@dataclass(frozen=True, slots=True, order=True)
class Review:
    """One thing a reader did not fully understand; ``lost`` says whether a name or entry is missing because of it."""

    list_id: str
    entry_key: str
    field: str
    raw: str
    reason: str
    lost: str


@dataclass(slots=True)
class Reading:
    """What a reader made of its source: entries, and what waits for a person."""

    list_id: str
    entries: list[ListEntry] = field(default_factory=list)
    review: list[Review] = field(default_factory=list)

    def ask(self, entry_key: str, column: str, raw: str, reason: str, *, lost: bool) -> None:
        """Put something up for review; its text is cut to 300 characters."""
        shown = " ".join(raw.split())[:_MAX_RAW]
        self.review.append(Review(self.list_id, entry_key, column, shown, reason, "yes" if lost else "no"))


def key_of(*parts: str) -> str:
    """Return an entry_key for a list whose publisher gives none: a hash of what tells its entries apart."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def within_limit(data: bytes) -> bytes:
    """Return the bytes of a list file.

    Raises:
        InvalidInput: they are too many to be a published list.

    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"expected a list file of at most {MAX_BYTES // 1024 // 1024} MB; got {len(data)} bytes")
    return data


def xml_root(data: bytes) -> Element:
    """Return the root of an XML document, read without document type and entities.

    Raises:
        InvalidInput: it is no XML, is cut off, or declares a document type (entity expansion, external entities).

    """
    try:
        root: Element = fromstring(within_limit(data), forbid_dtd=True)
    except DefusedXmlException as error:
        raise InvalidInput(f"expected XML without a document type and entities; got {type(error).__name__}") from error
    except (ParseError, ValueError) as error:
        raise InvalidInput(f"expected a whole XML document: {error}") from error
    return root
