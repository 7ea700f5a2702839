"""A report as DOCX, for a person to complete: real headings, tables with header rows and descriptions, its language."""

import io
from datetime import datetime, time
from typing import Any

from traceability.diligence.reports.model import Report, Section, Table
from traceability.services.reports.render import said
from traceability.services.reports.render.archive import fixed

_LONGEST = 4000  # characters of a cell or paragraph
_LANGUAGE = "en-GB"
_BLOCKS = 20  # of a bar of 100 %


def as_docx(report: Report) -> bytes:
    """Return the document."""
    from docx import Document

    document = Document()
    _properties(document, report)
    document.add_heading(_text(report.title), 0)
    for line in said.head(report):
        document.add_paragraph().add_run(_text(line)).bold = True
    whose = f"{report.party_name}, {report.party_id}. Period: {said.period(report)} (UTC)."
    for line in (whose, said.bound(report)):
        document.add_paragraph(_text(line))
    for section in report.sections:
        _section(document, section)
    for table in said.appended(report):
        document.add_heading(_text(table.title), 1)
        _table(document, table)
    out = io.BytesIO()
    document.save(out)
    return fixed(out.getvalue(), f"{report.as_of.isoformat()}T00:00:00Z")


def _text(value: str) -> str:
    return said.cut(said.visible(value), _LONGEST)


def _properties(document: Any, report: Report) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    about, at = document.core_properties, datetime.combine(report.as_of, time())
    about.title, about.author, about.language = said.cut(said.visible(report.title), 250), "traceability", _LANGUAGE
    about.created, about.modified, about.comments = at, at, "Draft"
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for language in defaults.findall(qn("w:lang")):
        defaults.remove(language)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), _LANGUAGE)
    defaults.append(language)


def _section(document: Any, section: Section) -> None:
    document.add_heading(_text(section.heading), 1)
    for line in (*([f"Law: {section.law}"] if section.law else []), *section.paragraphs):
        document.add_paragraph(_text(line))
    for bar in section.bars:
        filled = max(0, min(_BLOCKS, round(bar.percent / 100 * _BLOCKS)))
        document.add_paragraph(f"{_text(said.bar(bar))}  {'█' * filled}{'░' * (_BLOCKS - filled)}")
    for one in section.maps:
        document.add_paragraph(_text(f"{said.on_map(one)} The picture is in the PDF."))
    for table in section.tables:
        document.add_heading(_text(table.title), 2)
        _table(document, table)
        if table.note:
            document.add_paragraph(_text(table.note))


def _table(document: Any, table: Table) -> None:
    if not table.rows:
        document.add_paragraph("Nothing recorded.")
        return
    made = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    for cell, column in zip(made.rows[0].cells, table.columns, strict=True):
        cell.paragraphs[0].add_run(_text(said.heading(column))).bold = True
    for row in table.rows:
        for cell, value in zip(made.add_row().cells, row, strict=True):
            cell.text = said.cut(said.text(value), _LONGEST)
    _describe(made, table)


def _describe(made: Any, table: Table) -> None:
    """Repeat the header row on each page, and say to a screen reader what the table is."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(header)  # noqa: SLF001  # the library has no name for it
    for name, value in (("w:tblCaption", table.title), ("w:tblDescription", table.note or table.title)):
        element = OxmlElement(name)
        element.set(qn("w:val"), said.cut(said.visible(value).replace("\n", " "), 250))
        made._tbl.tblPr.append(element)  # noqa: SLF001  # likewise
