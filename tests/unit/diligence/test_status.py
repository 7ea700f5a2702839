from dataclasses import dataclass

import pytest

from traceability.diligence import status
from traceability.diligence.status import effective_severity, severity_rank, state_rank, status_of, worst


@dataclass
class Found:
    severity: str
    advisory: bool = False
    code: str = "X"


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "NO_FINDINGS"),
        ([Found("info"), Found("minor")], "NO_FINDINGS"),
        ([Found("gap"), Found("info")], "INFO_REQUIRED"),
        ([Found("gap"), Found("major")], "REVIEW"),
        ([Found("critical"), Found("gap")], "HOLD_PENDING_OFFICER"),
        ([Found("critical", advisory=True)], "REVIEW"),
        ([Found("major", advisory=True)], "REVIEW"),
        ([Found("gap", advisory=True)], "NO_FINDINGS"),
        ([Found("info", code="CMR-02-BELOW")], "OUT_OF_SCOPE_RECORDED"),
        ([Found("info", advisory=True, code="BATT-47-EXEMPT")], "OUT_OF_SCOPE_RECORDED"),
        ([Found("info", code="CMR-03-STOCK"), Found("gap")], "INFO_REQUIRED"),
        ([Found("info", code="CMR-03-RECYCLED"), Found("gap", advisory=True)], "OUT_OF_SCOPE_RECORDED"),
    ],
)
def test_status_of(findings, expected):
    assert status_of(findings) == expected
    assert status_of(reversed(findings)) == expected


def test_states_are_ordered_worst_first():
    assert status.STATES == (
        "HOLD_PENDING_OFFICER",
        "pending",
        "REVIEW",
        "INFO_REQUIRED",
        "OUT_OF_SCOPE_RECORDED",
        "NO_FINDINGS",
    )


def test_worst():
    assert worst("NO_FINDINGS", "REVIEW", "INFO_REQUIRED") == "REVIEW"
    assert worst("pending", "HOLD_PENDING_OFFICER") == "HOLD_PENDING_OFFICER"
    assert worst("OUT_OF_SCOPE_RECORDED") == "OUT_OF_SCOPE_RECORDED"


def test_nothing_assessed_is_pending():
    assert worst() == "pending"


@pytest.mark.parametrize("rank", [state_rank, severity_rank, worst])
def test_unknown_words(rank):
    with pytest.raises(ValueError, match="not in tuple"):
        rank("fine")


def test_severity_rank_puts_the_worst_first():
    assert sorted(["info", "gap", "critical", "minor", "major"], key=severity_rank) == list(status.SEVERITIES)


@pytest.mark.parametrize(
    ("severity", "counts_as"),
    [("critical", "major"), ("major", "major"), ("gap", "minor"), ("minor", "minor"), ("info", "info")],
)
def test_advisory_rank(severity, counts_as):
    assert effective_severity(severity, advisory=True) == counts_as
    assert effective_severity(severity, advisory=False) == severity
