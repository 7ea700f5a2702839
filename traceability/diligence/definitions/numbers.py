"""Exact decimal arithmetic: kilograms, shares and scores are decimal texts and never pass through binary floats.

The default decimal context rounds to 28 digits, which a weight times moisture times grade can exceed. Here the
precision is ample and rounding is an error, so a comparison with a limit is always one of exact values.
"""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import cache, lru_cache, reduce

_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, Overflow])
_ZERO = Decimal(0)
_ONE = Decimal(1)
_PER_CENT = Decimal("0.01")
_SHARES = 4096  # of different texts; assays of one lot are written on all of its events


def product(one: Decimal, other: Decimal) -> Decimal:
    """Return the exact product."""
    return _EXACT.multiply(one, other)


def total(terms: Iterable[Decimal]) -> Decimal:
    """Return the exact sum; of nothing, zero."""
    return reduce(_EXACT.add, terms, _ZERO)


def distance(one: Decimal, other: Decimal) -> Decimal:
    """Return the exact absolute difference."""
    return _EXACT.subtract(one, other).copy_abs()


def share(percent: Decimal) -> Decimal:
    """Return per cent as a fraction of 1."""
    return _EXACT.multiply(percent, _PER_CENT)


def rest(part: Decimal) -> Decimal:
    """Return what a fraction of 1 leaves."""
    return _EXACT.subtract(_ONE, part)


@lru_cache(_SHARES)
def stated_share(percent: str) -> Decimal:
    """Return per cent as it is written as a fraction of 1."""
    return share(Decimal(percent))


@lru_cache(_SHARES)
def stated_rest(percent: str) -> Decimal:
    """Return what per cent as it is written leaves of 1."""
    return rest(stated_share(percent))


def exceeds(out: Decimal, base: Decimal, tolerance: Decimal) -> bool:
    """Tell whether ``out`` is more than ``base`` plus its tolerance (a fraction of 1); equality does not exceed."""
    return out > _EXACT.multiply(base, _with(tolerance))


@cache
def _with(tolerance: Decimal) -> Decimal:
    return _EXACT.add(_ONE, tolerance)


def plain(number: Decimal) -> str:
    """Return the number for people: no exponent, no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
