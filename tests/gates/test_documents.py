"""The gate of document screening: no figure of the reported half is below its floor, and the sets are what they say."""

from collections import Counter
from dataclasses import replace

import pytest

from bench.passage_figures import below_english, figures, label_rates, measure, share, tells_risk
from bench.passage_floors import AT_LEAST, AT_MOST, below, floors, read_floors
from bench.passages import (
    LANGUAGES,
    Answer,
    Passage,
    answered,
    failures,
    found_minerals,
    read_passages,
    unmarked,
    wanted_minerals,
)
from traceability.documents.evaluation import INCIDENT_LABELS, Rate

INCIDENTS = {
    "FORCED_LABOUR": "FORCED_LABOUR_INCIDENT",
    "CHILD_LABOUR": "CHILD_LABOUR_INCIDENT",
    "ARMED_GROUP": "ARMED_GROUP_INCIDENT",
}
LABELS = INCIDENT_LABELS | {
    "NEGATED_SOURCING", "POLICY", "NAMES_SMELTER", "MINERAL", "MITIGATION", "NEGATED_INCIDENT",
}  # fmt: skip
ASSERTIONS = {"affirmed", "negated", "hypothetical", "policy", "definition", "reported", "historical", "remediated"}
CONCEPTS = {*INCIDENTS, "MINERAL_SOURCING", "ORIGIN", "SMELTER"}
ILO = {f"ILO-{number:02}" for number in range(1, 12)}
TOPICS = ILO | {"forced_labour", "child_labour", "armed_group", "sourcing", "origin_undetermined"}
OF_CONCEPT = {
    "FORCED_LABOUR": ILO | {"forced_labour"},
    "CHILD_LABOUR": {"child_labour"},
    "ARMED_GROUP": {"armed_group"},
    "MINERAL_SOURCING": {"sourcing", None},
    "ORIGIN": {"sourcing", "origin_undetermined", None},
    "SMELTER": {None},
}
CASES = {"affirmed", "reported", "historical", "remediated"}


@pytest.fixture(scope="session")
def passages():
    return list(read_passages())


@pytest.fixture(scope="session")
def pairs(passages):
    """Every passage with its answer, screened once for all tests."""
    return answered(passages)


def test_no_figure_of_the_reported_half_is_below_its_floor(pairs):
    table = read_floors()
    assert list(table) == list(LANGUAGES)
    assert below(pairs, table) == [], "after better rules: python -m bench.passage_floors --write"


def test_every_passage_is_answered_and_what_is_found_stands_where_it_says(pairs, passages):
    assert [want.id for want, _ in pairs] == [each.id for each in passages]
    for want, got in pairs:
        assert got.passage["id"] == want.id
        assert got.labels <= LABELS, want.id
        assert (got.target is None) == (want.target is None), want.id
        quoted = [(each["start"], each["end"], each["text"]) for each in got.passage["spans"]]
        quoted += [(each["start"], each["end"], each["quote"]) for each in got.passage["findings"]]
        for start, end, quote in quoted:
            assert 0 <= start < end <= len(want.text), want.id
            assert want.text[start:end] == quote, want.id
        if got.target:
            assert (got.target["concept"] in CONCEPTS, got.target["assertion"] in ASSERTIONS) == (True, True), want.id


def test_the_figures_of_both_halves_are_printed_for_every_language(pairs):
    report = measure(pairs)
    assert list(report) == ["reported half", "tuning half"]
    for of in report.values():
        assert list(of) == ["all languages", *LANGUAGES]
        assert of["all languages"]["assertion, by what it is"].keys() == ASSERTIONS
        assert (
            LABELS
            == of["all languages"]["labels found"].keys()
            == of["all languages"]["labels right when given"].keys()
        )
        assert sum(of[lang]["assertion"]["of"] for lang in LANGUAGES) == of["all languages"]["assertion"]["of"]


def test_failures_of_the_reported_half_are_never_listed(pairs, passages):
    """An engine that finds nothing fails everywhere: only ids of the tuning half are told."""
    nothing = [(want, replace(got, passage={**got.passage, "labels": [], "spans": []})) for want, got in pairs]
    tuning = {each.id for each in passages if not each.reported}
    told = [words.split(" ")[0] for lang in LANGUAGES for words in failures(nothing, lang, "MINERAL")]
    assert set(told) == {each.id for each in passages if "MINERAL" in each.labels} & tuning


def test_every_passage_has_an_id_of_its_own_and_words_of_its_own(passages):
    counted = Counter(each.id[:2] for each in passages)
    for lang in LANGUAGES:
        assert [each.id for each in passages if each.lang == lang] == [
            f"{lang}-{number:04}" for number in range(1, counted[lang] + 1)
        ]
        assert 546 <= counted[lang] <= 682
    assert [text for text, times in Counter(each.text for each in passages).items() if times > 1] == []


def test_every_field_says_what_the_readme_names(passages):
    for each in passages:
        assert each.labels <= LABELS, each.id
        assert ("MINERAL" in each.labels) == bool(each.minerals), each.id
        assert each.region is None or each.region.startswith(f"{each.country}-"), each.id
        assert each.style, each.id
        assert each.case, each.id
        if each.target:
            assert (each.assertion in ASSERTIONS, each.topic in OF_CONCEPT[each.concept]) == (True, True), each.id
        else:
            fields = (each.concept, each.assertion, each.country, each.region, each.topic, each.risk)
            assert fields == (None, None, None, None, None, False), each.id
            assert each.labels <= {"MINERAL"}, each.id


