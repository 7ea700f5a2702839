"""A download carries the sender's name, and nothing that name could do to whoever saves or opens it."""

import pytest

from traceability.services.file_names import attachment, file_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("certificate of origin.pdf", "certificate of origin.pdf"),
        ("Prüfbericht №3.PDF", "Prüfbericht №3.PDF"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\assay.xlsx", "assay.xlsx"),
        (".bashrc", "bashrc"),
        ("letter.html", "letter.html.bin"),
        ("invoice.pdf.exe", "invoice.pdf.exe.bin"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.bin"),
        ('a"; filename="b.pdf', "a__ filename=_b.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "x.pdf"),
        ("", "document"),
        ("...", "document"),
        ("x" * 400 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(given, kept):
    assert file_name(given) == kept


def test_the_header_carries_both_forms_of_the_name():
    assert attachment("Prüfbericht 3.pdf") == (
        "attachment; filename=\"Prufbericht 3.pdf\"; filename*=UTF-8''Pr%C3%BCfbericht%203.pdf"
    )
    assert attachment("证书.pdf") == "attachment; filename=\"document.pdf\"; filename*=UTF-8''%E8%AF%81%E4%B9%A6.pdf"
    assert "\n" not in attachment("a\nb.pdf")
    assert attachment("") == "attachment; filename=\"document\"; filename*=UTF-8''document"
