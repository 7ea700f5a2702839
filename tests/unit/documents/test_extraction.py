import codecs
import io
import json
import zipfile

import pytest

from traceability.documents.extraction import archive, extract, magic
from traceability.documents.extraction.extracted import Builder, Extracted, Refused, storable
from traceability.documents.extraction.lines import blocks_of_lines
from traceability.documents.extraction.plain import decode
from traceability.documents.limits import MAX_PAGES


def kinds(text, *, wrapped):
    return [(block.kind, text[block.start : block.end]) for block in blocks_of_lines(text, wrapped=wrapped)]


def codes(extracted):
    return [note.code for note in extracted.notes]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"junk\n%PDF-1.4", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xx", "ole"),
        (b"\x89PNG\r\n\x1a\nxx", "image"),
        (b"PK\x03\x04broken", "zip"),
        (b"<!DOCTYPE html><p>", "html"),
        (b"From: a@b\nTo: c@d\nSubject: x\n\nHello", "eml"),
        (b"From: the manager\nDear all", "txt"),
        (b"Return-Path: <a@b>\r\nReceived: from c\r\n by d\r\nSubject: x\r\n\r\nHello", "eml"),
        (b"From: a\nTo: b\nA letter that is no mail.\n\nDear", "txt"),
        (b"\xef\xbb\xbf<html><p>x</p>", "html"),
        ("<html><p>x</p>".encode("utf-16"), "html"),
        ("Plain".encode("utf-32-be"), None),
        ("Grüße".encode("utf-16"), "txt"),
        (b"plain words", "txt"),
        (b"", None),
        (b"\x00\x01\x02", None),
        (b"\x01\x02\x03\x04 binary", None),
    ],
)
def test_magic_bytes_decide(data, kind):
    assert magic.detect(data) == kind


def test_an_extension_that_says_something_else_is_a_note():
    assert codes(extract(b"Some words.", "letter.pdf")) == ["extension_mismatch"]
    assert codes(extract(b"Some words.", "letter.txt")) == []


