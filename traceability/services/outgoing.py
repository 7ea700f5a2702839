"""Calls to addresses an operator named (ledger.md 10, fault 31): https, resolved once, public, pinned, bounded.

The name is resolved once and the connection goes to what was checked, so that a name which changes its mind between
check and use gains nothing. No redirect is followed, no proxy asked, and time and bytes of an answer are limited.
"""

import contextlib
import http.client
import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

from traceability.config import Settings
from traceability.errors import InvalidInput, TraceabilityError
from traceability.services.context import Service

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[..., list[Any]]

_log = logging.getLogger(__name__)
_SECONDS = 10
_LONGEST_WAIT = 600  # seconds
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NotReached(TraceabilityError):
    """Nobody answered at an address, or not in a way that is taken; what needed it is tried again."""

    status = 503


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How calls are made: whether private addresses may be called, and how long (s) and large (bytes) an answer is."""

    private: bool = False
    seconds: float = _SECONDS
    most: int = 64_000
    resolve: Resolve = socket.getaddrinfo

    def check(self, url: str) -> SplitResult:
        """Return the parts of an address that may be called; nothing is resolved yet.

        Raises:
            InvalidInput: it is not https (or http, where private addresses are allowed), or has more than host, port,
                path and query.

        """
        try:
            parts = urlsplit(url)
            fits = bool(parts.hostname) and parts.username is None and parts.password is None and not parts.fragment
            _ = parts.port
        except ValueError:
            fits, parts = False, urlsplit("")
        if not fits or parts.scheme not in (("https", "http") if self.private else ("https",)):
            also = " (or http://, at a private address)" if self.private else ""
            told = f"expected an address https://host/path{also} without user and fragment"
            raise InvalidInput(f"{told}; got {url[:200]!r}")
        return parts

    def post(
        self, url: str, body: bytes, content_type: str, more: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Post ``body`` with ``more`` headers and return status and body of the answer, a redirect's too.

        Raises:
            InvalidInput: the address may not be called.
            NotReached: it leads to a private address, nobody answers in time, or the answer is too long.

        """
        parts = self.check(url)
        deadline = time.monotonic() + self.seconds
        where = self._resolved(parts)
        try:
            with _connected(parts, where, deadline) as connection:
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                headers = {"Content-Type": content_type, "Accept-Encoding": "identity", **(more or {})}
                connection.request("POST", path, body, headers)
                with connection.getresponse() as answer:
                    data = answer.read(self.most + 1)
                if time.monotonic() >= deadline:
                    raise TimeoutError("what came is not whole")
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = f" within {self.seconds:g} s" if time.monotonic() >= deadline else ""
            raise NotReached(f"{url} does not answer{late}: {error}") from error
        if len(data) > self.most:
            raise NotReached(f"{url} answered {answer.status} with more than {self.most} bytes")
        return answer.status, data

    def _resolved(self, parts: SplitResult) -> list[tuple[Any, ...]]:
        """Return the socket addresses of the host, each of which may be called."""
        host = parts.hostname or ""
        try:
            found = self.resolve(host, _port(parts), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotReached(f"the name {host} cannot be resolved: {error}") from error
        for entry in found:
            address = ipaddress.ip_address(str(entry[4][0]).partition("%")[0])
            # All of them: a name with one public and one private address is a trick.
            plain = parts.scheme == "http" and is_public(address)
            if plain or not may_be_called(address, private=self.private):
                raise NotReached(_refusal(host, address, parts.scheme, private=self.private))
        if not found:
            raise NotReached(f"the name {host} has no address")
        return [(entry[0], entry[4]) for entry in found]


def outgoing(settings: Settings) -> Outgoing:
    """Return how calls are made under the settings."""
    return Outgoing(private=settings.private_addresses)


def is_public(address: Address) -> bool:
    """Return whether an address is one of the public internet, also where it wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    inner = _wrapped(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and address in _UNICAST


def may_be_called(address: Address, *, private: bool) -> bool:
    """Return whether a call may go there; never to link-local (cloud metadata), multicast and unspecified addresses."""
    if is_public(address):
        return True
    inner = (_wrapped(address) if isinstance(address, ipaddress.IPv6Address) else None) or address
    return private and not (inner.is_link_local or inner.is_multicast or inner.is_unspecified)


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for: mapped, 6to4, Teredo (its client), NAT64."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _refusal(host: str, address: Address, scheme: str, *, private: bool) -> str:
    if private and is_public(address):
        return f"{host} leads to the public address {address}: there only https is spoken, not {scheme}"
    how = "" if private else "; TRACEABILITY_PRIVATE_ADDRESSES allows it, for what is on your own premises"
    return f"{host} leads to {address}, which is no public address{how}"


@contextlib.contextmanager
def _connected(
    parts: SplitResult, where: list[tuple[Any, ...]], deadline: float
) -> Iterator[http.client.HTTPConnection]:
    """Open a connection to the first address that answers, and end it at the deadline whatever comes meanwhile."""
    host, port = parts.hostname or "", _port(parts)
    opened = _open(where, deadline)
    timer = threading.Timer(_left(deadline), _end, [opened])  # a timeout of a socket begins anew with each byte
    timer.daemon = True
    timer.start()
    try:
        connection = http.client.HTTPConnection(host, port)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, port, context=context)
            opened = context.wrap_socket(opened, server_hostname=host, do_handshake_on_connect=False)
            timer.args = [opened]
            opened.do_handshake()
        connection.sock = opened
        yield connection
    finally:
        timer.cancel()
        opened.close()


def _open(where: list[tuple[Any, ...]], deadline: float) -> socket.socket:
    failure: OSError = OSError("no address")
    for family, address in where:
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.settimeout(_left(deadline))
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _end(opened: socket.socket) -> None:
    with contextlib.suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _left(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())


def tell_of_clock(service: Service, whose: str, at: datetime) -> None:
    """Log an error where somebody else's signed time and our clock are further apart than the tolerance."""
    apart = abs((at - service.clock()).total_seconds())
    if apart > service.settings.clock_tolerance_seconds:
        _log.error("our clock and that of %s are %d s apart: %s; see docs/operator.md", whose, apart, at.isoformat())


@dataclass(slots=True)
class Backoff:
    """What one process knows of somebody it calls, between two calls: 2, 4, 8 ... up to 600 seconds after failures."""

    failures: int = 0
    not_before: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Return whether to call again."""
        return self.not_before is None or now >= self.not_before

    def failed(self, now: datetime) -> None:
        """Wait longer than the last time."""
        self.failures += 1
        self.not_before = now + timedelta(seconds=min(2 ** min(self.failures, 32), _LONGEST_WAIT))

    def succeeded(self) -> None:
        """Begin anew."""
        self.failures = 0
