import io

import pypdf
import pytest

from traceability.documents.extraction import extract
from traceability.documents.limits import MAX_PAGES

WORDS = "Passports of eleven workers were held by the manager."


def codes(found):
    return [note.code for note in found.notes]


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"/Count 1", b"/Count 9"), (b"/Root 1 0 R", b"/Root 9 0 R"), (b"1 0 obj", b"1 0 0bj")],
)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_is_read_by_the_second_reader_and_said_to_be(pdf, old, new):
    found = extract(pdf([[WORDS]]).replace(old, new), "a.pdf")
    assert (found.outcome, found.text.strip(), codes(found)) == ("parsed", WORDS, ["damaged"])
    assert found.text[found.blocks[0].start : found.blocks[0].end] == WORDS


def test_findings_of_a_damaged_file_have_no_places(sandbox, pdf):
    lines = ["Audit of the site.", WORDS]
    whole, damaged = pdf([lines]), pdf([lines]).replace(b"/Root 1 0 R", b"/Root 9 0 R")
    assert [bool(each.boxes) for each in sandbox.screen(whole, "a.pdf").findings] == [True]
    assert [bool(each.boxes) for each in sandbox.screen(damaged, "a.pdf").findings] == [False]


def test_what_neither_reads_is_broken(pdf):
    data = pdf([[WORDS]])
    assert extract(data.replace(b"/Pages 2 0 R", b"/Pages 9 0 R"), "a.pdf").reason == "broken"
    assert extract(data[: len(data) // 2], "a.pdf").reason == "broken"


def test_a_damaged_file_with_a_password_is_encrypted(pdf):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([[WORDS]])))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    locked = out.getvalue()
    assert extract(locked, "a.pdf").reason == "encrypted"
    assert extract(locked.replace(b"/V 2", b"/V 9").replace(b"/R 3", b"/R 9"), "a.pdf").reason == "encrypted"


def test_ten_thousand_pages_are_a_limit_at_once():
    writer = pypdf.PdfWriter()
    for _ in range(10_000):
        writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    found = extract(out.getvalue(), "a.pdf")
    assert (found.outcome, found.reason) == ("rejected", "limit")
    assert MAX_PAGES < 10_000


def test_scripts_that_begin_by_themselves_are_noted(pdf):
    data = pdf([[WORDS]], extra_catalog=b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")
    assert codes(extract(data, "a.pdf")) == ["script"]
