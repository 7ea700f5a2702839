from traceability.diligence import facts_schema
from traceability.diligence.case import Case
from traceability.diligence.notes import LISTS, SECTIONS, list_versions, not_assessed, notes


def test_sections_and_lists_are_those_of_the_schema():
    properties = facts_schema()["properties"]
    assert set(SECTIONS) == set(properties) - {"schema_version", "as_of", "assessment_id"}
    assert set(LISTS) == set(properties["lists"]["properties"])


def test_absent_is_listed_and_empty_is_not(make_facts):
    assert "reports" in not_assessed(make_facts())
    assert "reports" not in not_assessed(make_facts(reports=[]))


def test_absent_parts_of_present_sections(make_facts):
    found = not_assessed(make_facts(importer={"name": "X"}))
    assert "importer" not in found
    assert "importer.management_system" in found
    assert "lists.aml_weak" in found
    assert "lists.cahra" not in found
    assert "lists.cahra" not in not_assessed(make_facts(lists=None))
    assert "lists" in not_assessed(make_facts(lists=None))
    assert "importer.management_system" not in not_assessed(make_facts(importer={"management_system": {}}))


def test_version_not_stated_is_none(make_facts):
    assert list_versions(make_facts(lists={"cahra": {"entries": []}})) == {"cahra": None}


def test_no_event_at_all(make_facts):
    assert notes(Case(make_facts(custody_events=[]))) == ("The chain of custody was assessed on no event at all.",)


def test_doubtful_names_are_counted(make_facts):
    hit = {
        "list_code": "OTHER",
        "category": "other",
        "listed_name": "A",
        "party_name": "B",
        "match_basis": "fuzzy_name",
    }
    hits = [hit, hit | {"score": "0.74"}, hit | {"score": "0.75"}, hit | {"disposition": "rejected"}]
    (note,) = notes(Case(make_facts(entity_hits=hits)))
    assert note.startswith("2 undecided")


def test_nothing_to_say(make_facts):
    assert notes(Case(make_facts())) == ()
