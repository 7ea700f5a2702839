import base64
import io

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from traceability.documents import ocr
from traceability.documents.extraction import extract
from traceability.documents.extraction.pictures import picture

# It reads nothing: it says what it was asked and what it may do, as a tesseract that recognises this would.
FAKE = """#!/bin/sh
if [ "$1" = --list-langs ]; then printf 'List of available languages (3):\\neng\\nfra\\nosd\\n'; exit 0; fi
read -r magic wide high most
printf 'Audit of the site.\\nMiners were beaten at the pit in Kolwezi.\\n%s %s %s\\n' "$magic" "$4" "$OMP_THREAD_LIMIT"
echo x > written.txt 2>/dev/null && printf 'wrote a file\\n'
printf '\\f'
"""


@pytest.fixture
def scanned(pdf):
    """A PDF of a page with text and one that is a picture of 2 by 2 dots."""
    data = pdf([["Enough words on this first page."], [""]])
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    drawn = DecodedStreamObject()
    drawn.set_data(b"\x00\xff\xff\x00")
    drawn.update(
        {
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(2),
            NameObject("/Height"): NumberObject(2),
            NameObject("/ColorSpace"): NameObject("/DeviceGray"),
            NameObject("/BitsPerComponent"): NumberObject(8),
        }
    )
    page = writer.pages[1]
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/I0"): writer._add_object(drawn)})}
    )
    content = DecodedStreamObject()
    content.set_data(b"q 500 0 0 700 50 50 cm /I0 Do Q")
    page[NameObject("/Contents")] = writer._add_object(content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def tesseract(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text(FAKE)
    program.chmod(0o755)
    monkeypatch.setattr(ocr, "program", lambda: str(program))
    return str(program)


def test_without_tesseract_a_scan_is_a_page_nobody_has_read(sandbox, scanned, monkeypatch):
    monkeypatch.setattr(ocr, "program", lambda: None)
    report = sandbox.screen(scanned, "a.pdf")
    assert (report.outcome, report.reason, report.unread_pages, report.findings) == (
        "needs_ocr",
        "no_text_layer",
        (2,),
        (),
    )


@pytest.mark.usefixtures("tesseract")
def test_what_it_recognises_is_found_and_the_page_is_still_unread(sandbox, scanned):
    report = sandbox.screen(scanned, "a.pdf")
    assert (report.outcome, report.unread_pages, report.facts_type) == ("needs_ocr", (2,), "other")
    assert report.pages[1].text.splitlines()[1:] == ["Miners were beaten at the pit in Kolwezi.", "P5 eng+fra 1"]
    (found,) = report.findings
    assert (found.topic, found.page, found.boxes) == ("ILO-05", 2, ())
    assert report.text[found.start : found.end].split() == found.quote.split()
    assert [(note.code, note.page) for note in report.notes] == [("ocr", 2)]


def test_a_recogniser_that_fails_or_takes_too_long_reads_nothing(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    grey = base64.b64encode(b"P5 1 1 255\n\x00").decode()
    assert ocr.read(str(program), "eng", grey) == ""
    assert ocr.languages(str(program)) == "eng"
    program.write_text("#!/bin/sh\nwhile :; do :; done\n")
    monkeypatch.setattr(ocr, "_SECONDS", 0.5)
    assert ocr.read(str(program), "eng", grey) == ""
    assert ocr.read(str(tmp_path / "none"), "eng", grey) == ""


def test_a_page_as_a_picture_and_one_too_large_made_smaller(pdf):
    head = base64.b64decode(picture(pdf([["Words."]]), 1)).split(b"\n", 1)
    assert head[0] == b"P5 1653 2339 255"
    assert len(head[1]) == 1653 * 2339
    large = pdf([["Words."]]).replace(b"[0 0 595 842]", b"[0 0 9999 9999]")
    assert len(base64.b64decode(picture(large, 1))) < 12_100_000


def test_pages_not_recognised_keep_their_blocks():
    before = extract(b"one\ttwo\n\fthree", "a.txt")
    after = ocr.with_text(before.to_dict(), {2: "  "})
    assert after["blocks"] == before.to_dict()["blocks"]
    assert after["pages"] == before.to_dict()["pages"]


@pytest.mark.skipif(ocr.program() is None, reason="tesseract is not installed here")
def test_a_real_tesseract_reads_a_page_that_is_a_picture(pdf):
    program = ocr.program() or ""
    data = pdf([["Passports were withheld at the mine."]])
    text = ocr.read(program, ocr.languages(program), picture(data, 1))
    assert "passports" in text.lower()
