"""The tree as tiles of 256 hashes (C2SP tlog-tiles): append, root, inclusion and consistency proofs.

A tile of level L holds hashes of perfect subtrees of 256^L leaves. The partial tile at the right edge of a level is
stored as a shorter blob and written again when it grows. Proofs are those of RFC 6962, sections 2.1.1 and 2.1.2.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from struct import iter_unpack
from typing import TypeVar

from traceability.errors import InvalidInput
from traceability.ledger.errors import LedgerDamaged
from traceability.ledger.merkle import EMPTY_ROOT, HASH_SIZE, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
_PAIR = f"{2 * HASH_SIZE}s"

ReadTile = Callable[[int, int], bytes | None]
"""Port to the store: (level, index) -> the tile's bytes as last written, or None where there is none."""

_Place = tuple[int, int, int]  # level, index, width
_Kind = TypeVar("_Kind", "_Tile", "_FullTile")


class _Tile:
    """Hashes of a tile that grows, together with every perfect node above them, so that no node is hashed twice."""

    __slots__ = ("layers",)

    def __init__(self) -> None:
        self.layers: list[list[bytes]] = [[] for _ in range(TILE_HEIGHT + 1)]

    @classmethod
    def of(cls, hashes: bytes) -> "_Tile":
        tile = cls()
        for layer in tile.layers:
            layer += [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
            pairs = range(0, len(hashes) - HASH_SIZE, 2 * HASH_SIZE)
            hashes = b"".join([sha256(b"\x01" + hashes[at : at + 2 * HASH_SIZE]).digest() for at in pairs])
        return tile

    def copy(self) -> "_Tile":
        tile = _Tile()
        tile.layers = [layer[:] for layer in self.layers]
        return tile

    @property
    def width(self) -> int:
        return len(self.layers[0])

    def at(self, height: int, index: int) -> bytes:
        return self.layers[height][index]

    def push(self, value: bytes) -> None:
        height, layer = 0, self.layers[0]
        layer.append(value)
        while not len(layer) & 1:
            value = node_hash(layer[-2], value)
            height += 1
            layer = self.layers[height]
            layer.append(value)

    def blob(self) -> bytes:
        return b"".join(self.layers[0])


class _FullTile:
    """The same of a tile that grows no more, each layer one run of bytes: a proof takes few of its hashes out."""

    __slots__ = ("layers",)

    def __init__(self, layers: list[bytes]) -> None:
        self.layers = layers

    @classmethod
    def of(cls, hashes: bytes) -> "_FullTile":
        layers = [hashes]
        for _ in range(TILE_HEIGHT):
            hashes = b"".join([sha256(b"\x01" + pair).digest() for (pair,) in iter_unpack(_PAIR, hashes)])
            layers.append(hashes)
        return cls(layers)

    def at(self, height: int, index: int) -> bytes:
        return self.layers[height][index * HASH_SIZE : (index + 1) * HASH_SIZE]


class TileCache:
    """Tiles hashed before, the last ones used. Several trees of one log may share it, in several threads.

    A tile is known by level, index and width: of a log that only grows, the first so many hashes never change.
    """

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._tiles: OrderedDict[_Place, _Tile | _FullTile] = OrderedDict()
        self._lock = threading.Lock()

    def __deepcopy__(self, _memo: object) -> "TileCache":
        """Return an empty one: a copied tree may grow in another way than the tree it was copied from."""
        return TileCache(self._limit)

    def get(self, place: _Place, kind: type[_Kind]) -> _Kind | None:
        """Return a tile where it is kept; it is not to be changed."""
        with self._lock:
            tile = self._tiles.get(place)
            if not isinstance(tile, kind):
                return None
            self._tiles.move_to_end(place)
            return tile

    def keep(self, place: _Place, tile: _Tile | _FullTile) -> None:
        """Keep a tile that will not be changed; that used longest ago makes room for it."""
        with self._lock:
            self._tiles[place] = tile
            if len(self._tiles) > self._limit:
                self._tiles.popitem(last=False)


class TileTree:
    """A Merkle tree of ``size`` leaves over stored tiles; grows in memory until its changed tiles are saved.

    Not safe for use by several threads at once. After any storage error drop it and load a new one.
    """

    def __init__(self, read_tile: ReadTile, size: int = 0, cache: TileCache | None = None) -> None:
        if size < 0:
            raise InvalidInput(f"expected a tree size of 0 or more; got {size}")
        self._read = read_tile
        self._size = size
        self._cache = cache or TileCache()
        self._dirty: dict[tuple[int, int], _Tile] = {}
        self._edge: list[_Tile] = []
        self._asked, self._above = 0, dict[int, list[bytes]]()
        while size >> (TILE_HEIGHT * len(self._edge)):
            self._edge.append(self._load_edge(len(self._edge)))

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    def append(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add leaves at the right.

        Raises:
            InvalidInput: one of them is not 32 bytes long; then none is added.

        """
        for leaf in leaf_hashes:
            if len(leaf) != HASH_SIZE:
                raise InvalidInput(f"expected leaf hashes of {HASH_SIZE} bytes; got one of {len(leaf)}")
        for leaf in leaf_hashes:
            self._push(0, leaf)
            self._size += 1

    def root(self, size: int | None = None) -> bytes:
        """Return the root now, or of the first ``size`` leaves.

        Raises:
            InvalidInput: ``size`` is larger than the tree.

        """
        if size is None:
            return _fold(self._peaks())
        self._require_size(size)
        return self._range(0, size) if size else EMPTY_ROOT

    def right_edge(self) -> list[bytes]:
        """Return the roots of the perfect subtrees the tree consists of, the largest (leftmost) first."""
        return self._peaks()[::-1]

    def edge(self) -> dict[tuple[int, int], bytes]:
        """Return the partial tiles at the right edge, by (level, index)."""
        found = {}
        for level, tile in enumerate(self._edge):
            if tile.width:
                found[level, self._size >> (TILE_HEIGHT * (level + 1))] = tile.blob()
        return found

    def changed(self) -> dict[tuple[int, int], bytes]:
        """Return the tiles to write, by (level, index): those touched since `saved`."""
        return {place: tile.blob() for place, tile in self._dirty.items()}

    def saved(self) -> None:
        """Take note that what `changed` returned is durable."""
        for place, tile in self._dirty.items():
            if tile.width == TILE_WIDTH:
                self._cache.keep((*place, TILE_WIDTH), _FullTile([b"".join(layer) for layer in tile.layers]))
        self._dirty.clear()

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the inclusion proof of leaf ``index`` in the tree of the first ``size`` leaves, leaf's sibling first.

        Raises:
            InvalidInput: ``size`` is larger than the tree, or ``index`` not below it.
            LedgerDamaged: a tile needed is missing or has the wrong length.

        """
        self._require_size(size)
        if not 0 <= index < size:
            raise InvalidInput(f"expected an index below the size {size}; got {index}")
        height = (index ^ size).bit_length() - 1  # of the perfect subtree the leaf stands in
        return self._inside(index, height) + self._outside(height, size)

    def consistency(self, size1: int, size2: int) -> list[bytes]:
        """Return the proof that the first ``size2`` leaves begin with the first ``size1`` leaves.

        Raises:
            InvalidInput: not 0 < size1 <= size2 <= size.
            LedgerDamaged: a tile needed is missing or has the wrong length.

        """
        self._require_size(size2)
        if not 0 < size1 <= size2:
            raise InvalidInput(f"expected 0 < first size <= second size; got {size1} and {size2}")
        path: list[bytes] = []
        start, end = 0, size2
        while size1 != end:
            middle = _split(start, end)
            if size1 <= middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        if start:  # the verifier knows the old root only where it is itself the node reached
            path.append(self._range(start, end))
        path.reverse()
        return path

    def _inside(self, index: int, height: int) -> list[bytes]:
        """Return the siblings on the way from a leaf to the root of its perfect subtree of ``height``."""
        path: list[bytes] = []
        for done in range(0, height, TILE_HEIGHT):
            tile, offset = divmod(index >> done, TILE_WIDTH)
            at = self._tile(done // TILE_HEIGHT, tile).at
            path += [at(layer, (offset >> layer) ^ 1) for layer in range(min(TILE_HEIGHT, height - done))]
        return path

    def _outside(self, height: int, size: int) -> list[bytes]:
        """Return the siblings above the perfect subtree of ``height``: what is right of it, then each larger peak.

        They are the same for every leaf in it, so those of the size asked for last are kept.
        """
        if self._asked != size:
            self._asked, self._above = size, {}
        if height not in self._above:
            rest = size & ((1 << height) - 1)
            right = [self._range(size - rest, size)] if rest else []
            left = [self._node(n, (size >> n) - 1) for n in range(height + 1, size.bit_length()) if size >> n & 1]
            self._above[height] = right + left
        return self._above[height]

    def _peaks(self) -> list[bytes]:
        return [layer[-1] for tile in self._edge for layer in tile.layers if len(layer) & 1]

    def _require_size(self, size: int) -> None:
        if not 0 <= size <= self._size:
            raise InvalidInput(f"expected a size of at most {self._size}; got {size}")

    def _push(self, level: int, value: bytes) -> None:
        """Add a hash to the edge tile of ``level``; a tile that gets full passes its root to the level above."""
        if level == len(self._edge):
            self._edge.append(_Tile())
        tile = self._edge[level]
        tile.push(value)
        self._dirty[level, self._size >> (TILE_HEIGHT * (level + 1))] = tile
        if tile.width == TILE_WIDTH:
            self._edge[level] = _Tile()
            self._push(level + 1, tile.layers[TILE_HEIGHT][0])

    def _range(self, start: int, end: int) -> bytes:
        """Hash leaves ``start`` to ``end``; ``start`` must be aligned as in a split of RFC 6962."""
        peaks: list[bytes] = []
        while start < end:
            height = (end - start).bit_length() - 1
            peaks.append(self._node(height, start >> height))
            start += 1 << height
        return _fold(peaks[::-1])

    def _node(self, height: int, index: int) -> bytes:
        """Return the perfect node that spans ``1 << height`` leaves."""
        level, layer = divmod(height, TILE_HEIGHT)
        tile, offset = divmod(index, TILE_WIDTH >> layer)
        return self._tile(level, tile).at(layer, offset)

    def _tile(self, level: int, index: int) -> _Tile | _FullTile:
        if index == self._size >> (TILE_HEIGHT * (level + 1)):
            return self._edge[level]
        return self._dirty.get((level, index)) or self._load(_FullTile, level, index, TILE_WIDTH)

    def _load_edge(self, level: int) -> _Tile:
        index, width = divmod(self._size >> (TILE_HEIGHT * level), TILE_WIDTH)
        return self._load(_Tile, level, index, width).copy() if width else _Tile()  # a copy, because the edge grows

    def _load(self, kind: type[_Kind], level: int, index: int, width: int) -> _Kind:
        tile = self._cache.get((level, index, width), kind)
        if tile is None:
            tile = kind.of(self._hashes(level, index, width))
            self._cache.keep((level, index, width), tile)
        return tile

    def _hashes(self, level: int, index: int, width: int) -> bytes:
        """Read the first ``width`` hashes; the stored tile may be wider when the log has grown since ``size``."""
        blob = self._read(level, index)
        have = 0 if blob is None else len(blob)
        if blob is None or have < width * HASH_SIZE or have % HASH_SIZE or have > TILE_WIDTH * HASH_SIZE:
            raise LedgerDamaged(
                f"tile {index} of level {level}: expected {width} hashes of {HASH_SIZE} bytes; got {have} bytes"
            )
        return blob[: width * HASH_SIZE]


def tile_root(hashes: bytes) -> bytes:
    """Return the root of the perfect subtree above the hashes of a full tile.

    Raises:
        InvalidInput: not 256 hashes.

    """
    if len(hashes) != TILE_WIDTH * HASH_SIZE:
        raise InvalidInput(f"expected a tile of {TILE_WIDTH} hashes; got {len(hashes)} bytes")
    nodes = [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
    while len(nodes) > 1:
        nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
    return nodes[0]


def _split(start: int, end: int) -> int:
    """Return where RFC 6962 splits the range: after the largest power of two smaller than its length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _fold(peaks: list[bytes]) -> bytes:
    """Join perfect subtrees, smallest (rightmost) first, into one root."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[0]
    for peak in peaks[1:]:
        root = node_hash(peak, root)
    return root
