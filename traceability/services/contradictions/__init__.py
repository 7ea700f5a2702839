"""What papers declare against the signed chain and shipment record: weight, lots, tags, dates, smelters, origin.

Only labelled fields are compared, and only where the paper cannot be right if the chain is: a paper of more goods than
these, of a part of them, or of a form of them that is not weighed alike, contradicts nothing (documents.md 9).
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from traceability.services.contradictions.dates import dates
from traceability.services.contradictions.lots import lots, tags
from traceability.services.contradictions.model import Chain, Contradiction, Paper
from traceability.services.contradictions.origins import denials, origins
from traceability.services.contradictions.smelters import smelters
from traceability.services.contradictions.weights import weights

__all__ = ["Chain", "Contradiction", "Paper", "contradictions"]

_MOST = 20
_MORE = "; the paper has more of this kind"
_CHECKS = (weights, lots, tags, dates, smelters)
_CODED = (origins, denials)


def contradictions(paper: Paper, chain: Chain) -> list[Contradiction]:
    """Return what a paper says that a chain contradicts.

    The rules raise a contrary origin (ORIGIN-MISMATCH) and a denied source (DOC-CLAIM-CONTRADICTED) themselves where
    there is a shipment record: these two are said here only of a batch without one.
    """
    checks = _CHECKS if chain.record else (*_CHECKS, *_CODED)
    return [found for check in checks for found in _first(check(paper, chain))]


def _first(found: Iterator[Contradiction]) -> list[Contradiction]:
    """Return the first few of a kind, the last of them saying that there are more: one paper cannot bury the others."""
    few = list(islice(found, _MOST + 1))
    return few if len(few) <= _MOST else [*few[: _MOST - 1], replace(few[_MOST - 1], why=few[_MOST - 1].why + _MORE)]
