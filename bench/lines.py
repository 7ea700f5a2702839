"""The lines of the table: a figure, the reference beside it, and whether the target was met."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bench.http_load import percentile

Reference = tuple[str, float] | None
Of = Literal["value", "p50", "p99"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure has to be at least or at most, in the unit of its line; of times the median or 99th percentile, ms.

    ``unjudged`` says why the figure of this run is not the one the target speaks of, such as a smaller store.
    """

    bound: float
    side: Literal["at least", "at most"]
    unit: str
    of: Of = "value"
    unjudged: str | None = None

    def verdict(self, value: float, p50: float, p99: float) -> str:
        """Return ``met`` or ``MISSED``, or ``not judged`` with the reason."""
        if self.unjudged:
            return f"not judged: {self.unjudged}"
        found = {"value": value, "p50": p50, "p99": p99}[self.of]
        met = found >= self.bound if self.side == "at least" else found <= self.bound
        return "met" if met else "MISSED"

    def __str__(self) -> str:
        """Return it in words."""
        what = "" if self.of == "value" else f"{self.of} "
        return f"target: {what}{self.side} {self.bound:,.6g} {self.unit}"


def at_least(bound: float, unit: str, *, unjudged: str | None = None) -> Target:
    """Return the target of a rate."""
    return Target(bound, "at least", unit, unjudged=unjudged)


def at_most(bound: float, unit: str, *, of: Of = "value", unjudged: str | None = None) -> Target:
    """Return the target of a time or of memory; of ``p50`` and ``p99`` the bound is in ms."""
    return Target(bound, "at most", unit, of, unjudged)


def only_of(wanted: int, got: int, what: str) -> str | None:
    """Return why a target for ``wanted`` of something says nothing about fewer; None where there are enough."""
    return None if got >= wanted else f"it is for {wanted:,} {what}"


class Say(Protocol):
    """Prints one line."""

    def __call__(
        self,
        what: str,
        value: float,
        unit: str,
        times: Sequence[float] = (),
        reference: Reference = None,
        targets: Sequence[Target] = (),
    ) -> None:
        """Print a figure; ``times`` are seconds, sorted."""


class Lines:
    """Prints the lines of one run, and remembers which targets were met."""

    def __init__(self) -> None:
        self.verdicts: list[tuple[str, str]] = []
        self._part = ""

    def part(self, name: str) -> None:
        """Begin a part of the table."""
        self._part = name
        print(name, flush=True)

    def say(
        self,
        what: str,
        value: float,
        unit: str,
        times: Sequence[float] = (),
        reference: Reference = None,
        targets: Sequence[Target] = (),
    ) -> None:
        """Print a figure, what it is beside a reference, and its targets; ``times`` are seconds, sorted."""
        line = f"  {what:<58} {value:>11,.4g} {unit}" if value < 100 else f"  {what:<58} {value:>11,.0f} {unit}"
        p50, p99 = (percentile(times, share) * 1000 for share in (0.5, 0.99)) if times else (0.0, 0.0)
        if times:
            line += f"   p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {times[-1] * 1000:.2f} ms"
        if reference:
            times_it = f"= {value / reference[1]:.3g} x" if reference[1] else "beside"
            line += f"   {times_it} {reference[0]} ({reference[1]:,.6g})"
        for target in targets:
            verdict = target.verdict(value, p50, p99)
            self.verdicts.append((f"{self._part.partition(' (')[0]}: {what} ({target})", verdict))
            line += f"   {target}: {verdict}"
        print(line, flush=True)

    def tell(self) -> bool:
        """Print what became of the targets; return whether each was judged and met."""
        others = [(what, verdict) for what, verdict in self.verdicts if verdict != "met"]
        print(f"{len(self.verdicts) - len(others)} of {len(self.verdicts)} targets of the parts that ran are met")
        for what, verdict in others:
            print(f"  {verdict}: {what}")
        return not others
