"""Each reader on a few lines of its format, with the traps of that format."""

import gzip
import json

import pytest
from seed_readers import areas, goods, ofac, ofac_remarks, org_forms, parties, reference, un
from seed_readers.table import GZIP_FROM, Reading, table_bytes, write_table

from traceability.lists.entries import Identifier, ListEntry, Name


def write(path, text):
    path.write_text(text, encoding="utf-8", newline="")
    return path


# -- OFAC


@pytest.fixture
def sdn(tmp_path, places):
    def read(sdn, alt="", add="", comments=""):
        for name, text in (("sdn", sdn), ("alt", alt), ("add", add), ("sdn_comments", comments)):
            (tmp_path / f"{name}.csv").write_bytes(text.encode() + b"\r\n\x1a")
        return ofac.read(tmp_path, places)

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


# -- UN

UN = """<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09Z">
<ENTITIES><ENTITY><FIRST_NAME>ALPHA CO ; BETA CO</FIRST_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>
<REFERENCE_NUMBER>CDe.900</REFERENCE_NUMBER><LISTED_ON>2015-04-07-04:00</LISTED_ON>
<ENTITY_ALIAS><QUALITY/><ALIAS_NAME/></ENTITY_ALIAS>
<ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>Gamma; Gama</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ALIAS><QUALITY>odd</QUALITY><ALIAS_NAME>Delta</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ADDRESS><COUNTRY>DR Congo</COUNTRY></ENTITY_ADDRESS><ENTITY_ADDRESS><COUNTRY>Atlantis</COUNTRY></ENTITY_ADDRESS>
</ENTITY></ENTITIES>
<INDIVIDUALS><INDIVIDUAL><FIRST_NAME>Amir</FIRST_NAME><SECOND_NAME>Example</SECOND_NAME>
<UN_LIST_TYPE>CAR</UN_LIST_TYPE><REFERENCE_NUMBER>CFi.900</REFERENCE_NUMBER><LISTED_ON>2014-01-02</LISTED_ON>
<NATIONALITY><VALUE>Iran</VALUE></NATIONALITY><NAME_ORIGINAL_SCRIPT>Амир</NAME_ORIGINAL_SCRIPT>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Khazmat (original script: Хазмат)</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Ami, born 1970 (passport no. 1)</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Aamir</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>A77</NUMBER><ISSUING_COUNTRY>Iran</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT/></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""


def test_un_entries(tmp_path, places):
    path = write(tmp_path / "un.xml", UN)
    reading = un.read(path, places)
    entity, person = reading.entries
    assert [(name.text, name.quality) for name in entity.names] == [
        ("ALPHA CO", "primary"),
        ("BETA CO", "primary"),
        ("Gamma", "former"),
        ("Gama", "former"),
    ]
    assert (entity.country, entity.programmes, entity.valid_from.isoformat()) == ("CD", ("DRC",), "2015-04-07")
    assert [(name.text, name.quality) for name in person.names] == [
        ("Amir Example", "primary"),
        ("Khazmat", "weak"),
        ("Хазмат", "original_script"),
        ("Ami", "strong"),
        ("Aamir", "strong"),
        ("Амир", "original_script"),
    ]
    assert person.identifiers == (Identifier("passport", "A77", "IR"),)
    assert {(question.entry_key, question.lost) for question in reading.review} == {
        ("CDe.900", "yes"),
        ("CDe.900", "no"),
        ("CFi.900", "no"),
    }
    assert un.published(path) == "2026-02-27T00:00:09Z"


def test_xml_with_a_document_type_is_refused(tmp_path, places):
    path = write(tmp_path / "un.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(ValueError, match="DTDForbidden"):
        un.read(path, places)


# -- goods and areas


def test_goods(tmp_path, places):
    row = (
        "<Country><Country_Name>{}</Country_Name><Child_Labor>No</Child_Labor><Forced_Labor>No</Forced_Labor>"
        "<Forced_Child_Labor>{}</Forced_Child_Labor><Derived_Country>{}</Derived_Country></Country>"
    )
    rows = row.format("Burma", "Yes", "No") + row.format("China", "No", "DR Congo") + row.format("Mu", "No", "No")
    path = write(
        tmp_path / "goods.xml",
        f"<Goods><Good><Good_Name>Tin</Good_Name><Good_Sector>Mining</Good_Sector><Countries>{rows}</Countries></Good></Goods>",
    )
    reading = goods.read(path, places, {"Tin": "tin"})
    forced, derived = reading.entries
    assert (forced.entry_key, forced.country, forced.material) == ("Tin/MM", "MM", "tin")
    assert (forced.child_labour, forced.forced_labour) == (True, True)
    assert (derived.entry_key, derived.extra["derived_from"]) == ("Tin/CN/from-CD", "CD")
    assert (derived.child_labour, derived.forced_labour) == (False, False)
    assert [question.raw for question in reading.review] == ["Tin / Mu / No"]


def test_cahra(tmp_path):
    entries = [
        {"countryName": "Burundi", "iso2": "BI", "wholeCountry": True, "regions": None},
        {
            "countryName": "DR Congo",
            "iso2": "CD",
            "wholeCountry": False,
            "regions": [{"name": "Nord-Kivu", "code": "CD-NK", "conflictAffected": True, "highRisk": False}],
        },
        {"countryName": "Nowhere", "iso2": "XX", "wholeCountry": False, "regions": []},
    ]
    path = write(tmp_path / "cahra.json", json.dumps({"meta": {"version": "June"}, "entries": entries}))
    reading = areas.read_cahra(path)
    assert [(entry.code, dict(entry.extra)) for entry in reading.entries] == [
        ("BI", {"whole_country": "yes"}),
        ("CD-NK", {"conflict_affected": "yes", "high_risk": "no"}),
    ]
    assert [question.entry_key for question in reading.review] == ["XX"]
    assert areas.cahra_version(path) == "June"


# -- names lists and reference tables


def test_uflpa_rules_are_not_names(tmp_path):
    header = "name,aliases,former_names,subsidiaries_rule,clause,clause_basis,effective_date,effective_date_basis,source_type,source_title,source_url,retrieved,coverage,notes"
    path = write(
        tmp_path / "u.csv",
        f"{header}\nA Co.,B; C,D,and eight subsidiaries,(ii),,2024-08-09,same page,primary,Page,https://x.example,2026-11-23,partial,aliases cut off\n",
    )
    reading = parties.read_uflpa(path)
    (entry,) = reading.entries
    assert [(name.text, name.quality) for name in entry.names] == [
        ("A Co.", "primary"),
        ("B", "strong"),
        ("C", "strong"),
        ("D", "former"),
    ]
    assert (entry.source, entry.valid_from.isoformat()) == ("Page", "2024-08-09")
    assert {question.field for question in reading.review} == {"subsidiaries", "names"}


def test_wro_orders_about_goods_are_not_parties(tmp_path, places):
    path = write(
        tmp_path / "w.csv",
        "name,aliases,schema,address,country,notes,cbp_entity_field_verbatim\n"
        'Prison,,LegalEntity,"Town, China",,,Prison\n'
        'Prison,,LegalEntity,"Town, China",,,Prison\n'
        "All Cotton,,LegalEntity,,,,All Cotton\n"
        "Farm,,LegalEntity,,,and subsidiaries,Farm and subsidiaries\n",
    )
    reading = parties.read_wro(path, places)
    assert [(entry.name, entry.country) for entry in reading.entries] == [("Prison", "CN"), ("Farm", None)]
    assert [question.raw for question in reading.review] == ["All Cotton", "Farm and subsidiaries"]


def test_a_crosswalk_row_without_its_good_is_asked_about(tmp_path):
    path = write(
        tmp_path / "x.csv", "good,material,basis,reviewed\nTin,tin,metal,2026-11-23\nMoon dust,other,x,2026-11-23\n"
    )
    reading = reference.goods_crosswalk(path, frozenset({"Tin"}))
    assert [question.raw for question in reading.review] == ["Moon dust"]


def test_org_forms_leave_ordinary_words_out(tmp_path):
    path = write(
        tmp_path / "t.yml", "types:\n- display: Ltd.\n  aliases: [Limited, in, '㈜', X]\n- aliases: [ООО, Limited]\n"
    )
    own = write(tmp_path / "own.csv", "form,canonical\nco limited,coltd\n")
    assert org_forms.rows(path, own) == [
        {"form": "co limited", "canonical": "coltd"},
        {"form": "limited", "canonical": "ltd"},
        {"form": "ltd", "canonical": "ltd"},
        {"form": "ooo", "canonical": "ooo"},
    ]


# -- tables


def test_tables_are_the_same_bytes_in_any_order():
    entries = [ListEntry("l", key, "party", (Name(key),)) for key in "ba"]
    assert table_bytes(entries) == table_bytes(entries[::-1]) == b"entry_key,kind,primary\na,party,a\nb,party,b\n"


def test_a_large_table_is_packed_without_a_time(tmp_path):
    data = b"x" * (GZIP_FROM + 1)
    file, digest = write_table(tmp_path, "t", data)
    assert file == "t.csv.gz"
    packed = (tmp_path / file).read_bytes()
    assert gzip.decompress(packed) == data
    assert packed[4:8] == b"\0\0\0\0"
    assert write_table(tmp_path, "t", data)[1] == digest
    assert write_table(tmp_path, "t", b"small")[0] == "t.csv"
    assert not (tmp_path / "t.csv.gz").exists()


def test_review_text_is_cut():
    reading = Reading("l")
    reading.ask("1", "row", "x " * 1000, "why", lost=False)
    assert len(reading.review[0].raw) == 300
