"""Two names compared directly, without an index: every form of the one with every form of the other."""

from traceability.lists.entries import plain_schema
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms
from traceability.lists.qualifiers import NOTHING, Known
from traceability.lists.score import Pair


def best_pair(
    name1: str, name2: str, *, schema: str = "", asked: Known = NOTHING, listed: Known = NOTHING
) -> Pair | None:
    """Return the likest forms of two names as they were compared; None when one of them holds nothing to compare."""
    kind, forms = plain_schema(schema), default_forms()
    here, there = (tuple(forms_of(name, kind, forms)) for name in (name1, name2))
    pairs = (Pair(one, other, "primary", None, frozenset(), asked, listed) for one in here for other in there)
    return max(pairs, key=lambda pair: (pair.basis == "exact_name", pair.score), default=None)
