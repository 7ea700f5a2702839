import pytest

from traceability.lists.across import likeness_across, one_script, signs_alike
from traceability.lists.fold import tokens
from traceability.lists.skeleton import skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [("mohamed", "muhammad"), ("khaled", "xalid"), ("yousef", "yusuf"), ("husayn", "hussein"), ("fatima", "fatimah")],
)
def test_romanisations_share_their_consonants(one, other):
    assert skeleton(one) == skeleton(other) or {skeleton(one)[0], skeleton(other)[0]} == {"h", "k"}


@pytest.mark.parametrize("word", ["", "a", "aa", "y", "7"])
def test_short_words_have_a_skeleton_too(word):
    assert len(skeleton(word)) <= len(word)


@pytest.mark.parametrize(
    ("native", "latin"),
    [("محمد", "mohamed"), ("يوسف", "youssef"), ("السيسي", "sisi"), ("דוד", "david"), ("정은", "jongun")],
)
def test_words_across_scripts(native, latin):
    (word,) = tokens(native)
    assert likeness_across(native, "")(word, latin) >= 0.72


@pytest.mark.parametrize(("native", "latin"), [("محمد", "karim"), ("דוד", "moshe"), ("иван", "sergey")])
def test_other_words_across_scripts(native, latin):
    (word,) = tokens(native)
    assert likeness_across(native, "")(word, latin) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("", "", True), ("лавров", "путин", True), ("лавров", "", False), ("лавров", "محمد", False), ("田中", "タナカ", True),
     ("田中", "김정은", False)],
)  # fmt: skip
def test_scripts(one, other, same):
    assert one_script(one, other) is same


def test_signs():
    assert signs_alike("习近平", "习近朋") == pytest.approx(2 / 3)
    assert signs_alike("山田 太郎", "太郎 山田") == 1
    assert signs_alike("лавров", "путин") == 1
    assert signs_alike("김정은", "김정운") > 0.8  # one of nine letters
