"""Rates: counted by source, and a setting that is none told at the start."""

import pytest

from traceability.app import create_app
from traceability.errors import InvalidInput, TooManyRequests
from traceability.services.rates import Rates, check_rates


def test_a_rate_is_counted_by_source(make_settings):
    rates = Rates(make_settings("sqlite://", sign_in_rate="2 per hour"))
    for _ in range(2):
        rates.check("sign_in", "192.0.2.1")
    with pytest.raises(TooManyRequests, match="more than 2 per 1 hour from"):
        rates.check("sign_in", "192.0.2.1")
    rates.check("sign_in", "192.0.2.2")


@pytest.mark.parametrize("text", ["", "often", "0 per", "60 per fortnight", "0 per minute", "-1 per minute"])
def test_a_setting_that_is_no_rate_stops_the_start(text, make_settings, make_database, open_at, clock):
    service = open_at(make_settings(make_database("sqlite"), application_rate=text), clock)
    with pytest.raises(InvalidInput, match="TRACEABILITY_APPLICATION_RATE: expected a rate of one or more such as"):
        create_app(service=service)


@pytest.mark.parametrize("name", ["refusal_rate", "sign_in_rate", "application_rate"])
def test_the_setting_is_named_with_what_came(name, make_settings):
    with pytest.raises(InvalidInput) as refused:
        check_rates(make_settings("sqlite://", **{name: "60 per fortnight"}))
    told = f"TRACEABILITY_{name.upper()}: expected a rate of one or more such as 60 per minute or 5/hour"
    assert refused.value.detail == f"{told}; got '60 per fortnight'"


@pytest.mark.parametrize("address", ["", "elsewhere://me:secret@host"])
def test_a_store_of_rates_that_there_is_not_is_named_without_its_password(address, make_settings):
    with pytest.raises(InvalidInput, match="TRACEABILITY_RATE_STORAGE: expected memory:// or the address") as refused:
        check_rates(make_settings("sqlite://", rate_storage=address))
    assert "secret" not in refused.value.detail
