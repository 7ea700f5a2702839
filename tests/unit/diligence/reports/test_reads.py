"""An extract of the log of reads is in order, says whose records and why, and what it leaves out."""

from datetime import UTC, date, datetime

from traceability.diligence.reports.model import About
from traceability.diligence.reports.reads import ReadLine, extract

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def line(hour, **more):
    said = {"actor": "reg", "role": "regulator", "action": "chain", "subject": "LOT-1", "whose": ("A", "B"),
            "purpose": "a check", "mandate": "BGR, Art. 11"}  # fmt: skip
    return ReadLine(datetime(2026, 3, 1, hour, tzinfo=UTC), **(said | more))


def about(as_of=date(2027, 1, 1)):
    return About("did:web:a.example", "A", YEAR, as_of)


def test_reads_stand_oldest_first_with_whose_records_purpose_and_mandate():
    report = extract(about(), [line(9, whose=(), purpose=None, mandate=None), line(7)], 0)
    (table,) = report.sections[0].tables
    assert [row[0] for row in table.rows] == ["2026-03-01T07:00:00Z", "2026-03-01T09:00:00Z"]
    assert table.rows[0][5:] == ("A, B", "a check", "BGR, Art. 11")
    assert table.rows[1][5:] == ("nobody's", None, "none: its own right")
    assert report.gaps == ()


def test_what_is_left_out_and_a_period_that_is_not_over_are_gaps():
    report = extract(about(date(2026, 6, 1)), [line(7)], 12)
    said = [gap.what for gap in report.gaps]
    assert any(one.startswith("12 older reads") for one in said)
    assert any("the period is not over" in one for one in said)
    assert "left out for their number: 12" in report.sections[0].paragraphs[0]
