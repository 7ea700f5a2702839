"""What a document says against signed facts, side by side: the table of its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for

from traceability.documents import passages
from traceability.documents.report import Report
from traceability.storage.tables import Document
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Row, Table, cells_of, table
from traceability.web.passages import part_of
from traceability.web.session import actor, opens
from traceability.web.spoken import spoken

_COLUMNS = (
    Column("what", "About"), Column("paper", "The paper says, read by machine"), Column("signed", "Signed"),
    Column("why", "Why"), Column("verdict", "Verdict"), Column("about", "Shown on"),
)  # fmt: skip
_SIDE = 3


def listing(row: Document, report: Report | None, against: Sequence[Mapping[str, Any]]) -> Table:
    """Return the contradictions as a table; each leads to its place in the text, and an officer to judging it."""
    first = len(report.findings) if report else 0
    cut = passages.parts(report) if report else []
    rows = [_row(row, number, one, cut) for number, one in enumerate(against, first)]
    empty = N_("Nothing in it contradicts what is signed, as far as the machine compares.")
    return table("contradictions", "Contradictions with what is signed", _COLUMNS, rows, empty)


def _row(row: Document, number: int, one: Mapping[str, Any], cut: list[passages.Part]) -> Row:
    read, about = one["read"], one["about"]
    part = part_of(read["start"], cut)
    place = url_for("web.document", document_id=row.id, importer=request.args.get("importer"), part=part)
    values: dict[str, Any] = {
        "what": Cell(_what(one), href=_judged(one)),
        "paper": Cell(_paper(read), href=f"{place}#mark-{number}"),
        "signed": _signed(one["signed"]),
        "why": spoken(one["why"]),
        "verdict": _verdict(one),
        "about": Cell(words.short(about["subject"]), href=_subject(about), whole=about["subject"]),
    }
    return Row(cells_of(values), anchor=f"passage-{number}")


def _what(one: Mapping[str, Any]) -> str:
    said = words.sentence(one["kind"])
    return gettext("%(what)s, finding %(code)s", what=said, code=one["code"]) if one["code"] else said


def _judged(one: Mapping[str, Any]) -> str | None:
    return opens("judge", ("officer",), kind="signal", id=one["signal"]) if one["signal"] else None


def _paper(read: Mapping[str, Any]) -> str:
    said = gettext("page %(page)s, %(label)s: %(quote)s", page=read["page"], label=read["label"] or read["of"],
                   quote=passages.shown(read["quote"]))  # fmt: skip
    return said if read["confidence"] == "high" else gettext("%(said)s (low confidence)", said=said)


def _signed(facts: Sequence[Mapping[str, Any]]) -> str:
    said = [_fact(one) for one in facts[:_SIDE]]
    more = len(facts) - _SIDE
    return "; ".join([*said, *([gettext("%(num)s more", num=more)] if more > 0 else [])])


def _fact(one: Mapping[str, Any]) -> str:
    mark = words.MARKS.get(one["signature"]) if one["signature"] else None
    said = [words.sentence(one["what"]), one["day"], mark.word if mark else None]
    beside = ", ".join(filter(None, said))
    return beside if one["value"] == one["day"] else f"{one['value']} ({beside})"


def _verdict(one: Mapping[str, Any]) -> str:
    if one["disposition"]:
        return words.sentence(one["disposition"])
    return gettext("an officer has to look") if one["review"] else gettext("a note")


def _subject(about: Mapping[str, str]) -> str | None:
    roles = ("officer", "importer")
    if about["kind"] == "shipment":
        return opens("shipment", roles, id=about["subject"])
    return url_for("web.batch", id=about["subject"]) if actor().role in roles else None
