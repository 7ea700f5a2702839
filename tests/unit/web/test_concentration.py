"""The page of concentration: bars as long as their shares, the line only where the law speaks of it, nothing hidden."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from traceability.diligence.reports.concentration import Consignment
from traceability.diligence.reports.concentration import concentration as report_of
from traceability.diligence.reports.model import About
from traceability.errors import InvalidQuery
from traceability.web import concentration

ABOUT = About("did:web:a.example", "A", (date(2026, 1, 1), date(2026, 12, 31)), date(2027, 1, 2))


def shares(material="cobalt", **countries):
    kg = {None if name == "none" else name: Decimal(amount) for name, amount in countries.items()}
    one = Consignment(
        (material,), sum(kg.values(), Decimal(0)), {"extraction": kg, "processing": {}, "recycling": {}}, "S"
    )
    return concentration.shares(report_of(ABOUT, [one], {}, []))


@pytest.mark.parametrize(
    ("countries", "beside", "width", "line"),
    [
        ({"CD": "65", "FI": "35"}, "not_above", "193.7", "194.7"), ({"CD": "66", "FI": "34"}, "above", "196.7", "194.7"),
        ({"CD": "50", "FI": "34", "none": "16"}, "cannot_tell", "149.0", "194.7"), ({"FI": "100"}, "in_union", "298.0", None),
        ({"none": "100"}, "unknown", "298.0", None),
    ],
)  # fmt: skip
def test_a_bar_is_as_long_as_its_share_and_has_the_line_only_for_third_countries(countries, beside, width, line):
    first = shares(**countries)[0]
    bar = concentration.bar(first)
    assert (first.beside, bar["state"], bar["width"], bar["line"]) == (beside, beside, width, line)
    assert ("65 %" in bar["said"] or beside == "cannot_tell") == (line is not None)


def test_a_material_that_is_not_strategic_stands_in_the_table_and_has_no_bar():
    found = shares("tantalum", CD="5")
    assert (found[0].strategic, found[0].beside) == (False, "not_strategic")
    assert concentration.grouped(found) == []
    assert concentration._row(found[0])["annex"] == "critical (Annex II)"


def test_words_that_the_report_may_say_one_day_are_no_good_news():
    assert concentration._beside("a word of next year") == "cannot_tell"


def test_without_a_country_all_that_is_not_recorded_may_fall_away_too():
    (fallen,) = concentration.stress(shares(CD="50", FI="34", none="16"), "CD")
    assert (fallen.percent, fallen.most, fallen.left) == (Decimal(50), Decimal(66), ("FI",))
    assert concentration._stress_row(fallen)["left"] == "Finland"
    (alone,) = concentration.stress(shares(CD="5"), "CD")
    assert concentration._stress_row(alone)["left"] == "none that is recorded"


def test_a_group_says_what_is_in_the_union_and_what_is_not_recorded():
    ((key, of),) = concentration.grouped(shares(CD="50", FI="34", none="16"))
    group = concentration._group(key, of)
    assert group["name"] == "cobalt, extraction"
    assert group["said"] == "In the Union 34.00 %, not recorded 16.00 %."
    assert [one["name"] for one in group["bars"]] == ["Congo - Kinshasa (CD)", "Finland (FI)", "not recorded"]


@pytest.mark.parametrize(("asked", "found"), [("cd", "CD"), ("", None), ("XX", InvalidQuery), ("<b>", InvalidQuery)])
def test_only_a_country_of_the_shares_can_be_thought_away(asked, found):
    with Flask(__name__).test_request_context(query_string={"without": asked}):
        if found is InvalidQuery:
            with pytest.raises(InvalidQuery):
                concentration._without(shares(CD="5"))
        else:
            assert concentration._without(shares(CD="5")) == found
