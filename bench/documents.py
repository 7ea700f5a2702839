"""Screening of documents: words a second on text, a ten-page PDF in a warm worker, the cold start, and memory.

The text is this repository's prose for people, of which little is about what the rules look for, with paragraphs of
the gate passages (tuning half, English) among it, so that nearly a quarter of the words come from papers that tell
cases and rules. Bare ``spacy.blank("en")`` cuts the same text into words in the same run.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.lines import Say, at_least, at_most
from bench.passages import read_passages
from bench.references import import_seconds

_ROOT = Path(__file__).resolve().parents[1]
_NOT_PROSE = {"rules.md", "screening.md", "coverage.md"}
_SHARE = 0.23  # of sentences that hold a term, in 211 published modern-slavery statements
_FEWEST_WORDS = 12
_TOGETHER = 4
_NAMES = 100_000
_PAGES, _RUNS = 10, 40
_P95 = 0.95


def run(say: Say) -> None:
    """Measure everything, each in a process of its own where what was loaded before would count."""
    found = _measured("text")
    reference = ("bare spaCy tokenisation, words/s", found["spacy"])
    say("words screened, text to findings (processor time)", found["words"], "words/s", (), reference,
        [at_least(500_000, "words/s"), at_least(3 * found["spacy"], "words/s")])  # fmt: skip
    say("words that the prefilter alone looks at", found["prefilter"], "words/s", (), None, [at_least(2e6, "words/s")])
    start = import_seconds("from traceability.documents import batch; batch.warm()")
    say("cold start of a screening child, English", start, "s", (), ("importing spaCy", import_seconds("import spacy")),
        [at_most(2, "s")])  # fmt: skip
    say(f"most memory, English rules and {_NAMES:,} names of a list", _measured("memory")["memory"], "MB", (), None,
        [at_most(400, "MB")])  # fmt: skip
    times = _pdf_times()
    say(f"p95 of a {_PAGES}-page PDF in a warm worker", times[int(len(times) * _P95)] * 1000, "ms", times, None,
        [at_most(250, "ms")])  # fmt: skip


def corpus() -> str:
    """Return the text that is screened: paragraphs between empty lines, the same in every run."""
    prose = [_plain(part) for path in _papers() for part in _paragraphs(path.read_text("utf-8"))]
    told = [each.text for each in read_passages() if each.lang == "en" and not each.reported and each.target]
    chosen = random.Random(7)
    chosen.shuffle(told)
    wanted = sum(len(part.split()) for part in prose) * _SHARE / (1 - _SHARE)
    parts, words = list(prose), 0
    for at in range(0, len(told), _TOGETHER):
        if words >= wanted:
            break
        parts.append(" ".join(told[at : at + _TOGETHER]))
        words += len(parts[-1].split())
    chosen.shuffle(parts)
    return "\n\n".join(parts)


def _papers() -> list[Path]:
    return [
        path for path in [*sorted((_ROOT / "docs").glob("*.md")), _ROOT / "README.md"] if path.name not in _NOT_PROSE
    ]


def _paragraphs(markdown: str) -> list[str]:
    parts = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL).split("\n\n")
    return [part for part in parts if not part.lstrip().startswith(("|", "#")) and len(part.split()) > _FEWEST_WORDS]


def _plain(markdown: str) -> str:
    return re.sub(r"[`*\[\]]", "", markdown)


def _measured(what: str) -> dict[str, float]:
    said = subprocess.run([sys.executable, "-m", "bench.documents", what], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(said.stdout)
    return found


def _text() -> dict[str, float]:
    import spacy

    from traceability.documents.engine import engine_for
    from traceability.documents.extraction import plain
    from traceability.documents.extraction.extracted import Builder
    from traceability.documents.matching import hits
    from traceability.documents.screening import screen_extracted

    text = corpus()
    words = len(text.split())
    builder = Builder("txt")
    plain.read(text.encode(), builder)
    extracted = builder.finish()
    nlp = spacy.blank("en")
    prefilter = engine_for("en").prefilter
    lower = text.lower()
    return {
        "words": words / _best(lambda: screen_extracted(extracted)),
        "prefilter": words / _best(lambda: list(hits(prefilter, lower))),
        # As the screening does: a paragraph at a time, and once before for the words it has not met.
        "spacy": words / _best(lambda: [nlp.make_doc(part) for part in text.split("\n\n")]),
    }


def _memory() -> dict[str, float]:
    import resource

    from bench.invented_names import entries_of
    from traceability.documents import batch
    from traceability.lists.match import NameIndex

    batch.warm()
    index = NameIndex.build(entries_of(_NAMES, seed=3))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"memory": memory if index else 0.0}


def _pdf_times() -> list[float]:
    """Return the sorted seconds of screening a PDF again and again with both children started and warm."""
    from traceability.documents.sandbox import Sandbox

    data = _pdf()
    with Sandbox() as sandbox:
        sandbox.screen(data, "paper.pdf")
        return sorted(_timed(lambda: sandbox.screen(data, "paper.pdf")) for _ in range(_RUNS))


def _pdf() -> bytes:
    import typst

    parts = corpus().split("\n\n")[: _PAGES * 4]
    pages = [parts[at : at + 4] for at in range(0, len(parts), 4)]
    shown = "\n#pagebreak()\n".join(
        "\n\n".join(f"#{json.dumps(part, ensure_ascii=False)}" for part in page) for page in pages
    )
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "paper.typ"
        source.write_text("#set text(size: 9pt)\n" + shown, "utf-8")
        made: bytes = typst.compile(str(source))
        return made


def _best(work: Callable[[], object], runs: int = 4) -> float:
    work()
    times = []
    for _ in range(runs):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(json.dumps({"text": _text, "memory": _memory}[sys.argv[1]]()))
