"""Every format: whatever bytes come, entries and questions or a clear refusal; and which file is of which list."""

import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, Name
from traceability.lists.places import Places
from traceability.lists.published import PUBLISHED
from traceability.lists.readers import cahra, csl, dol, opensanctions, seen, un, wro
from traceability.lists.readers.formats import FORMATS, OWN, UNREAD, Given, format_of, formats_for, refuse_unread
from traceability.lists.readers.reading import Reading, tidied
from traceability.lists.tables import table_bytes

#: A beginning that the reader goes on from, so that what follows reaches its rows.
BEGINS = {
    "un-xml": b'<CONSOLIDATED_LIST dateGenerated="2026"><INDIVIDUAL><FIRST_NAME>A</FIRST_NAME>',
    "ofac-csv": b'36,"AERO",-0- ,"X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"a.k.a. \'B\'; ',
    "csl-csv": ",".join(csl._NEEDED).encode() + b"\n",
    "uflpa-html": b"2(d)(2)(B)(ii)<table><tr><td>Name of Entity<td>Effective Date<tr><td>A Co.<td>",
    "uflpa-seen-csv": ",".join(seen._UFLPA_NEEDED).encode() + b"\n",
    "cbp-csv": ",".join(wro._NEEDED).encode() + b"\n",
    "cbp-seen-csv": ",".join(seen._WRO_NEEDED).encode() + b"\n",
    "dol-xml": b"<Goods><Good><Good_Name>Tin</Good_Name><Country>",
    "cahra-json": b'{"meta":{"version":"1"},"entries":[',
    "cahra-csv": ",".join(cahra._COLUMNS).encode() + b"\n",
    "opensanctions-csv": ",".join(opensanctions._NEEDED).encode() + b"\n",
    "opensanctions-ftm": b'{"id":"1","schema":"Person","properties":{"name":["A"]',
    "smelter-book": b"PK\x03\x04",
    "areas-csv": b"code,country,source\n",
    "csv": b"id,name,identifiers,country,valid_from\n",
    "xlsx": b"PK\x03\x04",
}


PLACES = Places.build(
    ListEntry("iso-3166-1", code, "code", (Name(name),), code=code)
    for code, name in (("CN", "China"), ("CD", "DR Congo"))
)
SAID = Given(places=PLACES, materials={}, retrieved=date(2026, 11, 20), list_id="own")


def test_every_format_has_a_beginning_here_and_its_list_is_known():
    assert BEGINS.keys() == FORMATS.keys()
    assert {form.list_id for form in FORMATS.values()} - {""} <= PUBLISHED.keys()
    assert {form.format_id for form in FORMATS.values() if not form.list_id} == OWN


def read(form, data):
    """Return what a reader makes of bytes, as far as the table it would be stored as."""
    reading = tidied(form.read({part.name: data for part in form.parts}, SAID))
    table_bytes(reading.entries)
    assert all(len(question.raw) <= 300 and len(question.entry_key) <= 200 for question in reading.review)
    if form.version:
        form.version(data)
    return reading


TAILS = st.one_of(
    st.binary(max_size=200),
    st.text(st.sampled_from('ab",;|<>/&#x0\n\r\x00\x1a\x85éﷺ0123456789-()'), max_size=120).map(str.encode),
    st.sampled_from([b"</INDIVIDUAL></CONSOLIDATED_LIST>", b"</Country></Good></Goods>", b"</table>", b"\n"]),
    st.sampled_from([b"", b"\x1a", b"\x00", b"\xff", b'"', b"]}", b"}", b"<A>", b",,,,,,,,,,,,,,,,\n"]),
)


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.format_id)
@settings(deadline=None, max_examples=60)
@given(tail=TAILS, starts=st.booleans())
def test_any_bytes_are_answered(form, tail, starts):
    with suppress(InvalidInput):
        read(form, (BEGINS[form.format_id] if starts else b"") + tail)


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.format_id)
def test_of_nothing_no_list_is_made(form):
    found = []
    with suppress(InvalidInput):
        found = read(form, b"").entries
    assert found == []


