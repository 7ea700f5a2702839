"""Codes of goods that a record may name: those of the Harmonized System, and what lies below them."""

import pytest

from traceability.lists.hs import is_goods_code


@pytest.mark.parametrize("code", ["260900", "26090000", "2609000010", "85491900", "85076000", "71081200", "28046100"])
def test_goods(code):
    assert is_goods_code(code)


@pytest.mark.parametrize(
    "code", ["", "2609", "26091000", "00000000", "77010000", "98800000", "99999999", "81039010", "2609 000"]
)
def test_no_goods(code):
    """810390 was divided in 2022; chapters 98 and 99 of the Combined Nomenclature are collective codes."""
    assert not is_goods_code(code)
