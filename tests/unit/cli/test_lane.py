import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from io import BytesIO
from types import SimpleNamespace

import pytest

from traceability.cli.lane import Lane, has_arrived
from traceability.storage.waiting import result_of

HEAD = b"POST /epcis/capture HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        (HEAD + b"\r\nabcd", True),
        (HEAD.replace(b"Content-Length", b"content-length") + b"\r\nabcdPOST", True),
        (b"POST /epcis/events HTTP/1.1\r\nContent-Length: 0\r\n\r\n", True),
        (HEAD + b"\r\nabc", False),
        (HEAD, False),
        (b"", False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nabcd", False),
        (HEAD + b"EXPECT: 100-continue\r\n\r\nabcd", False),
        (HEAD.replace(b"Content-Length: 4\r\n", b"") + b"\r\nabcd", False),
        (HEAD.replace(b": 4", b": 100000") + b"\r\n" + b"a" * 60_000, False),
        (HEAD.replace(b": 4", b": 4a") + b"\r\nabcd", False),
        (b"GET /epcis/events HTTP/1.1\r\nContent-Length: 0\r\n\r\n", False),
        (b"POST /v1/documents HTTP/1.1\r\nContent-Length: 0\r\n\r\n", False),
    ],
)
def test_only_a_whole_small_capture_has_arrived_and_nothing_is_taken_from_it(pair, sent, arrived):
    ours, theirs = pair
    theirs.sendall(sent)
    assert has_arrived(ours) is arrived
    theirs.close()
    left = b""
    while piece := ours.recv(1 << 17):
        left += piece
    assert left == sent


def test_a_closed_connection_has_nothing_that_arrived(pair):
    ours, theirs = pair
    theirs.close()
    assert not has_arrived(ours)
    ours.close()
    assert not has_arrived(ours)


class Served:
    """Stands for the server: what it does with a connection is the connection's own."""

    def __init__(self):
        self.gone, self.to_threads, self.threads = [], [], set()
        self.happened = threading.Condition()

    def handle_arrived(self, conn):
        self.threads.add(threading.current_thread())
        conn.sock.recv(1 << 16)
        return conn.handle()

    def hand_to_thread(self, conn):
        self._note(self.to_threads, conn)

    def closed(self, conn):
        self._note(self.gone, conn)

    def _note(self, where, conn):
        with self.happened:
            where.append(conn)
            self.happened.notify_all()

    def wait_for(self, seen):
        with self.happened:
            assert self.happened.wait_for(seen, 10)


@pytest.fixture
def served():
    return Served()


@dataclass(eq=False)
class Conn:
    """A connection as gunicorn has it, and its other end."""

    sock: socket.socket
    other: socket.socket
    handle: Callable[[], bool]
    parser: SimpleNamespace


@pytest.fixture
def make_conn():
    made = []

    def make(handle):
        ours, theirs = socket.socketpair()
        made.extend((ours, theirs))
        theirs.sendall(HEAD + b"\r\nabcd")
        parser = SimpleNamespace(unreader=SimpleNamespace(buf=BytesIO()))
        return Conn(ours, theirs, handle, parser)

    yield make
    for end in made:
        end.close()


class Writer:
    """Stands for the writer: it has what was handed over, and is done when the test says so."""

    def __init__(self):
        self.handed, self.results = [], []

    def write(self, name):
        future = Future()
        self.results.append(result_of(future, lambda: self.handed.append((name, future))))
        return False


def eventually(true):
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it did not come to that")


def test_captures_that_wait_are_handed_over_together_and_hold_nobody(served, make_conn):
    lane, writer, answered = Lane(served, 5), Writer(), []
    for name in ("first", "second"):
        lane.take(make_conn(lambda name=name: writer.write(name)))
    lane.take(make_conn(lambda: answered.append("quick")))
    served.wait_for(lambda: len(served.gone) == 1)
    assert answered == ["quick"], "it did not wait for those before it"
    eventually(lambda: len(writer.handed) == 2)
    for name, future in reversed(writer.handed):
        future.set_result(name)
    served.wait_for(lambda: len(served.gone) == 3)
    assert writer.results == ["second", "first"]
    assert len(served.threads) == 1
    assert served.threads != {threading.current_thread()}


def test_what_cannot_be_handed_over_is_told_to_the_capture_it_belongs_to(served, make_conn):
    def refuse():
        raise ValueError("stopping")

    def failing():
        with pytest.raises(ValueError, match="stopping"):
            result_of(Future(), refuse)
        told.append("it")
        raise RuntimeError("and the handler fails as well")

    lane, writer, told = Lane(served, 5), Writer(), []
    lane.take(make_conn(failing))
    lane.take(make_conn(lambda: writer.write("other")))
    served.wait_for(lambda: len(served.gone) == 1)
    assert told == ["it"]
    eventually(lambda: writer.handed)
    writer.handed[0][1].set_result("done")
    served.wait_for(lambda: len(served.gone) == 2)
    assert writer.results == ["done"]


def test_a_connection_stays_for_the_next_capture_until_it_is_idle_or_wants_something_else(served, make_conn):
    lane, count = Lane(served, 0.5), []
    kept = make_conn(lambda: not count.append("kept"))
    other = make_conn(lambda: not count.append("other"))
    ahead = make_conn(lambda: True)
    ahead.parser.unreader.buf.write(b"GET")
    for conn in (kept, other, ahead):
        lane.take(conn)
    served.wait_for(lambda: ahead in served.to_threads)
    eventually(lambda: len(count) == 2)
    kept.other.sendall(HEAD + b"\r\nabcd")
    other.other.sendall(b"GET / HTTP/1.1\r\n")
    served.wait_for(lambda: other in served.to_threads)
    eventually(lambda: count.count("kept") == 2)
    served.wait_for(lambda: served.gone == [kept])
    assert other not in served.gone, "it is the thread's now"


def test_a_thread_that_is_no_lane_waits(served):
    future, handed = Future(), []

    def hand_over():
        handed.append("once")
        future.set_result(7)

    assert result_of(future, hand_over) == 7
    assert handed == ["once"]
