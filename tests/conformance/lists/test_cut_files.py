"""Published files cut off in the middle: refused, or read with what is missing told; never a fault, never the whole."""

from contextlib import suppress
from datetime import date

import pytest

from traceability.errors import InvalidInput
from traceability.lists.readers.formats import FORMATS, Given
from traceability.lists.readers.reading import tidied
from traceability.lists.tabled import reference_tables

FILES = {
    "un-xml": "un/un_excerpt.xml",
    "csl-csv": "csl/csl_sample.csv",
    "uflpa-html": "uflpa/uflpa_shape.html",
    "cbp-csv": "cbp/wro_shape_latin1.csv",
    "opensanctions-csv": "ftm/targets_simple_shape.csv",
    "opensanctions-ftm": "ftm/entities_shape.ftm.json",
    "smelter-book": "smelters/cmrt_shape_en.xlsx",
    "ofac-csv": "ofac/{}_head.csv",
}
XML_OR_ZIP = {"un-xml", "smelter-book"}


@pytest.fixture(scope="module")
def given(seed):
    tables = reference_tables(seed / "tables")
    return Given(places=tables.places, materials=tables.materials, retrieved=date(2026, 11, 20))


def read(form, files, given):
    return tidied(form.read(files, given))


@pytest.fixture
def files(shared):
    """``files(name)`` are the bytes of a format's files, by part."""

    def find(name):
        parts = [part.name for part in FORMATS[name].parts]
        return {part: shared(f"vectors/list-formats/{FILES[name].format(part)}").read_bytes() for part in parts}

    return find


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("fifth", range(1, 5))
def test_a_cut_file_is_never_the_whole(files, given, name, fifth):
    form, whole = FORMATS[name], files(name)
    first = form.parts[0].name
    cut = whole | {first: whole[first][: len(whole[first]) * fifth // 5]}
    if name in XML_OR_ZIP:
        with pytest.raises(InvalidInput, match=r"expected a (whole XML document|workbook)"):
            read(form, cut, given)
        return
    part, all_of_it = None, read(form, whole, given)
    with suppress(InvalidInput):
        part = read(form, cut, given)
    assert part != all_of_it
    assert part is None or len(part.entries) <= len(all_of_it.entries)


@pytest.mark.parametrize("name", ["csl-csv", "cbp-csv", "opensanctions-csv", "ofac-csv"])
@pytest.mark.parametrize("end", [b"\x1a", b"\r\n\x1a", b"\x00\x00"])
def test_a_mark_at_the_end_of_a_table_is_no_row(files, given, name, end):
    form, whole = FORMATS[name], files(name)
    marked = {part: data.rstrip(b"\x1a") + end for part, data in whole.items()}
    assert read(form, marked, given) == read(form, whole, given)
