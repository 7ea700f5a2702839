"""The data for Form SD: signed origins apart from declared ones, and nothing concluded."""

from datetime import date

from traceability.diligence.reports.form_sd import Facility, Supply, form_sd
from traceability.diligence.reports.model import About, Gap

ABOUT = About("did:web:a.example", "A", (date(2026, 1, 1), date(2026, 12, 31)), date(2027, 1, 2))


def supply(mineral="tin", countries="CD", declared="CD", **more):
    said = {"unknown": False, "recycled": False, "proved": False, "mine_stated": True, "mine_signed": True, "smelters": True}  # fmt: skip
    return Supply(
        mineral=mineral, countries=frozenset(countries.split()), declared=frozenset(declared.split()), **(said | more)
    )


def tables(*found, facilities=(), issuer=None, limits=()):
    report = form_sd(ABOUT, found, facilities, limits, issuer=issuer)
    named = {table.name: table.rows for section in report.sections for table in section.tables}
    return named, [gap.what for gap in report.gaps]


def test_origins_are_counted_by_mineral_and_covered_countries_stand_out():
    found, _ = tables(
        supply(), supply(countries="PE RW", declared="BR"), supply("gold", "PE", "PE", recycled=True, proved=True),
        supply("gold", "", "", unknown=True, mine_stated=False, mine_signed=False), supply("cobalt"),
    )  # fmt: skip
    assert found["origins"] == (
        ("gold", 2, 1, 1, "PE", "none", "PE", 1), ("tin", 2, 0, 0, "CD, PE, RW", "CD, RW", "BR, CD", 0),
    )  # fmt: skip
    assert found["mines"] == (("gold", 2, 1, 1), ("tin", 2, 2, 2))


def test_no_signed_country_leaves_open_whether_it_is_covered():
    found, gaps = tables(supply(countries="", declared="PE", unknown=True))
    assert found["origins"][0][4:7] == ("none", None, "PE")
    assert "the origin of the whole of 1 consignment" in gaps


def test_a_facility_stands_once_with_its_evidence():
    one = Facility("tin", "Smelter", "PE", "CID1", "audit, 2026-01-01 to 2026-12-31", "PE")
    found, _ = tables(facilities=[one, one])
    assert found["facilities"] == (("tin", "Smelter", "PE", "CID1", "audit, 2026-01-01 to 2026-12-31", "PE"),)


def test_the_filing_is_due_on_31_may_and_what_a_person_writes_is_a_gap():
    found, gaps = tables(supply(smelters=False, recycled=True), issuer=True, limits=[Gap("x", "y", "z")])
    assert found["filing"][0][1] == "yes"
    assert found["filing"][2][1].startswith("2027-05-31, or the next business day")
    assert gaps[0] == "x"
    for said in (
        "the smelter or refiner of 1 consignment",
        "papers for what is declared recycled or scrap, of 1 consignment",
    ):
        assert said in gaps
    for said in (
        "necessary to the functionality",
        "products",
        "country of origin inquiry",
        "private sector audit",
        "website",
    ):
        assert any(said in gap for gap in gaps), said
    assert not any("files with the SEC" in gap for gap in gaps)
    unknown, missing = tables()
    assert unknown["filing"][0][1] is None
    assert "whether the party files with the SEC" in missing
