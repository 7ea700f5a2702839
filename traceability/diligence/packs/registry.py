"""How a rule is written: a pure function of the case that returns every place where its logic is true."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from traceability.diligence.case import Case
from traceability.diligence.definitions.items import Item


@dataclass(frozen=True, slots=True)
class Place:
    """One place that triggers a rule: JSON Pointers as evidence, and the values for the braces of the message."""

    evidence: tuple[str, ...]
    values: Mapping[str, Any]


Test = Callable[[Case], list[Place]]


@dataclass(frozen=True, slots=True)
class Escalation:
    """A severity other than the normal one, when a condition holds (``severity_changes`` of the catalogue)."""

    severity: str
    when: Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the catalogue as code. It is raised when ``places`` returns at least one place."""

    places: Test
    escalation: Escalation | None = None


class Pack:
    """The rules of one pack by code, in their order of evaluation."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}

    def rule(self, code: str, escalation: Escalation | None = None) -> Callable[[Test], Test]:
        """Register the decorated function as the rule of this code."""

        def register(test: Test) -> Test:
            self.rules[code] = Rule(test, escalation)
            return test

        return register


def at(*evidence: str, **values: Any) -> list[Place]:
    """Return the one place of a rule that looks at the facts as a whole."""
    return [Place(evidence, values)]


def each(found: Iterable[Item], **values: Any) -> list[Place]:
    """Return a place for each object found; its own properties fill the message."""
    return [Place((item.at,), {**item.value, **values}) for item in found]