def test_the_labels_keep_the_conventions_that_all_languages_have_in_common(passages):
    for each in passages:
        if each.assertion in CASES and each.concept in INCIDENTS:
            assert INCIDENTS[each.concept] in each.labels, each.id
            assert each.risk == (each.assertion in {"affirmed", "reported"}), each.id
            assert each.assertion != "remediated" or "MITIGATION" in each.labels, each.id
        if each.assertion in CASES and each.topic == "origin_undetermined":
            assert "ORIGIN_UNDETERMINED" in each.labels, each.id
        if each.assertion in {"negated", "policy", "definition", "historical", "remediated"}:
            assert not each.risk, each.id
        if each.assertion == "negated" and each.concept in INCIDENTS:
            assert "NEGATED_INCIDENT" in each.labels, each.id
        if each.assertion == "policy" and each.concept in INCIDENTS:
            assert "POLICY" in each.labels, each.id


def test_every_label_and_assertion_has_forty_passages_in_every_language(passages):
    """Over both halves; topics of a single ILO indicator and the concept smelter have fewer, as the README says."""
    for lang in LANGUAGES:
        own = [each for each in passages if each.lang == lang]
        counted = Counter(name for each in own for name in (*each.labels, each.assertion) if name)
        assert counted.keys() == LABELS | ASSERTIONS
        assert {name: times for name, times in counted.items() if times < 40} == {}, lang
        topics = Counter(each.topic for each in own if each.topic)
        assert topics.keys() == TOPICS
        assert min(topics.values()) >= 9, lang
        assert sum(each.concept == "SMELTER" for each in own) >= 27, lang
        assert 58 <= sum(each.target is None for each in own) <= 80, lang


def test_each_half_has_about_half_of_every_language_and_ten_of_every_label(passages):
    for lang in LANGUAGES:
        own = [each for each in passages if each.lang == lang]
        assert 0.45 < sum(each.reported for each in own) / len(own) < 0.55
        for half in (True, False):
            told = Counter(name for each in own if each.reported is half for name in (*each.labels, each.assertion))
            assert {name: told[name] for name in LABELS | ASSERTIONS if told[name] < 10} == {}, (lang, half)


@pytest.mark.parametrize("text", ["a [[b", "a b]]", "a ]]b[[", "[[a]] b]]", "[[a]] [[b]]", "a [[ ]] b", "[[[[a]]]]"])
def test_other_marks_than_one_pair_are_refused(text):
    with pytest.raises(ValueError, match="expected"):
        unmarked(text)


def test_marks_are_taken_out_and_leave_the_span_of_the_target():
    assert unmarked("no target") == ("no target", None)
    assert unmarked("our [[tin]] ore") == ("our tin ore", (4, 7))


def _pair(number, assertion, labels, said, minerals=(), found=()):
    risk = assertion == "affirmed"
    want = Passage(f"en-{number:04}", "our tin ore", (4, 7), "letter", "MINERAL_SOURCING", assertion, "CD", None, risk,
                   "sourcing", frozenset(labels), frozenset(minerals), "plain")  # fmt: skip
    target = {"concept": "MINERAL_SOURCING", "assertion": "affirmed", "country": None, "region": None, "risk": True}
    return want, Answer({"id": want.id, "labels": said, "risk": True, "spans": []}, target, frozenset(found))


def test_figures_count_what_is_found_missed_and_false():
    """A gate that cannot fail proves nothing."""
    pairs = [
        _pair(1, "affirmed", ["CAHRA_SOURCING", "MINERAL"], ["MINERAL"], ["coltan"], ["tantalum"]),
        _pair(2, "negated", ["NEGATED_SOURCING"], ["CAHRA_SOURCING"]),
        _pair(3, "negated", ["CHILD_LABOUR_INCIDENT"], []),
    ]
    told = figures(pairs)
    assert told["assertion"] == Rate(1, 3)
    assert (told["risk of the target, found"], told["risk of the target, false alarms"]) == (Rate(1, 1), Rate(2, 2))
    assert told["risk of the passage, false alarms"] == Rate(1, 1)
    assert [tells_risk(want) for want, _ in pairs] == [True, True, False]
    assert (told["labels"].hit, told["labels"].wanted, told["labels"].said) == (1, 4, 2)
    assert (share(told["labels"]), share(told["minerals"]), share(told["country"])) == (2 / 6, 1.0, 0.0)
    assert label_rates(pairs, "CAHRA_SOURCING") == (Rate(0, 1), Rate(0, 1))
    assert below_english(told, told)["labels"] == "+0.000"
    assert str(told["minerals"]).startswith("1.000 F1")
    assert "under 10" in str(told["minerals"])


def test_minerals_are_compared_by_the_word_of_the_facts():
    want = Passage("de-0001", "", None, "letter", None, None, None, None, False, None,
                   frozenset(), frozenset({"coltan", "diamond", "marble"}), "plain")  # fmt: skip
    spans = [{"label": "MINERAL", "text": text} for text in ("Coltans", "Diamanten", "Kobaltdepot", "Unobtanium")]
    assert wanted_minerals(want) == {"tantalum", "diamonds", "marble"}
    assert found_minerals(want, {"spans": spans}) == {"tantalum", "diamonds", "cobalt", "unobtanium"}


def test_a_floor_is_missed_from_either_side(pairs):
    """Bounds written now hold now; a floor above and a ceiling below what is measured do not."""
    written = {row["lang"]: row for row in floors(pairs)}
    assert below(pairs, written) == []
    strict = {lang: {**row, AT_LEAST[0]: "1.01", AT_MOST[0]: "-0.01", "passages": "1"} for lang, row in written.items()}
    assert len(below(pairs, strict)) == 3 * len(LANGUAGES)
