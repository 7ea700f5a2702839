"""Strict JSON: what is read, what is refused, and that refusing never takes long or raises anything else."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.linear import is_linear
from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.strict_json import dumps, loads, stored

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_NUMBERS = st.integers(-(2**63), 2**63) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6
)
VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)


_DIGITS = st.text("0123456789", min_size=1, max_size=70)
_LITERALS = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{whole}{fraction}{exponent}".encode(),
    st.sampled_from(["", "-"]),
    st.just("0") | _DIGITS.filter(lambda text: text[0] != "0"),
    st.just("") | _DIGITS.map(".{}".format),
    st.just("") | st.builds("{}{}".format, st.sampled_from(["e", "E", "e+", "e-"]), st.integers(0, 210)),
)


def refusal(data: bytes, **limits: int) -> str:
    with pytest.raises(InvalidInput) as caught:
        loads(data, **limits)
    return caught.value.detail


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    assert loads(dumps(value)) == value


@given(VALUES)
def test_reads_what_the_standard_library_reads(value: object) -> None:
    text = dumps(value)
    assert loads(text) == json.loads(text, parse_float=Decimal)


@given(st.binary(max_size=60) | _TEXT.map(str.encode))
def test_any_bytes_are_read_or_refused_as_invalid_input(data: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        assert loads(data) == json.loads(data, parse_float=Decimal)


@given(_LITERALS)
@example(b"0.1e-200")
@example(b"12e200")
@example(b"10e200")
@example(b"0.001e-199")
@example(b"0.0e-200")
@example(b"0." + b"0" * 6 + b"1" * 58 + b"e3")
@example(b"1." + b"1" * 64 + b"e64")
@example(b"1." + b"1" * 64 + b"e-6")
@example(b"1" * 64 + b"." + b"1" * 64 + b"e100")
def test_every_accepted_number_can_be_written_and_read_again(literal: bytes) -> None:
    try:
        value = loads(b"[" + literal + b"]")
    except InvalidInput:
        return
    assert loads(dumps(value)) == value


@given(VALUES.map(dumps) | st.lists(_LITERALS, max_size=3).map(lambda found: b"[" + b",".join(found) + b"]"))
def test_every_accepted_text_can_be_written_and_read_again(text: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        value = loads(text)
        assert loads(dumps(value)) == value == stored(dumps(value))


@pytest.mark.parametrize("literal", [b"0.1e-200", b"12e200", b"10e200", b"0.001e-199"])
def test_what_would_be_written_with_a_larger_exponent_is_refused(literal: bytes) -> None:
    assert "at most 200 is read" in refusal(b'{"quantity": ' + literal + b"}")


def test_what_is_stored_is_read_without_the_limits_of_intake() -> None:
    text = '{"kg": 1.2E+201, "long": ' + "1" * 70 + ', "deep": ' + "[" * 60 + "]" * 60 + "}"
    assert stored(text)["kg"] == Decimal("1.2E+201")
    assert stored(text.encode())["long"] == int("1" * 70)


def test_fractions_keep_their_literal_digits() -> None:
    value = loads(b'{"kg": 1250.10, "bags": 25, "e": 1e3}')
    assert str(value["kg"]) == "1250.10"
    assert value["bags"] == 25
    assert type(value["bags"]) is int
    assert value["e"] == Decimal(1000)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON: Expecting value at line 1, column 1"),
        (b"{} {}", "not JSON: Extra data"),
        (b"{'a': 1}", "line 1, column 2"),
        (b'"\x01"', "control character"),
        (b"[01]", "not JSON"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'"\xff"', "UTF-8: byte 1"),
        (b'"\xed\xa0\x80"', "UTF-8"),
        ("{}".encode("utf-16-le"), "not JSON"),
        (b'{"a": 1, "b": 2, "a": 1}', "'a' stands twice"),
        (b'{"x": [{"a": 1, "\\u0061": 2}]}', "'a' stands twice"),
        (b"[NaN]", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[-Infinity]", "-Infinity"),
        (b'"\\ud800"', "surrogate"),
        (b'"\\udc00\\ud800"', "surrogate"),
        (b'"\\ud800\\u0041"', "surrogate"),
        (b'{"\\uDFFF": 1}', "surrogate"),
        (b"[1e400]", "exponent 400"),
        (b"[1E-999999999999999999999]", "exponent"),
        (b"[1e" + b"9" * 60 + b"]", "exponent"),
        (b"[" + b"1" * 65 + b"]", "64 digits"),
        (b"[0." + b"1" * 5000 + b"]", "64 digits"),
    ],
)
def test_refusals_say_what_is_wrong(data: bytes, said: str) -> None:
    assert said in refusal(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\"[[[["', '"[[[['),
        (b'"1e999"', "1e999"),
        (b"[" + b"1" * 64 + b"]", [int("1" * 64)]),
        (b"[1e200]", [Decimal("1e200")]),
        (b" \n[ ]\t", []),
    ],
)
def test_the_borders_are_inside(data: bytes, value: object) -> None:
    assert loads(data) == value


@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_is_counted_before_parsing(brackets: tuple[bytes, bytes]) -> None:
    opening, closing = brackets
    assert loads(opening * 32 + b"1" + closing * 32) is not None
    assert "at most 32 levels" in refusal(opening * 33 + b"1" + closing * 33)
    assert "at most 2 levels" in refusal(b"[[[]]]", max_depth=2)
    assert "nested too deeply" in refusal(opening * 100_000)


def test_brackets_in_strings_are_no_nesting() -> None:
    assert loads(b'["' + b"[" * 100 + b'\\"[[[["]') == ["[" * 100 + '"[[[[']


def test_the_length_of_strings_is_bounded() -> None:
    assert loads(b'"' + b"a" * 65536 + b'"') == "a" * 65536
    assert "at most 65536 bytes" in refusal(b'["' + b"a" * 65537 + b'"]')
    assert "at most 3 bytes" in refusal(b'{"abcd": 1}', max_string=3)


def test_the_mark_is_skipped_only_where_it_may() -> None:
    assert loads(b"\xef\xbb\xbf{}", allow_bom=True) == {}
    assert loads(b"{}", allow_bom=True) == {}


@pytest.mark.parametrize(("begun", "piece"), [(b'"', b'\\"'), (b"", b'"\\'), (b"", b'["'), (b"", b"\\u"), (b"", b"1e")])
def test_hostile_text_is_refused_in_linear_time(begun: bytes, piece: bytes) -> None:
    assert is_linear(lambda length: refusal(begun + piece * length), 1_000_000)


@pytest.mark.parametrize("value", [Decimal("NaN"), [Decimal("Infinity")], {"a": object()}])
def test_what_has_no_json_form_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        dumps(value)


@given(st.text(alphabet='"\\ax[{1', max_size=30))
def test_strings_are_found_alike_with_and_without_escapes(text: str) -> None:
    data = text.encode()
    strings = [match[0] for match in strict_json._STRING.finditer(data)]
    bare, longest = strict_json._outside_strings(data)
    assert bare == strict_json._STRING.sub(b"", data)
    unterminated = data and strings and data.endswith(strings[-1]) and strings[-1].count(b'"') == 1
    assert unterminated or longest == max((len(found) - 2 for found in strings), default=0)
