"""What the readers share: review texts are short, XML is read without document types, sizes are bounded."""

import pytest

from traceability.errors import InvalidInput
from traceability.lists.entries import Name
from traceability.lists.readers import reading
from traceability.lists.readers.reading import Reading, tidied, within_limit, xml_root

BOMB = '<!DOCTYPE x [<!ENTITY a "bbbbbbbbbb"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&c;</x>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def test_review_text_is_cut():
    found = Reading("l")
    found.ask("1", "row", "x " * 1000, "why", lost=False)
    assert len(found.review[0].raw) == 300


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, '<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd"><x/>'])
def test_xml_with_a_document_type_is_refused(text):
    with pytest.raises(InvalidInput, match="without a document type and entities"):
        xml_root(text.encode())


@pytest.mark.parametrize("data", [b"", b"<x>", b"<x></y>", b"\xff\xfe", b"not xml", b"<x>\x1a</x>"])
def test_what_is_no_whole_xml_is_refused(data):
    with pytest.raises(InvalidInput, match="expected a whole XML document"):
        xml_root(data)


def test_a_file_too_large_to_be_a_list_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    assert within_limit(b"x" * 10) == b"x" * 10
    with pytest.raises(InvalidInput, match="got 11 bytes"):
        within_limit(b"x" * 11)


def test_a_table_gets_each_key_once_and_texts_it_can_hold(party):
    reading = Reading("l")
    reading.entries = [
        party("A | B\x00 Co.", "1"), party("Another", "1"), party("No key", ""), party("y" * 1001, "2"),
        party("Good", "3", programmes=("P|Q",), names=(Name("Good"), Name("\x1a"))),
    ]  # fmt: skip
    made = tidied(reading)
    assert [(entry.entry_key, [name.text for name in entry.names]) for entry in made.entries] == [
        ("1", ["A B Co."]), ("2", []), ("3", ["Good"]),
    ]  # fmt: skip
    assert made.entries[2].programmes == ("P Q",)
    assert [(question.entry_key, question.field, question.lost) for question in made.review] == [
        ("1", "entry_key", "yes"), ("", "entry_key", "yes"), ("2", "name", "yes"),
    ]  # fmt: skip
    assert reading.review == []
