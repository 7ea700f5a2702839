"""The page of reports: every format of a year as a link, and what is not recorded; nobody else's importer gets in."""

from collections.abc import Callable
from typing import Any

import pytest

from traceability.services.reports import asking


def test_every_format_is_a_link_and_none_is_made_until_it_is_asked_for(
    reader: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = reader("anna")
    with monkeypatch.context() as patch:
        patch.setattr(asking, "built", None)
        page = anna.get("/reports?year=2026").get_data(as_text=True)
        rows = anna.get("/reports.json?year=2026").get_json()["tables"]["reports"]
    assert {"Report on supply chain due diligence", "Annual volumes per row of Annex I"} <= {
        row["report"] for row in rows
    }
    assert "/reports/file/annual-volume?year=2026&amp;format=xlsx" in page
    assert "/reports/missing/annual-volume?year=2026" in page
    answer = anna.get("/reports/file/annual-volume?year=2026&format=csv")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_what_is_not_recorded_for_a_report_stands_on_a_page_of_its_own(reader: Callable[..., Any]) -> None:
    gaps = reader("anna").get("/reports/missing/due-diligence.json?year=2026").get_json()["tables"]["gaps"]
    assert any("summary of the third-party audit" in one["what"] for one in gaps), "that is never recorded"
    assert all(one["mend"] for one in gaps)
    assert "Back to the reports of 2026" in reader("anna").get("/reports/missing/due-diligence?year=2026").get_data(
        as_text=True
    )
    for address, status in (("us-tracing-package", 404), ("nothing", 404), ("due-diligence?year=26", 400)):
        assert reader("anna").get(f"/reports/missing/{address}").status_code == status, address
    assert reader("dora").get("/reports/missing/due-diligence?year=2026").status_code == 403


def test_a_dpo_finds_the_record_of_processing_and_the_reads_and_nothing_of_importers(
    reader: Callable[..., Any],
) -> None:
    dora = reader("dora")
    rows = dora.get("/reports.json?year=2026").get_json()["tables"]["reports"]
    assert [row["report"] for row in rows] == ["Record of processing activities", "Extract of the log of reads"]
    assert dora.get("/reports/file/access-log?year=2026&format=csv").status_code == 200
    assert dora.get("/reports/file/annual-volume?year=2026&format=csv").status_code == 403


def test_a_wrong_question_is_told_on_a_page(reader: Callable[..., Any]) -> None:
    for address in ("/reports?year=26", "/reports/file/downstream-information?shipment=&batch="):
        answer = reader("anna").get(address)
        assert (answer.status_code, answer.mimetype) == (400, "text/html"), address
    answer = reader("anna").get("/reports/file/downstream-information?shipment=nobody's&format=pdf")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
