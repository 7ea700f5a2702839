"""Goods x country: prefixes before materials before words; derived goods raise unless the chain proves other inputs."""

import csv
from datetime import date

import pytest

from traceability.diligence.definitions.annex_i import annex_row
from traceability.lists.entries import ListEntry, Name
from traceability.lists.goods import _TABLE, Goods, match, rules
from traceability.lists.places import Places
from traceability.lists.readers import wro
from traceability.lists.seedfile import read_list, read_manifest

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="session")
def places():
    return Places.build([ListEntry("iso-3166-1", "TM", "code", (Name("Turkmenistan"),), code="TM")])


@pytest.fixture(scope="session")
def shipped(seed):
    """Make the rules of one shipped list."""

    def make(folder, list_id):
        row = next(row for row in read_manifest(seed / folder) if row.list_id == list_id)
        return rules(*read_list(seed / folder, row))

    return make


@pytest.fixture(scope="session")
def dol(shipped):
    return shipped("lists", "us-dol-tvpra")


def asked(made, on=TODAY, **goods):
    goods = {name: frozenset(value) if isinstance(value, set) else value for name, value in goods.items()}
    return [(one.rule.row, one.how, one.matched, one.outcome) for one in match(Goods(**goods), made, on)]


def test_every_answer_names_list_version_row_and_what_matched(dol):
    (found,) = match(Goods(code="26050000", countries=frozenset({"CD"})), dol, TODAY)
    assert (found.rule.list_id, found.rule.row) == ("us-dol-tvpra", "Cobalt ore (heterogenite)/CD")
    assert found.rule.version
    assert (found.how, found.matched, found.outcome) == ("prefix", "2605", "listed")
    assert asked(dol, code="26050000", countries={"AU"}) == []


def test_a_material_counts_where_the_code_is_another(dol):
    said = asked(dol, code="85076000", materials={"cobalt"}, countries={"CD"})
    assert said == [("Cobalt ore (heterogenite)/CD", "material", "cobalt", "listed")]


def test_the_longest_prefix_wins_in_one_list_and_country(version):
    yarn = ListEntry("us-dol-tvpra", "yarn", "goods", (Name("Thread/Yarn"),), country="IN")
    cotton = ListEntry("us-dol-tvpra", "cotton", "goods", (Name("Cotton"),), country="IN")
    abroad = ListEntry("us-dol-tvpra", "abroad", "goods", (Name("Cotton"),), country="UZ")
    made = rules(version(list_id="us-dol-tvpra"), [cotton, yarn, abroad])
    said = asked(made, code="52051100", countries={"IN", "UZ"})
    assert [(row, matched) for row, _, matched, _ in said] == [("yarn", "5205"), ("abroad", "52")]
    assert [row for row, *_ in asked(made, code="52010000", countries={"IN"})] == ["cotton"]


def test_words_and_parts_of_a_code_are_only_questions(dol):
    said = asked(dol, description="Solar modules, 400 W", countries={"CN"})
    assert said == [("Solar Modules/CN/from-CN", "hint", "Solar Modules", "question")]
    assert [(how, outcome) for _, how, _, outcome in asked(dol, code="8507", countries={"CN"})] == [
        ("hint", "question")
    ]
    assert asked(dol, code="72081000", description="Solar modules, 400 W", countries={"CN"}) == []


@pytest.mark.parametrize(
    ("proved", "outcome"),
    [
        ({}, "listed"),
        ({"cobalt": frozenset()}, "listed"),
        ({"lithium": frozenset({"AU"})}, "listed"),
        ({"cobalt": frozenset({"CD", "AU"})}, "listed"),
        ({"cobalt": frozenset({"AU"})}, "excluded"),
    ],
)
def test_a_derived_good_raises_unless_the_chain_proves_other_inputs(dol, proved, outcome):
    (found,) = match(Goods(code="85076000", countries=frozenset({"CN"}), proved=proved), dol, TODAY)
    assert (found.rule.row, found.rule.derived_from, found.rule.inputs) == (
        "Lithium-Ion Batteries/CN/from-CD", "CD", ("cobalt",),
    )  # fmt: skip
    assert found.outcome == outcome
    assert "cobalt" in found.reason


def test_orders_on_all_goods_of_a_country_are_rules_too(places, version):
    columns = "Country,Country Code,Industry,Status,WRO/Finding,Entity,Merchandise,Effective Date,Press Release\n"
    line = "Turkmenistan,TM,Apparel,Active,WRO,All Cotton from Turkmenistan,Cotton,05/18/2018,https://cbp.example\n"
    reading = wro.read((columns + line).encode(), places, TODAY)
    made = rules(version(list_id="us-cbp-wro"), reading.entries)
    assert [said[1:] for said in asked(made, code="52010000", countries={"TM"})] == [("prefix", "52", "listed")]
    assert asked(made, date(2018, 5, 17), code="52010000", countries={"TM"}) == []


def test_sectors_count_from_the_year_they_were_named(shipped):
    made = shipped("tables", "us-uflpa-sectors")
    assert [said[1:] for said in asked(made, code="74031100", countries={"CN"})] == [("prefix", "74", "listed")]
    assert asked(made, date(2024, 12, 31), code="74031100", countries={"CN"}) == []
    assert [said[2] for said in asked(made, materials={"lithium"}, countries={"CN"})] == ["lithium"]


def test_annex_i_says_what_the_rules_say_for_every_line(shipped):
    made = shipped("tables", "eu-2017-821-annex-i")
    assert len(made) == 23
    for rule in made:
        for prefix in rule.prefixes:
            code = prefix.ljust(8, "0")
            for taric in (None, rule.taric, "99"):
                fitting = {row for row, *_ in asked(made, code=code, taric=taric)}
                record = {"cn_code": code} | ({"taric_subdivision": taric} if taric else {})
                row = annex_row(record)
                assert (row.row_id in fitting) if row else not fitting


def test_an_ex_line_asks_for_the_taric_code_or_its_condition(shipped):
    made = shipped("tables", "eu-2017-821-annex-i")
    assert [said[3] for said in asked(made, code="26159000")] == ["question"]
    assert [said[3] for said in asked(made, code="26159000", taric="10")] == ["listed"]
    assert asked(made, code="26159000", taric="90") == []
    assert {said[3] for said in asked(made, code="71081200")} == {"question"}
    assert asked(made, code="71131900", materials={"gold"}) == []
    assert [said[3] for said in asked(made, code="26090000")] == ["listed"]


def test_the_reviewed_table_names_goods_and_codes_that_exist(seed):
    codes = {row["code"] for row in csv.DictReader((seed / "tables/hs.csv").read_text().splitlines())}
    listed = {
        list_id: {row["primary"] for row in csv.DictReader((seed / path).read_text().splitlines())}
        for list_id, path in (
            ("us-dol-tvpra", "lists/us-dol-tvpra.csv"), ("us-uflpa-sectors", "tables/us-uflpa-sectors.csv"),
        )
    }  # fmt: skip
    for row in csv.DictReader(_TABLE.read_text().splitlines()):
        assert set(row["prefixes"].split("|")) <= codes, row
        assert row["good"] in listed.get(row["list_id"], {row["good"]})
        assert row["basis"]
        assert date.fromisoformat(row["reviewed"]) <= TODAY
