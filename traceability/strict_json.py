"""JSON as this service accepts it: RFC 8259 narrowed to I-JSON (RFC 7493), with limits, and with decimals kept exact.

Two readers of one text must never see two things, because the bytes are what is signed: no byte order mark, no repeated
key, no lone surrogate, no NaN. Fractions become Decimal from the literal text, so that kilograms never pass a float.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Any, NoReturn

import orjson

from traceability.errors import InvalidInput

MAX_DIGITS = 64
MAX_EXPONENT = 200
"""64 digits and 10^200 together stay inside an IEEE double, so a later reader never meets an infinity. Both hold for
the number as sent and as ``dumps`` writes it, with one digit before the point."""

_BOM = b"\xef\xbb\xbf"
# Possessive, with an optional end: matches from every quotation mark onwards, hence linear on unterminated strings.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?"?', re.DOTALL)
_EXPONENT = re.compile(rb"[0-9][eE]([+-]?[0-9]+)")
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS + 1))
# A pair is consumed first, then any other escape; only a surrogate that found no partner is left for group 1.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_NESTING = [0] * 256
for _opening, _closing in (b"[]", b"{}"):
    _NESTING[_opening], _NESTING[_closing] = 1, -1
_NOT_BRACKETS = bytes(byte for byte in range(256) if not _NESTING[byte])


def loads(data: bytes, *, max_depth: int = 32, max_string: int = 65536, allow_bom: bool = False) -> Any:
    """Return the value of a JSON text: objects as dict, fractions as Decimal with their literal digits, others as int.

    What is accepted can be written and read again: ``loads(dumps(loads(data))) == loads(data)``.

    Args:
        data: the received bytes, UTF-8 without byte order mark.
        max_depth: how many arrays and objects may be nested in each other.
        max_string: bytes a single string may take as written, escapes included.
        allow_bom: read past a UTF-8 byte order mark, for the bare schema verdict on a file that nobody signed.

    Raises:
        InvalidInput: the bytes are not JSON in this narrow sense; the message says what is wrong and how to mend it.

    """
    if allow_bom:
        data = data.removeprefix(_BOM)
    text = _decode(data)
    bare, longest = _outside_strings(data)
    _check_depth(bare, max_depth)
    decoder = _decoder_for(bare)
    _check_strings(data, longest, max_string)
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error


def stored(text: str | bytes) -> Any:
    """Return the value of a JSON text that was accepted and stored before: whatever we wrote, we can read.

    The limits of ``loads`` are for what arrives. Applied to our own text, a limit drawn tighter later would make what
    is recorded unreadable.
    """
    return _DECODER.decode(text if isinstance(text, str) else text.decode())


def dumps(value: Any) -> bytes:
    """Return the JSON text of a value, compact and UTF-8, a Decimal with its own digits: what ``loads`` reads back.

    Raises:
        TypeError: the value holds something JSON has no form for, a number that is not finite included.

    """
    try:
        return orjson.dumps(value, default=_literal)
    except orjson.JSONEncodeError:  # most often an integer of more than 64 bit, which is rare enough to be slow
        return orjson.dumps(_wide(value), default=_literal)


def refuse_nul(data: bytes, value: Any) -> None:
    """Let a value go on that was read from ``data``: PostgreSQL's texts cannot hold the character NUL.

    Raises:
        InvalidInput: a text or key holds it.

    """
    if b"\\u0000" in data and _has_nul(value):
        raise InvalidInput("a text holds the character NUL (\\u0000): leave it out")


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\x00" in key or _has_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\x00" in value


def _wide(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _wide(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_wide(item) for item in value]
    return orjson.Fragment(str(value)) if type(value) is int else value


def _literal(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"no JSON form for {value!r}")


def _decode(data: bytes) -> str:
    if data.startswith(_BOM):
        raise InvalidInput("JSON must not begin with a byte order mark: save the file as UTF-8 without BOM")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"JSON must be UTF-8: byte {error.start} is not ({error.reason}); save it as UTF-8"
        ) from error


def _outside_strings(data: bytes) -> tuple[bytes, int]:
    """Return the text without its strings, and how many bytes the longest of these takes as written."""
    if b"\\" not in data:  # no quotation mark is escaped: each begins or ends a string
        pieces = data.split(b'"')
        return b"".join(pieces[::2]), max(map(len, pieces[1::2]), default=0)
    quotation_marks = 2
    return _STRING.sub(b"", data), max(map(len, _STRING.findall(data)), default=quotation_marks) - quotation_marks


def _check_depth(bare: bytes, max_depth: int) -> None:
    """Count brackets before parsing, so that the parser's own recursion stays bounded."""
    brackets = bare.translate(None, _NOT_BRACKETS)
    if max(accumulate(map(_NESTING.__getitem__, brackets)), default=0) > max_depth:
        raise InvalidInput(f"JSON is nested too deeply: at most {max_depth} levels are read; flatten the document")


def _decoder_for(bare: bytes) -> json.JSONDecoder:
    """Check the numbers as they stand; return what reads them: only those with an exponent get another spelling."""
    _check_numbers(bare)
    return _RESPELLING if _EXPONENT.search(bare) else _DECODER


def _check_numbers(bare: bytes) -> None:
    if _LONG_NUMBER.search(bare):
        raise InvalidInput(f"a number has more than {MAX_DIGITS} digits: write it shorter, or as a string")
    for exponent in _EXPONENT.findall(bare):
        if len(exponent) > MAX_DIGITS or abs(int(exponent)) > MAX_EXPONENT:
            raise InvalidInput(f"a number has the exponent {exponent[:12].decode()}: at most {MAX_EXPONENT} is read")


def _check_strings(data: bytes, longest: int, max_string: int) -> None:
    if longest > max_string:
        raise InvalidInput(f"a string is too long: at most {max_string} bytes; send the content as a document instead")
    if b"\\u" not in data:
        return
    for escape in _ESCAPE.finditer(data):
        if escape[1]:
            lone = escape[0].decode("utf-8", "replace")
            raise InvalidInput(f"{lone} is half of a surrogate pair: write the whole pair, or the character itself")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
        raise InvalidInput(f"the key {twice[:80]!r} stands twice in one object: keep one of them")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a JSON number: leave the field out where there is no value")


def _respelt(text: str) -> Decimal:
    """Return a number whose form in ``dumps`` keeps the limits as well: 12e200 would be written 1.2E+201."""
    value = Decimal(text)
    _check_numbers(str(value).encode())
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_refuse_constant)
_RESPELLING = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_respelt, parse_constant=_refuse_constant)
