from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.linear import is_linear
from traceability.events import formats


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/lot/1?x=1#y", "urn:epc:id:sgtin:4012345.011111.9876", "did:web:mine.example", "geo:-1.5,28.8",
        "http://[2001:db8::1]:80/", "http://[v1.a:b]/", "http://user:pw@a.example", "a:", "crm:mineral", "a://", "x:/",
        "mailto:a@b.example", "https://a.example/%C3%A9", "HTTP://A", "a+b-c.1:x", "file:///etc", "a:?q", "a:#f",
        "https://a.example//b//c",
    ],
)  # fmt: skip
def test_absolute_uris(text: str) -> None:
    assert formats.is_uri(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "word", "//a.example", "1a:b", ":b", "https://a b", "https://a.example/\u00e9", "a:%G1", "a:%1", "a:b\n",
        "http://[::1", "http://[::g]/", "http://[1.2.3.4]/", "http://[:::]/", "a:b#c#d", "http://a:port/", "a:b\\c",
        "a:<b>", 'a:"', "a:{b}", "a:[b]", None, 5, ["a:b"], "http://a@b@c/",
    ],
)  # fmt: skip
def test_what_is_no_absolute_uri(text: object) -> None:
    assert not formats.is_uri(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-01T09:00:00+02:00",
        "2024-02-29t00:00:00z",
        "0001-01-01T23:59:59.123456789-23:59",
        "2026-12-31T09:00:00.1Z",
    ],
)
def test_date_times(text: str) -> None:
    assert formats.is_date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-01T09:00:00", "2026-02-29T09:00:00Z", "1900-02-29T09:00:00Z", "2026-04-31T09:00:00Z", "0000-01-01T00:00:00Z",
        "2026-13-01T09:00:00Z", "2026-02-01T24:00:00Z", "2026-02-01T23:59:60Z", "2026-02-01 09:00:00Z", "2026-02-01T09:00Z",
        "2026-02-01T09:00:00+24:00", "2026-02-01T09:00:00.Z", "2026-02-01T09:00:00Z\n", "\u0662026-02-01T09:00:00Z", 5, None,
    ],
)  # fmt: skip
def test_what_is_no_date_time(text: object) -> None:
    assert not formats.is_date_time(text)


@given(st.datetimes(timezones=st.timezones()))
def test_every_aware_datetime_has_a_date_time(moment: object) -> None:
    text = moment.isoformat(timespec="milliseconds")  # type: ignore[attr-defined]
    whole_minutes = text[-3] == ":" and text[-6] in "+-"
    assert formats.is_date_time(text) == whole_minutes


def test_numbers_are_not_booleans() -> None:
    assert all(formats.is_number(one) for one in (0, -1, 1.5, Decimal("1.5")))
    assert not any(formats.is_number(one) for one in (True, False, None, "1", [1]))
    assert formats.is_boolean(False)
    assert not formats.is_boolean(0)
    assert formats.is_text("")
    assert not formats.is_text(None)


@pytest.mark.parametrize(
    ("test", "good", "bad"),
    [
        (
            formats.is_zone_offset,
            ["+00:00", "-13:59", "+14:00"],
            ["+14:01", "+15:00", "02:00", "Z", "+2:00", "+00:00\n", None],
        ),
        (formats.is_unit, ["KGM", "P1", "KG"], ["kg", "K", "KGMX", "KGM\n", None]),
        (formats.is_version, ["2", "2.0", "2.0.1"], ["2.", ".2", "v2", "2.0\n", 2.0]),
        (formats.is_hex, ["0aF"], ["", "0x1", "g", "a\n", None]),
    ],
)
def test_short_codes(test, good, bad) -> None:
    assert all(map(test, good))
    assert not any(map(test, bad))


@pytest.mark.parametrize(
    ("begun", "piece", "end"), [("a:", "%41", "%"), ("a://", "@", ""), ("a:/", "/", " "), ("", "a", "")]
)
def test_hostile_text_is_judged_in_linear_time(begun: str, piece: str, end: str) -> None:
    assert not formats.is_uri(begun + piece * 500_000 + end)
    assert is_linear(lambda length: formats.is_uri(begun + piece * length + end), 500_000)
