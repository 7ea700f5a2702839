"""Outgoing calls (ledger.md 10, fault 31): https, resolved once, public, pinned, no redirect, bounded."""

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from traceability.errors import InvalidInput
from traceability.services.outgoing import NotReached, Outgoing, is_public, may_be_called


def resolved(*addresses):
    """A resolver that gives these addresses, and counts how often it is asked."""
    asked = []

    def resolve(host, port, **_named):
        asked.append(host)
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in addresses]
        return [(family, 1, 6, "", (one, port)) for family, one in zip(families, addresses, strict=True)]

    resolve.asked = asked
    return resolve


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::1"],
)
def test_public_addresses_may_be_called(address):
    assert is_public(ipaddress.ip_address(address))


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.2.1", "0.1.2.3",
    "::1", "fc00::1", "fd12::1", "fec0::1", "::10.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
    "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:db8::1", "4000::1",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "224.0.0.1", "ff02::1", "0.0.0.0", "::",
    "::ffff:0.0.0.0",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE + NEVER)
def test_no_other_address_is_called(address):
    assert not is_public(ipaddress.ip_address(address))
    call = Outgoing(resolve=resolved(address))
    with pytest.raises(NotReached, match="no public address"):
        call.post("https://w.example/x", b"", "text/plain")


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_called_where_the_operator_says_so(address):
    assert may_be_called(ipaddress.ip_address(address), private=True)


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_multicast_never_are(address):
    assert not may_be_called(ipaddress.ip_address(address), private=True)


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(NotReached, match=r"10\.0\.0\.1"):
        Outgoing(resolve=resolved("93.184.216.34", "10.0.0.1")).post("https://w.example/x", b"", "text/plain")


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "127.0.0.1"]
)
def test_loopback_in_any_spelling_is_refused(host):
    with pytest.raises(NotReached):
        Outgoing().post(f"https://{host}/x", b"", "text/plain")


@pytest.mark.parametrize(
    "url",
    ["http://w.example/", "ftp://w.example/", "file:///etc/passwd", "//w.example/", "w.example", "", "https://", "https:///x",
     "https://user@w.example/", "https://user:pass@w.example/", "https://w.example/#x", "https://w.example:99999/",
     "https://w.example:x/", "https://[::1/", "gopher://w.example/"],
)  # fmt: skip
def test_addresses_of_another_form_are_refused_before_anything_is_resolved(url):
    resolve = resolved("93.184.216.34")
    with pytest.raises(InvalidInput, match="expected an address https://"):
        Outgoing(resolve=resolve).post(url, b"", "text/plain")
    assert resolve.asked == []


def test_plain_http_is_for_private_addresses_only():
    with pytest.raises(NotReached, match="only https"):
        Outgoing(private=True, resolve=resolved("93.184.216.34")).post("http://w.example/", b"", "text/plain")


def test_a_name_that_cannot_be_resolved():
    def none(*_args, **_named):
        raise socket.gaierror("no such name")

    for resolve in (none, resolved()):
        with pytest.raises(NotReached):
            Outgoing(resolve=resolve).post("https://w.example/", b"", "text/plain")


