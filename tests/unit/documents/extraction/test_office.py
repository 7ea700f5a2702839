import io
import zipfile

import pytest

from traceability.documents.extraction import extract

TEXT = "Miners were beaten at the pit."
RUN = f"<w:r><w:t>{TEXT}</w:t></w:r>"
P = f"<w:p>{RUN}</w:p>"
BOX = f"<w:r><w:pict><w:txbxContent>{P}</w:txbxContent></w:pict></w:r>"
CELL = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"


@pytest.fixture
def with_body(docx_file):
    """A DOCX whose body is given as WordprocessingML; the package is stored, not compressed."""

    def make(body, more=()):
        source = zipfile.ZipFile(io.BytesIO(docx_file(lambda document: document.add_paragraph("PLACE"))))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                part = source.read(name)
                if name == "word/document.xml":
                    part = part.replace(b"<w:p><w:r><w:t>PLACE</w:t></w:r></w:p>", body.encode())
                target.writestr(name, part)
            for name, part in more:
                target.writestr(name, part)
        return out.getvalue()

    return make


@pytest.mark.parametrize(
    "body",
    [
        f"<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>{P}</w:sdtContent></w:sdt>",
        f"<w:p><w:sdt><w:sdtContent>{RUN}</w:sdtContent></w:sdt></w:p>",
        f"<w:p><w:ins>{RUN}</w:ins></w:p>",
        f"<w:p><w:fldSimple w:instr='x'>{RUN}</w:fldSimple></w:p>",
        f"<w:p><w:smartTag>{RUN}</w:smartTag></w:p>",
        f"<w:p>{BOX}{BOX}</w:p>",
        f"<w:sdt><w:sdtContent><w:sdt><w:sdtContent>{P}</w:sdtContent></w:sdt></w:sdtContent></w:sdt>",
    ],
)
def test_content_controls_insertions_fields_and_text_boxes_are_read_once(with_body, body):
    found = extract(with_body(body), "a.docx")
    assert (found.outcome, found.text) == ("parsed", TEXT)
    assert [found.text[block.start : block.end] for block in found.blocks] == [TEXT]


def test_rows_and_cells_in_content_controls_keep_their_columns(with_body):
    inner = f"<w:sdt><w:sdtContent>{CELL.format('A-1')}</w:sdtContent></w:sdt>"
    row = f"<w:sdt><w:sdtContent><w:tr>{inner}{CELL.format('Bolivia')}</w:tr></w:sdtContent></w:sdt>"
    found = extract(with_body(f"<w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>{row}</w:tbl>"), "a.docx")
    assert [(block.kind, found.text[block.start : block.end]) for block in found.blocks] == [
        ("table_row", "A-1\tBolivia")
    ]


@pytest.mark.parametrize("part", ["footnotes", "endnotes", "comments"])
def test_notes_and_comments_are_read(with_body, part):
    beside = f'<w:x xmlns:w="urn:w"><w:y>{P}</w:y></w:x>'
    found = extract(with_body("<w:p/>", [(f"word/{part}.xml", beside)]), "a.docx")
    assert (found.outcome, found.text) == ("parsed", TEXT)


def test_deleted_text_is_not_read(with_body):
    body = f"<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>{RUN}</w:p>"
    assert extract(with_body(body), "a.docx").text == TEXT


def test_two_hundred_thousand_nested_elements_are_a_limit(with_body):
    found = extract(with_body("<w:x>" * 200_000 + "</w:x>" * 200_000), "a.docx")
    assert (found.outcome, found.reason) == ("rejected", "limit")


def test_pictures_with_hardly_a_word_are_unread(with_body):
    found = extract(with_body("<w:p><w:r><w:t>Scan 1</w:t></w:r></w:p>", [("word/media/image1.png", b"x")]), "a.docx")
    assert (found.outcome, found.reason, found.unread) == ("needs_ocr", "no_text_layer", (1,))
