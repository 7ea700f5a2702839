"""The account of a comparison: steps whose points add up to the score (screening.md 4, "explanation").

A step says what of the query stands against what of the listed name, how alike they are where that is a number, what
they weigh, and what it adds to the score or takes from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, overload

How = Literal[
    "identifier", "word", "similar", "left_over", "common", "letters", "order", "number", "spacing",
    "legal_form", "left_out", "script", "weak_alias", "short", "country", "born", "lei", "address", "equal", "limit",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aligned:
    """One step: ``points`` is what it adds to the score; ``similarity`` and ``weight`` stand with words."""

    how: How
    query: str
    listed: str
    points: Decimal = Decimal(0)
    similarity: Decimal | None = None
    weight: Decimal | None = None

    def as_dict(self) -> dict[str, str | float]:
        """Return the step as the JSON of ``match --explain``."""
        step: dict[str, str | float] = {"how": self.how, "query": self.query, "listed": self.listed}
        if self.similarity is not None and self.weight is not None:
            step |= {"similarity": float(self.similarity), "weight": float(self.weight)}
        return step | {"points": float(self.points)}


@dataclass(slots=True)
class Tally:
    """A running score with the steps that made it; numbers become decimals only when they are read."""

    value: float = 0.0
    steps: list[tuple[How, str, str, float, float | None, float | None]] = field(default_factory=list)

    def add(
        self, how: How, asked: str, listed: str, points: float,
        similarity: float | None = None, weight: float | None = None,
    ) -> None:  # fmt: skip
        """Add a step."""
        self.value += points
        self.steps.append((how, asked, listed, points, similarity, weight))

    def raise_to(self, least: float, how: How, asked: str, listed: str) -> None:
        """Bring the score up to ``least``, if it is lower."""
        if self.value < least:
            self.add(how, asked, listed, least - self.value)

    def hold_to(self, most: float, how: How, asked: str, listed: str) -> None:
        """Bring the score down to ``most``; the step is told also where the score is lower already."""
        self.add(how, asked, listed, min(most - self.value, 0.0))

    def close(self) -> None:
        """Keep the score between 0 and 1."""
        if self.value < 0:
            self.add("limit", "", "", -self.value)
        elif self.value > 1:
            self.add("limit", "", "", 1 - self.value)

    @property
    def score(self) -> Decimal:
        """Return the score, 0 to 1, to four places."""
        return _rounded(self.value)

    def told(self) -> tuple[Aligned, ...]:
        """Return the steps for people and records."""
        return tuple(
            Aligned(how, asked, listed, _rounded(points), _maybe(similarity), _maybe(weight))
            for how, asked, listed, points, similarity, weight in self.steps
        )


class Account(Sequence[Aligned]):
    """The steps of a comparison, made when somebody looks at them: most hits of a long list are only counted."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    @cached_property
    def _told(self) -> tuple[Aligned, ...]:
        return self._tally.told()

    @overload
    def __getitem__(self, at: int) -> Aligned: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Aligned]: ...

    def __getitem__(self, at: int | slice) -> Aligned | Sequence[Aligned]:
        return self._told[at]

    def __len__(self) -> int:
        return len(self._tally.steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._told == tuple(other)

    def __hash__(self) -> int:
        return hash(self._told)


def _maybe(value: float | None) -> Decimal | None:
    return None if value is None else _rounded(value)


def _rounded(value: float) -> Decimal:
    """Return a number to four places, without the zeros that say nothing."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return Decimal("0" if text == "-0" else text)
