"""The keys of a party's numbers: each once, since a name is posted once under each key."""

from traceability.lists.entries import Identifier
from traceability.services.name_postings import identifier_keys


def test_a_number_under_two_names_is_one_key():
    twice = [Identifier("registration", "900123456", "CO"), Identifier("tax", "900.123.456", "CO")]
    assert len(identifier_keys(twice)) == 1
    assert identifier_keys([*twice, Identifier("passport", "900123456", "CO"), Identifier("imo", "9074728")]) == sorted(
        {*identifier_keys(twice), "i:passport|CO|900123456"}
    )
