"""The allow-list of key algorithms, with the last day on which a new key is taken."""

from datetime import date

import pytest

from traceability.errors import InvalidInput
from traceability.ledger.algorithms import may_come_in, read_allowed, warning

DAY = date(2030, 12, 31)


def test_the_list_is_read():
    assert read_allowed("EdDSA, ES256:2030-12-31") == {"EdDSA": None, "ES256": DAY}
    assert read_allowed("Ed25519") == {"EdDSA": None}


@pytest.mark.parametrize(
    "text", ["", "RS256", "none", "EdDSA,Ed25519", "ES256:", "ES256:soon", "EdDSA;ES256", "HS256,EdDSA"]
)
def test_another_list_is_refused(text):
    with pytest.raises(InvalidInput, match="expected EdDSA, ES256 or both"):
        read_allowed(text)


def test_the_last_day_counts_and_the_day_after_does_not():
    allowed = read_allowed("EdDSA,ES256:2030-12-31")
    assert may_come_in("ES256", allowed, DAY)
    assert not may_come_in("ES256", allowed, date(2031, 1, 1))
    assert may_come_in("EdDSA", allowed, date.max)
    assert warning("EdDSA", allowed, DAY) is None
    assert "taken until 2030-12-31" in warning("ES256", allowed, DAY)
    assert "not taken after 2030-12-31; expected EdDSA" in warning("ES256", allowed, date(2031, 1, 1))


def test_what_is_not_listed_is_not_taken():
    assert not may_come_in("ES256", read_allowed("EdDSA"), date.min)
    assert "expected EdDSA" in warning("ES256", read_allowed("EdDSA"), DAY)
    assert "expected none" in warning("ES256", read_allowed("EdDSA:2020-01-01"), DAY)
