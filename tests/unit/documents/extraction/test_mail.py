from email.message import EmailMessage

import pytest

from traceability.documents.extraction import extract, mail


def letter(text="Wages were withheld.", subject="Complaint", html=None):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "b@y.example", subject
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def attach(message, data, name, kind="application/octet-stream"):
    major, minor = kind.split("/")
    message.add_attachment(data, maintype=major, subtype=minor, filename=name)
    return message


def codes(found):
    return [note.code for note in found.notes]


def test_head_and_text_are_the_first_page():
    found = extract(letter("Größe der Grube").as_bytes(), "a.eml")
    assert found.outcome == "parsed"
    assert found.text == "Subject: Complaint\nFrom: a@x.example\nTo: b@y.example\n\nGröße der Grube\n"


def test_of_two_forms_of_one_text_the_one_people_see_is_read_unless_the_other_says_more():
    same = extract(letter("Wages were withheld.", html="<p>Wages were <b>withheld</b>.</p>").as_bytes(), "a.eml")
    assert same.text == "Subject: Complaint\nFrom: a@x.example\nTo: b@y.example\nWages were withheld."
    more = extract(letter("Children washed the ore.", html="<p>All is well.</p>").as_bytes(), "a.eml")
    assert [number for number, _ in more.pages] == [1, 2]
    assert "Children washed the ore." in more.text
    assert "All is well." in more.text


def test_attachments_are_parts_read_by_their_bytes(pdf, docx_file):
    message = attach(letter(), pdf([["A certificate of origin, page one."], ["Page two of it."]]), "a.pdf")
    attach(message, docx_file(lambda document: document.add_paragraph("A policy.")), "policy.txt")
    attach(message, b"", "empty.bin")
    found = extract(message.as_bytes(), "a.eml")
    assert (found.outcome, len(found.pages)) == ("parsed", 5)
    assert [(note.code, note.page) for note in found.notes] == [
        ("attachment", 2),
        ("extension_mismatch", 4),
        ("attachment", 4),
        ("attachment", 5),
    ]
    assert [found.text[block.start : block.end] for block in found.blocks if block.page == 4] == ["A policy."]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 no office file", "external_content"),
        (b"%PDF-1.4\nnothing", "broken"),
        (b"MZ program", "type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_an_attachment_that_is_not_read_makes_the_mail_unread_but_not_its_text_lost(data, reason):
    found = extract(attach(attach(letter(), data, "x.bin"), b"After it.", "b.txt").as_bytes(), "a.eml")
    assert (found.outcome, found.reason) == ("rejected", reason)
    assert "Wages were withheld." in found.text
    assert "After it." in found.text
    assert ("not_read", 2) in [(note.code, note.page) for note in found.notes]


def test_a_picture_attached_is_a_page_nobody_has_read():
    found = extract(attach(letter(), b"\x89PNG\r\n\x1a\n", "scan.png", "image/png").as_bytes(), "a.eml")
    assert (found.outcome, found.reason, found.unread) == ("needs_ocr", "no_text_layer", (2,))


@pytest.mark.parametrize("as_file", [False, True])
def test_mails_in_mails_are_read_five_deep(as_file):
    def nested(levels):
        inner = letter(f"Level {levels}.")
        for level in range(levels - 1, 0, -1):
            outer = letter(f"Level {level}.")
            if as_file:
                attach(outer, inner.as_bytes(), "inner.eml")
            else:
                outer.add_attachment(inner)
            inner = outer
        return extract(inner.as_bytes(), "a.eml")

    found = nested(mail.MAX_DEPTH)
    assert found.outcome == "parsed"
    assert all(f"Level {level}." in found.text for level in range(1, 6))
    deep = nested(mail.MAX_DEPTH + 1)
    assert (deep.outcome, deep.reason) == ("rejected", "limit")
    assert "Level 5." in deep.text
    assert "Level 6." not in deep.text


def test_encrypted_mail_is_said_to_be_and_signatures_are_left_aside():
    head = "From: a@x\nTo: b@y\nMIME-Version: 1.0\nContent-Type: "
    assert extract((head + "application/pkcs7-mime\n\nx").encode(), "a.eml").reason == "encrypted"
    pgp = head + 'multipart/encrypted; boundary="b"\n\n--b\nContent-Type: text/plain\n\nx\n--b--\n'
    assert extract(pgp.encode(), "a.eml").reason == "encrypted"
    signed = attach(letter(), b"sig", "smime.p7s", "application/pkcs7-signature")
    assert (extract(signed.as_bytes(), "a.eml").outcome, codes(extract(signed.as_bytes(), "a.eml"))) == ("parsed", [])


def test_too_many_parts_and_a_tower_of_parts_are_bounded():
    message = letter()
    for _ in range(mail.MAX_PARTS):
        attach(message, b"x", "x.txt")
    assert extract(message.as_bytes(), "a.eml").reason == "limit"


def test_heads_that_break_the_standard_are_shown_as_they_came():
    data = b"From: =?utf-8?q?\xff\xfe?= <\nTo: ;;,,<<>>\nSubject: =?x-none?b?!!?=\nDate: never\n\nThe ore is from Goma."
    found = extract(data, "a.eml")
    assert found.outcome == "parsed"
    assert "The ore is from Goma." in found.text
    assert "Date: never" in found.text


def test_a_mail_without_text_has_its_head():
    head = b"From: a@x\nTo: b@y\nContent-Type: multipart/mixed; boundary=b\n\n--b--\n"
    assert extract(head, "a.eml").text.strip() == "From: a@x\nTo: b@y"
