"""A report as PDF/A-3 with tags (ISO 19005-3, ISO 14289-1), its JSON attached; set as the reports of packs are."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from traceability.diligence.reports.model import Bar, Map, Report, Section, Table
from traceability.services.evidence.blocks import Block, Column, table, text
from traceability.services.evidence.typeset import typeset
from traceability.services.reports.render import said
from traceability.services.reports.render.as_json import as_json
from traceability.services.reports.render.map_svg import as_map_svg
from traceability.services.reports.render.svg import as_svg

ATTACHED = "report.json"
_LONGEST = 4000  # characters of a cell or paragraph on paper
_SHORT = 300  # characters of a title or heading
_WIDEST, _NARROWEST = 32, 6  # characters of a column that count for its width
_LINE = 132  # of all columns together: beside wide ones a narrow one would be too narrow for a word


def as_pdf(report: Report) -> bytes:
    """Return the PDF; raises Unavailable where it could not be set."""
    at = datetime.combine(report.as_of, time(), UTC)
    return typeset(_content(report), as_json(report).decode(), at)


def _content(report: Report) -> dict[str, Any]:
    title, party, did = (said.cut(one, _SHORT) for one in (report.title, report.party_name, report.party_id))
    return {
        "title": title,
        "subtitle": f"{party}, {did}. Period: {said.period(report)} (UTC).",
        "footer": f"Draft · {title} · {said.period(report)}",
        "lead": said.head(report),
        "bound": said.cut(said.bound(report), _LONGEST),
        "attached": ATTACHED,
        "sections": [{"title": said.cut(one.heading, _SHORT), "blocks": _section(one)} for one in report.sections],
        "appendix": [{"title": one.title, "blocks": [_table(one)]} for one in said.appended(report)],
    }


def _section(section: Section) -> list[Block]:
    blocks = [text(said.cut(f"Law: {section.law}", _LONGEST))] if section.law else []
    blocks += [text(said.cut(one, _LONGEST)) for one in section.paragraphs]
    blocks += [_bars(section.bars)] if section.bars else []
    blocks += [_picture(one) for one in section.maps if one.points]
    for one in section.tables:
        blocks += [{"kind": "caption", "text": said.cut(one.title, _SHORT)}, _table(one)]
        blocks += [text(said.cut(one.note, _LONGEST))] if one.note else []
    return blocks


def _bars(bars: tuple[Bar, ...]) -> Block:
    return {
        "kind": "bars",
        "bars": [{"svg": as_svg(one, titled=False), "words": said.cut(said.bar(one), _SHORT)} for one in bars],
    }


def _picture(one: Map) -> Block:
    return {"kind": "picture", "svg": as_map_svg(one), "words": said.cut(said.on_map(one), _LONGEST)}


def _table(one: Table) -> Block:
    lines = [[said.cut(said.text(cell), _LONGEST) for cell in row] for row in one.rows]
    widest = max(_NARROWEST, min(_WIDEST, _LINE // max(1, len(one.columns))))
    columns = [
        Column(heading, _share([heading, *(line[n] for line in lines)], widest), _align(one, n))
        for n, heading in enumerate(said.cut(said.heading(column), _SHORT) for column in one.columns)
    ]
    return table(columns, lines)


def _share(texts: list[str], widest: int) -> int:
    """Return the part of the width for a column: its longest cell's, bounded, and at least its heading's longest word.

    The first of ``texts`` is the heading, which is bold.
    """
    word = min(_WIDEST, max(map(len, texts[0].split()), default=0) + 3)
    return max(_NARROWEST, word, min(widest, max(map(len, texts[1:] or texts)) + 2))


def _align(one: Table, number: int) -> Any:
    cells = [row[number] for row in one.rows if row[number] is not None]
    return "end" if cells and all(isinstance(cell, (int, Decimal)) for cell in cells) else "start"
