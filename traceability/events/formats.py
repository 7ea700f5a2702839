"""The lexical forms of an EPCIS 2.0 document: URI (RFC 3986), date-time (RFC 3339), numbers, offsets, unit codes.

All patterns are anchored at both ends, ASCII only and linear in the length of the text.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from ipaddress import AddressValueError, IPv6Address
from typing import Any

_SHORTEST_MONTH = 28
_NUMBERS = frozenset({int, float, Decimal})

_PERCENT = r"%[0-9A-Fa-f]{2}"


def _run(characters: str) -> str:
    """Return a pattern for any number of these characters and percent-encoded bytes, without per-character choice."""
    return rf"[{characters}]*+(?:{_PERCENT}[{characters}]*+)*+"


_NAME = r"A-Za-z0-9_.~\-!$&'()*+,;="
_SEGMENT = rf"{_NAME}:@"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*+:"
    rf"(?://(?:{_run(_NAME + ':')}@)?(?:\[(?:(?P<ip6>[0-9A-Fa-f:.]+)|[vV][0-9A-Fa-f]+\.[{_NAME}:]+)\]|{_run(_NAME)})"
    rf"(?::[0-9]*)?(?:/{_run(_SEGMENT)})*+"  # an authority, then a path that is empty or begins with a slash
    rf"|(?!//){_run(_SEGMENT + '/')})"  # no authority: any path that does not look like one
    rf"(?:\?{_run(_SEGMENT + '/?')})?+(?:#{_run(_SEGMENT + '/?')})?+"
)
_DATE_TIME = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_ZONE_OFFSET = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_HEX = re.compile(r"[A-Fa-f0-9]+")


def is_uri(value: Any) -> bool:
    """Tell whether the value is an absolute URI with a scheme, as RFC 3986 section 3 spells it."""
    if type(value) is not str or not (match := _URI.fullmatch(value)):
        return False
    return match["ip6"] is None or _is_ip6(match["ip6"])


def _is_ip6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def is_date_time(value: Any) -> bool:
    """Tell whether the value is an RFC 3339 date-time with a zone; leap seconds and the year 0000 are not read."""
    if type(value) is not str or not (match := _DATE_TIME.fullmatch(value)):
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    return year > 0 and (day <= _SHORTEST_MONTH or day <= monthrange(year, month)[1])


def is_number(value: Any) -> bool:
    """Tell whether the value is a JSON number; true and false are not."""
    return type(value) in _NUMBERS


def is_text(value: Any) -> bool:
    """Tell whether the value is a JSON string."""
    return type(value) is str


def is_boolean(value: Any) -> bool:
    """Tell whether the value is true or false."""
    return type(value) is bool


def _matcher(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        return type(value) is str and pattern.fullmatch(value) is not None

    return test


is_zone_offset = _matcher(_ZONE_OFFSET)
"""Tell whether the value is a zone offset such as +02:00, at most 14 hours either way."""
is_unit = _matcher(_UNIT)
"""Tell whether the value has the form of a UN/ECE Recommendation 20 code such as KGM."""
is_version = _matcher(_VERSION)
"""Tell whether the value is a version such as 2.0."""
is_hex = _matcher(_HEX)
"""Tell whether the value is a hexadecimal string."""
