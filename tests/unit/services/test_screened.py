from decimal import Decimal

import pytest

from traceability.lists.match import Hit
from traceability.services.screening import Screened, Subject


def hit(score, basis="fuzzy_name", quality="primary"):
    return Hit("un-sc", score, "Kagera Tungsten", basis, Decimal(score), quality, (), None, None)


@pytest.mark.parametrize(
    ("review_from", "shown"), [("0.75", ["1", "0.9", "0.8", "0.7"]), ("0.85", ["1", "0.9", "0.7"])]
)
def test_what_people_see_depends_on_the_threshold(review_from, shown):
    hits = (hit("1", "exact_name"), hit("0.9"), hit("0.8"), hit("0.72"), hit("0.7", quality="weak"))
    screened = Screened(Subject("Kagera Tungsen"), hits, ("",) * len(hits), review_from=Decimal(review_from))
    assert [item.entry_key for item, _ in screened.shown] == shown


def test_an_exact_name_is_seen_at_every_threshold():
    found = hit("0.5", "exact_name")
    assert Screened(Subject("Kagera"), (found,), ("who",), review_from=Decimal("0.9")).shown == [(found, "who")]
