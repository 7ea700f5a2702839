"""The 826 public name pairs of nomenklatura's bench, and how well scores tell them apart: regression, not tuning."""

import csv
from collections.abc import Sequence
from pathlib import Path

from bench.names import compare

PAIRS = Path(__file__).resolve().parents[2] / "shared" / "vectors" / "namepairs" / "nomenklatura_name_bench_cases.csv"

Verdict = tuple[bool, bool, float]
"""Whether it is the same party, whether it was found, and the score."""


def read_pairs(path: Path = PAIRS) -> list[dict[str, str]]:
    """Return the pairs; empty where the table is not beside the repository."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ours(rows: Sequence[dict[str, str]]) -> list[Verdict]:
    """Return our verdicts: a match and a question to a person count as found."""
    return [(same(row), *compare(row["name1"], row["name2"], row["schema"])) for row in rows]


def same(row: dict[str, str]) -> bool:
    """Return whether the pair is labelled as the same party."""
    return row["is_match"] == "true"


def f1(verdicts: Sequence[Verdict]) -> float:
    """Return the harmonic mean of precision and recall."""
    right = sum(truth and shown for truth, shown, _ in verdicts)
    asked = sum(shown for _, shown, _ in verdicts) + sum(truth for truth, _, _ in verdicts)
    return 2 * right / asked if asked else 0.0


def recall_at(precision: float, verdicts: Sequence[Verdict]) -> float:
    """Return the highest recall of any threshold with at least this precision; equal scores stand together."""
    best, right, taken, wanted = 0, 0, 0, sum(truth for truth, _, _ in verdicts)
    ordered = sorted(verdicts, key=lambda verdict: -verdict[2])
    for place, (truth, _, score) in enumerate(ordered):
        right, taken = right + truth, taken + 1
        last = place + 1 == len(ordered) or ordered[place + 1][2] != score
        if score > 0 and last and right >= precision * taken:
            best = max(best, right)
    return best / wanted if wanted else 0.0
