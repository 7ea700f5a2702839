import pytest

from traceability.lists.contradictions import father_and_son, in_digits, left_over, numbers_of
from traceability.lists.likeness import align, alike
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms


@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("brigade forty four", "brigade 44"),
        ("third battalion", "3 battalion"),
        ("7th brigade", "7 brigade"),
        ("twenty 5", "25"),
        ("twenty twelve", "20 12"),
        ("fourth estate", "4 estate"),
        ("st nd", "st nd"),
        ("thirty", "30"),
        ("mine viii", "mine 8"),
        ("siete hermanas", "7 hermanas"),
        ("trois freres", "3 freres"),
    ],
)
def test_numbers_in_words(name, digits):
    assert " ".join(in_digits(tuple(name.split()))) == digits


def test_the_numbers_of_a_name():
    assert numbers_of(("mine", "7", "shaft", "12")) == "7 12"


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("salman bin muhammad", "muhammad bin salman", True),
        ("salman bin muhammad", "salman bin muhammad", False),
        ("bin salman muhammad", "muhammad bin salman", False),
        ("imed ben mekki zarkaoui", "zarkaoui imed ben mekki ben akhdar", False),
        ("ali bin ali", "ali bin ali", False),
        ("salman muhammad", "muhammad salman", False),
    ],
)
def test_father_and_son_exchanged(one, other, said):
    here, there = tuple(one.split()), tuple(other.split())
    assert father_and_son(here, there, align(here, there, alike)) is said


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("Kivu Gold Trading", "Kivu Gold Mining", 1 / 3),
        ("Kivu Gold", "Kivu Gold Mining", 0),
        ("Haji Khairullah Barakzai", "Mullah Khairullah Barakzai", 0),
        ("Bank of Kivu", "Bank of Ituri", 0.5),
    ],
)
def test_what_is_left_over_on_both_sides(one, other, share):
    assert left_over(*_compared(one, other, 0)) == pytest.approx(share)


def test_what_stands_in_brackets_contradicts_another_word_only():
    assert left_over(*_compared("Bank of Kivu (Goma)", "Bank of Kivu Bunia", 1)) == pytest.approx(0.5)
    assert left_over(*_compared("Bank of Kivu (Goma)", "Bank of Kivu", 1)) == 0


def _compared(one, other, form):
    here = list(forms_of(one, "Person", default_forms()))[form]
    there = next(forms_of(other, "Person", default_forms()))
    return here, there, align(here.core, there.core, alike)
