"""A JSON object shared by processes and threads: nothing that one of them keeps is lost to another."""

import threading

import pytest

from traceability.storage.audits import Audits
from traceability.storage.shared_json import SharedJson

OK = {"at": "2026-11-26", "verdict": "ok", "entries": 1, "first_bad": None}
FAILED = OK | {"verdict": "failed", "first_bad": {"index": 3, "what": "a bit"}}


@pytest.fixture
def shared(tmp_path):
    return SharedJson(tmp_path / "it.json")


def test_no_file_is_an_empty_object_and_an_empty_object_no_file(shared):
    assert shared.read() == {}
    shared.replace({"a": 1})
    assert (shared.read(), SharedJson(shared.path).read()) == ({"a": 1}, {"a": 1})
    shared.replace({})
    shared.replace({})
    assert (shared.read(), shared.path.exists()) == ({}, False)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"3", b"\xff"])
def test_what_is_no_object_is_said_each_time(shared, damage):
    shared.path.write_bytes(damage)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"\w"):
            shared.read()


def test_changes_of_several_wait_for_each_other(shared):
    def add(name):
        own = SharedJson(shared.path)  # as another process has it
        for number in range(20):
            with own.changing():
                own.replace({**own.read(), f"{name}{number}": 1})

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(SharedJson(shared.path).read()) == 80


def test_only_one_is_at_a_thing(shared):
    with shared.alone("full") as first, SharedJson(shared.path).alone("full") as second, shared.alone("deep") as third:
        assert (first, second, third) == (True, False, True)


def test_a_problem_is_not_lost_to_an_audit_that_ends_at_the_same_time(tmp_path, monkeypatch):
    """The daily and the weekly audit run in threads of their own; the one that found nothing knew nothing of it."""
    path = tmp_path / "audit.json"
    daily, weekly = Audits(path), Audits(path)
    weekly.remember("full", OK)
    read, reached, go_on = SharedJson.read, threading.Event(), threading.Event()

    def slow(self):
        found = read(self)
        if threading.current_thread().name == "slow":
            reached.set()
            go_on.wait(0.5)  # the other one would come in between here
        return found

    monkeypatch.setattr(SharedJson, "read", slow)
    thread = threading.Thread(target=weekly.remember, args=("sample", OK), name="slow")
    thread.start()
    assert reached.wait(5)
    daily.remember("full", FAILED)
    go_on.set()
    thread.join()
    assert "ledger index 3" in Audits(path).problem()
