from datetime import date

import pytest

from traceability.diligence.definitions.scopes import batt_exempt, csddd_scope, df_scope, needs_receipt, valid_audit


@pytest.mark.parametrize(
    ("importer", "exempt"),
    [
        ({}, False),
        ({"net_turnover_eur": "39999999.999999", "part_of_group": False}, True),
        ({"net_turnover_eur": "40000000", "part_of_group": False}, False),
        ({"net_turnover_eur": "1"}, False),
        ({"net_turnover_eur": "1", "part_of_group": True}, False),
        ({"net_turnover_eur": "1", "part_of_group": True, "group_net_turnover_eur": "40000000"}, True),
        ({"net_turnover_eur": "1", "part_of_group": True, "group_net_turnover_eur": "40000000.000001"}, False),
        ({"part_of_group": False}, False),
    ],
)
def test_battery_exemption_by_turnover(importer, exempt):
    assert batt_exempt(importer, {}) is exempt


@pytest.mark.parametrize(
    ("battery", "exempt"), [({"second_life": True}, True), ({"second_life": False}, False), ({}, False)]
)
def test_battery_exemption_of_second_life(battery, exempt):
    assert batt_exempt({}, {"battery": battery}) is exempt


@pytest.mark.parametrize(
    ("importer", "bound"),
    [
        ({"employees": 5001, "net_turnover_eur": "1500000000.000001"}, True),
        ({"employees": 5000, "net_turnover_eur": "9000000000"}, False),
        ({"employees": 5001, "net_turnover_eur": "1500000000"}, False),
        ({"employees": 9000}, False),
        ({"net_turnover_eur": "9000000000"}, False),
    ],
)
def test_csddd_scope(importer, bound):
    assert csddd_scope(importer) is bound


def test_df_scope():
    assert df_scope({"sec_issuer": True}, ["cobalt", "tin"])
    assert not df_scope({"sec_issuer": True}, ["cobalt"])
    assert not df_scope({"sec_issuer": False}, ["tin"])
    assert not df_scope({}, ["tin"])


@pytest.mark.parametrize(
    ("audit", "valid"),
    [
        (None, False),
        ({"completed_on": "2025-05-01", "covers_all_activities": True}, True),
        ({"completed_on": "2025-04-30", "covers_all_activities": True}, False),
        ({"completed_on": "2026-05-01", "covers_all_activities": True}, True),
        ({"completed_on": "2026-05-02", "covers_all_activities": True}, False),
        ({"completed_on": "2026-01-01"}, False),
        ({"completed_on": "2026-01-01", "covers_all_activities": False}, False),
    ],
)
def test_valid_audit(audit, valid):
    assert valid_audit({} if audit is None else {"audit": audit}, date(2026, 5, 1)) is valid


def test_needs_receipt():
    assert needs_receipt([])
    assert needs_receipt([{"receipt_document_id": "D1"}, {"kind": "tax"}])
    assert not needs_receipt([{"receipt_document_id": "D1"}])
