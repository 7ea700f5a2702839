"""Fault 33: senders that open requests and never end them keep nobody else from being answered."""

import contextlib
import socket
import threading
import time

import pytest

pytestmark = pytest.mark.slow
THREADS = 4


@pytest.fixture
def place(make_place):
    made = make_place(None)
    made.env["TRACEABILITY_THREADS"] = str(THREADS)
    made.serve()
    return made


def opened(place, data=b""):
    plug = socket.create_connection(("127.0.0.1", int(place.env["TRACEABILITY_PORT"])), timeout=60)
    plug.sendall(data)
    return plug


def answer_on(plug):
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := plug.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    ],
    ids=["head", "body"],
)
def test_slow_senders_keep_nobody_waiting_and_are_told_so(place, begun):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(opened(place, begun)) for _ in range(3 * THREADS)]
        time.sleep(0.5)
        assert place.json("health")["status"] == "ok"
        for plug in slow:
            head, _, body = answer_on(plug).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 408 "), head
            assert b"application/problem+json" in head
            assert b"send it again" in body


def test_a_sender_that_drips_is_slow_and_one_that_uploads_is_not(place):
    """A byte now and then is no pace; 20 kB a second is one, however long it takes."""
    upload = b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    with opened(place, b"GET /health HTTP/1.1\r\n") as dripping, opened(place, upload) as uploading:
        uploading.sendall(b"Content-Length: 60000\r\n\r\n")

        def drip():
            with contextlib.suppress(OSError):
                for _ in range(200):
                    dripping.sendall(b"X: y\r\n")
                    time.sleep(0.2)

        threading.Thread(target=drip, daemon=True).start()
        for _ in range(6):
            time.sleep(0.5)
            uploading.sendall(b" " * 10_000)
        assert answer_on(uploading).startswith(b"HTTP/1.1 400 "), "it was read whole, and is no JSON"
        assert answer_on(dripping).startswith(b"HTTP/1.1 408 ")
