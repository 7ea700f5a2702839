import socket
import time

import pytest
from werkzeug.exceptions import RequestTimeout

from traceability.cli import slow_senders
from traceability.cli.slow_senders import PacedSocket, Places


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    paced = PacedSocket.of(ours)
    yield paced, theirs
    paced.close()
    theirs.close()


def test_what_is_kept_goes_out_in_one_piece_and_then_sending_is_as_before(pair):
    ours, theirs = pair
    ours.keep()
    ours.sendall(b"head ")
    ours.sendall(b"body")
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
    assert ours.send_kept() is True
    assert theirs.recv(100) == b"head body"
    ours.sendall(b"more")
    assert theirs.recv(100) == b"more"


def test_what_a_full_connection_does_not_take_is_given_up_at_once(pair):
    ours, theirs = pair
    for data in (b"x" * 10_000_000, b"x"):
        ours.keep()
        ours.sendall(data)
        assert ours.send_kept() is False
    theirs.close()
    ours.keep()
    ours.sendall(b"x")
    assert ours.send_kept() is False, "nor one whose other end is gone"


def test_who_does_not_read_is_cut_off(pair, monkeypatch):
    ours, _ = pair
    monkeypatch.setattr(slow_senders, "_READ_SECONDS", 0.1)
    monkeypatch.setattr(slow_senders, "_BYTES_A_SECOND", 10**12)
    with pytest.raises(ConnectionResetError, match="not read"):
        ours.sendall(b"x" * 10_000_000)
    assert ours.gettimeout() is None


def test_the_fastest_sender_needs_a_place_when_it_takes_long(pair, monkeypatch):
    ours, theirs = pair
    monkeypatch.setattr(slow_senders, "_MOST_SECONDS", 0.2)
    monkeypatch.setattr(slow_senders, "_BYTES_A_SECOND", 1)
    places = Places(1)
    ours.begin(places)
    theirs.sendall(b"x" * 1000)
    assert len(ours.recv(1000)) == 1000
    theirs.sendall(b"y")
    assert ours.recv(1) == b"y", "within the time"
    time.sleep(0.3)
    theirs.sendall(b"z")
    assert ours.recv(1) == b"z"
    assert not places.take(), "it has the only place"
    ours.end()
    assert places.take()


def test_without_a_free_place_it_is_told_to_come_back(pair, monkeypatch):
    ours, theirs = pair
    monkeypatch.setattr(slow_senders, "_MOST_SECONDS", 0.2)
    places = Places(1)
    assert places.take()
    ours.begin(places)
    theirs.sendall(b"x")
    assert ours.recv(1) == b"x"
    with pytest.raises(RequestTimeout, match="too slowly"):
        ours.recv(1)
