"""How words of rules are found: beginnings after other words, heads of compounds, and places of every listed area."""

import csv

import pytest

from traceability.documents.batch import passages
from traceability.documents.matching import build_prefilter, hits
from traceability.documents.rulefiles import FOLDER, read_rules
from traceability.documents.screening import _severity
from traceability.documents.sequences import SequenceIndex
from traceability.documents.statements import statements
from traceability.documents.vocabulary import place_names, place_rules

RULE = """
id: nl.test.rule
version: 1
lang: nl
kind: concept
topic: smelter_gap
match:
  - sequence: [["*smelter"], 4, ["niet gecontroleer*"]]
"""
# Listed areas whose names are words of everyday ("Centre", "Lakes") or that no paper of ours would name.
UNNAMED = {"HT", "LB", "SO", "SS", "SD", "UA", "YE"}


def label(text, lang):
    (row,) = passages([{"id": "1", "text": text, "lang": lang}])
    return row


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("de tinsmelter werd niet gecontroleerd", True),
        ("de smelter is niet gecontroleerde waar", True),
        ("de smelterij werd niet gecontroleerd", False),
        ("de tinsmelter werd niet", False),
        ("de tinsmelter werd wel gecontroleerd", False),
    ],
)
def test_a_beginning_after_other_words_and_the_head_of_a_compound_are_found(tmp_path, text, found):
    path = tmp_path / "nl.test.yml"
    path.write_text(RULE, encoding="utf-8")
    (rule,) = read_rules(path, {})
    index = SequenceIndex(lambda phrase: tuple(phrase.split(" ")))
    index.add(rule.id, rule.sequences[0])
    assert [name for name, _ in index.find(text.split(" "))] == [rule.id] * found
    assert bool(list(hits(build_prefilter([rule]), text))) >= found


def test_every_country_with_listed_areas_is_known_by_each_area_that_has_a_name_of_its_own():
    with (FOLDER / "areas.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["code"] for row in csv.DictReader(line for line in file if not line.startswith("#"))}
    unknown = codes - {rule.value for rule in place_rules()}
    assert {code for code in unknown if code[:2] not in UNNAMED} == set()
    assert len(unknown) < 35


def test_countries_have_their_names_in_every_language():
    names = place_names()
    wanted = {"cambogia": "KH", "jordanië": "JO", "guatemala": "GT", "约旦": "JO", "koweït": "KW", "tunesien": "TN"}
    assert {name: names.get(name) for name in wanted} == wanted


def test_an_action_taken_is_no_case_for_an_officer():
    from traceability.documents.engine import Context, engine_for

    text = "The fees were repaid to the workers in Johor."
    said = [each for each in statements(engine_for("en").read(text, Context()), "en") if each.kind == "MITIGATION"]
    assert said
    assert {_severity(each) for each in said} == {None}
    row = label("Debt stood at par; bond holders of the plant were repaid.", "en")
    assert not row["risk"]


@pytest.mark.parametrize(
    ("text", "lang", "named"),
    [
        ("The smelter of tin Nordal delivered.", "en", True),
        ("Approved refinery: Nordal Ost.", "en", True),
        ("The smelter in Xinjiang delivered.", "en", False),
        ("The refinery was audited by Bureau Veritas.", "en", False),
    ],
)
def test_the_name_of_a_smelter_may_stand_behind_the_metal_it_makes(text, lang, named):
    assert ("NAMES_SMELTER" in label(text, lang)["labels"]) is named


def test_what_somebody_does_not_explain_is_not_denied():
    text = "We stop paying until the mill does not only promise but explains why boys carry ore at its pit in Kolwezi."
    assert label(text, "en")["risk"]
    text = "Solange die Mühle nicht erklärt, warum Kinder in der Grube bei Kolwezi Erz tragen, zahlen wir nicht."
    assert label(text, "de")["risk"]
