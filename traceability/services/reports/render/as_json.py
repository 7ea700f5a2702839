"""A report as JSON: for machines, nothing shortened and nothing written in other letters."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from traceability.diligence.reports.model import Map, Report, Section, Table
from traceability.services.reports.render import said

FORMAT = "traceability-law-report@v1"


def as_json(report: Report) -> bytes:
    """Return the report as UTF-8 JSON; halves of characters, which have no UTF-8, stay escaped."""
    return (json.dumps(as_data(report), indent=2, sort_keys=True, default=_plain) + "\n").encode()


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data; decimals and days become text, what is unknown null."""
    return {
        "format": FORMAT, "kind": report.kind, "title": report.title, "law": report.law, "draft": said.draft(report),
        "applicable_from": report.applicable_from, "not_yet_applicable": said.not_yet(report),
        "party": {"did": report.party_id, "name": report.party_name}, "audience": report.audience,
        "period": {"from": report.period[0], "to": report.period[1]}, "as_of": report.as_of,
        "sections": [_section(one) for one in report.sections],
        "gaps": [{"what": one.what, "law": one.law, "mend": one.mend} for one in report.gaps],
        "list_versions": dict(report.list_versions), "data": dict(report.data),
    }  # fmt: skip


def _section(one: Section) -> dict[str, Any]:
    return {
        "heading": one.heading, "law": one.law, "paragraphs": list(one.paragraphs),
        "tables": [_table(table) for table in one.tables],
        "bars": [{"label": bar.label, "percent": bar.percent, "line": bar.line} for bar in one.bars],
        "maps": [_map(found) for found in one.maps],
    }  # fmt: skip


def _map(one: Map) -> dict[str, Any]:
    points = [
        {"number": p.number, "label": p.label, "latitude": p.latitude, "longitude": p.longitude} for p in one.points
    ]
    return {"title": one.title, "points": points, "journeys": [{"from": a, "to": b} for a, b in one.journeys]}


def _table(one: Table) -> dict[str, Any]:
    names = [column.name for column in one.columns]
    return {
        "name": one.name, "title": one.title, "note": one.note,
        "columns": [{"name": c.name, "heading": c.heading, "unit": c.unit} for c in one.columns],
        "rows": [dict(zip(names, row, strict=True)) for row in one.rows],
    }  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)
