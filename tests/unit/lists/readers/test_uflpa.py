"""The reader of a saved page of the UFLPA Entity List."""

import pytest

from traceability.errors import InvalidInput
from traceability.lists.readers import uflpa

PAGE = """<html><script>Section 2(d)(2)(B)(iv) <table></script><h2>Section 2(d)(2)(B)({clause})</h2>
<table><tr><th>Name of Entity</th><th>Effective Date</th></tr>{rows}</table></html>"""


def page(*rows, clause="ii"):
    return PAGE.format(clause=clause, rows="".join(f"<tr>{row}</tr>" for row in rows)).encode()


def test_one_company_under_two_clauses_is_two_entries():
    row = "<td>Alpha Co.,&nbsp;Ltd.</td><td>August 9, 2024</td>"
    reading = uflpa.read(page(row) + page(row.replace("August 9, 2024", "November 25, 2024"), clause="v"))
    assert [(entry.name, entry.extra["clause"], entry.valid_from.isoformat()) for entry in reading.entries] == [
        ("Alpha Co., Ltd.", "(ii)", "2024-08-09"),
        ("Alpha Co., Ltd.", "(v)", "2024-11-25"),
    ]
    assert len({entry.entry_key for entry in reading.entries}) == 2


def test_named_subsidiaries_are_listed_and_the_rule_waits_for_a_person():
    cell = "Alpha and its eight subsidiaries, which include Beta Co., Ltd., and Gamma Inc."
    reading = uflpa.read(page(f"<td>{cell}</td><td>June 12, 2023</td>"))
    assert [(entry.name, entry.extra.get("subsidiary_of")) for entry in reading.entries] == [
        ("Alpha", None),
        ("Beta Co., Ltd.", "Alpha"),
        ("Gamma Inc.", "Alpha"),
    ]
    assert [(question.field, question.lost) for question in reading.review] == [("subsidiaries", "yes")]


@pytest.mark.parametrize(
    "row",
    [
        "<td>Alpha</td>",
        "<td>Alpha</td><td>soon</td>",
        "<td></td><td>June 12, 2023</td>",
        "<td>Alpha</td><td>June 12, 2023</td><td>more</td>",
        f"<td>{'A' * 5000}</td><td>June 12, 2023</td>",
    ],
)
def test_rows_that_cannot_be_read_wait_for_review(row):
    reading = uflpa.read(page(row, "<td>Beta</td><td>2023-06-12</td>"))
    assert [entry.name for entry in reading.entries] == ["Beta"]
    assert [question.lost for question in reading.review] == ["yes"]


def test_a_table_without_its_clause_waits_for_review():
    data = page("<td>Alpha</td><td>June 12, 2023</td>").replace(b"2(d)(2)(B)(ii)", b"")
    assert (uflpa.read(data).entries, len(uflpa.read(data).review)) == ([], 1)


@pytest.mark.parametrize(
    "data", [b"", b"<html>Access denied</html>", b"<table><tr><td>1</td></tr></table>", b"\xff\x00"]
)
def test_a_page_that_is_not_the_list_is_refused(data):
    with pytest.raises(InvalidInput, match="save the page from a browser"):
        uflpa.read(data)
