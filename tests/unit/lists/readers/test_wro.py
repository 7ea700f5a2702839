"""The reader of CBP's withhold release orders and findings."""

from datetime import date

import pytest

from traceability.errors import InvalidInput
from traceability.lists.readers import wro
from traceability.lists.readers.wro import Parted

HEADER = "Calendar Year,Country,Country Code,Industry,Status,WRO/Finding,Entity,Merchandise,Effective Date,Press Release,Remarks"
SEEN = date(2026, 11, 1)


@pytest.fixture
def read(places):
    def made(*rows, parted=None, encoding="utf-8"):
        data = "\r\n".join((HEADER, *rows)).encode(encoding)
        return wro.read(data, places, SEEN, parted)

    return made


def row(entity, *, country="China,CN", status="Active", day="06/24/2021", kind="WRO"):
    return f'2021,{country},Metals,{status},{kind},"{entity}",Copper,{day},https://example.org/1,'


def test_one_name_with_its_legal_form_is_a_party(read):
    reading = read(row("Alpha Smelting Company, Ltd."))
    (entry,) = reading.entries
    assert (entry.name, entry.country, entry.schema) == ("Alpha Smelting Company, Ltd.", "CN", "Organization")
    assert (entry.valid_from, entry.valid_to, entry.forced_labour) == (date(2021, 6, 24), None, True)
    assert entry.extra["order_status"] == "Active"
    assert reading.review == []


def test_a_ship_is_a_ship(read):
    assert read(row("F/V Fictitious No. 7", kind="Finding")).entries[0].schema == "Vessel"


def test_latin_1_is_read_as_such(read):
    assert read(row("Café SA"), encoding="latin-1").entries[0].name == "Café SA"
    assert read(row("Café SA"), encoding="utf-8").entries[0].name == "Café SA"


def test_an_order_that_is_over_counts_until_it_was_seen_to_be(read):
    (entry,) = read(row("Alpha Ltd.", status="Inactive")).entries
    assert entry.in_force(date(2026, 10, 31))
    assert not entry.in_force(SEEN)


def test_partially_active_is_in_force(read):
    assert read(row("Alpha Ltd.", status="Partially Active")).entries[0].in_force(date(2030, 1, 1))


def test_all_goods_of_the_country_are_a_rule_about_goods(read):
    (entry,) = read(row("All cotton from China")).entries
    assert (entry.kind, entry.name, entry.country, entry.forced_labour) == ("goods", "Cotton", "CN", True)


@pytest.mark.parametrize(
    "entity",
    [
        "Alpha Company, Limited and its two subsidiaries, Beta Co. Limited and Gamma Limited.",
        "Artisanal small mines in the east of China",
        "Alpha, Beta Road 7, Town",
        "Alpha; Beta",
        "All cotton from Nowhere",
        "",
    ],
)
def test_what_is_no_single_name_waits_for_a_person(read, entity):
    reading = read(row(entity))
    assert reading.entries == []
    assert [question.lost for question in reading.review] == ["yes"]


def test_a_cell_that_a_person_has_parted_is_read_by_that(read):
    cell = "Alpha Ltd. and its subsidiaries, Beta Ltd."
    reading = read(row(cell), parted={cell: Parted(("Alpha Ltd.", "Beta Ltd."), reaches_more=True)})
    assert [entry.name for entry in reading.entries] == ["Alpha Ltd.", "Beta Ltd."]
    assert [question.reason for question in reading.review] == ["reaches parties that are not named"]


@pytest.mark.parametrize("broken", [row("A", day="02/29/2022"), row("A", status="Odd"), row("A") + ",more", "x"])
def test_rows_that_cannot_be_read_wait_for_review(read, broken):
    reading = read(broken, row("Beta Ltd."))
    assert [entry.name for entry in reading.entries] == ["Beta Ltd."]
    assert [(question.entry_key, question.lost) for question in reading.review] == [("line 2", "yes")]


def test_another_table_is_refused(places):
    with pytest.raises(InvalidInput, match="is missing"):
        wro.read(b"a,b\n1,2\n", places, SEEN)


def test_cells_that_people_have_taken_apart_come_with_the_program(read):
    known = wro.parted_before()
    assert len(known) > 50
    assert all(one.names and all(one.names) for one in known.values())
    cell = next(cell for cell, one in known.items() if len(one.names) > 1)
    reading = read(row(cell), parted=known)
    assert [entry.name for entry in reading.entries] == list(known[cell].names)
    assert reading.review == []
    cell = next(cell for cell in known if cell.startswith("Tianjin Malleable Iron Factory, a/k/a"))
    (entry,) = read(row(cell), parted=known).entries
    assert "Tianjin No. 2 Prison" in {name.text for name in entry.names if name.quality == "strong"}
    (cell,) = [cell for cell in known if cell.endswith("and its subordinates")]
    assert [question.reason for question in read(row(cell), parted=known).review] == [
        "reaches parties that are not named"
    ]  # fmt: skip
