"""Copies of a log: complete, verified on the way, resumed, and never led astray by what a source says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.errors import InvalidInput, NotFound, Unavailable
from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.mirror import Forked, copy_log
from traceability.ledger.tile_paths import TilePlace, make_bundle, places
from traceability.ledger.tiles import TileTree

KEY = LogKey.generate("log.example/main")
KEYS = [KEY.verifier]


class Folder(dict):
    """A copy in memory that counts what is asked and may break."""

    def __init__(self, *args, breaks_after=None):
        super().__init__(*args)
        self.asked, self.left = [], breaks_after

    def get(self, path):
        self.asked.append(path)
        return super().get(path)

    def put(self, path, data):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise OSError("no space left")
        self[path] = data

    def drop(self, path):
        for name in [name for name in self if name == path or name.startswith(f"{path}/")]:
            del self[name]


def entries(count, salt=b""):
    return [b"entry %d" % n + salt for n in range(count)]


def served(leaves, key=KEY):
    """A log as it is served: only what its head needs."""
    tree = TileTree(lambda _level, _index: None)
    tree.append([leaf_hash(leaf) for leaf in leaves])
    files = Folder()
    for (level, index), blob in tree.changed().items():
        files[TilePlace(level, index, len(blob) // 32).path] = blob
    for place in places(None, tree.size):
        files[place.path] = make_bundle(leaves[place.index * 256 :][: place.width])
    files["checkpoint"] = sign_checkpoint(Checkpoint(key.name, tree.size, tree.root()), key).encode()
    return files


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, 1000, 65_536, 66_000])
def test_a_copy_is_the_log_byte_for_byte(size):
    source, target = served(entries(size)), Folder()
    done = copy_log(source, target, KEYS)
    assert dict(target) == dict(source)
    assert (done.head.size, done.entries, done.written) == (size, size, len(source) - 1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
def test_copies_in_steps_are_the_copy_in_one(steps):
    target, size = Folder(), 1
    for step in steps:
        size += step
        copy_log(served(entries(size)), target, KEYS)
    whole = served(entries(size))
    assert {path: target[path] for path in whole} == dict(whole)
    for path in target.keys() - whole.keys():
        assert ".p/" in path, "what is left over are partial tiles of earlier heads"
        assert path.partition(".p/")[0] not in target, "and none of a full one"


def test_a_second_run_asks_for_nothing_but_the_edge():
    target = Folder()
    copy_log(served(entries(1000)), target, KEYS)
    again = served(entries(1000))
    assert copy_log(again, target, KEYS).written == 0
    assert set(again.asked) == {"checkpoint", "tile/0/003.p/232", "tile/1/000.p/3"}
    more = served(entries(1030))
    assert copy_log(more, target, KEYS).entries == 30
    assert "tile/0/000" not in more.asked
    assert "tile/entries/000" not in more.asked


@pytest.mark.parametrize("point", range(12))
def test_an_interrupted_copy_goes_on_and_shows_no_head_before(point):
    source, target = served(entries(1030)), Folder(breaks_after=point)
    with pytest.raises(OSError, match="space"):
        copy_log(source, target, KEYS)
    assert "checkpoint" not in target
    target.left = None
    assert copy_log(source, target, KEYS).head.size == 1030
    assert dict(target) == dict(source)


@pytest.mark.parametrize("path", sorted(served(entries(600)).keys() - {"checkpoint"}))
def test_every_flipped_or_missing_resource_is_found(path):
    whole = served(entries(600))
    for change in ("flipped", "cut", "longer", "gone"):
        source, target = Folder(whole), Folder()
        data = whole[path]
        if change == "gone":
            del source[path]
        else:
            flipped = data[:-1] + bytes([data[-1] ^ 1])
            source[path] = {"flipped": flipped, "cut": data[:-1], "longer": data + b"\0"}[change]
        with pytest.raises(ProofError):
            copy_log(source, target, KEYS)
        assert "checkpoint" not in target
        assert all(target[name] == whole[name] for name in target), "only verified resources were written"


def test_a_missing_partial_is_taken_from_the_full_one():
    """A log may drop a partial tile once it has the full one; its old head may still be cached."""
    early, later, target = served(entries(300)), served(entries(600)), Folder()
    source = Folder({**later, "checkpoint": early["checkpoint"]})
    source["tile/1/000.p/1"] = early["tile/1/000.p/1"]
    copy_log(source, target, KEYS)
    assert target["tile/entries/001.p/44"] == early["tile/entries/001.p/44"]
    assert target["tile/0/001.p/44"] == early["tile/0/001.p/44"]


def test_a_fork_is_told_with_both_heads():
    target = Folder()
    copy_log(served(entries(300)), target, KEYS)
    kept = dict(target)
    for size in (300, 400, 200):
        other = served(entries(size, b"!"))
        with pytest.raises(Forked) as found:
            copy_log(other, target, KEYS)
        assert found.value.extra["evidence"] == [kept["checkpoint"].decode(), other["checkpoint"].decode()]
        assert dict(target) == kept


def test_an_older_head_is_no_fork():
    target = Folder()
    copy_log(served(entries(300)), target, KEYS)
    with pytest.raises(Unavailable, match="200 entries, the copy has 300"):
        copy_log(served(entries(200)), target, KEYS)


def test_damaged_tiles_are_no_fork():
    target = Folder()
    copy_log(served(entries(300)), target, KEYS)
    source = served(entries(600))
    source["tile/0/001"] = bytes(8192)
    with pytest.raises(ProofError) as found:
        copy_log(source, target, KEYS)
    assert not isinstance(found.value, Forked)
    target["tile/0/001.p/44"] = bytes(44 * 32)
    with pytest.raises(ProofError) as found:
        copy_log(served(entries(290)), target, KEYS)
    assert not isinstance(found.value, Forked)


def test_what_rotted_in_the_copy_is_mended_when_it_is_read_again():
    source, target = served(entries(600)), Folder()
    copy_log(source, target, KEYS)
    target["tile/entries/000"] = b"rotten"
    del target["tile/0/001"]
    copy_log(source, target, KEYS)
    assert target["tile/entries/000"] == b"rotten"
    assert copy_log(source, target, KEYS, again=True).written == 2
    assert dict(target) == dict(source)


def test_only_the_pinned_key_counts():
    stranger = LogKey.generate("log.example/main")
    with pytest.raises(BadSignature):
        copy_log(served(entries(3), stranger), Folder(), KEYS)
    other = LogKey.generate("log.example/other")
    target = Folder()
    copy_log(served(entries(3)), target, KEYS)
    with pytest.raises(InvalidInput, match="copy of the log"):
        copy_log(served(entries(4), other), target, [*KEYS, other.verifier])


@pytest.mark.parametrize("note", [b"", b"\xff\xfe", b"<html></html>", b"log.example/main\n3\nx\n\n"])
def test_what_is_no_checkpoint(note):
    with pytest.raises(InvalidInput):
        copy_log(Folder({"checkpoint": note}), Folder(), KEYS)


def test_a_source_without_checkpoint():
    with pytest.raises(NotFound, match="no checkpoint"):
        copy_log(Folder(), Folder(), KEYS)
