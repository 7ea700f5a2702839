"""`make evaluate`: quality figures with 95 % intervals, on the sets beside the repository."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import blocking, names, passage_figures, passages, public_pairs, rule_cases
from traceability.diligence.engine import assess
from traceability.errors import Unprocessable

VECTORS = Path(__file__).resolve().parents[2] / "shared" / "vectors"


def main() -> None:
    """Print every figure that can be measured here."""
    _names()
    _gate_cases()
    _gate_passages()
    if not VECTORS.is_dir():
        print("no more to evaluate: the folder shared/vectors is not beside the repository")
        return
    _public_pairs()
    _rules()
    _documents()


def _names() -> None:
    print("names (gate sets, reported half; + same party, - different parties; found means a match or a question)")
    _show(names.report(names.measure(names.read_sets())), "  ")
    _blocking()


def _blocking() -> None:
    print("candidates (misspelt names of the UN's list among all shipped lists)")
    rate = blocking.measure()
    _show({"among the first 50": rate.as_dict()}, "  ")
    print(f"  target: at least {blocking.LEAST}: {blocking.verdict(rate)}")


def _gate_cases() -> None:
    print("rules (gate cases written from the catalogue without sight of the code; agreement per pack)")
    _show(rule_cases.measure(rule_cases.read_cases()), "  ")


def _gate_passages() -> None:
    pairs = passages.answered(passages.read_passages())
    print("documents (gate passages written without sight of the rules)")
    _show(passage_figures.measure(pairs), "  ")


def _public_pairs() -> None:
    if verdicts := public_pairs.ours(public_pairs.read_pairs()):
        print(f"public name pairs ({len(verdicts)}, regression)")
        print(f"  F1, matches and questions                            {public_pairs.f1(verdicts):.3f}")
        print(f"  recall at 90 % precision                             {public_pairs.recall_at(0.9, verdicts):.3f}")


def _rules() -> None:
    cases = [json.loads(path.read_text("utf-8")) for path in sorted((VECTORS / "scenarios").glob("*.json"))]
    right = sum(_passes(case) for case in cases)
    invalid = sorted((VECTORS / "scenarios-invalid").glob("*.json"))
    refused = sum(_refused(json.loads(path.read_text("utf-8"))["facts"]) for path in invalid)
    print("rules (public scenarios)")
    print(f"  scenarios with equal status and closed finding set   {right}/{len(cases)}")
    print(f"  invalid documents refused                            {refused}/{len(invalid)}")


def _passes(case: Mapping[str, Any]) -> bool:
    result = assess(case["facts"])
    found = {(item.code, item.severity, item.advisory) for item in result.findings}
    wanted = {(item["code"], item["severity"], item["advisory"]) for item in case["expected"]["findings"]}
    return result.status == case["expected"]["status"] and found == wanted


def _refused(facts: Any) -> bool:
    try:
        assess(facts)
    except Unprocessable:
        return True
    return False


def _documents() -> None:
    from traceability.documents.evaluation import evaluate

    for name, section in evaluate(VECTORS).items():
        print(name)
        _show(section, "  ")


def _show(section: Any, indent: str) -> None:
    for name, value in section.items():
        if isinstance(value, Mapping) and {"right", "of"} <= value.keys():
            few = "  (under 10, only reported)" if value["few"] else ""
            interval = f"{value['low'] + 0.0:.3f} to {value['high']:.3f}"
            print(f"{indent}{name:<38} {value['right']:>4}/{value['of']:<4} {interval}{few}")
        elif isinstance(value, Mapping):
            print(f"{indent}{name}")
            _show(value, indent + "  ")
        else:
            print(f"{indent}{name:<38} {value}")


if __name__ == "__main__":
    main()
