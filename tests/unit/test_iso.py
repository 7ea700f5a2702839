"""Country and subdivision codes that a record may name."""

import pytest

from traceability.iso import countries, is_country, is_subdivision
from traceability.lists.required import EU27


def test_countries():
    assert len(countries()) == 250
    assert frozenset(countries()) >= EU27 | {"US", "CD", "RW", "XK", "BV"}


@pytest.mark.parametrize("code", ["XX", "EU", "UE", "XZ", "AN", "de", "", "D", "DEU", "DE\n"])
def test_no_countries(code):
    assert not is_country(code)


@pytest.mark.parametrize(("code", "known"), [("CD-NK", True), ("CN-XJ", True), ("BF-01", True), ("CD-ZZ", False),
                                             ("XX-NK", False), ("CD", False), ("", False), ("cd-nk", False)])  # fmt: skip
def test_subdivisions(code, known):
    assert is_subdivision(code) is known
