"""The OFAC reader on a few lines of its format, with the traps of that format."""

import pytest

from traceability.errors import InvalidInput
from traceability.lists.entries import Identifier
from traceability.lists.readers import ofac, ofac_remarks


@pytest.fixture
def sdn(places):
    def read(sdn, alt="", add="", comments=""):
        files = zip(ofac.FILES, (sdn, alt, add, comments), strict=True)
        return ofac.read({name: text.encode() + b"\r\n\x1a" for name, text in files}, places)

    return read


EMPTY = ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"


def test_ofac_joins_its_four_files(sdn):
    reading = sdn(
        f"""36,"AERO, LTD.",-0- ,"FTO] [SDGT] [DRCONGO"{EMPTY}"a.k.a. 'BNC'; Tax ID No. 800-1 (Colom" """.strip(),
        alt='36,12,"aka","AERO-X",-0- \r\n36,13,"fka","OLD AERO",-0- \r\n36,14,"nka","AERO, LTD.",-0- ',
        add='36,25,-0- ,"Bogota","Colombia",-0- \r\n36,26,-0- ,-0- ,"Iran",-0- ',
        comments='36,"bia)."',
    )
    (entry,) = reading.entries
    assert {(name.text, name.quality) for name in entry.names} == {
        ("AERO, LTD.", "primary"),
        ("AERO-X", "strong"),
        ("OLD AERO", "former"),
        ("BNC", "weak"),
    }
    assert entry.identifiers == (Identifier("tax", "800-1", "CO"),)
    assert entry.programmes == ("FTO", "SDGT", "DRCONGO")
    assert (entry.country, entry.countries, entry.schema) == (None, {"CO", "IR"}, "Organization")
    assert reading.review == []


@pytest.mark.parametrize(
    ("remarks", "born"),
    [
        ("DOB 10 Dec 1948; POB Bunia", "1948-12-10"),
        ("DOB 1946; alt. DOB 1936", "1946|1936"),
        ("DOB 1946; alt. DOB circa 1936", None),
        ("POB Bunia", None),
    ],
)
def test_ofac_dates_of_birth(sdn, remarks, born):
    (entry,) = sdn(f'36,"DOE, John","individual","DRCONGO"{EMPTY}"{remarks}."').entries
    assert entry.extra.get("birth_dates") == born


def test_ofac_rows_not_understood_wait_for_review(sdn):
    reading = sdn(
        f'1,"A","robot","X"{EMPTY}-0- \r\n2,"B"\r\n3,"C",-0- ,"X"{EMPTY}"Permit No. 12."',
        add='3,25,-0- ,"Town","Atlantis",-0- ',
    )
    assert [entry.name for entry in reading.entries] == ["C"]
    assert {(question.entry_key, question.field, question.lost) for question in reading.review} == {
        ("1", "row", "yes"),
        ("2", "row", "yes"),
        ("3", "remarks", "no"),
        ("3", "country", "no"),
    }


@pytest.mark.parametrize(
    ("remark", "found"),
    [
        ("Vessel Registration Identification IMO 9187629", Identifier("imo", "9187629")),
        ("Vessel Registration Identification IMO 5055293", Identifier("imo_company", "5055293")),
        ("NIT # 800146749-7 (Colombia)", Identifier("tax", "800146749-7", "CO")),
        ("alt. Passport K35(4) (Iran) issued 1999", Identifier("passport", "K35(4)", "IR")),
        ("Folio Mercantil No. 22839 (Jalisco) (Colombia)", Identifier("registration", "22839", "CO")),
        ("SWIFT/BIC FTBDKPPY", Identifier("bic", "FTBDKPPY")),
    ],
)
def test_ofac_identifiers(places, remark, found):
    remarks = ofac_remarks.read(f"{remark}.", places)
    assert remarks.identifiers == [found]
    assert remarks.questions == []


@pytest.mark.parametrize("remark", ["DOB 1 Jan 1970", "Linked To: X Number 7", "Brigadier General", "SSN 1-2"])
def test_ofac_remarks_not_carried(places, remark):
    remarks = ofac_remarks.read(remark, places)
    assert (remarks.identifiers, remarks.questions, remarks.weak) == ([], [], [])


@pytest.mark.parametrize("remark", ["Passport issued in Ulm", "allegedly a.k.a. Joe", "Permit No. 44 (Iran)"])
def test_ofac_remarks_to_be_looked_at(places, remark):
    assert len(ofac_remarks.read(remark, places).questions) == 1


def test_a_file_of_the_set_may_not_be_missing(places):
    with pytest.raises(InvalidInput, match="alt, sdn_comments is missing"):
        ofac.read({"sdn": b"", "add": b""}, places)


def test_a_remark_longer_than_any_identifier_waits_for_review_and_is_not_searched(sdn):
    """The form is looked for in what may be one only: spaces without end would keep it busy."""
    reading = sdn(f'1,"A",-0- ,"X"{EMPTY}"Tax ID No. 8{" " * 20_000}x(; Passport 12 (Iran)."')
    (entry,) = reading.entries
    assert [one.value for one in entry.identifiers] == ["12"]
    assert [question.entry_key for question in reading.review] == ["1"]
