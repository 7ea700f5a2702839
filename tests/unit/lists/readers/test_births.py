"""Dates of birth in the forms publishers use: kept where every one of an entry is sure."""

from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.qualifiers import known
from traceability.lists.readers import births


def born(**said):
    element = Element("INDIVIDUAL_DATE_OF_BIRTH")
    for tag, text in said.items():
        SubElement(element, tag).text = text
    return births.of_un(element)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1948-12-10", ("1948-12-10",)),
        (" 1948-12 ", ("1948-12",)),
        ("1948", ("1948",)),
        ("", ()),
        ("1948-02-30", None),
        ("1949-02-29", None),
        ("1948-02-29", ("1948-02-29",)),
        ("1948-13", None),
        ("0000", None),
        ("circa 1948", None),
        ("10 Dec 1948", None),
    ],
)
def test_iso(text, found):
    assert births.iso(text) == found


@pytest.mark.parametrize(
    ("segment", "found"),
    [
        ("DOB 10 Dec 1948", ("1948-12-10",)),
        ("alt. DOB Sep 1938", ("1938-09",)),
        ("DOB 1946", ("1946",)),
        ("DOB 1951 to 1953", ("1951", "1952", "1953")),
        ("DOB 1953 to 1951", None),
        ("DOB 1900 to 1990", None),
        ("DOB circa 1951", None),
        ("DOB 01 Jan 1961 to 31 Dec 1962", None),
        ("DOB 31 Feb 1961", None),
        ("POB Bunia", ()),
        ("Passport DOB 1946", ()),
    ],
)
def test_remarks(segment, found):
    assert births.of_remark(segment) == found


def test_un_elements():
    assert born(TYPE_OF_DATE="EXACT", DATE="1978-04-28") == ("1978-04-28",)
    assert born(TYPE_OF_DATE="EXACT", YEAR="1971") == ("1971",)
    assert born(TYPE_OF_DATE="BETWEEN", FROM_YEAR="1973", TO_YEAR="1974") == ("1973", "1974")
    assert born(TYPE_OF_DATE=None) == born() == ()
    for unsure in (
        {"TYPE_OF_DATE": "APPROXIMATELY", "YEAR": "1966"},
        {"TYPE_OF_DATE": "EXACT", "DATE": "1979-03-03", "NOTE": "from false passport"},
        {"TYPE_OF_DATE": "EXACT", "NOTE": "Nov. 1973"},
        {"TYPE_OF_DATE": "EXACT"},
        {"YEAR": "1966"},
    ):
        assert born(**unsure) is None


def test_one_that_is_not_sure_silences_the_others():
    assert births.kept([("1948-12-10",), (), ("1949",), ("1949",)]) == {"birth_dates": "1948-12-10|1949"}
    assert births.kept([("1948-12-10",), None]) == births.kept([]) == births.kept([()]) == {}


@given(st.text(max_size=40))
def test_whatever_is_written_is_read_or_says_nothing(text):
    for found in (births.iso(text), births.of_remark(f"DOB {text}"), births.of_remark(text)):
        kept = births.kept([found]).get("birth_dates", "")
        assert known(frozenset(), born=kept).born == {part for part in kept.split("|") if part}
