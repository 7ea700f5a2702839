import io
import zipfile

import pytest

from traceability.documents.extraction import extract
from traceability.documents.extraction.packages import MAX_NESTING

NS = 'xmlns:a="urn:a" xmlns:p="urn:p" xmlns:r="urn:r"'
PICTURE = "<p:pic/>"


def said(text, place=""):
    return f"<p:sp>{place}<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


TITLE = '<p:nvSpPr><p:ph type="title"/></p:nvSpPr>'
TABLE = "<a:tbl>{}</a:tbl>".format(
    "".join(
        "<a:tr>" + "".join(f"<a:tc><a:p><a:t>{cell}</a:t></a:p></a:tc>" for cell in row) + "</a:tr>"
        for row in (("Lot", "Origin"), ("A-1", "Bolivia"))
    )
)


def presentation(*slides, order=None, notes="", extra=()):
    """A package of slides; ``order`` is the order they are shown in, ``notes`` belong to the first."""
    order = order or range(1, len(slides) + 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        ids = "".join(f'<p:sldId r:id="r{n}"/>' for n in order)
        opened.writestr("ppt/presentation.xml", f"<p:presentation {NS}>{ids}</p:presentation>")
        rels = "".join(
            f'<Relationship Id="r{n}" Type="x/relationships/slide" Target="slides/slide{n}.xml"/>'
            for n in range(1, len(slides) + 1)
        )
        opened.writestr("ppt/_rels/presentation.xml.rels", f"<Relationships>{rels}</Relationships>")
        for number, body in enumerate(slides, start=1):
            opened.writestr(f"ppt/slides/slide{number}.xml", f"<p:sld {NS}>{body}</p:sld>")
        if notes:
            opened.writestr(
                "ppt/slides/_rels/slide1.xml.rels",
                '<Relationships><Relationship Id="n" Type="x/notesSlide" Target="../notesSlides/n1.xml"/></Relationships>',
            )
            opened.writestr("ppt/notesSlides/n1.xml", f"<p:notes {NS}>{said(notes)}</p:notes>")
        for name, body in extra:
            opened.writestr(name, body)
    return out.getvalue()


def test_slides_in_the_order_shown_with_titles_tables_and_notes():
    data = presentation(
        said("Audit of the site", TITLE) + said("Two points were raised.") + TABLE,
        said("First slide shown, written second."),
        order=(2, 1),
        notes="Wages were withheld.",
    )
    found = extract(data, "a.pptx")
    assert found.outcome == "parsed"
    assert [(block.page, block.kind, found.text[block.start : block.end]) for block in found.blocks] == [
        (1, "paragraph", "First slide shown, written second."),
        (2, "heading", "Audit of the site"),
        (2, "paragraph", "Two points were raised."),
        (2, "table_row", "Lot\tOrigin"),
        (2, "table_row", "A-1\tBolivia"),
        (2, "paragraph", "Wages were withheld."),
    ]
    assert [found.text[start:end] for start, end in found.blocks[4].cells] == ["A-1", "Bolivia"]


def test_a_slide_nobody_is_shown_is_read_too():
    assert "hidden" in extract(presentation(said("shown"), said("hidden"), order=(1,)), "a.pptx").text


def test_a_slide_that_is_a_picture_is_unread():
    found = extract(presentation(said("Enough words on this one."), PICTURE), "a.pptx")
    assert (found.outcome, found.reason, found.unread) == ("needs_ocr", "no_text_layer", (2,))


@pytest.mark.parametrize(
    ("slide", "reason"),
    [
        ("<a:p>" * 200_000 + "</a:p>" * 200_000, "limit"),
        ("<a:p>" * (MAX_NESTING + 1) + "</a:p>" * (MAX_NESTING + 1), "limit"),
        ("<a:p>never ended", "broken"),
    ],
)
def test_nesting_without_measure_is_a_limit_and_no_xml_is_broken(slide, reason):
    assert extract(presentation(said("x") + slide), "a.pptx").reason == reason


@pytest.mark.parametrize("place", [b"", b"<!--" + b"x" * 5_000 + b"-->"])
def test_a_document_type_is_refused_also_behind_a_comment(place):
    slide = place + b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert extract(presentation(said("x"), extra=[("ppt/slides/slide9.xml", slide)]), "a.pptx").reason == "broken"


def test_a_package_without_its_presentation_is_broken():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        opened.writestr("ppt/slides/slide1.xml", "<x/>")
    assert extract(out.getvalue(), "a.pptx").reason == "broken"
