"""The record of processing names what the controller has to say as missing, and never invents a basis or a term."""

from datetime import date

import pytest

from traceability.diligence.reports.model import About
from traceability.diligence.reports.processing import ACTIVITIES, record
from traceability.diligence.retention import BATT, CMR, LKSG

ABOUT = About("did:web:a.example", "A", (date(2026, 1, 1), date(2026, 12, 31)), date(2027, 1, 2))


def tables(report):
    return {table.name: table.rows for section in report.sections for table in section.tables}


def gaps(report):
    return [gap.what for gap in report.gaps]


def test_every_activity_has_its_purpose_persons_data_recipients_and_number():
    stored = {one.name: number for number, one in enumerate(ACTIVITIES)}
    found = tables(record(ABOUT, "Street 1", [("dora", "dora@a.example")], stored, [CMR]))
    assert [row[0] for row in found["purposes"]] == [row[0] for row in found["limits"]] == [o.title for o in ACTIVITIES]
    assert [row[-1] for row in found["purposes"]] == list(range(len(ACTIVITIES)))
    assert all(all(row[:4]) for row in found["purposes"])
    assert found["controller"][-1][1] == "dora, dora@a.example"
    assert len({one.name for one in ACTIVITIES}) == len(ACTIVITIES)


@pytest.mark.parametrize(
    ("grounds", "term"),
    [
        ([CMR, LKSG], "7 years after the record was made or last relied on (LkSG"),
        ([CMR, BATT], "10 years after the last battery under the policy is placed on the market"),
        ([], None), (None, None),
    ],
)  # fmt: skip
def test_the_longest_ground_is_the_time_limit_and_none_known_is_a_gap(grounds, term):
    report = record(ABOUT, "Street 1", [("dora", "x@a.example")], {}, grounds)
    terms = {row[0]: row[3] for row in tables(report)["limits"]}
    assert terms["Documents"] == term or terms["Documents"].startswith(term)
    assert terms["Log of reads"].startswith("2 years after the read")
    assert terms["Who reported a grievance"].startswith("1 year after")
    assert any("time limits" in gap for gap in gaps(report)) == (not grounds)


def test_what_only_the_controller_knows_is_a_gap():
    bare = gaps(record(ABOUT, None, [], {}, [CMR]))
    known = gaps(record(ABOUT, "Street 1", [("dora", "x@a.example")], {}, [CMR]))
    assert len(bare) == len(known) + 2
    for said in ("third countries", "joint controllers", "outside this service", "basis in Art. 6 for: accounts"):
        assert any(said in gap for gap in known), said
    unreached = gaps(record(ABOUT, "Street 1", [("dora", None)], {}, [CMR]))
    assert "how the data protection officer is reached" in unreached
    assert tables(record(ABOUT, None, [], {}, [CMR]))["controller"][-1][1] is None
    basis = {row[0]: row[1] for row in tables(record(ABOUT, None, [], {}, [CMR]))["limits"]}
    assert basis["Accounts"] is None  # no article is guessed
    assert not any("consent" in str(one).lower() for one in basis.values())
