"""The tiled tree equals the definition of RFC 6962 for any sequence, also after being saved and loaded at any moment."""

import copy
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.errors import LedgerDamaged
from traceability.ledger.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from traceability.ledger.tiles import TileCache, TileTree


def nothing(_level, _index):
    return None


def leaves(count):
    return [leaf_hash(number.to_bytes(4)) for number in range(count)]


def reference_root(hashes):
    """MTH as RFC 6962, section 2.1 writes it down."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + reference_root(hashes[:split]) + reference_root(hashes[split:])).digest()


class Store:
    """Tiles as a database keeps them; counts the reads."""

    def __init__(self):
        self.tiles = {}
        self.reads = 0

    def __call__(self, level, index):
        self.reads += 1
        return self.tiles.get((level, index))

    def save(self, tree):
        self.tiles.update(tree.changed())
        tree.saved()


def test_an_empty_tree():
    tree = TileTree(nothing)
    assert (tree.size, tree.root(), tree.root(0), tree.right_edge(), tree.changed()) == (
        0,
        EMPTY_ROOT,
        EMPTY_ROOT,
        [],
        {},
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=6), st.data())
def test_equals_the_definition_for_any_sequence(batches, data):
    store, hashes = Store(), []
    tree = TileTree(store, cache=TileCache(2))
    for count, restart in batches:
        new = [leaf_hash(number.to_bytes(4)) for number in range(len(hashes), len(hashes) + count)]
        tree.append(new)
        hashes += new
        assert tree.root() == reference_root(hashes)
        if restart:
            store.save(tree)
            tree = TileTree(store, len(hashes), cache=TileCache(2))
    assert (tree.size, tree.root()) == (len(hashes), reference_root(hashes))
    if hashes:
        size = data.draw(st.integers(1, len(hashes)))
        index = data.draw(st.integers(0, size - 1))
        root = reference_root(hashes[:size])
        assert tree.root(size) == root
        verify_inclusion(hashes[index], index, size, tree.inclusion(index, size), root)
        verify_consistency(
            index + 1, reference_root(hashes[: index + 1]), size, root, tree.consistency(index + 1, size)
        )


def test_every_proof_of_every_small_size_verifies():
    hashes = leaves(70)
    tree = TileTree(nothing)
    tree.append(hashes)
    roots = [reference_root(hashes[:size]) for size in range(71)]
    for size in range(1, 71):
        for index in range(size):
            verify_inclusion(hashes[index], index, size, tree.inclusion(index, size), roots[size])
            verify_consistency(index + 1, roots[index + 1], size, roots[size], tree.consistency(index + 1, size))


def test_proofs_hold_whatever_was_asked_and_added_before():
    hashes = leaves(700)
    tree = TileTree(nothing)
    for start in range(0, 700, 70):
        tree.append(hashes[start : start + 70])
        for size in (tree.size, 1 + start, tree.size):
            root = tree.root(size)
            for index in range(0, size, 13):
                path = tree.inclusion(index, size)
                verify_inclusion(hashes[index], index, size, path, root)
                path.clear()  # what a caller does with its proof is its own affair


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])
def test_tile_borders(size):
    store, hashes = Store(), leaves(size)
    tree = TileTree(store)
    tree.append(hashes)
    root = tree.root()
    store.save(tree)
    again = TileTree(store, size)
    assert again.root() == root
    assert {len(blob) for (level, index), blob in store.tiles.items() if index < size >> 8 * (level + 1)} <= {8192}
    for level in range(3):
        width = (size >> 8 * level) % 256
        assert len(store.tiles.get((level, size >> 8 * (level + 1)), b"")) == 32 * width
    for index in (0, size // 2, size - 1):
        verify_inclusion(hashes[index], index, size, again.inclusion(index, size), root)


def test_the_example_of_the_specification():
    # tlog-tiles: 70,000 leaves are 273 full tiles and one of 112, one full tile and one of 17, and one of width 1.
    tree = TileTree(nothing)
    tree.append(leaves(70_000))
    widths = {}
    for (level, _), blob in tree.changed().items():
        widths.setdefault(level, []).append(len(blob) // 32)
    assert {level: sorted(found) for level, found in widths.items()} == {0: [112] + [256] * 273, 1: [17, 256], 2: [1]}


def test_only_touched_tiles_are_written_again():
    tree = TileTree(nothing)
    tree.append(leaves(300))
    assert set(tree.changed()) == {(0, 0), (0, 1), (1, 0)}
    tree.saved()
    assert tree.changed() == {}
    tree.append(leaves(1))
    assert {place: len(blob) for place, blob in tree.changed().items()} == {(0, 1): 45 * 32}


def test_full_tiles_are_cached_and_the_cache_is_bounded():
    store = Store()
    tree = TileTree(store)
    tree.append(leaves(256 * 6))
    store.save(tree)
    tree = TileTree(store, 256 * 6, cache=TileCache(2))
    store.reads = 0
    tree.inclusion(1, 256 * 6)
    assert store.reads == 1
    tree.inclusion(2, 256 * 6)
    assert store.reads == 1
    for start in range(0, 256 * 6, 256):
        tree.inclusion(start, 256 * 6)
    tree.inclusion(1, 256 * 6)
    assert store.reads == 7


def test_trees_of_several_sizes_share_a_cache_and_one_may_grow():
    hashes, store, cache = leaves(1500), Store(), TileCache()
    tree = TileTree(store)
    for size in (300, 700, 1000):
        tree.append(hashes[tree.size : size])
        store.save(tree)
        reader = TileTree(store, size, cache)
        verify_inclusion(hashes[299], 299, size, reader.inclusion(299, size), reference_root(hashes[:size]))
    growing = TileTree(store, 1000, cache)
    growing.append(hashes[1000:])
    store.reads = 0
    again = TileTree(store, 1000, cache)
    assert again.root() == reference_root(hashes[:1000])
    assert growing.root() == reference_root(hashes)
    assert store.reads == 0


def test_a_copied_tree_grows_by_itself():
    hashes, others = leaves(600), [leaf_hash(b"%d" % number) for number in range(600)]
    tree = TileTree(nothing)
    tree.append(hashes[:100])
    copied = copy.deepcopy(tree)
    for one, more in ((tree, hashes[100:]), (copied, others[100:])):
        one.append(more)
        one.saved()
    for one, all_leaves in ((tree, hashes), (copied, hashes[:100] + others[100:])):
        verify_inclusion(all_leaves[150], 150, 600, one.inclusion(150, 600), reference_root(all_leaves))


def test_the_right_edge_are_the_perfect_subtrees():
    hashes = leaves(256 + 6)
    tree = TileTree(nothing)
    tree.append(hashes)
    assert tree.right_edge() == [
        reference_root(hashes[:256]), reference_root(hashes[256:260]), reference_root(hashes[260:]),
    ]  # fmt: skip


def test_a_tree_at_an_older_size_than_the_store():
    store = Store()
    tree = TileTree(store)
    tree.append(leaves(700))
    store.save(tree)
    for size in (1, 255, 256, 300, 513):
        assert TileTree(store, size).root() == tree.root(size)


@pytest.mark.parametrize("wrong", [None, b"", bytes(31), bytes(32 * 43), bytes(32 * 44 + 1), bytes(32 * 257)])
def test_a_damaged_edge_is_found_on_loading(wrong):
    store = Store()
    tree = TileTree(store)
    tree.append(leaves(300))
    store.save(tree)
    store.tiles[0, 1] = wrong
    with pytest.raises(LedgerDamaged, match="tile 1 of level 0: expected 44 hashes") as caught:
        TileTree(store, 300)
    assert caught.value.status == 503


def test_a_damaged_full_tile_is_found_when_it_is_needed():
    store = Store()
    tree = TileTree(store)
    tree.append(leaves(600))
    store.save(tree)
    store.tiles[0, 0] = store.tiles[0, 0][:-32]
    tree = TileTree(store, 600)
    with pytest.raises(LedgerDamaged, match="expected 256 hashes"):
        tree.inclusion(3, 600)


def test_requests_outside_the_tree_are_refused():
    tree = TileTree(nothing)
    tree.append(leaves(10))
    for call in (
        lambda: tree.inclusion(10, 10),
        lambda: tree.inclusion(-1, 10),
        lambda: tree.inclusion(0, 11),
        lambda: tree.inclusion(0, -1),
        lambda: tree.consistency(0, 10),
        lambda: tree.consistency(6, 5),
        lambda: tree.consistency(1, 11),
        lambda: tree.root(11),
        lambda: TileTree(nothing, -1),
    ):
        with pytest.raises(InvalidInput, match="expected"):
            call()


def test_a_leaf_of_another_length_adds_nothing():
    tree = TileTree(nothing)
    with pytest.raises(InvalidInput, match="32 bytes"):
        tree.append([*leaves(3), b"short"])
    assert (tree.size, tree.root()) == (0, EMPTY_ROOT)
