"""Towns count only where the words around them say that they are places."""

import pytest

from traceability.documents.engine import Context, engine_for
from traceability.documents.places import of_attention, shown


def places(text, lang="en"):
    reading = engine_for(lang).read(text, Context())
    return [match.rule.value for sentence in reading.sentences for match in sentence.of("place")]


@pytest.mark.parametrize(
    ("text", "lang", "code"),
    [
        ("Passports were kept in Manama.", "en", "BH"),
        ("The Manama yard was visited.", "en", "BH"),
        ("Finding 3 | Manama | open", "en", "BH"),
        ("Die Pässe lagen in Manama.", "de", "BH"),
        ("Los pasaportes estaban en Manama.", "es", "BH"),
        ("深圳的仓库", "zh", "CN"),
    ],
)
def test_a_town_tells_its_country(text, lang, code):
    assert code in {value[:2] for value in places(text, lang)}


def test_a_name_that_nothing_says_is_a_place_is_none():
    assert places("Ms Manama signed the letter.") == []


def test_a_part_of_a_country_that_is_not_listed_is_no_area_and_is_not_told():
    (code,) = places("The copper mine in Cananea was visited.")
    assert code == "MX-0"
    assert not of_attention("MX", code)
    assert shown(code) is None
    assert shown("MX-GRO") == "MX-GRO"
