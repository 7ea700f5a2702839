"""What every reader gives back: entries, and what it did not fully understand, which waits for a person.

A reader takes bytes and asks no network and no clock. What it cannot read is never left out silently: it is put up for
review with its raw text, and whether a name or an entry is missing because of it.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, Name

MAX_BYTES: Final = 256 * 1024 * 1024
"""The largest list file that is read; the largest published one we know, OFAC's advanced XML, is half of it."""
LONGEST_KEY: Final = 200
LONGEST_NAME: Final = 1000
"""Characters; the longest name seen, a United Nations one with its explanation, has 300."""
_MAX_RAW: Final = 300
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BETWEEN: Final = re.compile(f"{_CONTROL.pattern[:-1]}|]")


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
        shown = " ".join(_CONTROL.sub(" ", raw).split())[:_MAX_RAW]
        key = _CONTROL.sub(" ", entry_key)[:LONGEST_KEY]
        said = _CONTROL.sub(" ", reason)[:_MAX_RAW]
        self.review.append(Review(self.list_id, key, column, shown, said, "yes" if lost else "no"))


def key_of(*parts: str) -> str:
    """Return an entry_key for a list whose publisher gives none: a hash of what tells its entries apart."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def tidied(reading: Reading) -> Reading:
    """Return what a table can hold: texts without control characters and separators, each key once.

    A second entry under one key, and a name longer than any party bears, wait for review.
    """
    made = Reading(reading.list_id, review=list(reading.review))
    seen: set[str] = set()
    for entry in map(_plain, reading.entries):
        if entry.entry_key in seen or not entry.entry_key:
            made.ask(
                entry.entry_key, "entry_key", entry.name, "another entry has this key, or there is none", lost=True
            )
            continue
        seen.add(entry.entry_key)
        for name in entry.names:
            if len(name.text) > LONGEST_NAME:
                why = f"a name of more than {LONGEST_NAME} characters is left out"
                made.ask(entry.entry_key, "name", name.text, why, lost=True)
        kept = tuple(name for name in entry.names if len(name.text) <= LONGEST_NAME)
        made.entries.append(entry if len(kept) == len(entry.names) else replace(entry, names=kept))
    return made


def _plain(entry: ListEntry) -> ListEntry:
    return replace(
        entry,
        entry_key=_CONTROL.sub(" ", entry.entry_key).strip()[:LONGEST_KEY],
        names=tuple(name for name in (Name(_single(name.text), name.quality) for name in entry.names) if name.text),
        identifiers=tuple(
            item for item in (replace(item, value=_single(item.value)) for item in entry.identifiers) if item.value
        ),
        programmes=tuple(filter(None, map(_single, entry.programmes))),
        source=_CONTROL.sub(" ", entry.source),
        extra={name: _CONTROL.sub(" ", value) for name, value in entry.extra.items()},
    )


def _single(text: str) -> str:
    """Return a text that is one of several in a cell: the sign between them is no part of it."""
    return " ".join(_CONTROL.sub(" ", text).replace("|", " ").split()) if _BETWEEN.search(text) else text


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
