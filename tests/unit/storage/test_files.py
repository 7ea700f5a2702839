"""Files are named by their content, so a name proves it."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from traceability.errors import NotFound
from traceability.storage.files import FileStore

DIGEST = hashlib.sha256(b"paper").hexdigest()


def test_bytes_come_back_under_their_hash(tmp_path):
    store = FileStore(tmp_path / "files")
    assert store.put(b"paper") == DIGEST
    assert store.put(b"paper") == DIGEST
    assert store.get(DIGEST) == b"paper"
    assert store.digests() == [DIGEST]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [DIGEST]


def test_missing_and_damaged_files_are_not_found(tmp_path):
    store = FileStore(tmp_path)
    assert store.digests() == []
    with pytest.raises(NotFound, match="not in the store"):
        store.get(DIGEST)
    store.put(b"paper")
    (tmp_path / DIGEST[:2] / DIGEST).write_bytes(b"other")
    with pytest.raises(NotFound, match="damaged"):
        store.get(DIGEST)


def test_half_written_file_is_no_file(tmp_path):
    store = FileStore(tmp_path)
    (tmp_path / DIGEST[:2]).mkdir()
    (tmp_path / DIGEST[:2] / f"{DIGEST}.part").write_bytes(b"pa")
    assert store.digests() == []
    store.put(b"paper")
    assert store.get(DIGEST) == b"paper"


def test_what_was_put_outlives_a_power_cut(tmp_path, monkeypatch):
    """The file before its name, and both before the row that names it."""
    flushed, real = [], os.fsync

    def note(handle):
        flushed.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    store = FileStore(tmp_path / "files")
    store.put(b"paper")
    folder = tmp_path / "files" / DIGEST[:2]
    assert flushed == [f"{folder}/{DIGEST}.part", str(folder), str(folder.parent)]


def test_a_full_disk_leaves_no_file(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    store = FileStore(tmp_path / "files")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.put(b"paper")
    assert store.digests() == []
    assert store.put(b"paper") == DIGEST
    assert store.get(DIGEST) == b"paper"


def test_relative_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    digest = FileStore("var/files").put(b"paper")
    assert (tmp_path / "var" / "files" / digest[:2] / digest).read_bytes() == b"paper"


def test_the_folder_is_its_owners_alone(tmp_path):
    store = FileStore(tmp_path / "state" / "files")
    assert not (tmp_path / "state").exists()
    store.put(b"x")
    assert (tmp_path / "state" / "files").stat().st_mode & 0o777 == 0o700
