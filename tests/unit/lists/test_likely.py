import pytest

from traceability.lists.likely import worth_comparing
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms


def form(name, schema="Person"):
    return next(forms_of(name, schema, default_forms()))


def kept(asked, listed):
    return list(worth_comparing(form(asked), [(7, form(listed))]))


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Jkasic Marko", "Marko Jaksic"),  # a misspelt word in another place
        ("Ahmed Abdullah Saleh al-Zahrani", "al-Zahrani, Ahmed"),  # words left out
        ("Abdul Rahman", "Abdulrahman"),
        ("Rahman", "رحمن"),  # another script is always compared
    ],
)
def test_what_may_be_the_same_is_compared(asked, listed):
    assert kept(asked, listed) == [7]


@pytest.mark.parametrize(
    ("asked", "listed"),
    [("Marko Jaksic", "Marko Petrovic"), ("Kamituga Alluvial Cooperative", "Lubumbashi Copper Cooperative")],
)
def test_what_shares_a_common_word_only_is_not(asked, listed):
    assert kept(asked, listed) == []
