import pytest

from traceability.ledger.errors import ProofError
from traceability.ledger.merkle import EMPTY_ROOT, leaf_hash, node_hash, verify_consistency, verify_inclusion
from traceability.ledger.tiles import TileTree

LEAVES = [leaf_hash(bytes([number])) for number in range(7)]


@pytest.fixture
def tree():
    tree = TileTree(lambda _level, _index: None)
    tree.append(LEAVES)
    return tree


def test_hashes_of_leaves_and_nodes_are_told_apart():
    # RFC 6962: SHA-256 of nothing, of 0x00, and of 0x01 over two hashes.
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(LEAVES[0], LEAVES[1]) != leaf_hash(LEAVES[0] + LEAVES[1])


def test_a_wrong_root_is_told_with_both_values(tree):
    path = tree.inclusion(3, 7)
    with pytest.raises(ProofError) as caught:
        verify_inclusion(LEAVES[3], 3, 7, path, LEAVES[0])
    assert LEAVES[0].hex() in caught.value.detail
    assert tree.root().hex() in caught.value.detail
    assert caught.value.status == 422


@pytest.mark.parametrize("index", [-1, 7, 8])
def test_an_index_outside_the_tree_is_refused(tree, index):
    with pytest.raises(ProofError, match="index below the tree size 7"):
        verify_inclusion(LEAVES[3], index, 7, tree.inclusion(3, 7), tree.root())


@pytest.mark.parametrize("cut", [0, 31, 33])
def test_hashes_of_another_length_are_refused(tree, cut):
    odd = bytes(cut)
    path = tree.inclusion(3, 7)
    for leaf, proof, root in (
        (odd, path, tree.root()),
        (LEAVES[3], [odd, *path[1:]], tree.root()),
        (LEAVES[3], path, odd),
    ):
        with pytest.raises(ProofError, match="hashes of 32 bytes"):
            verify_inclusion(leaf, 3, 7, proof, root)
    with pytest.raises(ProofError, match="hashes of 32 bytes"):
        verify_consistency(3, odd, 7, tree.root(), tree.consistency(3, 7))


@pytest.mark.parametrize("index", range(7))
def test_a_proof_one_hash_too_long_or_too_short_is_refused(tree, index):
    path = tree.inclusion(index, 7)
    with pytest.raises(ProofError, match="longer"):
        verify_inclusion(LEAVES[index], index, 7, [*path, LEAVES[0]], tree.root())
    with pytest.raises(ProofError):
        verify_inclusion(LEAVES[index], index, 7, path[:-1], tree.root())


@pytest.mark.parametrize("size", range(1, 7))
def test_consistency_needs_its_whole_proof(tree, size):
    path = tree.consistency(size, 7)
    verify_consistency(size, tree.root(size), 7, tree.root(), path)
    for wrong in (path[:-1], [*path, LEAVES[0]], []):
        with pytest.raises(ProofError):
            verify_consistency(size, tree.root(size), 7, tree.root(), wrong)


def test_a_fork_is_told_with_all_four_roots(tree):
    with pytest.raises(ProofError) as caught:
        verify_consistency(3, LEAVES[1], 7, LEAVES[2], tree.consistency(3, 7))
    for root in (LEAVES[1], LEAVES[2], tree.root(3), tree.root()):
        assert root.hex() in caught.value.detail


def test_only_the_old_root_wrong_is_a_fork_too(tree):
    with pytest.raises(ProofError, match="consistency of sizes 3 and 7"):
        verify_consistency(3, LEAVES[1], 7, tree.root(), tree.consistency(3, 7))


@pytest.mark.parametrize(("size1", "size2"), [(0, 7), (0, 0), (-1, 7), (8, 7)])
def test_sizes_that_prove_nothing_are_refused(tree, size1, size2):
    with pytest.raises(ProofError, match="first size"):
        verify_consistency(size1, EMPTY_ROOT, size2, tree.root(), [])


def test_two_roots_of_one_size_are_a_fork(tree):
    verify_consistency(7, tree.root(), 7, tree.root(), [])
    with pytest.raises(ProofError, match="two roots for size 7"):
        verify_consistency(7, tree.root(), 7, LEAVES[0], [])
    with pytest.raises(ProofError, match="empty proof"):
        verify_consistency(7, tree.root(), 7, tree.root(), [LEAVES[0]])
