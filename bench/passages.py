"""How passages of suppliers' papers are screened, by the gate sets (tests/gates/documents): the sets and the answers.

``python -m bench.passages --show LANG WHAT`` lists for those who mend rules where the tuning half is answered
otherwise: ``WHAT`` is a label, an assertion, ``concept``, ``risk``, ``minerals``, ``country`` or ``region``. The
reported half is counted (``make evaluate``) and never shown.
"""

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.names import reported
from traceability.documents.sandbox import Sandbox
from traceability.documents.text import normalise
from traceability.documents.vocabulary import mineral_names

SETS = Path(__file__).resolve().parents[1] / "tests" / "gates" / "documents"
LANGUAGES = ("en", "nl", "de", "fr", "it", "es", "pt", "zh")
_MARKS = re.compile(r"\[\[|\]\]")
# The sets say "silicon" also where the engine's lists hold the metal for polysilicon only.
_SAME_WORD = {"silicon": "polysilicon"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage without its marks, the span of its target, and the labels a person gave it (README of the sets)."""

    id: str
    text: str
    target: tuple[int, int] | None
    style: str
    concept: str | None
    assertion: str | None
    country: str | None
    region: str | None
    risk: bool
    topic: str | None
    labels: frozenset[str]
    minerals: frozenset[str]
    case: str

    @property
    def lang(self) -> str:
        """ISO 639-1, from the id."""
        return self.id[:2]

    @property
    def reported(self) -> bool:
        """Whether the passage is of the half that figures come from; the other is for mending rules."""
        return reported(self.id)


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``traceability screen --passages`` says of a passage, and ``--assertions`` of its target."""

    passage: Mapping[str, Any]
    target: Mapping[str, Any] | None
    minerals: frozenset[str]

    @property
    def labels(self) -> frozenset[str]:
        """The labels of the passage."""
        return frozenset(self.passage["labels"])


Pair = tuple[Passage, Answer]


def read_passages(folder: Path = SETS) -> Iterator[Passage]:
    """Yield the passages of every language, both halves.

    Raises:
        ValueError: a passage has other marks than none or one pair in order around some text.

    """
    for lang in LANGUAGES:
        for line in (folder / f"{lang}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            text, target = unmarked(row.pop("text"))
            labels, minerals = frozenset(row.pop("labels")), frozenset(row.pop("minerals"))
            yield Passage(text=text, target=target, labels=labels, minerals=minerals, **row)


def unmarked(marked: str) -> tuple[str, tuple[int, int] | None]:
    """Return a text without its marks and the span between them; raises ValueError as ``read_passages`` does."""
    parts = _MARKS.split(marked)
    if parts == [marked]:
        return marked, None
    if _MARKS.findall(marked) != ["[[", "]]"] or not parts[1].strip():
        raise ValueError(f"expected words in one pair of [[ ]], or no mark: {marked[:40]!r}")
    start = len(parts[0])
    return "".join(parts), (start, start + len(parts[1]))


def answered(passages: Iterable[Passage]) -> list[Pair]:
    """Return each passage with what the command's screening says of it, its language told, each screened once."""
    pairs: list[Pair] = []
    with Sandbox() as sandbox:  # one child for both jobs: it builds the pipeline of a language once
        for _, together in groupby(passages, key=lambda each: each.lang):
            pairs += _screened(sandbox, list(together))
    return pairs


def _screened(sandbox: Sandbox, passages: Sequence[Passage]) -> Iterator[Pair]:
    rows = [{"id": each.id, "text": each.text, "lang": each.lang} for each in passages]
    aims = [
        {**row, "target": {"start": each.target[0], "end": each.target[1]}}
        for row, each in zip(rows, passages, strict=True)
        if each.target
    ]
    decided = {answer["id"]: answer for answer in sandbox.lines("assertions", aims)}
    for each, said in zip(passages, sandbox.lines("passages", rows), strict=True):
        yield each, Answer(said, decided.get(each.id), found_minerals(each, said))


def found_minerals(passage: Passage, said: Mapping[str, Any]) -> frozenset[str]:
    """Return the minerals of the spans, by the words that ``wanted_minerals`` uses."""
    spans = [span["text"] for span in said["spans"] if span["label"] == "MINERAL"]
    return frozenset(_mineral_of(text, passage.lang) for text in spans)


def wanted_minerals(passage: Passage) -> frozenset[str]:
    """Return the minerals a person found, by the word the facts use where they have one: coltan is tantalum."""
    names = mineral_names()["en"]
    return frozenset(_SAME_WORD.get(name, names.get(name, name)) for name in passage.minerals)


def _mineral_of(text: str, lang: str) -> str:
    """Name a span by the longest entry of the vocabulary that it begins with: compounds and endings go on."""
    word = normalise(text).text.strip().lower()
    for names in (mineral_names().get(lang, {}), mineral_names()["en"]):  # languages without rules are read as English
        known = [(len(name), value) for name, value in names.items() if word.startswith(name.rstrip("*"))]
        if known:
            return max(known)[1]
    return word


def offences(passage: Passage, answer: Answer) -> Iterator[tuple[frozenset[str], str]]:
    """Yield where the answer differs: what it is about, and in words."""
    for label in sorted(passage.labels ^ answer.labels):
        yield frozenset({label}), f"{label} {'missed' if label in passage.labels else 'false'}"
    if answer.minerals != (wanted := wanted_minerals(passage)):
        yield frozenset({"minerals"}), f"minerals {sorted(wanted)}, got {sorted(answer.minerals)}"
    if answer.target:
        for name in ("concept", "assertion", "country", "region", "risk"):
            want, got = getattr(passage, name), answer.target[name]
            if want != got:
                about = {name, str(want), str(got)} if name == "assertion" else {name}
                yield frozenset(about), f"{name} of the target {want}, got {got}"
    elif answer.passage["risk"]:
        yield frozenset({"risk"}), "raised, and harmless"


def failures(pairs: Sequence[Pair], lang: str, what: str) -> Iterator[str]:
    """Yield the failures of the tuning half that are about ``what``; of the reported half none, whatever is asked."""
    for passage, answer in pairs:
        if passage.lang == lang and not passage.reported:
            said = [words for about, words in offences(passage, answer) if what in about]
            if said:
                yield f"{passage.id} ({passage.case}) {'; '.join(said)}\n    {_shown(passage)}"


def _shown(passage: Passage) -> str:
    start, end = passage.target or (0, 0)
    text = passage.text
    return f"{text[:start]}[[{text[start:end]}]]{text[end:]}" if passage.target else text


def main() -> None:
    """Print the failures of the tuning half that were asked for."""
    parser = argparse.ArgumentParser(prog="bench.passages", description=__doc__)
    parser.add_argument("--show", nargs=2, metavar=("LANG", "WHAT"), required=True)
    lang, what = parser.parse_args().show
    tuning = [each for each in read_passages() if each.lang == lang and not each.reported]
    told = list(failures(answered(tuning), lang, what))
    print("\n".join([*told, f"{len(told)} of {len(tuning)} passages of the tuning half"]))


if __name__ == "__main__":
    main()
