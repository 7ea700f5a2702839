import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.fold import MAX_CHARS, MAX_TOKENS, fold, is_latin, native, tokens, unaskable

ANY_TEXT = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MACHANGA LTD", "Machanga Ltd."),
        ("Ｍａｃｈａｎｇａ", "machanga"),  # full-width
        ("İSTANBUL MADEN", "istanbul maden"),  # dotted capital I
        ("DIYARBAKIR", "dıyarbakır"),  # dotless i
        ("ΜΕΤΑΛΛΑ ΑΕΒΕΣ", "μεταλλα αεβες"),  # final sigma
        ("Xin\u200bji\u00adang", "Xinjiang"),  # zero width, soft hyphen
        ("Mine ٣", "Mine 3"),
        ("Mine 7", "Mine ７"),
        ("Açaí Minérios", "acai minerios"),
        ("cafe\u0301", "café"),
        ("S.A. de C.V.", "SA de CV"),
        ("Hide & Garment", "Hide and Garment"),
        ("Côte d'Ivoire", "Cote dIvoire"),
        ("Tin–Tungsten  Co.,Ltd", "tin tungsten co ltd"),
        ("Straße", "STRASSE"),
        ("№ 4 Factory", "No 4 Factory"),
        ("Газпром", "GAZPROM"),
        ("Machanga\u00ae Ltd \U0001f3ed", "Machanga Ltd"),  # signs and emoji are no words
    ],
)
def test_two_spellings_meet(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Mine No. 7", "Mine No. 9"), ("Tin Co", "Tinco"), ("Co.Ltd", "Coltd")])
def test_different_names_stay_different(one, other):
    assert fold(one) != fold(other)


def test_nothing_to_compare_folds_to_nothing():
    assert fold(" .,;-\u200b\x00\ud800") == ""


def test_input_is_cut():
    assert len(tokens("a " * 1000)) == MAX_TOKENS
    assert len(fold("字" * 1000)) <= MAX_CHARS
    assert fold("x" * 1000) == "x" * MAX_CHARS


def test_native_keeps_the_script():
    assert native("Лэй  Чжан!") == "лэй чжан"
    assert native("张磊") != native("章雷")
    assert fold("张磊") == fold("章雷")


def test_is_latin():
    assert is_latin("Açaí Ｍ 7!")
    assert not is_latin("Xinji\u0430ng")  # a Cyrillic letter among Latin ones
    assert not is_latin("中国")


@given(ANY_TEXT)
def test_folding_is_total_and_settled(text):
    folded = fold(text)
    assert folded.isascii()
    assert len(folded) <= MAX_CHARS
    assert len(folded.split()) <= MAX_TOKENS
    assert fold(folded) == folded
    native(text)
    is_latin(text)


@pytest.mark.parametrize("character", ["a.", "(", "'", "&", "ﷺ", "́", " ;"])
def test_time_does_not_explode(character):
    started = time.process_time()
    fold(character * 500_000)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "at least one letter or digit"),
        (" \u200b\u0301-", "at least one letter or digit"),
        ("x" * (MAX_CHARS + 1), "at most 300 characters; got 301"),
        ("\u337f" * 90, "at most 300 characters"),  # four characters each, by NFKC
        ("x " * MAX_TOKENS + "Machanga", "at most 40 words"),
        ("\u5c71" * 140, "300 letters in Latin"),
        ("Machanga \ud800", "half a surrogate pair"),
    ],
)
def test_what_is_not_compared_whole_cannot_be_asked(name, why):
    assert why in unaskable(name)


@given(ANY_TEXT)
def test_a_name_that_may_be_asked_is_compared_to_its_last_word(name):
    if unaskable(name) is None:
        longer = tokens(f"{name} z")
        assert longer[: len(tokens(name))] == tokens(name) or len(longer) == MAX_TOKENS
        assert tokens(name)
