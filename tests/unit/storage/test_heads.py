"""Remembered checkpoints: appended whole, bounded, and believed only under the log's own key."""

import os
import threading

import pytest

from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.storage.heads import Heads

KEY = LogKey.generate("log.example/main")


def note(size, key=KEY):
    return sign_checkpoint(Checkpoint(key.name, size, bytes([size % 256]) * 32), key)


@pytest.fixture
def heads(tmp_path):
    return Heads(tmp_path / "heads", KEY.verifier)


def sizes(heads):
    return [head.size for head in heads.remembered()]


def test_nothing_is_remembered_at_first(heads):
    assert heads.remembered() == []


def test_what_was_remembered_comes_back_smallest_first(heads):
    for size in (3, 1, 2, 3):
        heads.remember(note(size))
    assert heads.remembered() == [Checkpoint("log.example/main", size, bytes([size]) * 32) for size in (1, 2, 3)]
    assert heads.path.stat().st_mode & 0o777 == 0o600


def test_two_roots_of_one_size_are_both_kept(heads):
    heads.remember(note(3))
    heads.remember(sign_checkpoint(Checkpoint(KEY.name, 3, bytes(32)), KEY))
    assert sizes(heads) == [3, 3]


@pytest.mark.parametrize("torn", [b'"log.example/main\\n9', b"\0" * 50, b"[1]", b"\xff\xfe", b'"text"', b"\n\n\n"])
def test_a_torn_line_hides_no_other(heads, torn):
    heads.remember(note(1))
    with heads.path.open("ab") as file:
        file.write(torn)
    heads.remember(note(2))
    assert sizes(heads) == [1, 2]


def test_only_the_logs_own_key_counts(heads):
    heads.remember(note(9, LogKey.generate("log.example/main")))
    heads.remember(note(8, LogKey.generate("log.example/other")))
    heads.remember(note(1))
    assert sizes(heads) == [1]


def test_the_memory_is_bounded_and_keeps_the_newest(heads, tmp_path):
    for size in range(1, 1500):
        heads.remember(note(size))
    kept = sizes(heads)
    assert kept[-1] == 1499
    assert 200 < len(kept) < 1000
    assert kept == list(range(kept[0], 1500)), "without a gap"
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 200_000
    assert len(list(tmp_path.iterdir())) <= 2


def test_several_writers_do_not_mix_their_lines(heads):
    other = Heads(heads.path, KEY.verifier)
    threads = [
        threading.Thread(target=lambda one=one, start=start: [one.remember(note(n)) for n in range(start, start + 80)])
        for one, start in ((heads, 1), (other, 101))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes(heads) == [*range(1, 81), *range(101, 181)]


def test_a_memory_that_cannot_be_written_stops_nobody(heads, caplog):
    heads.path.mkdir()
    heads.remember(note(1))
    assert "could not be remembered" in caplog.text


def test_a_memory_that_cannot_be_read_is_not_an_empty_one(heads):
    heads.path.mkdir()
    with pytest.raises(OSError, match="directory"):
        heads.remembered()


def test_the_write_is_one_step(heads, monkeypatch):
    written = []
    monkeypatch.setattr(os, "write", lambda _handle, data: written.append(data))
    heads.remember(note(1))
    assert len(written) == 1


def test_the_newest_is_what_was_remembered_last(heads):
    assert heads.newest() is None
    for size in (5, 7, 6):
        heads.remember(note(size))
    assert heads.newest().size == 6
    with heads.path.open("ab") as file:
        file.write(b'"torn')
    heads.remember(note(9, LogKey.generate("log.example/main")))
    assert heads.newest().size == 6, "a torn line and a stranger's are passed over"


def test_the_newest_is_found_when_the_file_has_just_changed_its_name(heads):
    heads.remember(note(3))
    heads.path.replace(heads._before)
    assert heads.newest().size == 3
    heads.remember(note(4))
    assert heads.newest().size == 4
