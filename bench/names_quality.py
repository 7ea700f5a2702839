"""How well names are matched, on the sets beside the repository: ``python -m bench.names_quality FOLDER``.

``FOLDER`` holds ``vectors/namepairs`` and ``data/risklists``. Every figure has its 95 % interval (Wilson 1927); pairs
are halved by a hash of their text: rules were tried on half a, what is reported is half b and both together.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from bench.invented import persons
from bench.name_lists import Listed, altered, by_authorities, organisations, read_both
from bench.name_numbers import by_number
from traceability.documents.evaluation import Rate, half
from traceability.lists.match import REVIEW_FROM
from traceability.lists.pairs import best_pair

Score = Callable[[str, str, str], Decimal]
_PRECISION = 0.9
_INVENTED = 1000
THRESHOLDS = tuple(Decimal(value) / 100 for value in (75, 80, 85, 90))


class Labelled(NamedTuple):
    """A pair with the truth about it, its half and what the scorer says."""

    same: bool
    half: str
    score: Decimal


def score(one: str, other: str, schema: str) -> Decimal:
    """Return the likeness of two names."""
    pair = best_pair(one, other, schema=schema)
    return pair.score if pair else Decimal(0)


def measure(folder: Path, scored: Score = score) -> dict[str, Any]:
    """Return every figure that can be measured with the files of ``folder``; what is absent is left out."""
    report: dict[str, Any] = {}
    pairs = folder / "vectors" / "namepairs"
    if pairs.is_dir():
        bench = labelled(pairs / "nomenklatura_name_bench_cases.csv", scored)
        report["name_bench"] = {
            "half b": figures([row for row in bench if row.half == "b"]),
            "both halves": figures(bench),
            **{f"both halves, review from {value}": figures(bench, value) for value in THRESHOLDS[1:]},
        }
        report["observed variants"] = observed(pairs / "observed_variants.csv", scored)
        report["numbers"] = by_number(pairs)
        report["across scripts"] = across(pairs / "watchman_cross_script_pairs.csv", scored)
    if (folder / "data" / "risklists").is_dir():
        report |= on_lists(read_both(folder / "data" / "risklists"), scored)
    return report


def labelled(path: Path, scored: Score = score) -> list[Labelled]:
    """Return the pairs of a labelled table with their scores."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        Labelled(
            row["is_match"] == "true",
            half("\x1f".join((row.get("case_group", ""), row["schema"], row["name1"], row["name2"]))),
            scored(row["name1"], row["name2"], row["schema"]),
        )
        for row in rows
    ]


def figures(rows: Sequence[Labelled], review_from: Decimal = REVIEW_FROM) -> dict[str, Any]:
    """Return precision, recall and F1 with match and review counted as found, and recall at 90 % precision."""
    found = [row.same for row in rows if row.score >= review_from]
    precision, recall = Rate(sum(found), len(found)), Rate(sum(found), sum(row.same for row in rows))
    f1 = 2 * sum(found) / (len(found) + recall.of) if found else 0.0
    return {
        "precision": precision.as_dict(),
        "recall": recall.as_dict(),
        "F1": round(f1, 4),
        "recall at 90 % precision": Rate(recall_at(rows), recall.of).as_dict(),
    }


def recall_at(rows: Sequence[Labelled], precision: float = _PRECISION) -> int:
    """Return how many true pairs are found at the lowest threshold whose precision is still at least this."""
    best = 0
    for threshold in {row.score for row in rows}:
        found = [row.same for row in rows if row.score >= threshold]
        if sum(found) >= precision * len(found):
            best = max(best, sum(found))
    return best


def observed(path: Path, scored: Score) -> dict[str, Any]:
    """Return what is found of spellings of one party seen in print, and of different parties taken for one."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if "only the alias table" not in row["notes"]]
    found = [(row["is_match"] == "true", scored(row["name1"], row["name2"], row["schema"])) for row in rows]
    return {
        "one party, found": _rate(value >= REVIEW_FROM for same, value in found if same),
        "two parties, not found": _rate(value < REVIEW_FROM for same, value in found if not same),
    }


def across(path: Path, scored: Score) -> dict[str, Any]:
    """Return the scores of one name in two scripts; the set was made for another kind of model and is no gate."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    pairs = [line.split(",")[:2] for line in lines]
    scores = {f"{native} {latin}": scored(native, latin, "Person") for native, latin in pairs}
    return {"found": _rate(value >= REVIEW_FROM for value in scores.values()), **{k: str(v) for k, v in scores.items()}}


def on_lists(both: Listed, scored: Score) -> dict[str, Any]:
    """Return what is found of listed parties by another authority's or a misspelt name, and of invented persons."""

    def best(name: str, entry: Any) -> Decimal:
        return max(scored(name, other.text, entry.schema) for other in entry.names if other.quality != "weak")

    same = {key: max(best(both.un[key].name, both.ofac[o]) for o in others) for key, others in by_authorities(both)}
    alike = {key: max(best(both.un[key].name, both.ofac[o]) for o in others) for key, others in organisations(both)}
    typos = [best(name, entry) for name, entry in altered(both)]
    alarms = {
        region: [
            max((scored(name, other, "Person") for other in both.near(name)), default=Decimal(0)) for name in drawn
        ]
        for region, drawn in ((region, list(persons(region, _INVENTED))) for region in ("global", "us"))
    }
    return {
        f"review from {threshold}": {
            "misspelt names of listed parties": _rate(value >= threshold for value in typos),
            "same person, other authority": _rate(value >= threshold for value in same.values()),
            "same organisation, other main name": _rate(value >= threshold for value in alike.values()),
            "invented persons (global) raised": _rate(value >= threshold for value in alarms["global"]),
            "invented persons (US) raised": _rate(value >= threshold for value in alarms["us"]),
        }
        for threshold in THRESHOLDS
    }


def _rate(found: Iterable[bool]) -> dict[str, Any]:
    told = list(found)
    return Rate(sum(told), len(told)).as_dict()


def show(report: Mapping[str, Any], indent: str = "") -> None:
    """Print a report, one figure a line."""
    for name, value in report.items():
        if isinstance(value, Mapping) and "right" in value:
            print(f"{indent}{name:<40} {value['right']:>4}/{value['of']:<5} {value['share']} "
                  f"({value['low']:.3f} to {value['high']:.3f})")  # fmt: skip
        elif isinstance(value, Mapping):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{name:<40} {value}")


if __name__ == "__main__":
    told = measure(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared"))
    show(told)
    if "--json" in sys.argv:
        print(json.dumps(told, ensure_ascii=False))
