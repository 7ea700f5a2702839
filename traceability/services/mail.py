"""Sending mail through the operator's server (SMTP, RFC 5321): encrypted, or to this machine, and never for long."""

import contextlib
import ipaddress
import smtplib
import socket
import ssl
import string
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from traceability.config import PREFIX, Settings
from traceability.errors import InvalidInput, TraceabilityError

_SECONDS = 30
_STEP_SECONDS = 10
_PORTS = {"smtp": 587, "smtps": 465}
_LONGEST, _LONGEST_LOCAL = 254, 64  # RFC 5321, 4.5.3.1
_DOMAIN = frozenset(string.ascii_letters + string.digits + ".-")
_LOCAL = _DOMAIN | frozenset("!#$%&'*+/=?^_`{|}~")


class NotSent(TraceabilityError):
    """The mail server did not take a message, or not in time; it is sent again later."""

    status = 503


class NoServer(NotSent):
    """Nobody who may be talked to answers at the server's address: no other message would go either."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The operator's mail server: ``encrypted`` from the first byte (smtps), or after STARTTLS."""

    host: str
    port: int
    encrypted: bool
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = _SECONDS

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand one message over.

        Raises:
            NoServer: it does not answer, in time or encrypted, or does not know the user.
            NotSent: it refuses the message or its recipient.

        """
        try:
            with self._opened() as server:
                _encrypt(server, self)
                if self.user is not None:
                    server.login(self.user, self.password or "")
                server.send_message(message, self.sender, [to])
        except smtplib.SMTPAuthenticationError as error:
            raise NoServer(f"{self.host} does not know the user or the password ({error.smtp_code})") from error
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            raise NotSent(f"{self.host} did not take the message: {_said(error)}") from error
        except (OSError, ValueError) as error:  # smtplib's own errors are OSErrors
            raise NoServer(f"{self.host}:{self.port} does not answer as a mail server: {error}") from error

    @contextlib.contextmanager
    def _opened(self) -> Iterator[smtplib.SMTP]:
        """Connect, and cut the connection at the deadline whatever comes meanwhile."""
        server = (
            smtplib.SMTP_SSL(timeout=_STEP_SECONDS, context=ssl.create_default_context())
            if self.encrypted
            else smtplib.SMTP(timeout=_STEP_SECONDS)
        )
        timer = threading.Timer(self.seconds, _cut, [server])
        timer.daemon = True
        timer.start()
        try:
            server._host = self.host  # type: ignore[attr-defined]  # noqa: SLF001  # what its constructor does; the name TLS is checked for
            server.connect(self.host, self.port)
            yield server
            with contextlib.suppress(OSError):  # the message was taken
                server.quit()
        finally:
            timer.cancel()
            server.close()


def _encrypt(server: smtplib.SMTP, place: MailServer) -> None:
    server.ehlo_or_helo_if_needed()
    if place.encrypted or _is_here(server):
        return
    if not server.has_extn("starttls"):
        raise NoServer(f"{place.host} offers no STARTTLS, and only this machine is talked to unencrypted")
    server.starttls(context=ssl.create_default_context())
    server.ehlo()


def _is_here(server: smtplib.SMTP) -> bool:
    peer = str(server.sock.getpeername()[0]) if server.sock is not None else ""
    return ipaddress.ip_address(peer.partition("%")[0]).is_loopback


def _cut(server: smtplib.SMTP) -> None:
    opened = server.sock
    if opened is not None:
        with contextlib.suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)


def _said(error: smtplib.SMTPException) -> str:
    code, text = error.args[:2] if len(error.args) > 1 else next(iter(error.args[0].values()))
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f"{code} {words[:150]}"


def read_mail_server(settings: Settings) -> MailServer | None:
    """Return the mail server of the settings; None where none is named.

    Raises:
        InvalidInput: the settings do not go together, or one cannot be used.

    """
    if settings.smtp_url is None:
        if settings.smtp_password_file or settings.mail_from:
            raise InvalidInput(f"{PREFIX}SMTP_URL: expected the mail server's address beside the other mail settings")
        return None
    try:
        parts = urlsplit(settings.smtp_url)
        fits = parts.scheme in _PORTS and bool(parts.hostname) and parts.password is None
        fits = fits and parts.path in ("", "/") and not (parts.query or parts.fragment)
        port = parts.port or _PORTS[parts.scheme] if fits else 0
    except ValueError:
        fits, port = False, 0
    if not fits:  # what came may hold a password
        raise InvalidInput(f"{PREFIX}SMTP_URL: expected smtp://USER@HOST:PORT or smtps://..., without a password")
    user = unquote(parts.username) if parts.username else None
    sender = read_address(settings.mail_from or "", f"{PREFIX}MAIL_FROM")
    password = _password(settings.smtp_password_file, user)
    return MailServer(parts.hostname or "", port, parts.scheme == "smtps", sender, user, password)


def _password(path: Path | None, user: str | None) -> str | None:
    if (path is None) != (user is None):
        raise InvalidInput(f"{PREFIX}SMTP_PASSWORD_FILE: expected with a user in {PREFIX}SMTP_URL, and only then")
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{PREFIX}SMTP_PASSWORD_FILE: {path} cannot be read: {error}") from error
    if not text:
        raise InvalidInput(f"{PREFIX}SMTP_PASSWORD_FILE: {path} is empty")
    return text


def read_address(text: str, name: str = "e-mail address") -> str:
    """Return one e-mail address as a mail server takes it (RFC 5321, ASCII), without blanks around it.

    Raises:
        InvalidInput: it is none, or too long.

    """
    address = text.strip()
    local, _, domain = address.rpartition("@")
    fits = 0 < len(local) <= _LONGEST_LOCAL and len(address) <= _LONGEST
    fits = fits and _LOCAL.issuperset(local) and _DOMAIN.issuperset(domain)
    fits = fits and all(local.split("."))
    fits = fits and all(label and label.strip("-") == label for label in domain.split("."))
    if not fits:
        raise InvalidInput(f"{name}: expected an address such as officer@importer.example; got {text[:80]!r}")
    return address
