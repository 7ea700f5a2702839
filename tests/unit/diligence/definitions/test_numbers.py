from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.diligence.definitions.numbers import distance, exceeds, plain, product, rest, share, total

LARGE = Decimal("999999999999999.999999")
TWO_PER_CENT = Decimal("0.02")


def test_product_of_long_factors_is_not_rounded():
    moisture, grade = share(Decimal("12.345678")), share(Decimal("65.432109"))
    exact = 999999999999999999999 * (100_000000 - 12_345678) * 65_432109
    assert product(product(LARGE, rest(moisture)), grade) == Decimal(f"{exact}e-22")


def test_sum_of_many_is_not_rounded():
    assert total([LARGE] * 1000 + [Decimal("0.000001")]) == Decimal("999999999999999999.999001")
    assert total([]) == 0


@pytest.mark.parametrize(
    ("out", "base", "expected"),
    [
        ("102", "100", False),
        ("102.000001", "100", True),
        ("100", "100", False),
        ("0", "0", False),
        ("0.000001", "0", True),
        ("1019999999999999.99999898", "999999999999999.999999", False),
        ("1019999999999999.999999", "999999999999999.999999", True),
    ],
)
def test_equality_with_the_tolerance_does_not_exceed(out, base, expected):
    assert exceeds(Decimal(out), Decimal(base), TWO_PER_CENT) is expected


@given(st.integers(0, 10**21), st.integers(0, 10**21))
def test_distance_is_exact_and_symmetric(one, other):
    first, second = Decimal(f"{one}e-6"), Decimal(f"{other}e-6")
    assert distance(first, second) == distance(second, first) == Decimal(f"{abs(one - other)}e-6")


@pytest.mark.parametrize(
    ("number", "text"),
    [("5000", "5000"), ("5000.500", "5000.5"), ("0.000001", "0.000001"), ("1E+3", "1000"), ("10.0", "10"), ("0", "0")],
)
def test_plain(number, text):
    assert plain(Decimal(number)) == text
