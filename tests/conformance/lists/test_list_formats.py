"""The readers on excerpts of the published files, bytes unchanged."""

import pytest

from traceability.lists.places import Places
from traceability.lists.readers import ofac, un
from traceability.lists.seedfile import read_list, read_manifest


@pytest.fixture(scope="module")
def places(seed):
    row = next(row for row in read_manifest(seed / "tables") if row.list_id == "iso-3166-1")
    return Places.build(read_list(seed / "tables", row)[1])


def test_ofac_head(shared, places):
    files = {name: shared(f"vectors/list-formats/ofac/{name}_head.csv").read_bytes() for name in ofac.FILES}
    reading = ofac.read(files, places)
    entries = {entry.entry_key: entry for entry in reading.entries}
    assert [question for question in reading.review if question.lost == "yes"] == []
    assert ("BNC", "weak") in {(name.text, name.quality) for name in entries["306"].names}
    assert "\x1a" not in "".join(entries)
    congo = [entry for entry in entries.values() if "DRCONGO" in entry.programmes]
    assert len(congo) > 5
    ships = [entry for entry in entries.values() if entry.schema == "Vessel"]
    assert len(ships) == 3


def test_un_excerpt(shared, places):
    reading = un.read(shared("vectors/list-formats/un/un_excerpt.xml").read_bytes(), places)
    assert [question for question in reading.review if question.lost == "yes"] == []
    assert sum(entry.schema == "Person" for entry in reading.entries) == 7
    assert sum(entry.schema == "Organization" for entry in reading.entries) == 13
    assert {name.quality for entry in reading.entries for name in entry.names} >= {"primary", "strong", "weak"}
    assert all(name.text.strip() for entry in reading.entries for name in entry.names)
