"""How long a record is kept: each ground, the longest of several, and what is not known."""

from datetime import date

import pytest

from traceability.diligence.packs.access import RETENTION_YEARS
from traceability.diligence.retention import BATT, CMR, CSDDD, LKSG, grounds_of, term

TIN = {"cn_code": "26090000"}
COBALT = {"cn_code": "81052000"}
SMALL = {"country": "NL", "employees": 10, "net_turnover_eur": "1000000"}
SINCE = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("importer", "goods", "codes"),
    [
        (SMALL, [TIN], ["CMR"]),
        (SMALL, [COBALT], []),
        (SMALL, [COBALT, TIN], ["CMR"]),
        (SMALL, [], []),
        (SMALL, None, ["CMR"]),  # goods nobody stated may be minerals
        (SMALL | {"country": "DE"}, [TIN], ["CMR", "LKSG"]),
        (SMALL | {"country": "DE"}, [COBALT], ["LKSG"]),
        (SMALL | {"employees": 6000, "net_turnover_eur": "2000000000"}, [COBALT], ["CSDDD"]),
        ({"country": "NL"}, [COBALT], ["CSDDD"]),  # a size nobody stated may be large
        ({"employees": 10, "net_turnover_eur": "1"}, [COBALT], ["LKSG"]),  # a country nobody stated may be Germany
        (SMALL | {"places_batteries_on_market": True}, [TIN], ["CMR", "BATT"]),
        (SMALL | {"places_batteries_on_market": True, "part_of_group": False}, [TIN], ["CMR"]),  # exempt by size
        (SMALL | {"management_system": {"record_retention_years": 12}}, [TIN], ["CMR", "POLICY"]),
        (SMALL | {"management_system": {"record_retention_years": 4}}, [TIN], ["CMR"]),
        (SMALL | {"management_system": {"record_retention_years": 12}}, [COBALT], []),  # a policy is no legal ground
    ],
)
def test_which_grounds_bind_an_importer(importer, goods, codes):
    assert [ground.code for ground in grounds_of(importer, goods)] == codes


def test_the_longest_ground_wins():
    found = term([CMR, LKSG, CSDDD], SINCE)
    assert (found.ground, found.ends_on) == ("LKSG", date(2033, 11, 25))


def test_the_day_the_term_ends_on_is_the_first_day_after_it():
    found = term([CMR], SINCE)
    assert not found.is_over(date(2031, 11, 24))
    assert found.is_over(date(2031, 11, 25))


def test_a_term_that_began_on_a_leap_day_ends_on_the_last_of_february():
    assert term([CMR], date(2024, 2, 29)).ends_on == date(2029, 2, 28)


@pytest.mark.parametrize("grounds", [None, [], [CMR, BATT]])
def test_what_is_not_known_never_ends(grounds):
    found = term(grounds, date(1990, 1, 1))
    assert found.ends_on is None
    assert not found.is_over(date.max)
    assert found.why


def test_an_importer_without_a_profile_is_not_known():
    assert grounds_of(None, [TIN]) is None


def test_the_rules_about_erasure_requests_have_the_same_years():
    assert RETENTION_YEARS == {"CMR": 5, "CSDDD": 5, "LKSG": 7, "BATT": 10}
