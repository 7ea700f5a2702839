"""Which language a block is read in: words of several languages say nothing."""

from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

import pytest

from traceability.documents import language
from traceability.documents.rulefiles import rules_of

SPACY = Path(find_spec("spacy").origin).parent / "lang"
CALLED = {"no": "nb"}
"""Where spaCy calls a language by another code."""
WITHOUT_WORDS = {"sw"}
"""Languages told apart of which spaCy has no common words."""
NO_COMMON_WORDS = {"no": {"and"}}
"""What spaCy's list holds and the language does not say every day: a duck."""
ENGLISH = (
    "The auditors observed nine children washing cobalt ore at the ponds near Kolwezi in the morning. They were seen by "
    "those who work there, and the manager of the depot said that he would look into what had been found by them."
)
DUTCH = "Het is zo dat kinderen van tien jaar in de mijn werken, of we dat nu willen of niet."


def common_words(lang):
    """Return the words that spaCy calls common in a language, and every word of our rules in it."""
    # Read as a file: importing French compiles its tables for seconds.
    words = set(run_path(str(SPACY / CALLED.get(lang, lang) / "stop_words.py"))["STOP_WORDS"])
    for rule in rules_of(lang) if lang in language.LANGUAGES else ():
        groups = [slot for sequence in rule.sequences for slot in sequence if not isinstance(slot, int)]
        words.update(word for group in (rule.literals, *groups) for phrase in group for word in phrase.lower().split())
    return words - NO_COMMON_WORDS.get(lang, set())


@pytest.mark.parametrize("own", language._OWN_WORDS)
def test_no_own_word_of_a_language_is_common_in_another(own):
    others = {*language.LANGUAGES, *language._NEIGHBOURS} - {own} - WITHOUT_WORDS
    known = {lang: common_words(lang) for lang in others}
    assert all(len(words) > 50 for words in known.values())
    assert {lang: language._OWN_WORDS[own] & words for lang, words in known.items()} == {lang: set() for lang in others}


def test_a_dutch_sentence_in_an_english_paper_is_read_in_dutch():
    assert language.of_blocks([ENGLISH, ENGLISH, DUTCH]) == ["en", "en", "nl"]


def test_plain_english_in_an_english_paper_is_told_without_the_model(monkeypatch):
    asked = []
    monkeypatch.setattr(language, "detect", lambda text: asked.append(text) or ("en", True))
    assert language.of_blocks([ENGLISH]) == ["en"]
    assert asked == [ENGLISH[:300]]  # of the whole, and of no block
