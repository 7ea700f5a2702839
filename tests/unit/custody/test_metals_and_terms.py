"""The table of metals, checked by computing each InChIKey, and the reading of our own terms."""

import hashlib
from decimal import Decimal
from itertools import product
from string import ascii_uppercase

import pytest

from traceability.custody import metals, terms

# The alphabet of InChIKey: 2^14 triplets, those beginning with E and TAA..TTV left out (InChI technical manual)
TRIPLETS = [
    triplet
    for triplet in map("".join, product(ascii_uppercase, repeat=3))
    if triplet[0] != "E" and not "TAA" <= triplet <= "TTV"
]


def _inchikey(symbol):
    bits = int.from_bytes(hashlib.sha256(symbol.encode()).digest(), "little")
    last = bits >> 56 & 511
    block = "".join(TRIPLETS[bits >> 14 * place & 16383] for place in range(4))
    return f"{block}{ascii_uppercase[last // 26]}{ascii_uppercase[last % 26]}-UHFFFAOYSA-N"


@pytest.mark.parametrize("symbol", metals.ELEMENTS)
def test_each_key_is_that_of_the_element(symbol):
    assert metals.ELEMENTS[symbol] == _inchikey(symbol)


def test_every_element_has_a_mineral_and_every_mineral_an_element():
    assert {metals.substance_of(name) for names in metals._MINERALS.values() for name in names} == set(
        metals.ELEMENTS.values()
    )
    assert metals.substance_of(" Cassiterite ") == metals.ELEMENTS["Sn"]
    assert metals.substance_of("unobtainium") is None


@pytest.mark.parametrize(
    ("value", "text"), [("1250.0", "1250"), ("1E+3", "1000"), ("0.500", "0.5"), ("0.000000", "0"), ("100", "100")]
)
def test_decimals_are_written_without_exponent_or_needless_zeros(value, text):
    assert terms.decimal_text(Decimal(value)) == text


def test_kilograms_for_people_end_at_the_gram():
    assert terms.kg_text(Decimal("12.3456")) == "12.346"
    assert terms.kg_text(Decimal(-5)) == "-5"


def test_a_number_of_no_finite_value_is_none():
    assert terms.number(Decimal("Infinity")) is None
    assert terms.number("12.50") == Decimal("12.5")
