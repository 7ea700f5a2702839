"""Key files: there as a whole or not at all, never overwritten, read by their owner alone."""

import os
import stat

import pytest

from traceability.ledger.errors import InvalidKey
from traceability.ledger.keyfile import read_secret, write_secret


def test_a_key_file_is_for_its_owner_and_is_never_overwritten(tmp_path):
    path = tmp_path / "log.key"
    write_secret(path, b"secret")
    assert (read_secret(path), stat.S_IMODE(path.stat().st_mode)) == (b"secret", 0o600)
    with pytest.raises(InvalidKey, match="never overwritten"):
        write_secret(path, b"other")
    assert read_secret(path) == b"secret"
    assert [one.name for one in tmp_path.iterdir()] == ["log.key"]


def test_a_write_that_fails_leaves_no_file(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidKey, match="No space left"):
        write_secret(tmp_path / "log.key", b"secret")
    assert list(tmp_path.iterdir()) == []
