"""Passages in their surroundings: the sentence of a finding with one on either side, and pages with findings marked.

Offsets are those of the report: code points of the whole extracted text. What is returned is for showing to people:
control and bidirectional formatting characters, which could hide or reorder words, are made visible one for one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from traceability.documents.report import PAGE_BREAK, Finding, Report
from traceability.documents.sentences import sentence_spans

PART = 20_000
"""How many characters of a page are shown at once."""
_LONGEST = 800
_LINES = 3
_WINDOW = 4_000
Span = tuple[int, int]
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Passage:
    """The quote where it stands, spaces and line ends kept: the sentence before, its own around it, the one after."""

    before: str
    opening: str
    quote: str
    closing: str
    after: str


@dataclass(frozen=True, slots=True)
class Part:
    """A page, or 20 000 characters of a long one: the span of the whole text it shows."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same findings, by their place in the report; none for what no finding covers.

    Other spans that are marked besides are counted on from the last finding.
    """

    text: str
    findings: tuple[int, ...] = ()


def passage(report: Report, finding: Finding) -> Passage:
    """Return a finding's sentence with the one before and the one after, cut to a readable length."""
    text = report.text
    start, end = min(finding.sentence[0], finding.start), max(finding.sentence[1], finding.end)
    low, high = max(0, start - _WINDOW), min(len(text), end + _WINDOW)
    before = sentence_spans(text[low:start])[-1:]
    after = sentence_spans(text[end:high])[:1]
    return Passage(
        "".join(_last_lines(text[low + a : start]) for a, _ in before),
        shown(text[start : finding.start])[-_LONGEST:],
        shown(text[finding.start : finding.end]),
        shown(text[finding.end : end])[:_LONGEST],
        "".join(_first_lines(text[end : end + b]) for _, b in after),
    )


def _last_lines(text: str) -> str:
    """Return the end of a sentence: a form has no full stops, so all above a field would be one."""
    return "".join(shown(text)[-_LONGEST:].splitlines(keepends=True)[-_LINES:])


def _first_lines(text: str) -> str:
    lines = shown(text)[:_LONGEST].splitlines(keepends=True)
    return "".join(lines[: _LINES + 1] if lines and not lines[0].strip() else lines[:_LINES])


def parts(report: Report) -> list[Part]:
    """Return the pages of a report in parts short enough to be shown."""
    found, offset = [], 0
    for page in report.pages:
        length = len(page.text)
        found += [
            Part(page.number, offset + at, offset + min(at + PART, length)) for at in range(0, max(length, 1), PART)
        ]
        offset += length + len(PAGE_BREAK)
    return found


def marked(report: Report, part: Part, besides: Sequence[Span] = ()) -> list[Piece]:
    """Return the text of a part, cut where findings, and spans besides, begin and end."""
    text = report.text
    spans = [*((f.start, f.end) for f in report.findings), *besides]
    inside = [(n, span) for n, span in enumerate(spans) if span[0] < part.end and span[1] > part.start]
    edges = {part.start, part.end}
    edges |= {edge for _, span in inside for edge in span if part.start < edge < part.end}
    return list(_pieces(text, sorted(edges), inside))


def _pieces(text: str, edges: Sequence[int], inside: Sequence[tuple[int, Span]]) -> Iterator[Piece]:
    for start, end in pairwise(edges):
        covering = tuple(n for n, span in inside if span[0] <= start and end <= span[1])
        yield Piece(shown(text[start:end]), covering)


def shown(text: str) -> str:
    """Return text in which nothing is invisible: each control or bidirectional character becomes U+FFFD."""
    return _UNSEEN.sub("\ufffd", text)
