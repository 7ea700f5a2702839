"""A report is a tagged PDF/A-3 with its data attached, the same bytes each time, and text stays text."""

import io
import json
import subprocess
from datetime import UTC, datetime
from importlib import resources
from itertools import pairwise

import pypdf
import pypdfium2
import pytest

from traceability.errors import Unavailable
from traceability.services.evidence import typeset as room
from traceability.services.evidence.blocks import Column, heading, items, rows, table, text
from traceability.services.evidence.shown import MARK
from traceability.services.evidence.typeset import typeset

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOSTILE = '#evil[] *bold* _x_ `raw` $x^2$ <label> @ref // c /* c */ \\ " #{panic("x")} = head - item + item ~ --'


def content(*said, lines=()):
    blocks = [heading("Names"), items(said), rows([("Label", list(said))]), *map(text, said)]
    blocks.append(table([Column("A"), Column("B", 3, "end")], [[one, one] for one in (*said, *lines)]))
    return {
        "title": "Evidence", "subtitle": "sub", "footer": "foot", "lead": list(said), "bound": "bound",
        "sections": [{"title": "Policy", "blocks": blocks}], "appendix": [],
    }  # fmt: skip


def words(pdf):
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage() for page in document]
    said = "".join(page.get_text_bounded() for page in pages)
    for page in pages:
        page.close()
    document.close()
    return "".join(said.replace("\u200b", "").split())


def squeezed(said):
    return "".join(said.split())


def test_it_is_a_tagged_pdf_a_3_with_the_data_attached():
    data = json.dumps({"format": "x", "name": "矿"})
    reader = pypdf.PdfReader(io.BytesIO(typeset(content("x"), data, AT)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    metadata = root["/Metadata"].get_data().decode()
    for said in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert said in metadata
    attached = root["/AF"][0].get_object()
    assert (attached["/F"], attached["/AFRelationship"]) == ("evidence.json", "/Data")
    assert reader.attachments["evidence.json"] == [data.encode()]
    assert reader.metadata.creation_date == AT
    fonts = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("Libertinus" in name or "DejaVu" in name for name in fonts)


def test_the_same_content_gives_the_same_bytes():
    assert typeset(content("x", "Ελλ"), "{}", AT) == typeset(content("x", "Ελλ"), "{}", AT)


def test_what_looks_like_markup_stays_text():
    assert squeezed(HOSTILE) in words(typeset(content(HOSTILE), json.dumps(HOSTILE), AT))


@pytest.mark.parametrize(
    "name", ["Łódź Żółć Nguyễn Việt İğ", "ООО «Ромашка» Қазақстан Ґєї", "Ελληνική Ναυτιλία", "Երևան", "თბილისი"]
)
def test_names_are_set_in_their_own_letters(name):
    said = words(typeset(content(name), "{}", AT))
    assert squeezed(name) in said
    assert squeezed(MARK) not in said


def test_arabic_and_hebrew_are_set():
    said = words(typeset(content("شركة التعدين", "מכרה"), "{}", AT))
    assert squeezed(MARK) not in said
    assert any("\u0590" < one < "\u0600" for one in said)
    assert any("\u0600" < one < "\u06ff" or "\ufb50" < one < "\ufeff" for one in said)


def test_other_scripts_are_transliterated_and_say_so():
    said = words(typeset(content("江苏多晶硅有限公司", "खान"), "{}", AT))
    assert squeezed(f"JiangSuDuoJingGuiYouXianGongSi {MARK}") in said
    assert "evidence.json,attached" in said


@pytest.mark.parametrize(
    "name",
    [
        "a\u202egnp.exe",
        "zero\u200bwidth",
        "nul\x00",
        "x\ud7ff\ue000",
        "🪨 ore",
        "e\u0301\u0301\u0489\u20dd",
        "ـ\u0301a\u0651",
    ],
)
def test_no_text_stops_a_report(name):
    said = words(typeset(content(name, lines=[name * 300]), json.dumps(name), AT))
    assert "Policy" in said
    assert "\u202e" not in said


def test_a_combination_that_cannot_be_set_is_transliterated(monkeypatch):
    monkeypatch.setattr("traceability.services.evidence.shown._glyphs", lambda: frozenset("矿é"))
    assert squeezed(f"Kuang e {MARK}") in words(typeset(content("矿 é"), "{}", AT))


def test_the_table_of_characters_holds_what_the_fonts_can_set():
    from traceability.services.evidence.shown import _glyphs

    said = "".join(sorted(one for one in _glyphs()))
    assert len(said) > 3000
    done = room._run(
        {
            "data": json.dumps({**content(*said.split("M")), "at": [2026, 1, 1, 0, 0, 0], "transliterated": False}),
            "evidence": "{}",
            "at": 0,
        }
    )
    assert done.returncode == 0, done.stderr


def test_long_words_and_long_cells_stay_on_the_page():
    name = "x" * 400
    pdf = typeset(content(name, lines=["word " * 3000]), "{}", AT)
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) > 3
    for page in document:
        width, _ = page.get_size()
        found = page.get_textpage()
        assert all(found.get_rect(n)[2] < width for n in range(found.count_rects()))
        found.close()
    document.close()
    assert words(pdf).count("word") >= 3000


@pytest.mark.parametrize(
    "said",
    [
        "customs declaration urn:x-mrn:26CNJS1717E80A1B2C",
        "did:web:demo-jiangsu.example#3f9a7c01be55d2",
        "https://id.demo-jiangsu.example/lot/POLY-2026-17 12000 kg",
        "sha256:9f86d081884c7d659a2feaa0c55ad015",
        "urn:epc:id:sgtin:4012345.011111.ABCDEFGH01234567",
        "EXTRACTIONANDPROCESSINGOFORES",
    ],
)
def test_long_identifiers_stay_in_their_narrow_columns(said):
    made = content("x") | {"appendix": []}
    lines = [[f"{said} {row}" for _ in range(9)] for row in range(3)]
    made["sections"] = [{"title": "Policy", "blocks": [table([Column(str(n)) for n in range(9)], lines)]}]
    document = pypdfium2.PdfDocument(typeset(made, "{}", AT))
    page = document[0].get_textpage()
    rects = [page.get_rect(n) for n in range(page.count_rects())]
    page.close()
    document.close()
    columns = {}
    for left, bottom, right, _ in rects:
        columns.setdefault(round(bottom), []).append((left, right))
    for cells in columns.values():
        cells.sort()
        assert all(one[1] <= other[0] for one, other in pairwise(cells)), cells


def test_a_typesetter_that_does_not_run_is_told(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, b"", b"Traceback\nMemoryError: no room")
    monkeypatch.setattr(room, "_run", lambda _: failed)
    with pytest.raises(Unavailable, match="no room"):
        typeset(content("x"), "{}", AT)


def test_one_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(room, "_SECONDS", 0.01)
    with pytest.raises(Unavailable, match="within"):
        typeset(content("x"), "{}", AT)


def test_the_template_promises_nothing():
    source = resources.files(room.__package__).joinpath("report.typ").read_text()
    assert not [word for word in ("compliant", "conflict-free", "safe", "approved") if word in source.lower()]
