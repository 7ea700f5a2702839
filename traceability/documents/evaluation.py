"""How well the rules do on labelled sets: accuracy with Wilson intervals, per label, assertion and language.

``evaluate(folder)`` reads the sets of a folder with ``passages/``, ``assertions/`` and ``documents/``; cells with fewer
than ten rows are counted and not judged. Halves are fixed by a hash of the row's id, so that a number can be checked
on rows nobody looked at.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traceability.documents.fact_figures import f1, facts, overlap
from traceability.documents.sandbox import Sandbox
from traceability.documents.text import collapse

_Z = 1.959963984540054
_FEW = 10
INCIDENT_LABELS = frozenset(
    {"CAHRA_SOURCING", "FORCED_LABOUR_INCIDENT", "CHILD_LABOUR_INCIDENT", "ARMED_GROUP_INCIDENT", "ORIGIN_UNDETERMINED"}
)
"""Labels that make a passage a risk."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``right`` of ``of``, with the 95 % interval of Wilson (1927)."""

    right: int
    of: int

    def as_dict(self) -> dict[str, Any]:
        """Return the counts, the share and its interval; no share without rows."""
        low, high = self.interval()
        share = round(self.right / self.of, 4) if self.of else None
        return {"right": self.right, "of": self.of, "share": share, "low": low, "high": high, "few": self.of < _FEW}

    def interval(self) -> tuple[float, float]:
        """Return the bounds of the interval."""
        if not self.of:
            return 0.0, 1.0
        share, square = self.right / self.of, _Z * _Z
        middle = share + square / (2 * self.of)
        spread = _Z * math.sqrt(share * (1 - share) / self.of + square / (4 * self.of * self.of))
        scale = 1 + square / self.of
        return round((middle - spread) / scale, 4), round((middle + spread) / scale, 4)


def half(identifier: str) -> str:
    """Return the half of a row, ``a`` or ``b``, from the hash of its id."""
    return "ab"[hashlib.sha256(identifier.encode()).digest()[0] & 1]


def evaluate(folder: Path) -> dict[str, Any]:
    """Evaluate the three sets of ``folder``; a set that is absent is left out."""
    report: dict[str, Any] = {}
    with Sandbox() as sandbox:
        for name, measure in (("assertions", _assertions), ("passages", _passages)):
            path = folder / name / "public.jsonl"
            if path.exists():
                rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
                report[name] = measure(sandbox, rows)
        golds = sorted((folder / "documents").glob("*.gold.json"))
        if golds:
            report["documents"] = _documents(sandbox, golds)
    return report


