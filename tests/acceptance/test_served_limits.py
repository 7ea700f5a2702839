"""What the real server does with requests that are too large or no requests at all: an answer that says how to mend it."""

import http.client
import json
import socket

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def place(make_place):
    made = make_place(None)
    made.env |= {"TRACEABILITY_TRUSTED_PROXIES": "1", "TRACEABILITY_APPLICATION_RATE": "2 per minute"}
    made.serve()
    return made


def asked(place, method, path, body=None, headers=None, **how):
    """Send a whole request with Python's own client, which reads nothing before it has sent everything."""
    connection = http.client.HTTPConnection("127.0.0.1", int(place.env["TRACEABILITY_PORT"]), timeout=30)
    try:
        connection.request(method, path, body, headers or {}, **how)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], json.loads(answer.read())
    finally:
        connection.close()


def raw(place, data):
    """Send bytes as they are and return the whole answer."""
    with socket.create_connection(("127.0.0.1", int(place.env["TRACEABILITY_PORT"])), timeout=30) as plug:
        plug.sendall(data)
        answer = b""
        while piece := plug.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body) if b"problem+json" in head else body


def test_what_is_too_large_or_no_request_is_answered(place):
    json_kind = {"Content-Type": "application/json"}
    for path, size, chunked, status in (
        ("/v1/challenges", 10_100_000, False, 413), ("/v1/challenges", 10_100_000, True, 413),
        ("/epcis/capture", 5_200_000, False, 401), ("/v1/decisions", 12_000_000, False, 401),
    ):  # fmt: skip
        headers = json_kind | {"X-Forwarded-For": f"192.0.2.{size % 7}{int(chunked)}"}
        body = (b" " * 100_000 for _ in range(size // 100_000)) if chunked else b" " * size
        found = asked(place, "POST", path, body, headers, encode_chunked=chunked)
        assert (found[0], found[1]) == (status, "application/problem+json"), (path, found)
        assert status != 413 or "10000000" in found[2]["detail"]

    values = "%7C".join(f"https://id.example/lot/{'a' * 470}{n:02}" for n in range(100))
    assert asked(place, "GET", f"/epcis/events?MATCH_anyEPCClass={values}")[0] == 401, "it was read, by nobody known"
    for length in (64_100, 127_000, 140_000):
        status, kind, problem = asked(place, "GET", "/epcis/events?EQ_bizStep=" + "a" * length)
        assert (status, kind, problem["type"]) == (
            414, "application/problem+json", "epcisException:URITooLongException",
        ), length  # fmt: skip
    assert asked(place, "GET", "/health", headers={"X-Long": "a" * 17_000})[0] == 431
    for data, status in (
        (b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", 431), (b"hello\r\n\r\n", 400),
        (b"POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: what\r\n\r\n", 501),
        ((b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
         b"X-Forwarded-For: 192.0.2.9\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"), 400),
    ):  # fmt: skip
        found = raw(place, data)
        assert (found[0], found[1]["status"]) == (status, status), (data[:40], found)


def test_rates_are_counted_for_each_source_behind_the_proxy(place):
    def ask(*forwarded):
        headers = {"Content-Type": "application/json", "X-Forwarded-For": ", ".join(forwarded)}
        return asked(place, "POST", "/v1/challenges", b'{"did": "did:web:a.example"}', headers)[0]

    assert [ask("192.0.2.1") for _ in range(3)] == [200, 200, 429]
    assert ask("192.0.2.2") == 200, "another source"
    assert ask("198.51.100.7", "192.0.2.1") == 429, "what the sender itself wrote before the proxy counts for nothing"
