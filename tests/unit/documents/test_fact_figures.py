"""Declared facts as figures, and the reading of forms and sheets behind them."""

from traceability.documents.extraction.extracted import Block, Builder
from traceability.documents.fact_figures import f1, facts, overlap
from traceability.documents.fields import read_fields
from traceability.documents.screening import screen_extracted

EMPTY = {"number": None, "dates": [], "parties": [], "items": [], "smelters": [], "claims": []}


def test_each_declared_value_counts_by_itself():
    item = {
        "mineral": "tin",
        "kg": 20000,
        "origin_country": None,
        "origin_region": None,
        "lot": "A-1",
        "tags": ["7", "9"],
    }
    said = list(facts({**EMPTY, "number": "7", "items": [item]}))
    assert said == [
        ("number", "7"), ("item mineral", "A-1", "tin"), ("item kg", "A-1", "20000"), ("item lot", "A-1", "A-1"),
        ("item tags", "A-1", "7 9"),
    ]  # fmt: skip


def test_a_wrong_value_is_missed_and_false_at_once():
    counts = overlap([("number", "7"), ("date", "issue", "2025-01-01")], [("number", "8")])
    assert counts == (0, 2, 1)
    assert f1([counts, (1, 1, 1)])["f1"] == 0.4
    assert f1([(0, 0, 0)])["f1"] is None


def form(*lines):
    builder = Builder("txt")
    text = "\n".join(lines)
    builder.page(text, [Block(1, "paragraph", 0, len(text))])
    return builder.finish()


def sheet(*rows):
    builder = Builder("xlsx")
    blocks, text = [], ""
    for row in rows:
        start, cells = len(text), []
        for at, cell in enumerate(row):
            text += "\t" if at else ""
            cells.append((len(text), len(text) + len(cell)))
            text += cell
        blocks.append(Block(1, "table_row", start, len(text), tuple(cells)))
        text += "\n"
    builder.page(text, blocks)
    return builder.finish()


def test_between_two_labelled_lines_an_everyday_word_is_a_label():
    read = read_fields(form("Exporter Andes Tin S.A.", "Mineral Tin concentrate", "Country of origin Bolivia"))
    assert ("mineral", "Tin concentrate") in {(field.name, field.value) for field in read}
    prose = read_fields(form("We wrote to them.", "Mineral Tin concentrate", "was never sent."))
    assert "mineral" not in {field.name for field in prose}


def test_a_row_that_adds_up_is_no_lot():
    rows = screen_extracted(sheet(
        ["Lot", "Description", "Net kg"], ["A-1", "Tin ingots", "200"], ["Total", "", "200"]
    ))["facts"]["items"]  # fmt: skip
    assert [(row["lot"], row["mineral"], row["kg"]) for row in rows] == [("A-1", "tin", "200")]


def test_the_lots_of_a_packing_list_that_names_smelters_are_items():
    read = screen_extracted(sheet(
        ["Lot", "Description", "Smelter", "Smelter ID", "Net kg", "Country of origin"],
        ["TOTAL-01", "Tin ingots", "Harbour Tin Works", "CID990112", "200", "Rwanda"],
        ["SUM/24/3", "Tin ingots", "Harbour Tin Works", "CID990112", "300", "Rwanda"],
        ["Total/Totaal", "Tin", "", "", "500", ""],
    ))["facts"]  # fmt: skip
    items = [(row["lot"], row["mineral"], row["kg"], row["origin_country"]) for row in read["items"]]
    assert items == [("TOTAL-01", "tin", "200", "RW"), ("SUM/24/3", "tin", "300", "RW")]
    assert {(row["name"], row["id"]) for row in read["smelters"]} == {("Harbour Tin Works", "CID990112")}


def test_the_country_beside_a_smelter_is_the_smelters_and_its_metal_no_item():
    read = screen_extracted(sheet(
        ["Metal", "Smelter name", "Smelter ID", "Country", "Status"],
        ["Tin", "Harbour Tin Works", "CID990112", "Malaysia", "Conformant"],
    ))["facts"]  # fmt: skip
    assert read["items"] == []
    (smelter,) = read["smelters"]
    assert (smelter["metal"], smelter["country"], smelter["id"]) == ("tin", "MY", "CID990112")
