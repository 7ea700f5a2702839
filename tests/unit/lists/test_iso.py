"""Country and subdivision codes that a record may name, and that every area list is found by."""

import pytest

from traceability.lists.iso import countries, is_country, is_subdivision
from traceability.lists.required import EU27
from traceability.lists.seedfile import read_list, read_manifest


def test_countries():
    assert len(countries()) == 249
    assert frozenset(countries()) >= EU27 | {"US", "CD", "RW", "XK"}


@pytest.mark.parametrize("code", ["XX", "EU", "UE", "XZ", "AN", "de", "", "D", "DEU", "DE\n"])
def test_no_countries(code):
    assert not is_country(code)


@pytest.mark.parametrize(("code", "known"), [("CD-NK", True), ("CN-XJ", True), ("BF-01", True), ("CD-ZZ", False),
                                             ("XX-NK", False), ("CD", False), ("", False), ("cd-nk", False)])  # fmt: skip
def test_subdivisions(code, known):
    assert is_subdivision(code) is known


def test_every_area_on_a_list_can_be_named(seed):
    for row in read_manifest(seed / "lists"):
        for entry in read_list(seed / "lists", row)[1]:
            if entry.kind == "area":
                assert is_country(entry.code) or is_subdivision(entry.code), entry.entry_key
