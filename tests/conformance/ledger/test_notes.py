"""C2SP formats: the worked examples of the specifications, and tlog-scales reading and auditing a log of ours."""

import pytest
from tlog_scales.reader import TilesReader
from tlog_scales.signing import PlainEd25519Signer, Vkey
from tlog_scales.tlog import Checkpoint as OtherCheckpoint
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from traceability.ledger.checkpoint import Checkpoint, LogKey, read_checkpoint, sign_checkpoint, verify_checkpoint
from traceability.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from traceability.ledger.note import VerifierKey, note_text, open_note
from traceability.ledger.tiles import TileTree

CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)


def test_checkpoint_of_the_specification_is_read():
    checkpoint = read_checkpoint(CHECKPOINT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.to_text() == note_text(CHECKPOINT)


def test_the_last_empty_line_separates_text_and_signatures():
    assert note_text(POEM).endswith("sole:\n\ned è subito sera.\n")


def test_key_of_the_go_checksum_database():
    # Published with Go; its name, hash and key are in every Go toolchain.
    vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    key = VerifierKey.parse(vkey)
    assert (key.name, key.key_id.hex(), key.vkey) == ("sum.golang.org", "033de0ae", vkey)


class Backend:
    """The tiles of our tree under the paths of tlog-tiles."""

    def __init__(self, tiles, size):
        self.files = {}
        for (level, index), blob in tiles.items():
            assert index < 1000
            self.files[f"{level}/{index:03d}", len(blob) // 32] = blob
        self.size = size

    def get(self, *path):
        parts = "/".join(path).split("/")
        assert parts[0] == "tile"
        name, width = f"{parts[1]}/{parts[2].removesuffix('.p')}", 256
        if parts[2].endswith(".p"):
            width = int(parts[3])
        return self.files.get((name, width))


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 1000, 70_000])
def test_another_implementation_reads_and_audits_our_tiles(size):
    entries = [number.to_bytes(4) for number in range(size)]
    tree = TileTree(lambda _level, _index: None)
    tree.append([leaf_hash(entry) for entry in entries])
    reader = TilesReader(Backend(tree.changed(), size))
    reader.set_size(size)
    assert reader.calculate_root_hash() == tree.root()
    for index in {0, size // 3, size // 2, size - 1}:
        proof = reader.get_inclusion_proof(index, size)
        assert proof.node_hashes == tree.inclusion(index, size)
        verify_inclusion(leaf_hash(entries[index]), index, size, proof.node_hashes, tree.root())
        InclusionProof(index, size, tree.inclusion(index, size)).check(leaf_hash(entries[index]), tree.root())
    for old in {1, size // 2 or 1, size - 1 or 1, size}:
        proof = reader.get_consistency_proof(old, size)
        assert proof.node_hashes == tree.consistency(old, size)
        verify_consistency(old, tree.root(old), size, tree.root(), proof.node_hashes)
        ConsistencyProof(old, size, tree.consistency(old, size)).check(tree.root(old), tree.root())


def test_another_implementation_verifies_our_checkpoint():
    key = LogKey.generate("log.example/main")
    note = sign_checkpoint(Checkpoint("log.example/main", 7, bytes(range(32))), key)
    other = OtherCheckpoint.from_text(note)
    other.verify(Vkey.from_string(key.vkey))
    assert (other.origin, other.size, other.root_hash) == ("log.example/main", 7, bytes(range(32)))


def test_we_verify_a_checkpoint_of_another_implementation():
    signer = PlainEd25519Signer("log.example/main", bytes(range(32)))
    note = OtherCheckpoint.make_signed("log.example/main", 9, bytes(32), [signer]).serialize()
    key = VerifierKey.parse(signer.vkey.serialize())
    assert verify_checkpoint(note, [key]) == (Checkpoint("log.example/main", 9, bytes(32)), key)
    assert open_note(note, [key]).keys == (key,)
