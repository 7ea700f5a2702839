import pypdfium2
import pytest

from traceability.documents.extraction import extract
from traceability.documents.extraction.boxes import boxes
from traceability.documents.report import Report, finding_from_dict

LINES = ["Audit of the site", "Passports of eleven workers were held by", "the manager of the dormitory (\xe9t\xe9)."]


def shown(data, number, box):
    """The text pdfium finds in a rectangle of a page."""
    page = pypdfium2.PdfDocument(data)
    try:
        return page[number - 1].get_textpage().get_text_bounded(*box).strip()
    finally:
        page.close()


def test_a_passage_over_two_lines_has_a_rectangle_on_each(pdf):
    data = pdf([["First page."], LINES])
    text = extract(data, "a.pdf").pages[1][1]
    first, second = "eleven workers were held by", "the manager"
    start, end = text.index(first), text.index(second) + len(second)
    (found,) = boxes(data, [(2, start, end)])
    assert [shown(data, 2, box) for box in found] == [first, second]
    assert all(0 < left < right < 595 and 0 < bottom < top < 842 for left, bottom, right, top in found)
    assert [round(value, 2) for box in found for value in box] == [value for box in found for value in box]


@pytest.mark.parametrize("span", [(1, 3, 3), (1, 0, 10_000), (0, 0, 2), (9, 0, 2), (1, -1, 2)])
def test_what_is_not_in_the_text_has_none_and_the_order_is_kept(pdf, span):
    data = pdf([LINES])
    found = boxes(data, [span, (1, 0, 5), span])
    assert [len(each) for each in found] == [0, 1, 0]
    assert shown(data, 1, found[1][0]) == "Audit"


def test_findings_carry_them_and_stored_reports_without_are_read(sandbox, pdf):
    data = pdf([["Audit of the site.", "Nothing else stands on this page."], LINES])
    report = sandbox.screen(data, "a.pdf")
    (finding,) = report.findings
    assert finding.page == 2
    assert "workers" in " ".join(shown(data, 2, box) for box in finding.boxes)
    assert Report.from_dict(report.to_dict()) == report
    stored = report.to_dict()["findings"][0]
    del stored["boxes"]
    assert finding_from_dict(stored).boxes == ()
    assert [each.boxes for each in sandbox.screen("\n".join(LINES).encode(), "a.txt").findings] == [()]