def _assertions(sandbox: Sandbox, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    bare = [{key: row[key] for key in ("id", "text", "target", "lang")} for row in rows]
    pairs = list(zip(rows, sandbox.lines("assertions", bare), strict=True))

    def right(gold: dict[str, Any], got: dict[str, Any]) -> bool:
        return bool(gold["assertion"] == got["assertion"] and gold["concept"] == got["concept"])

    def grouped(key: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
        return {
            name: _rate(right(gold, got) for gold, got in pairs if key(gold) == name)
            for name in sorted({key(gold) for gold, _ in pairs})
        }

    return {
        "all": _rate(right(*pair) for pair in pairs),
        "concept": _rate(gold["concept"] == got["concept"] for gold, got in pairs),
        "assertion": _rate(gold["assertion"] == got["assertion"] for gold, got in pairs),
        "country": _rate(gold["country"] == got["country"] for gold, got in pairs),
        "by_assertion": grouped(lambda gold: str(gold["assertion"])),
        "by_concept": grouped(lambda gold: str(gold["concept"])),
        "by_language": grouped(lambda gold: str(gold["lang"])),
        "by_case": grouped(lambda gold: str(gold["case"])),
        "by_half": grouped(lambda gold: half(str(gold["id"]))),
        "risk_found": _rate(got["risk"] for gold, got in pairs if gold["risk"]),
        "risk_false": _rate(got["risk"] for gold, got in pairs if not gold["risk"]),
    }


def _passages(sandbox: Sandbox, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    scored = [row for row in rows if not row.get("exclude")]
    bare = [{"id": row["id"], "text": row["text"], "lang": row["lang"]} for row in scored]
    pairs = list(zip(scored, sandbox.lines("passages", bare), strict=True))
    names = sorted({label for gold, got in pairs for label in (*gold["labels"], *got["labels"])})
    hit = sum(len(set(gold["labels"]) & set(got["labels"])) for gold, got in pairs)
    said = sum(len(got["labels"]) for _, got in pairs)
    true = sum(len(gold["labels"]) for gold, _ in pairs)
    spans = {
        label: f1(overlap(_spans(gold, label), _spans(got, label)) for gold, got in pairs)
        for label in ("MINERAL", "COUNTRY")
    }
    risky = [(bool(INCIDENT_LABELS & set(gold["labels"])), got["risk"]) for gold, got in pairs]
    return {
        "micro_f1": round(2 * hit / (said + true), 4) if said + true else None,
        "spans": spans,
        "recall_by_label": {
            name: _rate(name in got["labels"] for gold, got in pairs if name in gold["labels"]) for name in names
        },
        "precision_by_label": {
            name: _rate(name in gold["labels"] for gold, got in pairs if name in got["labels"]) for name in names
        },
        "risk_found": _rate(found for risk, found in risky if risk),
        "risk_false": _rate(found for risk, found in risky if not risk),
    }


def _spans(row: dict[str, Any], label: str) -> list[tuple[int, int]]:
    return [(span["start"], span["end"]) for span in row["spans"] if span["label"] == label]


def _documents(sandbox: Sandbox, golds: Sequence[Path]) -> dict[str, Any]:
    taken = {".pdf", ".docx", ".xlsx", ".pptx", ".html", ".eml", ".txt"}
    found: list[bool] = []
    wrong: list[bool] = []
    outcome: list[bool] = []
    kinds: list[bool] = []
    declared: list[tuple[int, int, int]] = []
    for path in golds:
        gold = json.loads(path.read_text("utf-8"))
        file = path.with_name(gold["file"])
        report = sandbox.screen(file.read_bytes(), file.name)
        supported = file.suffix in taken
        expected = (gold["outcome"], gold.get("reason")) if supported else ("rejected", "type")
        outcome.append((report.outcome, report.reason) == expected)
        if not supported or report.outcome != "parsed":
            continue
        declared.append(overlap(facts(gold["facts"]), facts(report.to_dict()["facts"])))
        kinds.append(report.document_type == gold["document_type"])
        raised = [each for each in report.findings if each.raised and each.severity != "info"]
        found.extend(any(_same(want, got) for got in report.findings if got.raised) for want in gold["findings"])
        wrong.extend(any(_same(never, got) for got in raised) for never in gold["must_not_flag"])
    return {
        "outcome": _rate(outcome),
        "type": _rate(kinds),
        "declared_facts": f1(declared),
        "findings_found": _rate(found),
        "flagged_wrongly": _rate(wrong),
    }


def _same(gold: dict[str, Any], got: Any) -> bool:
    """Whether a finding is of the gold's kind, and its quote overlaps the gold's on the same page."""
    want, have = collapse(gold["quote"]), got.quote
    here = gold["kind"] == got.kind and gold["page"] == got.page
    return bool(here) and (have in want or want in have or _shared(want, have))


def _shared(want: str, have: str) -> bool:
    short, long = sorted((want.split(), have.split()), key=len)
    size = max(3, len(short) // 2)
    return any(" ".join(short[at : at + size]) in " ".join(long) for at in range(max(0, len(short) - size) + 1))


def _rate(values: Iterable[bool]) -> dict[str, Any]:
    every = list(values)
    return Rate(sum(every), len(every)).as_dict()
