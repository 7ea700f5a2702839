"""Rates: counted by source, and a setting that is none told at the start."""

import pytest

from traceability.app import create_app
from traceability.errors import InvalidInput, TooManyRequests
from traceability.services.rates import Rates


def test_a_rate_is_counted_by_source(make_settings):
    rates = Rates(make_settings("sqlite://", sign_in_rate="2 per hour"))
    for _ in range(2):
        rates.check("sign_in", "192.0.2.1")
    with pytest.raises(TooManyRequests, match="more than 2 per 1 hour from"):
        rates.check("sign_in", "192.0.2.1")
    rates.check("sign_in", "192.0.2.2")


@pytest.mark.parametrize("text", ["", "often", "0 per", "60 per fortnight"])
def test_a_setting_that_is_no_rate_stops_the_start(text, make_settings, make_database, open_at, clock):
    service = open_at(make_settings(make_database("sqlite"), application_rate=text), clock)
    with pytest.raises(InvalidInput, match="TRACEABILITY_APPLICATION_RATE: expected a rate such as"):
        create_app(service=service)
