"""The reader of the UN list on a few lines of its format, with the traps of that format."""

from traceability.lists.entries import Identifier
from traceability.lists.readers import un

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
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1970</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-02-03</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT/></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""


def test_un_entries(places):
    reading = un.read(UN.encode(), places)
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
    assert (entity.extra.get("birth_dates"), person.extra["birth_dates"]) == (None, "1970|1971-02-03")
    assert person.identifiers == (Identifier("passport", "A77", "IR"),)
    assert {(question.entry_key, question.lost) for question in reading.review} == {
        ("CDe.900", "yes"),
        ("CDe.900", "no"),
        ("CFi.900", "no"),
    }
    assert un.published(UN.encode()) == "2026-02-27T00:00:09Z"
