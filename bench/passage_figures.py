"""The figures of the gate sets for documents: per half and language, with 95 % intervals and the way to English."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.passages import LANGUAGES, Pair, Passage, wanted_minerals
from traceability.documents.evaluation import INCIDENT_LABELS, Rate

_OWN_LABEL = {
    "FORCED_LABOUR": "FORCED_LABOUR_INCIDENT",
    "CHILD_LABOUR": "CHILD_LABOUR_INCIDENT",
    "ARMED_GROUP": "ARMED_GROUP_INCIDENT",
    "MINERAL_SOURCING": "CAHRA_SOURCING",
    "ORIGIN": "CAHRA_SOURCING",
}


@dataclass(frozen=True, slots=True)
class Overlap:
    """What was wanted and what was said, as counts: ``hit`` is both."""

    hit: int
    wanted: int
    said: int

    @property
    def share(self) -> float | None:
        """F1, the harmonic mean of precision and recall; None where nothing was wanted and nothing said."""
        both = self.wanted + self.said
        return 2 * self.hit / both if both else None

    def __str__(self) -> str:
        """F1 with its interval: Wilson's for the hits of all that was wanted or said, of which F1 is a function."""
        if self.share is None:
            return "none"
        low, high = (2 * bound / (1 + bound) for bound in self._union().interval())
        few = "  (under 10, only reported)" if self._union().as_dict()["few"] else ""
        return f"{self.share:.3f} F1    {low:.3f} to {high:.3f}  (of {self.wanted} wanted, {self.said} said){few}"

    def _union(self) -> Rate:
        return Rate(self.hit, self.wanted + self.said - self.hit)


Figure = Rate | Overlap
MAIN = (
    "assertion",
    "assertion and concept",
    "risk of the target, found",
    "risk of the target, right when raised",
    "risk of the passage, found",
    "risk of the passage, right when raised",
    "labels",
    "minerals",
    "country",
)
"""The figures whose distance from English is told: higher is better in all of them."""


def figures(pairs: Sequence[Pair]) -> dict[str, Figure]:
    """Return the figures of some passages that a gate can be set on."""
    marked = [(want, got.target) for want, got in pairs if got.target]
    places = {
        name: [(_as_set(getattr(want, name)), _as_set(got[name])) for want, got in marked]
        for name in ("country", "region")
    }
    return {
        "assertion": _rate(want.assertion == got["assertion"] for want, got in marked),
        "concept": _rate(want.concept == got["concept"] for want, got in marked),
        "assertion and concept": _rate(
            (want.assertion, want.concept) == (got["assertion"], got["concept"]) for want, got in marked
        ),
        **_of_risk("target", [(want.risk, got["risk"]) for want, got in marked]),
        **_of_risk("passage", [(want.risk, got.passage["risk"]) for want, got in pairs if tells_risk(want)]),
        "harmless passages raised": _rate(got.passage["risk"] for want, got in pairs if not want.target),
        "labels": _overlap((want.labels, got.labels) for want, got in pairs),
        "minerals": _overlap((wanted_minerals(want), got.minerals) for want, got in pairs),
        "country": _overlap(places["country"]),
        # The sets name a region where the lists know parts of a country: elsewhere one that is found is not wrong.
        "region, where given": _overlap(pair for pair in places["region"] if pair[0]),
    }


def tells_risk(passage: Passage) -> bool:
    """Whether the mark tells if an officer should see the passage.

    ``risk`` is of the target: where that is harmless and the passage has a risk label for something beside it, the set
    says nothing of the whole.
    """
    own = "ORIGIN_UNDETERMINED" if passage.topic == "origin_undetermined" else _OWN_LABEL.get(passage.concept or "")
    return passage.risk or not (passage.labels & INCIDENT_LABELS) - {own}


def measure(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return every figure of both halves for printing: of all languages, of each, and its distance from English."""
    return {
        half: _of_half([pair for pair in pairs if pair[0].reported is is_reported])
        for half, is_reported in (("reported half", True), ("tuning half", False))
    }


def _of_half(pairs: Sequence[Pair]) -> dict[str, Any]:
    by_lang = {lang: [pair for pair in pairs if pair[0].lang == lang] for lang in LANGUAGES}
    english = figures(by_lang["en"])
    report: dict[str, Any] = {"all languages": _shown(pairs)}
    for lang, own in by_lang.items():
        away = {"below English (over 0.08 is too far)": below_english(figures(own), english)} if lang != "en" else {}
        report[lang] = {**_shown(own), **away}
    return report


def below_english(own: dict[str, Figure], english: dict[str, Figure]) -> dict[str, str]:
    """Return by how much each main figure is below the English one; negative where it is better."""
    shares = {name: (share(english[name]), share(own[name])) for name in MAIN}
    return {name: f"{pair[0] - pair[1]:+.3f}" for name, pair in shares.items()}


def share(figure: Figure) -> float:
    """Return a figure as one number from 0 to 1; 0 where there is nothing to count."""
    if isinstance(figure, Rate):
        return figure.right / figure.of if figure.of else 0.0
    return figure.share or 0.0


def _shown(pairs: Sequence[Pair]) -> dict[str, Any]:
    names = sorted({label for want, got in pairs for label in want.labels | got.labels})
    kinds = sorted({want.assertion for want, _ in pairs if want.assertion})
    return {
        **{name: _printable(figure) for name, figure in figures(pairs).items()},
        "assertion, by what it is": {kind: figures_of(pairs, kind).as_dict() for kind in kinds},
        "labels found": {name: label_rates(pairs, name)[0].as_dict() for name in names},
        "labels right when given": {name: label_rates(pairs, name)[1].as_dict() for name in names},
    }


def figures_of(pairs: Iterable[Pair], assertion: str) -> Rate:
    """Return how many targets with this assertion are given it."""
    return _rate(
        got.target["assertion"] == assertion for want, got in pairs if got.target and want.assertion == assertion
    )


def label_rates(pairs: Sequence[Pair], label: str) -> tuple[Rate, Rate]:
    """Return recall and precision of one passage label."""
    return (
        _rate(label in got.labels for want, got in pairs if label in want.labels),
        _rate(label in want.labels for want, got in pairs if label in got.labels),
    )


def _of_risk(name: str, flags: Sequence[tuple[bool, bool]]) -> dict[str, Figure]:
    return {
        f"risk of the {name}, found": _rate(raised for risk, raised in flags if risk),
        f"risk of the {name}, right when raised": _rate(risk for risk, raised in flags if raised),
        f"risk of the {name}, false alarms": _rate(raised for risk, raised in flags if not risk),
    }


def _overlap(sets: Iterable[tuple[frozenset[str], frozenset[str]]]) -> Overlap:
    every = list(sets)
    hit = sum(len(want & got) for want, got in every)
    return Overlap(hit, sum(len(want) for want, _ in every), sum(len(got) for _, got in every))


def _as_set(value: str | None) -> frozenset[str]:
    return frozenset({value} if value else ())


def _printable(figure: Figure) -> Any:
    return figure.as_dict() if isinstance(figure, Rate) else str(figure)


def _rate(values: Iterable[bool]) -> Rate:
    every = list(values)
    return Rate(sum(every), len(every))
