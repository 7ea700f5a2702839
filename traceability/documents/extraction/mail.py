"""Mail (RFC 5322, MIME RFC 2045-2049): head and text first, then every attachment as a part of its own.

An attachment is read by its bytes like any file, from a new page on. One that cannot be read leaves the whole mail
unread to its end: the outcome is that of the attachment, and what could be read is kept beside it.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from html import unescape

from traceability.documents.extraction import plain
from traceability.documents.extraction.extracted import Block, Builder, Refused
from traceability.documents.extraction.markup import declared_charset, note_active_content, read_markup
from traceability.documents.extraction.rows import Lines

MAX_DEPTH = 5
MAX_PARTS = 200
_HEAD = ("Subject", "From", "To", "Cc", "Date")
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
_ENCRYPTED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
_WORD = re.compile(r"[^\W\d_]{3,}")
_OTHER_WORDS = 20
_HEAD_MAX = 2_000
Read = Callable[[bytes, str, Builder, int], None]


def read(data: bytes, builder: Builder, attached: Read, depth: int = 1) -> None:
    """Read a mail; ``attached(bytes, name, builder, depth)`` reads an attachment that is no mail itself.

    Raises:
        Refused: limit for a mail more than ``MAX_DEPTH`` deep in others or more than ``MAX_PARTS`` parts,
            encrypted for S/MIME and PGP.

    """
    if depth > MAX_DEPTH:
        raise Refused("limit")
    message = message_from_bytes(data)
    bodies, attachments = _sorted(message)
    before = builder.last_page
    _write(_head(message), bodies, builder)
    if builder.last_page == before:
        builder.page("", [])
    for part in attachments:
        _attachment(part, builder, attached, depth)


def _sorted(message: Message) -> tuple[list[Message], list[Message]]:
    """Return the parts that are the mail's own text, and the attachments."""
    bodies: list[Message] = []
    attachments: list[Message] = []
    for count, part in enumerate(_leaves(message), start=1):
        if count > MAX_PARTS:
            raise Refused("limit")
        if part.get_content_type() in _ENCRYPTED:
            raise Refused("encrypted")
        if part.get_content_type() not in _SIGNATURES:
            (bodies if _is_text(part) else attachments).append(part)
    return bodies, attachments


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold content, a mail in a mail as one part."""
    parts = message.get_payload() if message.is_multipart() else None
    if not isinstance(parts, list) or message.get_content_maintype() == "message":
        yield message
        return
    if message.get_content_type() == "multipart/encrypted":
        raise Refused("encrypted")
    for part in parts:
        if isinstance(part, Message):
            yield from _leaves(part)


def _is_text(part: Message) -> bool:
    text = part.get_content_type() in {"text/plain", "text/html"}
    return text and part.get_content_disposition() != "attachment" and part.get_filename() is None


def _head(message: Message) -> str:
    shown = ((name, message.get(name)) for name in _HEAD)
    return "\n".join(f"{name}: {_value(value)}" for name, value in shown if value is not None)


def _value(value: object) -> str:
    """Return a field of the head with its encoded words (RFC 2047) as text; one that breaks the standard as it came."""
    raw = str(value)[:_HEAD_MAX]
    with contextlib.suppress(HeaderParseError, ValueError, LookupError):
        raw = str(make_header(decode_header(raw)))
    return " ".join(raw.split())


def _write(head: str, bodies: list[Message], builder: Builder) -> None:
    """Add the head with the first text; of two forms of one text the HTML is what people see."""
    typed = [_typed(part, builder) for part in bodies if part.get_content_type() == "text/plain"]
    pages = [read_markup(_markup(part, builder)) for part in bodies if part.get_content_type() == "text/html"]
    shown = {word for lines, _ in pages for word in _words(lines.text)}
    for text in typed:
        if pages and not _says_more(text, shown):
            continue
        plain.add(f"{head}\n\n{text}" if head else text, builder)
        head = ""
    for lines, page in pages:
        builder.page(*_headed(head, lines))
        note_active_content(page, builder)
        head = ""
    if head:
        plain.add(head, builder)


def _headed(head: str, body: Lines) -> tuple[str, list[Block]]:
    lines = Lines()
    for line in head.splitlines():
        lines.add("paragraph", line)
    lines.append(body)
    return lines.text, lines.blocks


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _says_more(typed: str, shown: set[str]) -> bool:
    words = _words(unescape(typed))
    return len(words - shown) * _OTHER_WORDS > len(words)


def _payload(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _typed(part: Message, builder: Builder) -> str:
    return plain.decode(_payload(part), builder, part.get_content_charset())


def _markup(part: Message, builder: Builder) -> str:
    body = _payload(part)
    return plain.decode(body, builder, part.get_content_charset() or declared_charset(body))


def _attachment(part: Message, builder: Builder, attached: Read, depth: int) -> None:
    name = " ".join((part.get_filename() or "").split())[:100]
    number = builder.last_page + 1
    try:
        if part.get_content_type() == "message/rfc822":
            read(_inner(part), builder, attached, depth + 1)
        else:
            attached(_payload(part), name, builder, depth + 1)
    except Refused as refused:
        builder.refuse(refused.reason, f"the attachment {name or 'without a name'}")
    builder.note("attachment", f"The attachment {name!r} begins on this page.", number)


def _inner(part: Message) -> bytes:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    return inner.as_bytes() if isinstance(inner, Message) else b""
