"""A passage with a sentence on either side, and a page with its findings marked: nothing lost, nothing invisible."""

from hypothesis import given
from hypothesis import strategies as st

from traceability.documents.passages import PART, marked, parts, passage
from traceability.documents.report import Finding, Page, Report

TEXT = "The pit was visited in May. Children aged 9 were washing ore there. The manager denied it. Done."


def finding(text, quote, sentence, page=1):
    start, first = text.index(quote), text.index(sentence)
    return Finding("r", 1, "k", "child_labour", "affirmed", "supplier", "major", quote, page, start, start + len(quote),
                   (first, first + len(sentence)))  # fmt: skip


def report(*pages, findings=()):
    made = tuple(Page(number, text) for number, text in enumerate(pages, 1))
    return Report("0" * 64, "parsed", None, "letter", "other", "en", made, None, "", findings=tuple(findings))


def test_the_sentence_of_a_quote_with_one_on_either_side():
    found = finding(TEXT, "aged 9", "Children aged 9 were washing ore there.")
    shown = passage(report(TEXT), found)
    assert (shown.before, shown.opening) == ("The pit was visited in May. ", "Children ")
    assert (shown.quote, shown.closing) == ("aged 9", " were washing ore there.")
    assert shown.after == " The manager denied it."


def test_of_a_form_without_full_stops_only_the_lines_beside_the_field_are_shown():
    form = "\n".join(f"Field {number}: x" for number in range(9))
    found = finding(form, "4: x", "4: x")
    shown = passage(report(form), found)
    assert shown.before == "Field 2: x\nField 3: x\nField "
    assert shown.after == "\nField 5: x\nField 6: x\nField 7: x\n"


def test_at_the_ends_of_a_text_there_is_nothing_on_that_side():
    shown = passage(report("Only this."), finding("Only this.", "Only", "Only this."))
    assert (shown.before, shown.after) == ("", "")


def test_overlapping_findings_share_their_piece():
    one, two = finding(TEXT, "aged 9 were", TEXT), finding(TEXT, "were washing", TEXT)
    whole = report(TEXT, findings=(one, two))
    pieces = marked(whole, parts(whole)[0])
    assert [(piece.text, piece.findings) for piece in pieces[1:4]] == [
        ("aged 9 ", (0,)), ("were", (0, 1)), (" washing", (1,)),
    ]  # fmt: skip


def test_what_shows_nothing_is_made_visible():
    whole = report("a\u202eb\x00c\n\td")
    assert marked(whole, parts(whole)[0])[0].text == "a\ufffdb\ufffdc\n\td"


@given(st.lists(st.text("ab \n.", max_size=60), min_size=1, max_size=4), st.data())
def test_the_pieces_of_all_parts_are_the_pages(pages, data):
    whole = report(*pages)
    text = whole.text
    spans = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=5))
    marks = [
        Finding("r", 1, "k", None, "affirmed", "own", "info", "", 1, min(s), max(s), (min(s), max(s))) for s in spans
    ]
    whole = report(*pages, findings=marks)
    said = ["".join(piece.text for piece in marked(whole, part)) for part in parts(whole)]
    assert said == pages


def test_a_long_page_comes_in_parts():
    cut = parts(report("x" * (2 * PART + 1), "y"))
    assert [(part.page, part.end - part.start) for part in cut] == [(1, PART), (1, PART), (1, 1), (2, 1)]
