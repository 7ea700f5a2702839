import pytest

from traceability.lists.entries import ListEntry, Name
from traceability.lists.places import Place, Places
from traceability.lists.seedfile import read_list, read_manifest


@pytest.fixture(scope="session")
def places(seed):
    wanted = {"iso-3166-1", "iso-3166-2", "iso-3166-2-history", "eu-cahra"}
    folders = (seed / "tables", seed / "lists")
    rows = [(folder, row) for folder in folders for row in read_manifest(folder) if row.list_id in wanted]
    return Places.build(entry for folder, row in rows for entry in read_list(folder, row)[1])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CD", "CD"),
        ("Congo, Democratic Republic of the", "CD"),
        ("DR Congo", "CD"),
        ("Congo, Republic of the", "CG"),
        ("Burma", "MM"),
        ("Korea, North", "KP"),
        ("Turkey (Türkiye)", "TR"),
        ("Côte d'Ivoire", "CI"),
        ("Kosovo", "XK"),
        ("Congo", None),
        ("UNKNOWN", None),
        ("CS", None),
        ("", None),
    ],
)
def test_country_names_of_the_lists(places, text, code):
    assert places.country_code(text) == code


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("CD", "CD-NK", "CD-NK"),
        ("CD", "nk", "CD-NK"),
        ("CD", "North Kivu", "CD-NK"),
        ("CD", "Nord-Kivu Province", "CD-NK"),
        ("CD", "East Kasai", "CD-KE"),
        ("CD", "Kivu", None),
        ("CN", "Xinjiang", "CN-XJ"),
        ("CN", "新疆", "CN-XJ"),
        ("CN", "CN-XJ", "CN-XJ"),
        ("BF", "BF-12", "BF-12"),
        ("BF", "Sahel", "BF-12"),
        ("CN", "CD-NK", None),
        ("CD", "Xinjiang", None),
    ],
)
def test_parts_of_a_country(places, country, text, code):
    assert places.subdivision_code(country, text) == code


def test_withdrawn_codes_are_kept_as_the_list_gives_them(places):
    former = ["BF-01", "BF-02", "BF-04", "BF-05", "BF-08", "BF-10", "BF-12"]
    assert [places.code_status(code) for code in former] == ["former"] * 7
    assert places.code_status("CD-NK") == "current"
    assert places.code_status("CD-ZZZ") == "unknown"


def test_every_area_of_the_eu_list_is_a_known_code(places, seed):
    row = next(row for row in read_manifest(seed / "lists") if row.list_id == "eu-cahra")
    entries = read_list(seed / "lists", row)[1]
    regions = [entry.code for entry in entries if "-" in entry.code]
    assert len(regions) == 234
    assert [code for code in regions if places.code_status(code) == "former"] == [
        code for code in sorted(regions) if code.startswith("BF-")
    ]


def test_what_cannot_be_told_stays_open(places):
    assert places.resolve("Burma") == Place("MM", None)
    assert places.resolve("CD", "North Kivu") == Place("CD", "CD-NK")
    assert places.resolve("CD", "the far east") == Place("CD", None, unresolved=True)
    assert places.resolve("Atlantis", "North") == Place(None, None, unresolved=True)


def test_a_name_two_parts_share_is_nobodys():
    twins = [ListEntry("l", code, "code", (Name("Kivu"),), code=code) for code in ("CD-NK", "CD-SK")]
    assert Places.build(twins).subdivision_code("CD", "Kivu") is None


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("CN", "12 Jiefang Road, Urumqi, Xinjiang", "CN-XJ"),
        ("CN", "Urumqi (Xinjiang Uygur Zizhiqu)", "CN-XJ"),
        ("CN", "新疆", "CN-XJ"),
        ("CD", "Bisie mine in North Kivu", "CD-NK"),
        ("CD", "Lubumbashi, Haut-Katanga", "CD-HK"),
        ("CD", "CD-NK", "CD-NK"),
        ("CD", "from North Kivu or South Kivu", None),
        ("CD", "3 North Street", None),
        ("BF", "12", None),
        ("CD", "Urumqi, Xinjiang", None),
        ("CD", "", None),
        ("CD", "x " * 10_000, None),
    ],
)
def test_a_part_of_a_country_in_words(places, country, text, code):
    assert places.named_in(country, text) == code
