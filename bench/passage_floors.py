"""What the gate test holds the screening of passages to, per language, on the reported half of the gate sets.

``python -m bench.passage_floors --write`` writes the table from what is measured now, a little below it;
without ``--write`` it says what is below the table, and leaves with 1 where anything is.
"""

import argparse
import csv
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.passage_figures import figures, share
from bench.passages import LANGUAGES, SETS, Pair, answered, read_passages
from traceability.documents.language import LANGUAGES as RULED

FLOORS = SETS / "floors.csv"
AT_LEAST = (
    "assertion and concept",
    "risk of the target, found",
    "risk of the target, right when raised",
    "risk of the passage, found",
    "labels",
    "minerals",
    "country",
)
AT_MOST = ("risk of the target, false alarms", "risk of the passage, false alarms", "harmless passages raised")
_COLUMNS = ("lang", "passages", *AT_LEAST, *AT_MOST)
_SLACK = 0.02  # better rules may answer one or two passages of a cell otherwise
_SLACK_ABOVE = 0.04  # one more of the thirty harmless ones

Row = Mapping[str, str]


def measured(pairs: Sequence[Pair]) -> Iterator[tuple[str, int, dict[str, float]]]:
    """Yield each language with the number of its passages in the reported half and the figures that have a bound."""
    for lang in LANGUAGES:
        own = [pair for pair in pairs if pair[0].lang == lang and pair[0].reported]
        found = figures(own)
        yield lang, len(own), {name: share(found[name]) for name in (*AT_LEAST, *AT_MOST)}


def floors(pairs: Sequence[Pair]) -> Iterator[Row]:
    """Yield the rows of the table: every bound a little worse than what is measured, in steps of 0.01.

    A language without rules is bound to nothing: read as English, nearly all in it counts as affirmed, and rules of
    its own lower the recall that comes of that.
    """
    for lang, of, found in measured(pairs):
        slack, above = (_SLACK, _SLACK_ABOVE) if lang in RULED else (1.0, 1.0)
        low = {name: max(0.0, math.floor((found[name] - slack) * 100) / 100) for name in AT_LEAST}
        high = {name: min(1.0, math.ceil((found[name] + above) * 100) / 100) for name in AT_MOST}
        yield {"lang": lang, "passages": str(of), **{name: f"{bound:.2f}" for name, bound in (low | high).items()}}


def read_floors(path: Path = FLOORS) -> dict[str, Row]:
    """Return the rows of the table by language."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["lang"]: row for row in csv.DictReader(file)}


def below(pairs: Sequence[Pair], table: Mapping[str, Row]) -> list[str]:
    """Return in words what is worse than its bound, or measured on another number of passages than it was set for."""
    wrong = []
    for lang, of, found in measured(pairs):
        row = table[lang]
        if of != int(row["passages"]):
            wrong.append(f"{lang}: {of} passages, the bounds were set for {row['passages']}")
        for name, value in found.items():
            bound = float(row[name])
            if value < bound if name in AT_LEAST else value > bound:
                wrong.append(f"{lang}: {name} {value:.3f}, the bound is {bound:.2f}")
    return wrong


def raised(rows: Iterable[Row], table: Mapping[str, Row]) -> Iterator[Row]:
    """Yield the rows with every bound as strict as the table had it, or stricter: worse figures are never written."""
    for row in rows:
        known = table.get(row["lang"], row)
        best = {name: max(row[name], known[name], key=float) for name in AT_LEAST}
        best |= {name: min(row[name], known[name], key=float) for name in AT_MOST}
        yield {**row, **best}


def write_floors(pairs: Sequence[Pair], path: Path = FLOORS) -> None:
    """Write the table, never below what it was; a bound that has to fall is changed by hand, with the reason."""
    rows = list(raised(floors(pairs), read_floors(path) if path.exists() else {}))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write the bounds from what is measured now, or say what is worse than they are."""
    parser = argparse.ArgumentParser(prog="bench.passage_floors", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write floors.csv from what is measured now")
    write = parser.parse_args().write
    pairs = answered(read_passages())
    if write:
        write_floors(pairs)
    wrong = below(pairs, read_floors())
    print("\n".join(wrong) or "no figure is worse than its bound")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
