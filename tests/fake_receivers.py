"""Who takes reminders in tests: a mail server and an HTTP receiver over real sockets, which may refuse, be slow or lie."""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class MailBox:
    """A mail server: what it is asked, the messages it takes, and what it answers to a command in place of 250."""

    answers: dict[str, str] = field(default_factory=dict)
    starttls: ssl.SSLContext | None = None
    at_once: ssl.SSLContext | None = None
    silent: bool = False
    heard: list[str] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    def serve(self, connection: socket.socket) -> None:
        """Talk SMTP with one client."""
        with contextlib.ExitStack() as ending:
            if self.at_once is not None:
                connection = ending.enter_context(self.at_once.wrap_socket(connection, server_side=True))
            self._talk(connection, ending)

    def _talk(self, connection: socket.socket, ending: contextlib.ExitStack) -> None:
        lines = ending.enter_context(connection.makefile("rb"))
        if self.silent:
            lines.read()  # until the client has gone
            return
        _say(connection, "220 here")
        while line := lines.readline():
            text = line.decode().rstrip("\r\n")
            self.heard.append(text)
            word = text.split(" ")[0].upper()
            if word == "STARTTLS" and self.starttls is not None:
                _say(connection, "220 go on")
                connection = ending.enter_context(self.starttls.wrap_socket(connection, server_side=True))
                lines = ending.enter_context(connection.makefile("rb"))
            elif word == "DATA" and word not in self.answers:
                _say(connection, "354 go on")
                self._take(lines, encrypted=isinstance(connection, ssl.SSLSocket))
                _say(connection, self.answers.get("taken", "250 taken"))
            else:
                _say(connection, *self._answer(word, encrypted=isinstance(connection, ssl.SSLSocket)))

    def _answer(self, word: str, *, encrypted: bool) -> list[str]:
        if word in self.answers:
            return [self.answers[word]]
        if word == "EHLO":
            return ["250-here", *(["250-STARTTLS"] if self.starttls and not encrypted else []), "250 AUTH PLAIN"]
        return [{"AUTH": "235 known", "QUIT": "221 bye"}.get(word, "250 good")]

    def _take(self, lines: Any, *, encrypted: bool) -> None:
        data = b""
        while (line := lines.readline()) not in (b".\r\n", b""):
            data += line.removeprefix(b".") if line.startswith(b"..") else line
        self.taken.append(message_from_bytes(data))
        self.encrypted.append(encrypted)

    @property
    def login(self) -> bytes:
        """Return what AUTH PLAIN carried."""
        line = next(one for one in self.heard if one.startswith("AUTH PLAIN "))
        return base64.b64decode(line.split(" ")[2])


def _say(connection: socket.socket, *lines: str) -> None:
    connection.sendall("".join(f"{line}\r\n" for line in lines).encode())


@contextlib.contextmanager
def mail_server(**chosen: Any) -> Iterator[MailBox]:
    """Run a mail server on a port of its own."""
    box = MailBox(**chosen)
    listening = socket.create_server(("127.0.0.1", 0))
    box.port = listening.getsockname()[1]

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                box.serve(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


@dataclass
class Receiver:
    """An HTTP receiver: what was posted to it; ``status`` is what it answers."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    before: Callable[[], None] = lambda: None
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextlib.contextmanager
def receiver(**chosen: Any) -> Iterator[Receiver]:
    """Run a receiver on a port of its own."""
    found = Receiver(**chosen)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append(({name.lower(): value for name, value in self.headers.items()}, data))
            with contextlib.suppress(OSError):
                found.before()
                self.send_response(found.status)
                for name, value in {"Content-Length": str(len(found.body)), **found.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(found.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def trusted_context(folder: Path, monkeypatch: Any, host: str = "localhost") -> ssl.SSLContext:
    """Return a TLS server context for a host whose certificate this process trusts from now on."""
    context, certificate = server_context(folder, host)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return context


def server_context(folder: Path, host: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """Return a TLS server context for a host, and the file of its certificate, which nobody trusts."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    day, now = timedelta(days=1), datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate, secret = folder / "certificate.pem", folder / "secret.pem"
    certificate.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context, certificate
