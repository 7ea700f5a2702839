"""Addresses and bytes of the log's static resources (C2SP tlog-tiles): tiles of hashes, and bundles of entries."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from traceability.errors import InvalidInput
from traceability.ledger.entry import MAX_ENTRY
from traceability.ledger.tiles import TILE_HEIGHT, TILE_WIDTH

CHECKPOINT = "checkpoint"
MAX_LEVEL = 63
#: Index in groups of three digits, all but the last marked with x; 21 digits hold any size a checkpoint can name.
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LEVEL = re.compile(r"0|[1-9][0-9]?")
_LENGTH = 2


@dataclass(frozen=True, slots=True)
class TilePlace:
    """One tile or entry bundle: its level (None: a bundle of entries), its index, and how wide it is (1 to 256)."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Return the address below the log's prefix."""
        groups = [f"{self.index % 1000:03d}"]
        left = self.index // 1000
        while left:
            groups.insert(0, f"x{left % 1000:03d}")
            left //= 1000
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{'/'.join(groups)}{partial}"

    @property
    def first(self) -> int:
        """Return the index of the first entry below it."""
        return self.index << (TILE_HEIGHT * ((self.level or 0) + 1))

    def exists_at(self, size: int) -> bool:
        """Return whether a log of ``size`` entries has a tile of at least this width here."""
        return (size >> (TILE_HEIGHT * (self.level or 0))) - self.index * TILE_WIDTH >= self.width


def parse_place(level: str, place: str) -> TilePlace | None:
    """Read the parts of an address after ``tile/``; None where the specification knows no such address."""
    match = _PLACE.fullmatch(place)
    if match is None or not (level == "entries" or _LEVEL.fullmatch(level)):
        return None
    width = TILE_WIDTH if match[2] is None else int(match[2])
    index = int(match[1].replace("x", "").replace("/", ""))
    found = TilePlace(None if level == "entries" else int(level), index, width)
    is_known = (found.level or 0) <= MAX_LEVEL and (match[2] is None or width < TILE_WIDTH)
    # One tile has one address: caches must not be filled with others, such as x000/000.
    return found if is_known and found.path == f"tile/{level}/{place}" else None


def places(level: int | None, size: int, *, start: int = 0) -> Iterator[TilePlace]:
    """Yield the tiles of a level that a log of ``size`` entries consists of, from tile ``start`` on."""
    full, partial = divmod(size >> (TILE_HEIGHT * (level or 0)), TILE_WIDTH)
    for index in range(start, full):
        yield TilePlace(level, index)
    if partial:
        yield TilePlace(level, full, partial)


def make_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle: each with its length in front, two bytes, big-endian.

    Raises:
        InvalidInput: an entry is longer than a bundle can say.

    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise InvalidInput(f"expected entries of at most {MAX_ENTRY} bytes; got one of {len(entry)}")
        parts += (len(entry).to_bytes(_LENGTH), entry)
    return b"".join(parts)


def read_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        InvalidInput: it ends in the middle of an entry, or holds more than 256.

    """
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH])
        if at + _LENGTH > len(data) or end > len(data):
            raise InvalidInput(f"the entry bundle ends in the middle of its entry {len(entries)}")
        entries.append(data[at + _LENGTH : end])
        at = end
    if len(entries) > TILE_WIDTH:
        raise InvalidInput(f"expected at most {TILE_WIDTH} entries in a bundle; got {len(entries)}")
    return entries
