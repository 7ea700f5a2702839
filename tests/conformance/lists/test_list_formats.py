"""The readers on excerpts of the published files, bytes unchanged."""

import json
from dataclasses import asdict
from datetime import date

import pytest

from traceability.lists.entries import QUALITIES
from traceability.lists.places import Places
from traceability.lists.readers import csl, ofac, opensanctions, smelter_book, uflpa, un, wro
from traceability.lists.seedfile import read_list, read_manifest
from traceability.lists.smelters import LookUp, changes


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


def test_consolidated_screening_list(shared, places):
    reading = csl.read(shared("vectors/list-formats/csl/csl_sample.csv").read_bytes(), places)
    assert reading.review == []
    assert len(reading.entries) == 35
    assert len({entry.extra["list"] for entry in reading.entries}) == 9
    assert all(entry.name == entry.name.strip() for entry in reading.entries)
    assert [entry.name for entry in reading.entries if entry.valid_to and not entry.in_force(date(2026, 11, 25))] == [
        "ADRIAN MANUEL HERNANDEZ"
    ]


def test_opensanctions_exports(shared, places):
    lines = opensanctions.read_lines(shared("vectors/list-formats/ftm/entities_shape.ftm.json").read_bytes(), places)
    table = opensanctions.read_simple(shared("vectors/list-formats/ftm/targets_simple_shape.csv").read_bytes(), places)
    assert [entry.name for entry in lines.entries] == [entry.name for entry in table.entries]
    assert lines.review == table.review == []
    assert {name.text: name.quality for name in lines.entries[0].names}["GOLDY"] == "weak"
    assert lines.entries[0].extra["merged"] == "fx-old-1"


def test_uflpa_page(shared):
    folder = shared("vectors/list-formats/uflpa/uflpa_shape.html").parent
    reading = uflpa.read((folder / "uflpa_shape.html").read_bytes())
    parents = [entry for entry in reading.entries if "subsidiary_of" not in entry.extra]
    expected = json.loads((folder / "expected.json").read_bytes())["entries"]
    for entry, wanted in zip(parents, expected, strict=True):
        by = {quality: [name.text for name in entry.names if name.quality == quality] for quality in QUALITIES}
        said = [entry.name, entry.extra["clause"], entry.valid_from.isoformat(), by["strong"], by["former"]]
        assert said == [
            wanted["name"], wanted["clause"], wanted["effective"], wanted.get("aliases", []),
            wanted.get("former_names", []),
        ]  # fmt: skip
        below = [one.name for one in reading.entries if one.extra.get("subsidiary_of") == entry.name]
        assert below == wanted.get("named_subsidiaries", [])
    rules = [question.raw for question in reading.review if question.field == "subsidiaries"]
    assert len(rules) == sum("subsidiaries_rule" in wanted for wanted in expected)


def test_cbp_orders(shared, places):
    data = shared("vectors/list-formats/cbp/wro_shape_latin1.csv").read_bytes()
    reading = wro.read(data, places, date(2026, 11, 25))
    assert [entry.name for entry in reading.entries] == ["Café Textil São Nulo, Ltda."]
    assert not reading.entries[0].in_force(date(2026, 11, 25))
    assert [question.reason.partition(":")[0] for question in reading.review] == [
        "no single name", "no single name", "goods of a place that is not the row's country",
        "expected all columns, a status that is known and a date such as 06/24/2021",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["cmrt_shape_en", "cmrt_shape_de", "cmrt_shape_zh", "emrt_shape_en"])
def test_smelter_workbooks(shared, name):
    folder = shared("vectors/list-formats/smelters/expected.json").parent
    expected = json.loads((folder / "expected.json").read_bytes())
    book = smelter_book.read((folder / f"{name}.xlsx").read_bytes())
    wanted = expected["smelter_list"] if name.startswith("cmrt") else expected["emrt_shape_en.xlsx"]
    for found, want in zip(book.declared, wanted, strict=True):
        said = {"mines": [], "warnings": []} | asdict(found)
        said |= {"mines": list(found.mines), "warnings": list(found.warnings)}
        assert {key: said[key] for key in want} == want
        assert said["warnings"] == want.get("warnings", [])
    if name.startswith("cmrt"):
        counts = expected["lookup"]
        assert len({alias.cid for alias in book.lookup if alias.cid}) == counts["cids"]
        assert sum(alias.cid is not None for alias in book.lookup) == counts["aliases_with_cid"]
        assert sum(alias.pseudo is not None for alias in book.lookup) == counts["pseudo_rows"]


def test_a_smelter_workbook_without_cached_values(shared):
    """The same ids from the columns that were typed and the look-up; the name in row 11 is lost, and a gap."""
    folder = shared("vectors/list-formats/smelters/expected.json").parent
    whole, bare = (
        smelter_book.read((folder / f"cmrt_shape_{name}.xlsx").read_bytes()) for name in ("en", "uncached_formulas")
    )
    assert [(one.row, one.cid, one.via) for one in bare.declared] == [
        (one.row, one.cid, one.via) for one in whole.declared
    ]
    assert all("values_not_cached" in one.warnings for one in bare.declared)
    (lost,) = [one for one in bare.declared if one.row == 11]
    assert (lost.name, lost.pseudo) == (None, "not_listed")


def test_revisions_of_a_smelter_look_up(shared, places):
    folder = shared("vectors/list-formats/smelters/expected.json").parent
    wanted = json.loads((folder / "expected.json").read_bytes())["delta_to_next_revision"]
    old, new = (
        {
            entry.entry_key: entry
            for entry in smelter_book.entries(
                smelter_book.read((folder / f"{name}.xlsx").read_bytes()), "smelters", places
            ).entries
        }
        for name in ("cmrt_shape_en", "cmrt_shape_next_revision")
    )
    assert sorted(new.keys() - old.keys()) == wanted["added"]
    assert sorted(old.keys() - new.keys()) == wanted["removed"]
    assert [key for key in sorted(old.keys() & new.keys()) if old[key].name != new[key].name] == wanted["renamed"]


def test_a_declaration_against_the_next_revision_of_the_look_up(shared, places):
    """Ids that left the look-up are gaps, renamed ones are looked at, and choices that name nobody stay gaps."""
    folder = shared("vectors/list-formats/smelters/expected.json").parent
    wanted = json.loads((folder / "expected.json").read_bytes())["delta_to_next_revision"]
    books = {
        name: smelter_book.read((folder / f"cmrt_shape_{name}.xlsx").read_bytes()) for name in ("en", "next_revision")
    }
    old, new = (smelter_book.entries(book, "look-up", places).entries for book in books.values())
    found = changes(old, new)
    assert [list(found.added), list(found.removed)] == [wanted["added"], wanted["removed"]]
    assert [cid for cid, _, _ in found.renamed] == wanted["renamed"]
    then, now = (
        {row.row: look_up.check(row) for row in books["en"].declared} for look_up in map(LookUp.build, (old, new))
    )
    assert {row: one.how for row, one in then.items()} == {
        5: "exact", 6: "alias", 7: "alias", 9: "exact", 10: "alias", 11: "gap", 12: "gap", 13: "alias", 14: "exact",
    }  # fmt: skip
    cids = {row.row: row.cid for row in books["en"].declared if row.cid}
    assert {row: one.cid for row, one in then.items() if one.cid} == cids
    gone = {row for row, cid in cids.items() if cid in wanted["removed"]}
    assert gone
    assert all(now[row].cid not in wanted["removed"] for row in gone)
    assert all(now[row].review for row in gone)
