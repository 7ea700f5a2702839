"""The reader of the EU list of conflict-affected and high-risk areas."""

import json

import pytest

from traceability.errors import InvalidInput
from traceability.lists.readers import cahra


def test_cahra():
    entries = [
        {"countryName": "Burundi", "iso2": "BI", "wholeCountry": True, "regions": None},
        {
            "countryName": "DR Congo",
            "iso2": "CD",
            "wholeCountry": False,
            "regions": [{"name": "Nord-Kivu", "code": "CD-NK", "conflictAffected": True, "highRisk": False}],
        },
        {"countryName": "Nowhere", "iso2": "XX", "wholeCountry": False, "regions": []},
    ]
    data = json.dumps({"meta": {"version": "June"}, "entries": entries}).encode()
    reading = cahra.read(data)
    assert [(entry.code, dict(entry.extra)) for entry in reading.entries] == [
        ("BI", {"whole_country": "yes"}),
        ("CD-NK", {"conflict_affected": "yes", "high_risk": "no"}),
    ]
    assert [question.entry_key for question in reading.review] == ["XX"]
    assert cahra.version(data) == "June"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "the document"),
        ({"meta": {"version": "June"}}, "the document"),
        ({"meta": {"version": "June"}, "entries": [{"countryName": "X"}]}, "entries/0"),
        (
            {
                "meta": {"version": "June"},
                "entries": [
                    {"countryName": "X", "iso2": "XX", "wholeCountry": False, "regions": [{"name": "N", "code": "N"}]}
                ],
            },
            "entries/0/regions/0/code",
        ),
    ],
)
def test_another_form_is_refused_and_the_place_is_named(document, place):
    with pytest.raises(InvalidInput, match=f"^{place}: not the form of the CAHRA list"):
        cahra.read(json.dumps(document).encode())
