"""What is said of a name that was compared: one shape for the command line, the API and whoever reads either."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from traceability.lists.match import REVIEW_FROM, Hit, Query, decide, decision


def answer(
    query: Query, hits: Sequence[Hit], candidates: Sequence[dict[str, Any]], key: str | None,
    review_from: Decimal = REVIEW_FROM,
) -> dict[str, Any]:  # fmt: skip
    """Return what is said of one query, under the id it was asked with."""
    said = {"query": query.name, "decision": decide(hits, review_from), "candidates": list(candidates)}
    return said if key is None else {"id": key, **said}


def candidate(hit: Hit, version: str | None, review_from: Decimal = REVIEW_FROM) -> dict[str, Any]:
    """Return one list entry that a query met, with the version of its list; None for a table that has none."""
    return {
        "id": hit.entry_key,
        "name": hit.listed_name,
        "score": float(hit.score),
        "decision": decision(hit, review_from),
        "match_basis": hit.match_basis,
        "alignment": [step.as_dict() for step in hit.explanation],
        "list_id": hit.list_id,
        "list_version": version,
    }
