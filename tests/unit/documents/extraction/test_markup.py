import time

import pytest

from traceability.documents.extraction import extract
from traceability.documents.extraction.markup import MAX_NESTING


def html(body, head=""):
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def blocks(found):
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_headings_paragraphs_lists_and_tables():
    found = extract(
        html(
            "<h2>What we\n found</h2><p>Wages were <b>with</b>held.<br>Twice &amp; again.<ul><li>one<li><p>two</p></ul>"
            "<table><tr><th>Lot<th>Origin<tr><td>A-1<td><p>Bolivia</p><p>Potos&iacute;</p></table>tail",
            "<title>not text</title><style>p{}</style>",
        ),
        "a.html",
    )
    assert found.outcome == "parsed"
    assert blocks(found) == [
        ("heading", "What we found"),
        ("paragraph", "Wages were withheld."),
        ("paragraph", "Twice & again."),
        ("list_item", "one"),
        ("list_item", "two"),
        ("table_row", "Lot\tOrigin"),
        ("table_row", "A-1\tBolivia Potosí"),
        ("paragraph", "tail"),
    ]
    row = found.blocks[6]
    assert [found.text[start:end] for start, end in row.cells] == ["A-1", "Bolivia Potosí"]


def test_tables_for_layout_are_paragraphs_and_inner_tables_keep_their_rows():
    inner = "<table><tr><td>Lot<td>A-1</table>"
    found = extract(html(f"<table><tr><td><p>Dear all,</p><p>see below.</p>{inner}after</table>"), "a.html")
    assert blocks(found) == [
        ("paragraph", "Dear all,"),
        ("paragraph", "see below."),
        ("table_row", "Lot\tA-1"),
        ("paragraph", "after"),
    ]


def test_scripts_and_embedded_pages_are_notes_and_hidden_text_is_read():
    body = '<p style="display:none">Children washed the ore.</p><script>alert("x")</script><p onclick="y()">b</p><iframe src="//evil.example"></iframe>'
    found = extract(html(body), "a.html")
    assert [note.code for note in found.notes] == ["script", "embedded_file"]
    assert "2 script(s)" in found.notes[0].message
    assert found.text == "Children washed the ore.\nb"


@pytest.mark.parametrize("unclosed", ["<div>", "<span>", "<table><tr><td>", "<ul><li>"])
def test_nesting_without_measure_is_a_limit_soon(unclosed):
    started = time.monotonic()
    found = extract(html(unclosed * 200_000 + "x"), "a.html")
    assert (found.outcome, found.reason) == ("rejected", "limit")
    assert time.monotonic() - started < 5


def test_what_is_never_closed_or_closed_too_often_is_no_nesting():
    found = extract(html("<p>word " * (3 * MAX_NESTING) + "</div>" * 10 + "end<br>" * 5), "a.html")
    assert (found.outcome, len(found.blocks)) == ("parsed", 3 * MAX_NESTING + 5)


def test_the_encoding_is_the_one_the_head_names():
    data = '<html><head><meta charset="windows-1251"></head><body><p>принудительный труд'.encode("cp1251")
    assert extract(data, "a.html").text == "принудительный труд"
    assert extract(data.replace(b"windows-1251", b"no-such-thing"), "a.html").outcome == "parsed"


def test_a_page_of_pictures_is_unread():
    found = extract(html('<img src="scan.png">'), "a.html")
    assert (found.outcome, found.reason, found.unread) == ("needs_ocr", "no_text_layer", (1,))


@pytest.mark.parametrize("tail", ["<p", "<!-- open", "<![CDATA[wages withheld", "&#x110000;", "</", "<a href='", "<!x"])
def test_broken_ends_lose_nothing_before_them(tail):
    found = extract(b"<html><body><p>Children washed the ore." + tail.encode(), "a.html")
    assert found.outcome == "parsed"
    assert found.text.startswith("Children washed the ore.")
