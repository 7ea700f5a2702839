"""Kilograms of each batch: born, used as input, taken away, remaining (facts.md 4 and 5). Decimals of kg throughout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from traceability.custody.steps import MAX_KG, Line, Step

TOLERANCE = Decimal("0.02")
"""Two per cent: scales, moisture and dust (rule-catalogue.md 4 and 5)."""

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amount:
    """Kilograms of one batch in one list of one event.

    kg is None where no mass is stated. bags are the named bags that hold the batch, bags_kg what they hold of it;
    lines are the quantity elements it is the sum of, none where only bags are named.
    """

    batch: str
    kg: Decimal | None
    lines: tuple[Line, ...] = ()
    bags: tuple[str, ...] = ()
    bags_kg: Decimal = NOTHING


def amounts(
    lines: Iterable[Line], inside: Mapping[str, Mapping[str, Decimal]], *, add_bags: bool = False
) -> tuple[Amount, ...]:
    """Return one amount per batch; a stated quantity counts before what the named bags hold (facts.md 5).

    Args:
        lines: the quantity elements.
        inside: batch -> bag -> kg of the bags named beside them.
        add_bags: also count batches that only the bags hold. In a transformation the two lists are different goods
            (EPCIS 2.0, 7.4.5), and a batch used up by bag must not vanish behind one used up by weight.

    """
    stated: dict[str, list[Line]] = {}
    for line in lines:
        stated.setdefault(line.batch, []).append(line)
    by_bag = inside.keys() if add_bags or not stated else ()
    return tuple(_amount(batch, stated.get(batch, []), inside.get(batch, {})) for batch in sorted({*stated, *by_bag}))


def _amount(batch: str, lines: list[Line], bags: Mapping[str, Decimal]) -> Amount:
    held = sum(bags.values(), NOTHING)
    masses = [line.kg for line in lines if line.kg is not None] if lines else [held]
    total = sum(masses, NOTHING)
    return Amount(batch, total if masses and total < MAX_KG else None, tuple(lines), tuple(bags), held)


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of one batch so far, in kg. born is None where no effective event created it."""

    batch: str
    born: Decimal | None = None
    used: Decimal = NOTHING
    lost: Decimal = NOTHING

    @property
    def remaining(self) -> Decimal | None:
        """Return what should be left; negative where more was taken than there was."""
        return None if self.born is None else self.born - self.used - self.lost

    @property
    def is_overdrawn(self) -> bool:
        """Tell whether more than the tolerance was taken beyond what was born."""
        return self.born is not None and self.used + self.lost > self.born * (1 + TOLERANCE)


class Balances:
    """The running balance of every batch, replayed in the order of the facts."""

    def __init__(self) -> None:
        self._now: dict[str, Balance] = {}

    def of(self, batch: str) -> Balance:
        """Return the balance of a batch at this point."""
        return self._now.get(batch, Balance(batch))

    def apply(self, step: Step, created: Iterable[Amount], consumed: Iterable[Amount]) -> None:
        """Book births, uses as input, and losses (whatever an ObjectEvent DELETE takes out of a batch)."""
        for amount in created:
            now = self.of(amount.batch)
            self._now[amount.batch] = replace(now, born=(now.born or NOTHING) + (amount.kg or NOTHING))
        for amount in consumed:
            now, kg = self.of(amount.batch), amount.kg or NOTHING
            is_loss = step.event.type == "ObjectEvent"
            booked = replace(now, lost=now.lost + kg) if is_loss else replace(now, used=now.used + kg)
            self._now[amount.batch] = booked
