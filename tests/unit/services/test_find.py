"""A party is found by parts of its name, however they are spelled; a letter or two find nobody."""

import pytest

from traceability.lists.fold import tokens
from traceability.services.find_by import says


@pytest.mark.parametrize("text", ["demo metals", "METALS", "Métals", "metals b.v.", "B.V. Demo", "etal"])
def test_every_word_stands_in_the_name(text):
    assert says("Demo Metals B.V.", tokens(text))


@pytest.mark.parametrize("text", ["", "e", "de", "!!!", "demo steel", "demometals"])
def test_too_little_or_another_word_finds_nobody(text):
    assert not says("Demo Metals B.V.", tokens(text))
