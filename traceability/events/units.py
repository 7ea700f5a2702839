"""Kilograms from UN/ECE Recommendation 20 mass units, exactly; other units are not kilograms and stay unknown."""

from decimal import Decimal, localcontext

_KILOGRAMS_PER = {
    "KGM": Decimal(1),
    "GRM": Decimal("0.001"),
    "TNE": Decimal(1000),
    "LBR": Decimal("0.45359237"),
}
_DIGITS = 500
"""Enough for every product of two numbers that strict JSON lets in: the default context would round at 28 digits."""


def to_kilograms(quantity: Decimal | None, uom: str | None) -> Decimal | None:
    """Return the quantity in kg without rounding, or None where there is no quantity or the unit is no known mass."""
    factor = _KILOGRAMS_PER.get(uom or "")
    if quantity is None or factor is None or not quantity.is_finite():
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        return quantity * factor
