"""Every area list is found by codes that a record may name."""

from traceability.iso import is_country, is_subdivision
from traceability.lists.seedfile import read_list, read_manifest


def test_every_area_on_a_list_can_be_named(seed):
    for row in read_manifest(seed / "lists"):
        for entry in read_list(seed / "lists", row)[1]:
            if entry.kind == "area":
                assert is_country(entry.code) or is_subdivision(entry.code), entry.entry_key
