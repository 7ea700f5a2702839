from datetime import date
from types import SimpleNamespace

from traceability.services.reports.remedial import remedial, remedial_gaps

NOTICE = {
    "regime": "CMR", "kind": "remedial_notice", "authority": "BGR", "authority_country": "DE", "reference": "Az. 7",
    "issued_on": "2026-03-01", "status": "open", "due": "2026-03-31",
}  # fmt: skip
ANSWERED = {"status": "answered", "answered_on": "2026-03-20", "reason": "plan with a timetable sent"}


def had(*records):
    rows = tuple(SimpleNamespace(record=record, entry_index=7) for record in records)
    return SimpleNamespace(period=(date(2026, 1, 1), date(2026, 12, 31)), notices=rows)


def test_without_a_notice_it_says_that_none_is_recorded_and_not_that_there_is_none():
    for nothing in (had(), had({}), had(NOTICE | {"kind": "information_request"})):
        assert "not recorded here is not counted" in remedial(nothing).paragraphs[0]
        assert remedial(nothing).tables == ()
        assert [gap.what for gap in remedial_gaps(nothing)] == [
            "whether an authority has asked for remedial action: no notice is recorded"
        ]


def test_open_notices_are_gaps_whenever_they_came_and_answered_ones_count_in_their_period():
    records = had(
        NOTICE, NOTICE | ANSWERED, NOTICE | ANSWERED | {"received_on": "2025-12-31"},
        {name: value for name, value in NOTICE.items() if name not in {"due", "reference"}} | {"issued_on": "2025-01-01"},
    )  # fmt: skip
    (table,) = remedial(records).tables
    assert [(row[0], row[3], row[4], row[5], row[6]) for row in table.rows] == [
        ("notice Az. 7", "2026-03-01", "2026-03-31", "open", None),
        ("notice Az. 7", "2026-03-01", "2026-03-31", "answered", "2026-03-20"),
        ("the notice of 2025-01-01", "2025-01-01", "not known", "open", None),
    ]
    assert [gap.what for gap in remedial_gaps(records)] == [
        "the answer to notice Az. 7, due on 2026-03-31",
        "the answer to the notice of 2025-01-01, due on a day that is not known",
    ]