@pytest.mark.parametrize("data", [b"", b"{\\rtf1 x}", b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_other_types_are_refused_and_named(data):
    found = extract(data, "x")
    assert (found.outcome, found.reason) == ("rejected", "type")
    assert codes(found) == (["type_not_taken"] if data else [])


@pytest.mark.parametrize(
    ("text", "encoding", "notes"),
    [
        ("Größe", "utf-8", []),
        ("Größe", "utf-8-sig", []),
        ("Größe", "utf-16", []),
        ("Größe", "utf-32", []),
        ("Größe", "utf-16-le", ["encoding_guessed"]),
        ("Größe", "utf-16-be", ["encoding_guessed"]),
        ("Größe", "latin-1", ["encoding_guessed"]),
        ("the mine\u2019s \u201corigin\u201d", "cp1252", ["encoding_guessed"]),
        ("我们公司不使用童工,所有矿石的产地都有文件证明。", "gb18030", ["encoding_guessed"]),
    ],
)
def test_plain_text_in_many_encodings(text, encoding, notes):
    found = extract(text.encode(encoding), "a.txt")
    assert (found.outcome, found.text, codes(found)) == ("parsed", text, notes)


INCIDENT = b"Children of seven were found working in the pit at Rubaya. "


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
@pytest.mark.parametrize("end", [b"", b"x", b"\xff"])
def test_a_mark_that_would_hide_plain_words_is_refused(mark, end):
    assert extract(mark + INCIDENT + end, "a.txt").reason == "broken"


@pytest.mark.parametrize("text", ["矿山没有使用童工,我们的产地是有文件的。", "тантал из Руанды", "鉱石はルワンダで"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_text_of_other_scripts_is_read(text, encoding):
    assert extract(text.encode(encoding), "a.txt").text == text


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-7", "cp037", "utf-16"])
def test_a_head_that_would_hide_plain_words_is_not_believed(charset):
    assert decode(INCIDENT, Builder("txt"), charset) == INCIDENT.decode()


def test_a_text_that_breaks_its_own_encoding_is_read_with_marks_and_said():
    found = extract("Grube".encode("utf-16") + b"\xd8", "a.txt")
    assert (found.text, codes(found)) == ("Grube\ufffd", ["encoding_broken"])


def test_an_office_file_with_a_password_is_said_to_be_encrypted():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert extract(data, "a.xlsx").reason == "encrypted"


def test_form_feeds_make_pages():
    found = extract(b"one\ftwo", "a.txt")
    assert found.pages == ((1, "one"), (2, "two"))
    assert [found.text[block.start : block.end] for block in found.blocks] == ["one", "two"]


def test_too_many_pages_are_a_limit():
    assert extract(b"a\f" * (MAX_PAGES + 1), "a.txt").reason == "limit"


def test_a_pdf_has_pages_and_blocks_that_point_into_the_text(pdf):
    found = extract(
        pdf([["A title", "First sentence of a", "wrapped paragraph.", "\u2022 a bullet"], ["3. Findings", "More."]]),
        "a.pdf",
    )
    assert [number for number, _ in found.pages] == [1, 2]
    assert [(block.page, block.kind) for block in found.blocks] == [
        (1, "heading"),
        (1, "paragraph"),
        (1, "list_item"),
        (2, "heading"),
        (2, "paragraph"),
    ]
    assert found.text[found.blocks[1].start : found.blocks[1].end] == "First sentence of a\nwrapped paragraph."


def test_scripts_and_launch_actions_are_noted_and_not_run(pdf):
    script = pdf(
        [["Enough words on this page."]],
        extra_catalog=b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert\\(1\\)) >>] >> >>",
    )
    assert codes(extract(script, "a.pdf")) == ["script"]
    launch = pdf(
        [["Enough words on this page."]],
        annots=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A << /S /Launch /F (calc.exe) >> >>]",
    )
    assert codes(extract(launch, "a.pdf")) == ["launch_action"]


def test_embedded_files_are_noted_by_name(pdf):
    data = pdf(
        [["Enough words on this page."]],
        extra_catalog=b"/Names << /EmbeddedFiles << /Names [(evil.exe) 5 0 R] >> >>",
        extra_objects=(
            b"<< /Type /Filespec /F (evil.exe) /UF (evil.exe) /EF << /F 6 0 R >> >>",
            b"<< /Type /EmbeddedFile /Length 3 >>\nstream\nabc\nendstream",
        ),
    )
    found = extract(data, "a.pdf")
    assert codes(found) == ["embedded_file"]
    assert "evil.exe" in found.notes[0].message


def test_a_broken_pdf_is_broken():
    assert extract(b"%PDF-1.4\nnothing else", "a.pdf").reason == "broken"


def test_word_headings_lists_tables_and_merged_cells(docx_file):
    def build(document):
        document.add_heading("Terms", 1)
        document.add_paragraph("Never:")
        document.add_paragraph("one", style="List Bullet")
        table = document.add_table(rows=1, cols=3)
        for cell, text in zip(table.rows[0].cells, ("a", "b", "c"), strict=True):
            cell.text = text
        table.rows[0].cells[0].merge(table.rows[0].cells[1])
        document.sections[0].footer.paragraphs[0].text = "Page foot"

    found = extract(docx_file(build), "a.docx")
    assert [(block.kind, found.text[block.start : block.end]) for block in found.blocks] == [
        ("heading", "Terms"),
        ("paragraph", "Never:"),
        ("list_item", "one"),
        ("table_row", "a b\tc"),
        ("paragraph", "Page foot"),
    ]
    row = found.blocks[3]
    assert [found.text[start:end] for start, end in row.cells] == ["a b", "c"]


def test_nested_tables_are_read(docx_file):
    def build(document):
        outer = document.add_table(rows=1, cols=1)
        outer.rows[0].cells[0].add_table(rows=1, cols=1).rows[0].cells[0].text = "inside"

    assert "inside" in extract(docx_file(build), "a.docx").text


def test_macros_are_a_note(docx_file, enlarged):
    data = enlarged(docx_file(lambda document: document.add_paragraph("x")), {"word/vbaProject.bin": b"x"})
    found = extract(data, "a.docm")
    assert (found.outcome, codes(found)) == ("parsed", ["macro"])


def test_macro_sheets_and_embedded_objects_are_notes(docx_file, enlarged):
    parts = {"xl/macrosheets/sheet1.xml": b"<x/>", "word/embeddings/oleObject1.bin": b"x", "word/activeX/a.bin": b"y"}
    found = extract(enlarged(docx_file(lambda document: document.add_paragraph("x")), parts), "a.docx")
    assert (found.outcome, codes(found)) == ("parsed", ["macro", "embedded_file"])
    assert "2 embedded object(s), not opened: oleobject1.bin, a.bin" in found.notes[1].message


REL = b'<Relationships><Relationship Id="r1" Type="http://x/%s" Target="http://evil.example/a" TargetMode="External"/></Relationships>'


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"word/media/big.bin": b"0" * 30_000_000}, "archive_expansion_limit"),
        ({"word/embeddings/inner.docx": b"PK"}, "external_content"),
        ({"word/_rels/other.xml.rels": REL % b"attachedTemplate"}, "external_content"),
        ({f"word/{index}.xml": b"" for index in range(2_001)}, "limit"),
    ],
)
def test_archives_are_judged_before_they_are_opened(docx_file, enlarged, entries, reason):
    data = enlarged(docx_file(lambda document: document.add_paragraph("x")), entries)
    found = extract(data, "a.docx")
    assert (found.outcome, found.reason) == ("rejected", reason)


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/">]>',
        b'<!DOCTYPE x [<!ENTITY b "lol"><!ENTITY a "&b;&b;&b;&b;">]>',
        b"<!DOCTYPE x>",
    ],
)
def test_a_document_type_is_refused_and_no_text_hides_in_it(docx_file, declared):
    """XXE and entity expansion: nothing is fetched or expanded, and what would be left out is not called read."""
    source = zipfile.ZipFile(io.BytesIO(docx_file(lambda document: document.add_paragraph("PLACE"))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        for member in source.infolist():
            body = source.read(member)
            if member.filename == "word/document.xml":
                body = body.replace(b"<w:document", declared + b"<w:document", 1)
                body = body.replace(b"PLACE", b"&a;") if b"ENTITY" in declared else body
            changed.writestr(member, body)
    found = extract(out.getvalue(), "a.docx")
    assert (found.outcome, found.reason) == ("rejected", "broken")


def test_a_hyperlink_is_no_external_content(docx_file, enlarged):
    data = enlarged(
        docx_file(lambda document: document.add_paragraph("x")),
        {"word/_rels/o.xml.rels": REL % b"relationships/hyperlink"},
    )
    assert extract(data, "a.docx").outcome == "parsed"


def test_a_total_above_the_limit_is_refused(monkeypatch, docx_file):
    monkeypatch.setattr(archive, "MAX_TOTAL", 1_000)
    assert (
        extract(docx_file(lambda document: document.add_paragraph("x")), "a.docx").reason == "archive_expansion_limit"
    )


def test_an_encrypted_archive_is_said_to_be_encrypted(docx_file):
    data = bytearray(docx_file(lambda document: document.add_paragraph("x")))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert extract(bytes(data), "a.docx").reason == "encrypted"


def test_large_relationships_are_a_limit(monkeypatch, docx_file):
    monkeypatch.setattr(archive, "_RELATIONSHIPS_MAX", 10)
    assert extract(docx_file(lambda document: document.add_paragraph("x")), "a.docx").reason == "limit"


def test_a_broken_archive_is_broken():
    with pytest.raises(Refused) as caught:
        archive.check(b"PK\x03\x04 no directory", Builder("docx"))
    assert caught.value.reason == "broken"


def test_other_office_files_are_recognised():
    for part, kind in (("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx"), ("other.txt", "zip")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as opened:
            opened.writestr(part, b"x")
        assert magic.detect(out.getvalue()) == kind


def test_what_the_child_sends_is_read_back():
    found = extract(b"a\tb\n\n- item\n", "a.txt")
    assert Extracted.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_typed_lines():
    text = "LIST OF RULES\n- one\n- two\nExporter: X\nImporter: Y\n\nA sentence that is long enough to run over\nthe end of a line.\na | b | c"
    assert [kind for kind, _ in kinds(text, wrapped=False)] == [
        "heading", "list_item", "list_item", "paragraph", "paragraph", "paragraph", "table_row",
    ]  # fmt: skip


def test_comma_separated_values_are_rows_and_letters_are_not():
    found = extract(b"lot;kg;origin\nA-1;1,5;Bolivia\n\nA-2;2;\n", "a.csv")
    assert [[found.text[start:end] for start, end in block.cells] for block in found.blocks] == [
        ["lot", "kg", "origin"],
        ["A-1", "1,5", "Bolivia"],
        ["A-2", "2", ""],
    ]
    assert {block.kind for block in found.blocks} == {"table_row"}
    letter = extract(b"Dear all,\nwe sell tin, zinc, and lead.\nYours,\n", "a.txt")
    assert "table_row" not in {block.kind for block in letter.blocks}


def test_rows_of_a_table_in_a_pdf():
    text = "Findings\nF-01 Major Wages of six\ndrivers withheld.\nClosed in May\nF-02 Minor Log kept\non paper.\nOpen"
    assert [kind for kind, _ in kinds(text, wrapped=True)] == ["heading", "table_row", "table_row"]


def test_characters_no_database_keeps_are_replaced_one_by_one():
    text = "Letter. " * 600 + "carrying \x00 ore"
    found = extract(text.encode(), "letter.txt")
    assert found.outcome == "parsed"
    assert found.text == text.replace("\x00", " ")
    assert storable("a\ud800b\x00c") == "a\ufffdb c"
