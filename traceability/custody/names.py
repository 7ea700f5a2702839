"""Identifiers as this room compares them: normalised once and remembered, as one chain names the same few often."""

from collections.abc import Iterable
from functools import lru_cache

from traceability.events.identifiers import is_lot, normalise
from traceability.events.model import Quantity

_REMEMBERED = 2**15
_LONGEST = 300  # longer ones are rare, and would let a sender fill the memory

_short_name = lru_cache(_REMEMBERED)(normalise)
_is_short_lot = lru_cache(_REMEMBERED)(is_lot)


def name_of(uri: str) -> str:
    """Return the spelling under which an identifier is compared (epcis.md 4)."""
    return _short_name(uri) if len(uri) <= _LONGEST else normalise(uri)


def is_batch(quantity: Quantity) -> bool:
    """Tell whether a quantity element is about a batch, an EPC class at lot level."""
    uri = quantity.epc_class
    return _is_short_lot(uri) if len(uri) <= _LONGEST else is_lot(uri)


def batches_in(quantities: Iterable[Quantity]) -> list[str]:
    """Return the names of the batches in a quantity list, in its order."""
    return [name_of(quantity.epc_class) for quantity in quantities if is_batch(quantity)]
