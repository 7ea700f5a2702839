"""Name pairs scored by us and by nomenklatura's logic-v2 at its default, in the same run.

The peer lives in a folder of its own (``.names-peer``, from requirements-names-peer.lock) and in a process of its own:
its dependencies are not ours. It is built only by ``make bench``, where libicu-dev, pkg-config and a C++ compiler are;
without it our figures stand alone and what is set against it is not judged.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import names, public_pairs
from bench.lines import Say, at_least
from bench.public_pairs import Verdict

_ROOT = Path(__file__).resolve().parents[1]
FOLDER = _ROOT / ".names-peer"
_THRESHOLD = 0.7  # from which logic-v2 answers "match" where nothing else is set
_TARGET_F1 = 0.82
_TARGET_RECALL = 0.71
_ABSENT = "nomenklatura is not installed here"


@dataclass(frozen=True, slots=True)
class Scored:
    """What the peer answered: its version, the scores in the order of the pairs, processor seconds for all of them."""

    version: str
    scores: Sequence[float]
    seconds: float

    def verdicts(self, truths: Sequence[bool]) -> list[Verdict]:
        """Return its verdicts at its default threshold."""
        return [(truth, score >= _THRESHOLD, score) for truth, score in zip(truths, self.scores, strict=True)]


def run(say: Say) -> None:
    """Print the public pairs and the gate sets, ours beside the peer's."""
    _public(say)
    _gates(say)


def score(pairs: Sequence[tuple[str, str, str]], folder: Path = FOLDER) -> Scored | None:
    """Return the peer's scores of (schema, name, name); None where it is not installed, with its last words printed."""
    if not (folder / ".ready").exists():
        return None
    done = subprocess.run(
        [sys.executable, "-m", "bench.logic_v2"], input=json.dumps(pairs), text=True, capture_output=True,
        check=False, cwd=_ROOT, env=os.environ | {"PYTHONPATH": str(folder)},
    )  # fmt: skip
    if done.returncode:
        print(f"  ({' '.join(done.stderr.splitlines()[-1:])})")
        return None
    return Scored(**json.loads(done.stdout))


def _public(say: Say) -> None:
    rows = public_pairs.read_pairs()
    if not rows:
        print("  (the public pairs are not beside the repository: not judged)")
        return
    begun = time.process_time()
    ours = public_pairs.ours(rows)
    took = time.process_time() - begun
    peer = score([(row["schema"], row["name1"], row["name2"]) for row in rows])
    named = peer and f"nomenklatura {peer.version} logic-v2 at {_THRESHOLD}"
    theirs = peer.verdicts([public_pairs.same(row) for row in rows]) if peer else []
    of_pairs = f"{len(rows)} public name pairs"
    say(
        f"F1, {of_pairs}", public_pairs.f1(ours), "", (), (named, public_pairs.f1(theirs)) if named else None,
        [at_least(_TARGET_F1, ""), at_least(public_pairs.f1(theirs), "(logic-v2)", unjudged=None if peer else _ABSENT)],
    )  # fmt: skip
    say(
        f"recall at 90 % precision, {of_pairs}", public_pairs.recall_at(0.9, ours), "", (),
        (named, public_pairs.recall_at(0.9, theirs)) if named else None, [at_least(_TARGET_RECALL, "")],
    )  # fmt: skip
    reference = (named, len(rows) / peer.seconds) if peer and named else None
    say("pairs compared one by one", len(rows) / took, "pairs/s", (), reference)


def _gates(say: Say) -> None:
    """Print the gate sets, the half nothing was tried on: what is found, and what is shown falsely."""
    rows = [row for row in names.read_sets() if names.reported(row["id"]) and row["kind"] != names.ASKED_ANYWAY]
    known = {"Site": "Organization"}  # the peer has no kind for mines
    peer = score([(known.get(row["schema"], row["schema"]), row["name1"], row["name2"]) for row in rows])
    ours = [names.found(row) for row in rows]
    theirs = [value >= _THRESHOLD for value in peer.scores] if peer else []
    cells: dict[tuple[bool, bool], list[int]] = {}
    for at, row in enumerate(rows):
        cells.setdefault((row["is_match"] == "1", row["script"].endswith("-latin")), []).append(at)
    for (same, across), chosen in sorted(cells.items(), reverse=True):
        what = "same party found" if same else "different parties shown"
        place = "across scripts" if across else "in one script"
        reference = (f"logic-v2 at {_THRESHOLD}", _share(theirs, chosen)) if theirs else None
        say(f"{what}, {place} ({len(chosen)} gate pairs)", _share(ours, chosen), "", (), reference)


def _share(shown: Sequence[bool], chosen: Sequence[int]) -> float:
    return sum(shown[at] for at in chosen) / len(chosen)
