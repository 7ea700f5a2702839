"""A copy as files: written whole or not at all, and dropped with everything below."""

import os

import pytest

from traceability.storage.static_log import StaticLog


def test_what_was_put_is_there(tmp_path):
    log = StaticLog(tmp_path / "new" / "copy")
    assert log.get("tile/0/x001/067") is None
    log.put("tile/0/x001/067", b"a")
    log.put("tile/0/x001/067", b"b")
    assert log.get("tile/0/x001/067") == b"b"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["067"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    log = StaticLog(tmp_path)
    log.put("checkpoint", b"old")
    monkeypatch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(OSError("gone")))
    with pytest.raises(OSError, match="gone"):
        log.put("checkpoint", b"new")
    assert log.get("checkpoint") == b"old"


def test_dropping(tmp_path):
    log = StaticLog(tmp_path)
    for path in ("tile/0/000.p/3", "tile/0/000.p/5", "tile/0/000"):
        log.put(path, b"x")
    log.drop("tile/0/000.p")
    log.drop("tile/0/001.p")
    log.drop("tile/0/000")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
