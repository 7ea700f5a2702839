"""Small files made on the spot, and one warm sandbox for all tests of the room."""

import io
import resource
import zipfile

import pytest

from traceability.documents.sandbox import Sandbox


@pytest.fixture(autouse=True)
def limits_end_with_the_test():
    """Office files limit the memory of the process that reads them; here it is the one that runs all other tests."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def _escape(line):
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def make_pdf(pages, extra_catalog=b"", extra_objects=(), annots=b""):
    """A PDF 1.4 with Helvetica text, one list of lines per page."""
    objects = [b"", b""]
    kids = []
    for lines in pages:
        body = (
            b"BT /F1 11 Tf 14 TL 50 780 Td "
            + b" ".join(b"(" + _escape(line).encode("cp1252") + b") Tj T*" for line in lines)
            + b" ET"
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(body) + body + b"\nendstream")
        content = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 << /Type /Font "
            b"/Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >> %s >>" % (content, annots)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R " + extra_catalog + b" >>"
    objects[1] = b"<< /Type /Pages /Kids [" + b" ".join(kids) + b"] /Count %d >>" % len(kids)
    objects.extend(extra_objects)
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, 2)
    places = []
    for number, value in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + value + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def make_docx(build):
    """A DOCX that ``build`` fills."""
    import docx

    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_entries(data, entries):
    """The same archive with more entries."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as opened:
        for name, body in entries.items():
            opened.writestr(name, body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.fixture(scope="session")
def pdf():
    return make_pdf


@pytest.fixture(scope="session")
def docx_file():
    return make_docx


@pytest.fixture(scope="session")
def enlarged():
    return with_entries


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def decided():
    """How the marked words of an English (or other) sentence are meant."""
    from traceability.documents import batch

    def decide(marked, lang="en"):
        start, end = marked.index("[["), marked.index("]]") - 2
        text = marked.replace("[[", "").replace("]]", "")
        return batch.assertions([{"id": "1", "text": text, "target": {"start": start, "end": end}, "lang": lang}])[0]

    return decide
