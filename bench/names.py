"""How well names match, by the gate sets (tests/gates/names): per script and kind, on the half nothing was tried on.

``python -m bench.names --floors`` writes what the gate test holds the matcher to, from what is measured now.
"""

import argparse
import csv
import hashlib
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traceability.documents.evaluation import Rate
from traceability.lists.match import decision, match_pair

SETS = Path(__file__).resolve().parents[1] / "tests" / "gates" / "names"
FLOORS = SETS / "floors.csv"
FLOOR_COLUMNS = ("script", "kind", "is_match", "of", "bound")
# The country is all that tells a homonym apart, and it never pushes an exact name out of sight (screening.md 4).
ASKED_ANYWAY = "homonym-other-country"
_KINDS_OF_PARTY = {"Company": "Organization", "Site": None}
_SLACK = 0.05  # of a cell's pairs: a better matcher may answer one or two of them otherwise
_SLACK_OVERALL = 0.005

Row = Mapping[str, str]
Found = Callable[[Row], bool]


def compare(name1: str, name2: str, schema: str | None) -> tuple[bool, float]:
    """Return whether the pair is shown to a person, as a match or a question, and its score; the only place that asks.

    A kind of party the matcher has no word for is not told it.
    """
    hit = match_pair(name1, name2, schema=_KINDS_OF_PARTY.get(schema, schema) if schema else None)
    return hit is not None and decision(hit) != "none", float(hit.score) if hit else 0.0


def found(row: Row) -> bool:
    """Return whether a pair of the sets is shown to a person."""
    return compare(row["name1"], row["name2"], row["schema"])[0]


def reported(identifier: str) -> bool:
    """Return whether a pair is of the half that figures come from: the first digit of its id's SHA-256 is odd."""
    return int(hashlib.sha256(identifier.encode()).hexdigest()[0], 16) % 2 == 1


def read_sets(folder: Path = SETS) -> Iterator[Row]:
    """Yield the pairs of every table, both halves."""
    for path in sorted(folder.glob("*.csv")):
        if path.name != FLOORS.name:
            with path.open(encoding="utf-8", newline="") as file:
                yield from csv.DictReader(file)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One script and kind of pairs; ``all`` where it is the sum of several."""

    script: str
    kind: str
    is_match: bool


def measure(rows: Iterable[Row], ask: Found = found) -> dict[Cell, Rate]:
    """Return how many pairs of each cell of the reported half are shown, and of the sums over cells."""
    counts: dict[Cell, list[int]] = {}
    for row in rows:
        if reported(row["id"]):
            shown = ask(row)
            for cell in _cells_of(row):
                right_of = counts.setdefault(cell, [0, 0])
                right_of[0] += shown
                right_of[1] += 1
    return {cell: Rate(*counts[cell]) for cell in sorted(counts)}


def _cells_of(row: Row) -> Iterator[Cell]:
    same = row["is_match"] == "1"
    yield Cell(row["script"], row["kind"], same)
    if row["kind"] != ASKED_ANYWAY:
        across = "across scripts" if row["script"].endswith("-latin") else "in one script"
        yield from (Cell(row["script"], "all", same), Cell(across, "all", same), Cell("all", "all", same))


def report(rates: Mapping[Cell, Rate]) -> dict[str, Any]:
    """Return the figures nested for printing: the sums first, then by script, then by kind."""
    sums = ("all", "in one script", "across scripts")
    shown: dict[str, Any] = {name: {} for name in sums}
    for cell, rate in rates.items():
        of_script = shown.setdefault(cell.script, {})
        if cell.kind == "all":
            of_script["same party, found" if cell.is_match else "different, shown falsely"] = rate.as_dict()
        else:
            of_script.setdefault("by kind", {})[f"{'+' if cell.is_match else '-'} {cell.kind}"] = rate.as_dict()
    return shown


def floors(rates: Mapping[Cell, Rate]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table of floors: found at least, or shown falsely at most, of so many pairs."""
    for cell, rate in rates.items():
        slack = math.ceil(rate.of * (_SLACK_OVERALL if cell.kind == "all" else _SLACK))
        bound = max(0, rate.right - slack) if cell.is_match else min(rate.of, rate.right + slack)
        yield cell.script, cell.kind, str(int(cell.is_match)), str(rate.of), str(bound)


def below(rates: Mapping[Cell, Rate], path: Path = FLOORS) -> list[str]:
    """Return what is worse than its floor, or has another number of pairs than the floor was set for, in words."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {Cell(row["script"], row["kind"], row["is_match"] == "1"): row for row in csv.DictReader(file)}
    wrong = [f"{cell}: in the floors or in the sets only" for cell in sorted(rows.keys() ^ rates.keys())]
    for cell in sorted(rows.keys() & rates.keys()):
        rate, bound = rates[cell], int(rows[cell]["bound"])
        met = rate.right >= bound if cell.is_match else rate.right <= bound
        if rate.of != int(rows[cell]["of"]) or not met:
            wrong.append(f"{cell}: {rate.right} of {rate.of}, the floor is {bound} of {rows[cell]['of']}")
    return wrong


def main() -> None:
    """Write the floors from what is measured now, or say what is below them; leaves with 1 where anything is."""
    parser = argparse.ArgumentParser(prog="bench.names", description=__doc__)
    parser.add_argument("--floors", action="store_true", help="write floors.csv from what is measured now")
    write = parser.parse_args().floors
    rates = measure(read_sets())
    if write:
        write_floors(rates)
    wrong = below(rates)
    print("\n".join(wrong) or "no figure is below its floor")
    sys.exit(1 if wrong else 0)


def write_floors(rates: Mapping[Cell, Rate], path: Path = FLOORS) -> None:
    """Write the table of floors."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FLOOR_COLUMNS)
        writer.writerows(floors(rates))


if __name__ == "__main__":
    main()
