"""The page of reports: every format of a year as a link, and what is not recorded; nobody else's importer gets in."""

from collections.abc import Callable
from typing import Any


def test_every_format_is_a_link_and_what_is_missing_stands_below(reader: Callable[..., Any]) -> None:
    anna = reader("anna")
    page = anna.get("/reports?year=2026").get_data(as_text=True)
    rows = anna.get("/reports.json?year=2026").get_json()["tables"]
    assert {"Report on supply chain due diligence", "Annual volumes per row of Annex I"} <= {
        row["report"] for row in rows["reports"]
    }
    for row in rows["reports"]:
        named = sum(gap["report"] == row["report"] for gap in rows["gaps"])
        assert row["missing"] == str(named), row
    assert rows["gaps"], "the period is not over, and the audit's summary is never recorded"
    assert "/reports/file/annual-volume?year=2026&amp;format=xlsx" in page
    answer = anna.get("/reports/file/annual-volume?year=2026&format=csv")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment;")


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
