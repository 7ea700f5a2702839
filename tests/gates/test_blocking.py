"""The gate of blocking: whom a misspelt name means is among the candidates that are compared."""

from bench.blocking import LEAST, measure, verdict
from traceability.documents.evaluation import Rate


def test_a_misspelt_name_is_among_the_candidates():
    rate = measure()
    assert rate.of > 900
    assert rate.right >= LEAST * rate.of


def test_the_verdict_is_by_the_share():
    assert (verdict(Rate(199, 200)), verdict(Rate(198, 200))) == ("met", "MISSED")
