"""From a report to a file: the same report gives the same bytes in every format."""

from collections.abc import Callable, Mapping

from traceability.diligence.reports.model import Report
from traceability.services.reports.render.as_json import as_json
from traceability.services.reports.render.csv_file import as_csv
from traceability.services.reports.render.pages import as_pdf
from traceability.services.reports.render.sheets import as_xlsx
from traceability.services.reports.render.word import as_docx

#: Media types of the formats; zip is put together by the kind itself.
MEDIA: Mapping[str, str] = {
    "json": "application/json",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}
_RENDERERS: Mapping[str, Callable[[Report], bytes]] = {
    "json": as_json, "pdf": as_pdf, "docx": as_docx, "xlsx": as_xlsx, "csv": as_csv,
}  # fmt: skip


def render(report: Report, form: str) -> bytes:
    """Return a report as a file of a format: json, pdf, docx, xlsx or csv.

    Raises:
        KeyError: there is no such format; the registry has checked it.
        Unavailable: the pages of a PDF could not be set.

    """
    return _RENDERERS[form](report)


__all__ = ["MEDIA", "render"]
