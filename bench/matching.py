"""Matching in memory: names a second against 50,000 and 1,000,000, what the index takes, and a reference."""

import json
import subprocess
import sys
import time
from datetime import date

from rapidfuzz import fuzz, process

from bench.invented_names import entries_of, invented, listed, misspelt
from bench.lines import Say, at_least, at_most, only_of
from bench.references import python_loops
from traceability.lists.match import NameIndex, Query

SIZES = (50_000, 1_000_000)
_RATES = {50_000: 1_000, 1_000_000: 500}
_ASKED, _REFERENCE = 1_000, 10
_PACED = 100
_DAY = date(2026, 11, 1)


def run(say: Say, names: int) -> None:
    """Build and ask an index of each size up to ``names``, each in a process of its own."""
    for size in SIZES:
        few = only_of(size, names, "names")
        made = min(size, names)
        said = subprocess.run(
            [sys.executable, "-m", "bench.matching", str(made)], check=True, capture_output=True, text=True
        ).stdout
        found = json.loads(said)
        reference = ("rapidfuzz WRatio over the whole list", found["reference"])
        say(f"pace while {made:,} names were asked (steps of a plain loop)", found["pace"], "/s")
        say(f"index of {made:,} names built (processor time)", found["built"], "names/s", (), None,
            [at_least(20_000, "names/s", unjudged=few)])  # fmt: skip
        say(f"names matched against {made:,} (processor time)", found["rate"], "names/s", found["times"], reference,
            [at_least(_RATES[size], "names/s", unjudged=few), at_most(5, "ms", of="p99", unjudged=few)])  # fmt: skip
        if size == SIZES[-1]:
            say(
                f"most memory with {made:,} names",
                found["memory"],
                "MB",
                (),
                None,
                [at_most(1_300, "MB", unjudged=few)],
            )
        if few:
            return


def _child(size: int) -> None:
    import resource

    entries = listed()[:size]
    entries += entries_of(max(size - sum(len(entry.names) for entry in entries), 0), seed=3)
    begun = time.process_time()
    index = NameIndex.build(entries)
    built = sum(len(entry.names) for entry in entries) / (time.process_time() - begun)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    half = _ASKED // 2
    known = [
        (name.text, entry.schema) for entry in entries[:: max(len(entries) // half, 1)] for name in entry.names[:1]
    ]
    asked = [Query(name, schema=schema or None) for name, schema in [*misspelt(known[:half], 4), *invented(half, 5)]]
    for query in asked[:50]:
        index.match(query, as_of=_DAY)
    times, paces = [], []
    for at, query in enumerate(asked):
        if at % _PACED == 0:
            paces.append(python_loops(50_000))
        times.append(_timed(index, query))
    times.sort()
    texts = [name.text for entry in entries for name in entry.names]
    begun = time.process_time()
    for query in asked[:_REFERENCE]:
        process.extract(query.name, texts, scorer=fuzz.WRatio, limit=5)
    reference = _REFERENCE / (time.process_time() - begun)
    print(json.dumps(
        {"built": built, "rate": len(times) / sum(times), "times": times, "memory": memory, "reference": reference,
         "pace": sum(paces) / len(paces)}
    ))  # fmt: skip


def _timed(index: NameIndex, query: Query) -> float:
    begun = time.process_time()
    index.match(query, as_of=_DAY)
    return time.process_time() - begun


if __name__ == "__main__":
    _child(int(sys.argv[1]))
