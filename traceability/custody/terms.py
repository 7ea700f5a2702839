"""Our ``crm:`` terms of an event (epcis.md 3), each as the one type it may have; anything else counts as not said."""

from decimal import Decimal

from traceability.events.crm_terms import is_readable, number
from traceability.events.model import CustodyEvent

_PERCENT = (Decimal(0), Decimal(100))
_GRAIN = Decimal("0.000001")

__all__ = ["decimal_text", "kg_text", "number", "origin", "percent", "text", "texts"]


def text(event: CustodyEvent, name: str) -> str | None:
    """Return a term that is a non-empty string, or None."""
    value = event.crm(name)
    return value if isinstance(value, str) and value else None


def texts(event: CustodyEvent, name: str) -> tuple[str, ...]:
    """Return a term that is a string or a list of strings, without empty ones."""
    value = event.crm(name)
    members = value if isinstance(value, list) else [value]
    return tuple(member for member in members if isinstance(member, str) and member)


def percent(value: object) -> Decimal | None:
    """Return a number from 0 to 100 with at most six fraction digits, or None."""
    found = number(value)
    if found is None or not _PERCENT[0] <= found <= _PERCENT[1]:
        return None
    return found.quantize(_GRAIN)


def origin(event: CustodyEvent) -> tuple[str | None, str | None]:
    """Return the stated origin of a batch: ISO 3166-1 country, and ISO 3166-2 region where it lies in that country."""
    country, region = text(event, "originCountry"), text(event, "originRegion")
    if country is None or not is_readable("originCountry", country):
        return None, None
    lies_in_it = region is not None and is_readable("originRegion", region) and region[:2] == country
    return country, region if lies_in_it else None


def decimal_text(value: Decimal) -> str:
    """Return a decimal as the facts write it: no exponent, no needless zeros."""
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def kg_text(value: Decimal) -> str:
    """Return kilograms for people: to the gram, half to even, without needless zeros."""
    return decimal_text(Decimal(format(value, ".3f")))
