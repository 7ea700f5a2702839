"""How often the engine agrees with the gate cases written from the catalogue (tests/gates/rules): per pack and half."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from bench.names import reported
from traceability.documents.evaluation import Rate
from traceability.services.assess import assess_facts

CASES = Path(__file__).resolve().parents[1] / "tests" / "gates" / "rules"

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the engine: the facts, the code it is about, and what the catalogue says of it."""

    id: str
    base: str
    facts: Mapping[str, Any]
    code: str
    kind: str
    expect: Mapping[str, Any]
    why: str

    @property
    def pack(self) -> str:
        """The rule pack of the code."""
        return packs()[self.code]


@cache
def packs() -> Mapping[str, str]:
    """Return the pack of every code of the catalogue."""
    text = files("traceability.diligence").joinpath("data/rule-catalogue.csv").read_text("utf-8")
    return {row["code"]: row["pack"] for row in csv.DictReader(text.splitlines())}


def read_bases(folder: Path = CASES) -> dict[str, Any]:
    """Return the facts documents the cases start from, each with its complete findings."""
    bases: dict[str, Any] = json.loads((folder / "bases.json").read_text("utf-8"))
    return bases


def read_cases(folder: Path = CASES) -> Iterator[Case]:
    """Yield the cases of both halves, their patches applied."""
    bases = read_bases(folder)
    with (folder / "cases.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            facts = merged(bases[case["base"]]["facts"], case.pop("patch"))
            yield Case(facts=facts, **case)


def merged(target: Any, patch: Any) -> Any:
    """Return the target with a JSON merge patch applied (RFC 7396); neither is changed."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


def answered(cases: Iterable[Case], ask: Ask = assess_facts) -> Iterator[tuple[Case, str]]:
    """Yield each case with what is wrong with the engine's answer, in words; nothing where it agrees.

    The same facts are assessed once, whatever number of cases asks about them.
    """
    answers: dict[str, Mapping[str, Any]] = {}
    for case in cases:
        key = json.dumps(case.facts, sort_keys=True)
        if key not in answers:
            answers[key] = ask(case.facts)
        yield case, wrong(case, answers[key])


def wrong(case: Case, answer: Mapping[str, Any]) -> str:
    """Return where an answer differs from what the case expects, in words; empty where it does not."""
    found = {item["code"]: item for item in answer["findings"]}.get(case.code)
    got: dict[str, Any] = {"present": found is not None}
    if found is not None:
        got |= {"severity": found["severity"], "advisory": found["advisory"]}
    if "status" in case.expect:
        got["status"] = answer["status"]
    return "" if got == case.expect else f"{case.id}: expected {case.expect}, got {got}; {case.why}"


def measure(cases: Iterable[Case], ask: Ask = assess_facts) -> dict[str, Any]:
    """Return the agreement per half, of all cases and per pack, for printing."""
    counts: dict[tuple[str, str], list[int]] = {}
    for case, offence in answered(cases, ask):
        half = "reported half" if reported(case.id) else "tuning half"
        for name in ("all", case.pack):
            right_of = counts.setdefault((half, name), [0, 0])
            right_of[0] += not offence
            right_of[1] += 1
    report: dict[str, Any] = {"reported half": {}, "tuning half": {}}
    for half, name in sorted(counts, key=lambda key: (key[1] != "all", key)):
        report[half][name] = Rate(*counts[half, name]).as_dict()
    return report
