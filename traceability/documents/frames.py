"""How parent and child speak: frames of a four-byte length and that many bytes, over the child's stdin and stdout."""

import json
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">I")


class FrameTooLarge(Exception):
    """The other side announced more bytes than are taken."""


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Write one frame and flush it."""
    stream.write(_LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def read_frame(stream: BinaryIO, limit: int) -> bytes | None:
    """Read one frame; None when the other side is gone.

    Raises:
        FrameTooLarge: the announced length is above ``limit``; nothing of the frame was read.

    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > limit:
        raise FrameTooLarge
    body = stream.read(length)
    return body if len(body) == length else None


def write_json(stream: BinaryIO, value: Any) -> None:
    """Write a JSON value as one frame."""
    write_frame(stream, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def read_json(stream: BinaryIO, limit: int) -> Any:
    """Read a JSON value from one frame; None when the other side is gone."""
    body = read_frame(stream, limit)
    return None if body is None else json.loads(body.decode("utf-8", "surrogatepass"))
