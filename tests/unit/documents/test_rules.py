import pytest

from traceability.documents import language, rulefiles
from traceability.documents.matching import build_prefilter, hits
from traceability.documents.rules import check_files
from traceability.errors import InvalidInput

GOOD = """
id: en.test.rule
version: 1
lang: en
kind: concept
topic: ILO-07
direct: true
match:
  - pattern: [{LOWER: {IN: [impounded]}}, {OP: "{0,3}"}, {LOWER: visas}]
examples:
  - {text: "They [[impounded the visas]].", assertion: affirmed}
  - {text: "They slept.", none: true}
"""


def write(tmp_path, text, name="en.test.yml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def messages(path):
    return [problem.message for problem in check_files([path])]


def test_every_rule_of_the_product_holds_its_own_examples():
    assert check_files() == []


def test_every_covered_language_has_rules_on_every_concern():
    concerns = {"forced_labour", "child_labour", "armed_group", "origin_undetermined"}
    for lang in ("en", "fr", "de", "nl", "es", "pt", "it", "zh"):
        assert concerns <= {rule.topic for rule in rulefiles.load_rules() if rule.lang == lang}


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_why_a_passage_was_found_is_said_in_english_whatever_its_language(lang):
    """Officers read it beside the quote: the same words for the same topic, never a code of ours."""
    said = {(rule.topic, rule.why) for rule in rulefiles.rules_of(lang) if rule.kind == "concept"}
    assert said <= {(rule.topic, rule.why) for rule in rulefiles.rules_of("en") if rule.kind == "concept"}
    assert all(why and "_" not in why for _, why in said)


def test_the_prefilter_finds_what_the_rules_find():
    for rule in rulefiles.load_rules():
        if rule.kind == "concept":
            automaton = build_prefilter([rule])
            for example in rule.examples:
                if not example.none:
                    assert list(hits(automaton, example.text.lower())), (rule.id, example.text)


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_addresses_of_the_web_between_the_words_of_a_rule_hide_nothing(lang):
    """Each is one word, whatever its length."""
    address = " https://example.org/" + "minutes-of-the-meeting/" * 12
    for rule in rulefiles.load_rules():
        if rule.kind == "concept" and rule.lang == lang:
            automaton = build_prefilter([rule])
            for sequence in rule.sequences:
                words = [address * slot if isinstance(slot, int) else f" {slot[0].rstrip('*')}" for slot in sequence]
                assert list(hits(automaton, "".join(words).lower())), (rule.id, sequence)


def test_words_far_away_announce_no_rule_beside_an_address():
    automaton = build_prefilter([rule for rule in rulefiles.rules_of("en") if rule.id == "en.forced_labour.isolation"])
    text = f"phones https://example.org/{'a' * 99} {{}} they were taken, said the report"
    assert list(hits(automaton, text.format("which")))
    assert list(hits(automaton, text.format("which " * 90))) == []


def test_the_hash_is_of_the_files():
    assert rulefiles.ruleset_hash() == rulefiles.ruleset_hash()
    assert len(rulefiles.ruleset_hash()) == len("sha256:") + 64


def test_an_example_that_does_not_hold_is_said(tmp_path):
    path = write(tmp_path, GOOD.replace("impounded the visas", "took the visas"))
    assert "not matched" in messages(path)[0] or "read as" in messages(path)[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("topic: ILO-07", "topic: ILO-99"), "topic ILO-99 is not known"),
        (("lang: en", "lang: tlh"), "language tlh"),
        (("kind: concept", "kind: verdict"), "kind verdict"),
        (('  - {text: "They slept.", none: true}\n', ""), "needs at least one example"),
        ((", assertion: affirmed", ""), "names no assertion"),
        (("{LOWER: visas}", "{TEXT: {REGEX: '(a+)+$'}}"), "expressions are not taken"),
        (("version: 1", "version: one"), "cannot be read"),
        (("direct: true", "wild: true"), "unknown fields"),
        (('  - pattern: [{LOWER: {IN: [impounded]}}, {OP: "{0,3}"}, {LOWER: visas}]', "  - {}"), "matches nothing"),
    ],
)
def test_faults_are_said_with_their_rule(tmp_path, change, message):
    found = check_files([write(tmp_path, GOOD.replace(*change))])
    assert any(message in problem.message for problem in found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("kind: concept", "kind: cue\ndirection: sideways\nassertion: negated"), "direction sideways"),
        (("kind: concept", "kind: cue\ndirection: both\nassertion: maybe"), "assertion maybe"),
        (("kind: concept", "kind: heading\nassertion: loud"), "of a heading"),
    ],
)
def test_faults_of_cues_and_headings(tmp_path, change, message):
    assert any(message in text for text in messages(write(tmp_path, GOOD.replace(*change))))


def test_ids_are_unique(tmp_path):
    assert any("unique" in text for text in messages(write(tmp_path, GOOD + "---" + GOOD)))


@pytest.mark.parametrize("text", ["a: [", "- just\n- a list\n"])
def test_a_file_that_is_no_rule_file_is_said(tmp_path, text):
    (problem,) = check_files([write(tmp_path, text)])
    assert problem.path == "en.test.yml"


def test_word_lists_hold_no_rules(tmp_path):
    assert check_files([write(tmp_path, "a: [b]", "en.words.yml")]) == []


def test_a_set_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(InvalidInput):
        rulefiles.read_rules(
            write(
                tmp_path,
                GOOD.replace('[impounded]}}, {OP: "{0,3}"}, {LOWER: visas}]', "[x]}}]\n  - literal: [$nobody]"),
            ),
            {},
        )
