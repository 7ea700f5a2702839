from datetime import date

import pytest

from traceability.diligence.definitions.smelters import (
    Schemes,
    last_valid_day,
    on_union_list,
    reference_date,
    smelter_state,
)

AS_OF = date(2026, 5, 1)
SCHEMES = Schemes({"recognised_schemes": {"entries": [{"scheme": "S", "valid_from": "2026-03-01"}]}})


def smelter(*assurances, **extra):
    return {"assurances": list(assurances)} | extra


def audit(**extra):
    return {"kind": "third_party_audit_report", "document_id": "X"} | extra


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({}, "none"),
        (smelter(), "none"),
        (smelter(audit()), "verified"),
        (smelter(audit(valid_to="2026-05-01")), "verified"),
        (smelter(audit(valid_to="2026-04-30")), "expired"),
        (smelter(audit(valid_from="2026-05-01")), "verified"),
        (smelter(audit(valid_from="2026-05-02")), "none"),
        (smelter(audit(valid_to="2026-04-30"), processed_on="2026-04-30"), "verified"),
        (smelter(audit(valid_to="2026-04-30"), {"kind": "union_list"}), "verified"),
        (smelter({"kind": "third_party_audit_report"}), "none"),
        (smelter({"kind": "third_party_audit_report", "valid_to": "2020-01-01"}), "none"),
        (smelter({"kind": "recognised_scheme", "scheme": "S"}), "verified"),
        (smelter({"kind": "recognised_scheme", "scheme": "S"}, processed_on="2026-02-28"), "none"),
        (smelter({"kind": "recognised_scheme", "scheme": "S", "valid_to": "2026-04-01"}), "expired"),
        (smelter({"kind": "recognised_scheme", "scheme": "T"}), "none"),
        (smelter({"kind": "recognised_scheme"}), "none"),
        (smelter({"kind": "union_list", "valid_to": "2026-04-30"}), "expired"),
    ],
)
def test_state(found, state):
    assert smelter_state(found, SCHEMES, AS_OF) == state


def test_nothing_is_recognised_unless_loaded():
    scheme = smelter({"kind": "recognised_scheme", "scheme": "S"})
    assert smelter_state(scheme, Schemes({}), AS_OF) == "none"


def test_union_list_is_covered_on_the_reference_date():
    listed = {"kind": "union_list", "valid_to": "2026-04-30"}
    assert not on_union_list(smelter(listed), AS_OF)
    assert on_union_list(smelter(listed, processed_on="2026-04-30"), AS_OF)
    assert not on_union_list(smelter(audit()), AS_OF)


def test_reference_date():
    assert reference_date({}, AS_OF) == AS_OF
    assert reference_date({"processed_on": "2026-01-01"}, AS_OF) == date(2026, 1, 1)


def test_last_valid_day_is_the_latest_end():
    ended = smelter(audit(valid_to="2026-01-31"), audit(valid_to="2026-02-28"), audit(valid_from="2027-01-01"))
    assert last_valid_day(ended, SCHEMES, AS_OF) == date(2026, 2, 28)
    assert last_valid_day({}, SCHEMES, AS_OF) is None
