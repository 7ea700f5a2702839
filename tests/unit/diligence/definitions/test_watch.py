from datetime import date

import pytest

from traceability.diligence.definitions.watch import due, is_active, is_open, is_overdue, is_strong, is_weak

AS_OF = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("status", "expected"), [("open", True), ("substantiated", True), ("remediated", False), ("refuted", False)]
)
def test_open_report(status, expected):
    assert is_open({"status": status}) is expected


def test_report_without_status_is_open():
    assert is_open({})


@pytest.mark.parametrize(
    ("hit", "strong", "weak"),
    [
        ({"match_basis": "identifier"}, True, False),
        ({"match_basis": "exact_name"}, True, False),
        ({"match_basis": "exact_name", "disposition": "pending"}, True, False),
        ({"match_basis": "exact_name", "disposition": "rejected"}, False, False),
        ({"match_basis": "fuzzy_name"}, False, False),
        ({"match_basis": "fuzzy_name", "score": "0.75"}, False, True),
        ({"match_basis": "fuzzy_name", "score": "0.749999"}, False, False),
        ({"match_basis": "fuzzy_name", "score": "0.9", "disposition": "pending"}, False, True),
        ({"match_basis": "fuzzy_name", "score": "0.9", "disposition": "rejected"}, False, False),
        ({"match_basis": "fuzzy_name", "disposition": "confirmed"}, True, False),
        ({"match_basis": "identifier", "valid_to": "2026-04-30"}, False, False),
        ({"match_basis": "fuzzy_name", "score": "1", "valid_from": "2026-05-02"}, False, False),
    ],
)
def test_strong_and_weak_hits(hit, strong, weak):
    assert is_strong(hit, AS_OF) is strong
    assert is_weak(hit, AS_OF) is weak


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        ({"assertion": "affirmed"}, True),
        ({"assertion": "reported"}, True),
        ({"assertion": "affirmed", "disposition": "confirmed"}, True),
        ({"assertion": "affirmed", "disposition": "pending"}, True),
        ({"assertion": "affirmed", "disposition": "rejected"}, False),
        ({"assertion": "negated"}, False),
        ({"assertion": "historical"}, False),
        ({"assertion": "policy"}, False),
    ],
)
def test_active_signal(signal, expected):
    assert is_active(signal) is expected


def request(**extra):
    return {"regime": "CMR", "kind": "remedial_notice", "authority_country": "DE", "issued_on": "2026-04-01"} | extra


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (request(), date(2026, 5, 1)),
        (request(received_on="2026-04-02"), date(2026, 5, 2)),
        (request(due_on="2026-04-10"), date(2026, 4, 10)),
        (request(authority_country="FR"), None),
        (request(kind="information_request"), None),
        (request(regime="FLR"), None),
        (request(regime="FLR", kind="investigation_request"), None),
        (request(regime="FLR", kind="information_request", authority_country="EU"), date(2026, 5, 13)),
        (
            request(
                regime="FLR", kind="information_request", public_holidays=["2026-04-03", "2026-04-06", "2026-05-01"]
            ),
            date(2026, 5, 18),
        ),
    ],
)
def test_due(found, expected):
    assert due(found) == expected


def test_overdue_is_the_day_after():
    assert not is_overdue(request(due_on="2026-05-01"), AS_OF)
    assert is_overdue(request(due_on="2026-04-30"), AS_OF)
    assert not is_overdue(request(authority_country="FR"), AS_OF)
