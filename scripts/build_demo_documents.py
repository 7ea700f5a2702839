"""Build the supplier documents of the demonstration, seed/demo/NAME.pdf and .docx, from seed/demo/texts/NAME.EXT.txt.

Usage: ``python scripts/build_demo_documents.py [OUT]``. The same texts give the same bytes. PDF: ISO 32000-1 with the
standard fonts Helvetica and Helvetica-Bold in WinAnsiEncoding; DOCX: ECMA-376, the smallest package Word opens.

A text has one thing a line: ``@ letterhead``, ``# title``, ``## heading``, ``Label: value``, ``> small print``, ``---``
for a new page; other lines are paragraphs, an empty line ends one.
"""

import re
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

TEXTS = Path(__file__).resolve().parents[1] / "seed" / "demo" / "texts"
_WIDTH, _HEIGHT, _LEFT, _VALUE, _TOP, _BOTTOM = 595, 842, 60, 180, 780, 60
_LABEL = re.compile(r"([A-Z][^:]{1,30}:) (.+)")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_COLUMN = 92
_VALUE_COLUMN = 70


@dataclass(frozen=True)
class Line:
    """One printed line: its kind, its text, and the value beside a label."""

    kind: str
    text: str
    value: str = ""


_MARKS = (("## ", "heading"), ("# ", "title"), ("@ ", "letterhead"), ("> ", "small"))
_SIZES = {"letterhead": 11, "title": 16, "heading": 11, "small": 7}
_SPACE = {"letterhead": 26, "title": 26, "heading": 18, "small": 10}


def read(text: str) -> Iterator[Line]:
    """Yield the lines of a text in our small markup; a paragraph comes as one line."""
    paragraph: list[str] = []
    for raw in [*text.splitlines(), ""]:
        found = next(((kind, mark) for mark, kind in _MARKS if raw.startswith(mark)), None)
        label = _LABEL.fullmatch(raw)
        if found is None and label is None and raw not in ("", "---"):
            paragraph.append(raw)
            continue
        if paragraph:
            yield Line("text", " ".join(paragraph))
            paragraph = []
        if found is not None:
            yield Line(found[0], raw.removeprefix(found[1]))
        elif label is not None:
            yield Line("label", label[1], label[2])
        else:
            yield Line("page" if raw else "gap", "")


class Pdf:
    """Writes lines onto pages."""

    def __init__(self) -> None:
        self._pages: list[list[str]] = []
        self._new_page()

    def _new_page(self) -> None:
        self._pages.append([])
        self._y = _TOP

    def line(self, line: Line) -> None:
        """Print one line, wrapped where it is too long."""
        if line.kind == "page":
            self._new_page()
        elif line.kind == "gap":
            self._y -= 8
        elif line.kind == "label":
            self._down(15)
            self._show(line.text, _LEFT, 10, bold=True)
            for number, part in enumerate(textwrap.wrap(line.value, _VALUE_COLUMN)):
                if number:
                    self._down(13)
                self._show(part, _VALUE, 10)
        else:
            self._block(line)

    def _block(self, line: Line) -> None:
        size = _SIZES.get(line.kind, 10)
        for number, part in enumerate(textwrap.wrap(line.text, _COLUMN if size <= 10 else 70)):  # noqa: PLR2004  # of body text
            self._down(_SPACE.get(line.kind, 14) if number == 0 else size + 3)
            self._show(part, _LEFT, size, bold=line.kind in ("title", "heading", "letterhead"))
        if line.kind == "letterhead":
            self._pages[-1].append(f"0.6 w {_LEFT} {self._y - 8} m {_WIDTH - _LEFT} {self._y - 8} l S")

    def _down(self, points: int) -> None:
        self._y -= points
        if self._y < _BOTTOM:
            self._new_page()

    def _show(self, text: str, x: int, size: int, *, bold: bool = False) -> None:
        safe = re.sub(r"([\\()])", r"\\\1", text)
        self._pages[-1].append(f"BT /F{2 if bold else 1} {size} Tf {x} {self._y} Td ({safe}) Tj ET")

    def data(self) -> bytes:
        """Return the file."""
        first = 5
        kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(self._pages)))
        objects = [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(self._pages)} >>",
            *(
                f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>"
                for font in ("Helvetica", "Helvetica-Bold")
            ),
        ]
        for number, page in enumerate(self._pages):
            stream = "\n".join(page)
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] "
                f"/Contents {first + 2 * number + 1} 0 R "
                "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
            )
            objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
        return _file(objects)


def _file(objects: list[str]) -> bytes:
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def pdf(lines: list[Line]) -> bytes:
    """Return a PDF of the lines."""
    made = Pdf()
    for line in lines:
        made.line(line)
    return made.data()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PACKAGE = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument"/></Relationships>',
}


def docx(lines: list[Line]) -> bytes:
    """Return a DOCX of the lines."""
    import io

    body = "".join(_paragraph(line) for line in lines if line.kind not in ("gap", "page"))
    parts = _PACKAGE | {"word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_STORED, 0
            package.writestr(entry, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}')
    return out.getvalue()


def _paragraph(line: Line) -> str:
    size = 2 * _SIZES.get(line.kind, 10)
    bold = "<w:b/>" if line.kind in ("title", "heading", "letterhead", "label") else ""
    runs = f'<w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(line.text)}</w:t></w:r>'
    if line.value:
        runs += f'<w:r><w:t xml:space="preserve"> {escape(line.value)}</w:t></w:r>'
    return f"<w:p>{runs}</w:p>"


def build(out: Path) -> list[Path]:
    """Write every document into ``out`` and return the paths."""
    written = []
    for source in sorted(TEXTS.glob("*.txt")):
        target = out / source.stem
        lines = list(read(source.read_text(encoding="utf-8")))
        target.write_bytes(docx(lines) if target.suffix == ".docx" else pdf(lines))
        written.append(target)
    return written


if __name__ == "__main__":
    for path in build(Path(sys.argv[1]) if sys.argv[1:] else TEXTS.parent):
        print(path.name)
