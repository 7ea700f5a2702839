"""Which candidates are compared: the bound of what words and letters can say is never below what they do say."""

import csv
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traceability.lists.ceiling import worth_telling
from traceability.lists.compare import compare_words
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms

SETS = Path(__file__).parents[2] / "gates" / "names"
PERSONS = ("ali", "al", "abd", "rahman", "abdulrahman", "abdurrahman", "mohammed", "muhammad", "kim", "ya", "a", "bin")
FIRMS = ("mine", "mining", "dev", "development", "st", "saint", "npk", "npc", "tantalum", "tantalium", "m", "zhonghe")
NATIVE = ("الرحمن", "عبد", "محمد", "김", "정은", "Иван", "мохаммед", "רחמן")
READ = ("7", "seven", "9", "vii", "21", "twenty", "co", "ltd", "comapny", "company", "limited", "gmbh")
WORDS = st.sampled_from([*PERSONS, *FIRMS, *READ, *NATIVE])
NAMES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
SCHEMAS = st.sampled_from(["Person", "Organization", ""])


def forms(name, schema):
    return list(forms_of(name, schema, default_forms()))


def lost(asked, listed, least):
    """Return what is not told although words or letters say as much."""
    told = worth_telling(asked, listed, least)
    said = [(one, compare_words(asked, one)) for one, kept in zip(listed, told, strict=True) if not kept]
    return [one.folded for one, words in said if words is not None and words.most >= least]


@pytest.mark.parametrize(("least", "script"), [(0.45, ""), (0.55, ""), (0.7, ""), (0.55, "hangul"), (0.55, "arabic")])
def test_no_pair_of_the_gate_sets_is_lost(least, script):
    tables = [path.read_text("utf-8").splitlines() for path in sorted(SETS.glob("*.csv")) if path.stem != "floors"]
    rows = [row for lines in tables for row in csv.DictReader(lines) if row["script"].startswith(script)]
    drawn, missing, left_out = Random(4), [], 0
    for row in drawn.sample(rows, 150):
        others = [row, *drawn.sample([one for one in rows if one["script"] == row["script"]], 20)]
        schema = "Person" if row["schema"] == "Person" else "Organization"
        listed = [form for one in others for form in forms(one["name2"], schema)]
        for asked in forms(row["name1"], schema):
            missing += lost(asked, listed, least)
            left_out += worth_telling(asked, listed, least).count(False)
    assert missing == []
    assert left_out > 200


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, SCHEMAS, st.lists(NAMES, min_size=4, max_size=16), SCHEMAS, st.sampled_from([0.45, 0.55, 0.7]))
def test_whatever_two_names_say_is_told(name, schema, others, of_others, least):
    listed = [form for other in others for form in forms(other, of_others)]
    assert [lost(asked, listed, least) for asked in forms(name, schema)] == [[] for _ in forms(name, schema)]


SHORTENED = {
    "national": "natl", "association": "assn", "export": "exp", "holding": "hldg", "trading": "trdg", "mount": "mt",
    "industries": "ind", "services": "svcs", "saint": "st", "general": "gen",
}  # fmt: skip
"""How words are shortened; some of them are words of legal forms elsewhere (National Association)."""
WHOLE = st.lists(
    st.sampled_from(["national association", *SHORTENED, "trust", "zhonghe", "ltd", "김"]), min_size=2, max_size=4
).map(" ".join)


@settings(max_examples=60)
@given(st.data(), WHOLE, st.lists(WHOLE, min_size=12, max_size=14), SCHEMAS, st.sampled_from([0.55, 0.7, 0.9]))
def test_what_names_say_with_words_shortened_is_told(data, whole, others, schema, least):
    # Spelt out, shortened, or shortened with a blank within: "ex p".
    ways = [(word, (short := SHORTENED.get(word, word)), f"{short[:-1]} {short[-1:]}") for word in whole.split()]
    other = " ".join([data.draw(st.sampled_from(spelt)) for spelt in ways])
    for here, there in ((whole, other), (other, whole)):
        listed = [form for name in (there, *others) for form in forms(name, schema)]
        assert [lost(asked, listed, least) for asked in forms(here, schema)] == [[] for _ in forms(here, schema)]


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Trust Bank Natl Assn", "Trust Bank National Association"),
        ("Trust Bank National Association", "Trust Bank Natl Assn"),
        ("Kivu Ex P Company", "Kivu Export Company"),
    ],
)
def test_a_legal_form_is_known_by_its_abbreviations(asked, listed):
    others = ("Lubumbashi Copper", "Congo Copper", "Katanga Copper")
    told = worth_telling(
        forms(asked, "Organization")[0],
        [form for name in (listed, *others) for form in forms(name, "Organization")],
        0.7,
    )
    assert told == [True, False, False, False]


def test_names_that_share_a_common_word_only_are_left_out():
    listed = [*forms("Kivu Mining Company", "Organization")] + [
        form for name in ("Lubumbashi Copper", "Congo Copper", "Katanga Copper") for form in forms(name, "Organization")
    ]
    assert worth_telling(forms("Kivu Mining", "Organization")[0], listed, 0.7) == [True, False, False, False]
