"""The extracted text of a document with its findings marked, a part at a time; and the table of its passages."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for

from traceability.documents import passages
from traceability.documents.passages import Part, Piece
from traceability.documents.report import Finding, Report
from traceability.storage.tables import Document
from traceability.web import words
from traceability.web.language import N_
from traceability.web.page import Cell, Column, Row, Table, cells_of, table
from traceability.web.session import actor

_SIGNALS = (
    Column("page", "Page", "number"), Column("what", "About"), Column("assertion", "Said as"),
    Column("quote", "Quote, marked in the text"), Column("why", "Why"), Column("rule", "Rule"),
)  # fmt: skip


def listing(row: Document, report: Report | None) -> Table:
    """Return the passages of a document as a table; each leads to its mark, and an officer to judging it."""
    cut = passages.parts(report) if report else []
    rows = [_row(row, number, item, cut) for number, item in enumerate(report.findings if report else ())]
    caption = N_("Signals: passages a person has to judge")
    return table("signals", caption, _SIGNALS, rows, N_("The machine found no passage."))


def text(report: Report | None, besides: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any] | None:
    """Return the part of the text the address asks for (``part``, from 1), at first the one with the first finding.

    ``besides`` are contradictions, whose fields are marked, too.
    """
    cut = passages.parts(report) if report else []
    if report is None or not cut:
        return None
    asked = request.args.get("part", "")
    places = [*(item.start for item in report.findings), *(one["read"]["start"] for one in besides)]
    first = part_of(places[0], cut) if places else 1
    number = min(max(int(asked), 1), len(cut)) if asked.isascii() and asked.isdigit() and len(asked) < 9 else first  # noqa: PLR2004  # no part has a longer number
    spans = [(one["read"]["start"], one["read"]["end"]) for one in besides]
    pieces = passages.marked(report, cut[number - 1], spans)
    return {"number": number, "parts": len(cut), "page": cut[number - 1].page, "pieces": _anchored(pieces)}


def _anchored(pieces: list[Piece]) -> list[dict[str, Any]]:
    """Return the pieces with the findings that begin in each, which is where their links lead."""
    seen: set[int] = set()
    found = []
    for piece in pieces:
        fresh = [number for number in piece.findings if number not in seen]
        seen.update(fresh)
        found.append({"text": piece.text, "findings": list(piece.findings), "anchors": fresh})
    return found


def _row(row: Document, number: int, item: Finding, cut: list[Part]) -> Row:
    key = f"{row.sha256}|{item.topic}|{item.start}-{item.end}"
    judged = url_for("web.judge", kind="signal", id=key) if item.topic and actor().may("decide") else None
    place = url_for(
        "web.document", document_id=row.id, importer=request.args.get("importer"), part=part_of(item.start, cut)
    )
    values: dict[str, Any] = {
        "page": str(item.page), "what": Cell(words.sentence(item.topic or item.kind), href=judged),
        "assertion": words.sentence(item.assertion),
        "quote": Cell(passages.shown(item.quote), href=f"{place}#mark-{number}"),
        "why": item.why, "rule": item.rule,
    }  # fmt: skip
    return Row(cells_of(values), anchor=f"passage-{number}")


def part_of(start: int, cut: list[Part]) -> int:
    """Return the number of the part in which an offset lies, from 1."""
    return next((n for n, part in enumerate(cut, 1) if part.start <= start < part.end), 1)