def test_formats_by_list_and_by_name():
    assert [form.format_id for form in formats_for("eu-cahra")] == ["cahra-json", "cahra-csv"]
    assert [form.format_id for form in formats_for("csv")] == ["csv"]
    assert formats_for("nowhere") == []
    with pytest.raises(InvalidInput, match="expected a format of un-xml, ofac-csv"):
        format_of("nowhere")


@pytest.mark.parametrize("name", UNREAD)
def test_a_format_without_a_reader_says_why_and_what_instead(name):
    with pytest.raises(InvalidInput, match=r"no real sample was found to build a reader from\. Load"):
        format_of(name)


def test_a_file_of_such_a_format_is_known_by_itself():
    for mark in (b"http://eu.europa.ec/fpi/fsd/export", b"https://x.example/exports/ADVANCED_XML"):
        with pytest.raises(InvalidInput, match="no real sample"):
            refuse_unread(b'<?xml version="1.0"?><a xmlns="' + mark + b'">')
    refuse_unread(b"<CONSOLIDATED_LIST/>")


# -- traps of single formats that only a file from outside has


def test_un_entries_without_key_name_or_day(places):
    data = """<L dateGenerated="2026-02-27"><ENTITY><FIRST_NAME>NO KEY</FIRST_NAME></ENTITY>
    <ENTITY><REFERENCE_NUMBER>X.1</REFERENCE_NUMBER></ENTITY>
    <ENTITY><REFERENCE_NUMBER>X.2</REFERENCE_NUMBER><FIRST_NAME>A ; </FIRST_NAME><LISTED_ON>soon</LISTED_ON></ENTITY></L>"""
    reading = un.read(data.encode(), places)
    assert [(entry.entry_key, [name.text for name in entry.names], entry.valid_from) for entry in reading.entries] == [
        ("X.2", ["A ;"], None)
    ]
    assert [(question.field, question.lost) for question in reading.review] == [
        ("entry", "yes"), ("entry", "yes"), ("listed_on", "no"),
    ]  # fmt: skip


def test_a_un_list_that_does_not_say_when_it_was_made_is_refused():
    with pytest.raises(InvalidInput, match="dateGenerated"):
        un.published(b"<CONSOLIDATED_LIST/>")


def test_a_good_without_a_name_waits_for_review(places):
    row = "<Country><Country_Name>China</Country_Name><Derived_Country>No</Derived_Country></Country>"
    reading = dol.read(f"<Goods><Good><Good_Name/>{row}</Good></Goods>".encode(), places, {})
    assert (reading.entries, [question.lost for question in reading.review]) == ([], ["yes"])


def test_an_entity_of_no_schema_is_no_party(places):
    line = json.dumps({"id": "1", "schema": ["Person"], "properties": {"name": ["A"]}})
    assert opensanctions.read_lines(line.encode(), places) == Reading("opensanctions")


AREAS = "country,iso2,iso3,whole_country,region,iso3166_2,conflict_affected,high_risk\n"


def test_areas_as_csv():
    data = f"{AREAS}Burundi,BI,BDI,True,,,,\nDR Congo,CD,COD,False,Nord-Kivu,CD-NK,True,False\n"
    reading = cahra.read_csv(data.encode())
    assert [(entry.code, entry.country, entry.name, dict(entry.extra)) for entry in reading.entries] == [
        ("BI", "BI", "Burundi", {"whole_country": "yes"}),
        ("CD-NK", "CD", "Nord-Kivu", {"conflict_affected": "yes", "high_risk": "no"}),
    ]


@pytest.mark.parametrize(
    "row",
    ["Nowhere,XX,XXX,False,,,,", "DR Congo,cd,COD,False,Kivu,CD-NK,True,", "DR Congo,CD,COD,False,Kivu,RW-01,True,",
     "DR Congo,CD,COD,False,,CD-NK,True,", "DR Congo,CD", "DR Congo,CD,COD,False,Kivu,CD-NORD,True,"],
)  # fmt: skip
def test_an_area_that_is_not_understood_waits_for_review(row):
    reading = cahra.read_csv(f"{AREAS}{row}\n".encode())
    assert (reading.entries, [question.lost for question in reading.review]) == ([], ["yes"])
