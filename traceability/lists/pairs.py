"""Two names compared directly, without an index: every form of the one with every form of the other."""

from collections.abc import Iterable

from traceability.lists.entries import plain_schema
from traceability.lists.nameform import NameForm, forms_of
from traceability.lists.orgforms import default_forms
from traceability.lists.qualifiers import NOTHING, Known
from traceability.lists.score import Pair


def best_pair(
    name1: str, name2: str, *, schema: str = "", asked: Known = NOTHING, listed: Known = NOTHING
) -> Pair | None:
    """Return the likest forms of two names as they were compared; None when one of them holds nothing to compare."""
    kind = plain_schema(schema)
    forms = default_forms()
    here, there = (list(forms_of(name, kind, forms)) for name in (name1, name2))
    return likest(Pair(one, other, "primary", None, frozenset(), asked, listed) for one in here for other in there)


def likest(pairs: Iterable[Pair]) -> Pair | None:
    """Return the pair with the highest score, the first of equals."""
    return max(pairs, key=lambda pair: (pair.basis == "exact_name", pair.score), default=None)


__all__ = ["NameForm", "best_pair", "likest"]