@contextlib.contextmanager
def serving(answer, context=None):
    """A server that calls ``answer(handler)``; yields its port and what it heard."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            with contextlib.suppress(OSError):  # who has gone reads no answer
                answer(self)

        def log_message(self, *_args):
            pass

    class Quiet(HTTPServer):
        def handle_error(self, *_args):
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def simple(status=200, body=b"hello", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_the_name_is_resolved_once_and_the_checked_address_is_called(monkeypatch):
    """Rebinding: whatever the name says afterwards, nobody asks it again."""
    with serving(simple()) as (port, heard):
        resolve = resolved("127.0.0.1")
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: pytest.fail("resolved a second time"))
        call = Outgoing(private=True, resolve=resolve)
        assert call.post(f"http://w.example:{port}/a/b?c=d", b"body", "text/x") == (200, b"hello")
    assert resolve.asked == ["w.example"]
    path, headers, body = heard[0]
    assert (path, headers["Host"], headers["Content-Type"], body) == (
        "/a/b?c=d",
        f"w.example:{port}",
        "text/x",
        b"body",
    )


def test_the_next_address_is_tried_where_one_does_not_answer():
    with serving(simple()) as (port, _):
        call = Outgoing(private=True, resolve=resolved("::1", "127.0.0.1"))
        assert call.post(f"http://w.example:{port}/", b"", "text/x")[0] == 200


def test_a_redirect_is_an_answer_and_is_not_followed():
    with serving(simple()) as (other, heard):
        target = f"http://127.0.0.1:{other}/secret"
        with serving(simple(302, b"", Location=target)) as (port, _):
            status, _ = Outgoing(private=True).post(f"http://127.0.0.1:{port}/", b"", "text/x")
    assert status == 302
    assert heard == []


def test_no_proxy_of_the_environment_is_asked(monkeypatch):
    with serving(simple()) as (proxy, heard), serving(simple()) as (port, _):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert Outgoing(private=True).post(f"http://127.0.0.1:{port}/", b"", "text/x")[0] == 200
    assert heard == []


def test_a_huge_answer_is_not_read_to_its_end():
    with serving(simple(200, b"x" * 2_000_000)) as (port, _), pytest.raises(NotReached, match="more than 64000 bytes"):
        Outgoing(private=True).post(f"http://127.0.0.1:{port}/", b"", "text/x")


def test_a_slow_answer_ends_at_the_deadline_even_where_bytes_drip():
    ended = []

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        drip_head(handler)

    def drip_head(handler):
        for _ in range(100):
            handler.wfile.write(b"H")
            time.sleep(0.05)
        ended.append(handler)

    def silence(handler):
        time.sleep(2)
        ended.append(handler)

    for answer in (drip, drip_head, silence):
        with serving(answer) as (port, _):
            with pytest.raises(NotReached, match=r"within 0\.3 s"):
                Outgoing(private=True, seconds=0.3).post(f"http://127.0.0.1:{port}/", b"", "text/x")
            assert ended == [], "it did not wait for the end of what takes two seconds and more"
        ended.clear()


@pytest.mark.parametrize(
    "line", [b"garbage\r\n\r\n", b"", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"]
)
def test_what_is_no_http_is_not_reached(line):
    def answer(handler):
        handler.wfile.write(line)

    with serving(answer) as (port, _), contextlib.suppress(NotReached):
        status, body = Outgoing(private=True, seconds=1).post(f"http://127.0.0.1:{port}/", b"", "text/x")
        assert (status, body) == (200, b"")


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A TLS server context for w.example whose CA is trusted by this process."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "w.example")])
    day, now = timedelta(days=1), datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("w.example")]), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    signed = built.sign(key, hashes.SHA256())
    certificate, secret = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context


def test_https_checks_the_certificate_against_the_name_not_the_pinned_address(tls):
    with serving(simple(), tls) as (port, heard):
        call = Outgoing(private=True, resolve=resolved("127.0.0.1"))
        assert call.post(f"https://w.example:{port}/", b"", "text/x") == (200, b"hello")
        assert heard[0][1]["Host"] == f"w.example:{port}"
        with pytest.raises(NotReached, match="certificate verify failed"):
            call.post(f"https://other.example:{port}/", b"", "text/x")


def test_https_of_an_unknown_ca_is_refused(tls, monkeypatch, tmp_path):
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with serving(simple(), tls) as (port, heard), pytest.raises(NotReached, match="certificate verify failed"):
        Outgoing(private=True, resolve=resolved("127.0.0.1")).post(f"https://w.example:{port}/", b"", "text/x")
    assert heard == []


def test_a_handshake_that_never_ends_is_ended():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        call = Outgoing(private=True, seconds=0.3)
        with pytest.raises(NotReached):
            call.post(f"https://127.0.0.1:{silent.getsockname()[1]}/", b"", "text/x")
