from datetime import date

import pytest

from traceability.errors import InvalidInput
from traceability.lists.areas import area_entry, facts_section, section_name, with_own_areas
from traceability.lists.entries import ListEntry
from traceability.lists.seedfile import read_list, read_manifest


@pytest.fixture
def shipped(seed):
    def read(list_id):
        row = next(row for row in read_manifest(seed / "lists") if row.list_id == list_id)
        return read_list(seed / "lists", row)

    return read


def test_areas_of_the_countries_that_occur(shipped):
    section = facts_section(*shipped("eu-cahra"), {"CD", "BI"})
    assert section["list_version"] == "Report: June 2026 - For publication"
    assert section["published_on"] == "2026-06-27"
    codes = [entry["code"] for entry in section["entries"]]
    assert "CD-NK" in codes
    assert "BI" in codes
    assert {code[:2] for code in codes} == {"CD", "BI"}
    assert all(set(entry) == {"code", "source", "entry_id"} for entry in section["entries"])
    assert {entry["source"] for entry in section["entries"]} == {"union_indicative"}


def test_no_area_is_an_empty_array(shipped):
    assert facts_section(*shipped("eu-cahra"), {"NL"})["entries"] == []


def test_a_country_with_several_sources_is_one_area(shipped):
    section = facts_section(*shipped("transit-watch"), {"RW", "UG"})
    assert [entry["code"] for entry in section["entries"]] == ["RW", "UG"]
    assert "published_on" not in section
    assert section["list_version"].startswith("sha256:")


def test_xinjiang_is_a_forced_labour_area(shipped):
    section = facts_section(*shipped("forced-labour-areas"), {"CN"})
    assert section["entries"] == [{"code": "CN-XJ", "source": "authority", "entry_id": "CN-XJ"}]


def test_goods_by_material_and_country(shipped):
    section = facts_section(*shipped("us-dol-tvpra"), {"CD", "CN"})
    assert "published_on" not in section
    found = {(entry["material"], entry["country"]): entry for entry in section["entries"]}
    assert found["cobalt", "CD"] == {
        "material": "cobalt",
        "country": "CD",
        "child_labour": True,
        "forced_labour": False,
    }
    # Polysilicon is listed for forced labour; wafers of it, listed only as derived, add nothing and take nothing away.
    assert found["silicon_metal", "CN"]["forced_labour"]
    assert not found["silicon_metal", "CN"]["child_labour"]


def test_goods_can_be_narrowed_to_materials(shipped):
    section = facts_section(*shipped("us-dol-tvpra"), {"CD"}, {"gold"})
    assert {entry["material"] for entry in section["entries"]} == {"gold"}


def test_dates_stand_only_where_given(version):
    entry = ListEntry("eu-cahra", "CD-NK", "area", code="CD-NK", valid_to=date(2026, 5, 1))
    section = facts_section(version(list_id="eu-cahra"), [entry], {"CD"})
    assert section["entries"][0]["valid_to"] == "2026-05-01"
    assert "valid_from" not in section["entries"][0]


def test_an_importers_own_area_is_named_so(version):
    own = area_entry("ML-1", entry_id="own-1", named_by="importer")
    assert own == {"code": "ML-1", "source": "importer", "entry_id": "own-1"}
    entry = ListEntry("own-areas", "1", "area", code="ML-1")
    assert facts_section(version(list_id="eu-cahra"), [entry], {"ML"})["entries"][0]["source"] == "importer"


def test_own_areas_join_a_section_and_take_nothing_away(shipped):
    section = facts_section(*shipped("eu-cahra"), {"BI", "ML"})
    own = [ListEntry("own", "1", "area", code="ML-1"), ListEntry("own", "2", "area", code="NL"),
           ListEntry("own", "3", "party", code="ML-2")]  # fmt: skip
    joined = with_own_areas(section, own, {"BI", "ML"})
    added = [entry for entry in joined["entries"] if entry not in section["entries"]]
    assert added == [{"code": "ML-1", "source": "importer", "entry_id": "ML-1"}]
    assert all(entry in joined["entries"] for entry in section["entries"])


def test_a_name_list_feeds_no_section(version):
    assert section_name("us-uflpa") is None
    with pytest.raises(InvalidInput, match="feeds no section"):
        facts_section(version(), [], set())
