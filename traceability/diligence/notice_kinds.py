"""Kinds of notices that an authority sends an importer: the article of each, and the period that the law itself sets.

Only where an act sets one is there a period; for every other the authority states the day (rule-catalogue.md 3, due).
"""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind: regime and kind as the facts name them, what it is called, and the article that it rests on."""

    regime: str
    kind: str
    title: str
    law_ref: str


@dataclass(frozen=True, slots=True)
class Period:
    """So many days from receipt, the day of receipt not counted, and by which law."""

    days: int
    unit: Literal["calendar", "working"]
    law_ref: str


KINDS: Final = (
    NoticeKind("CMR", "remedial_notice", "Notice of remedial action", "Reg. (EU) 2017/821 Art. 16(3)"),
    NoticeKind("CMR", "information_request", "Request for access, documents or records", "Reg. (EU) 2017/821 Art. 11"),
    NoticeKind("FLR", "information_request", "Request before an investigation", "Reg. (EU) 2024/3015 Art. 17(1)"),
    NoticeKind("FLR", "investigation_request", "Request during an investigation", "Reg. (EU) 2024/3015 Art. 18(3)"),
)
REGIMES: Final = tuple(dict.fromkeys(one.regime for one in KINDS))

_GERMAN_REMEDIAL: Final = Period(30, "calendar", "MinRohSorgG s. 3(3)")
_FORCED_LABOUR_REQUEST: Final = Period(30, "working", "Reg. (EU) 2024/3015 Art. 17(2)")


def notice_kind(regime: str, kind: str) -> NoticeKind | None:
    """Return the kind of that regime; None where the regime knows none such."""
    return next((one for one in KINDS if (one.regime, one.kind) == (regime, kind)), None)


def period_by_law(regime: str, kind: str, country: str) -> Period | None:
    """Return the period that a law sets for an authority of that country; None where the authority states the day."""
    if (regime, kind, country) == ("CMR", "remedial_notice", "DE"):
        return _GERMAN_REMEDIAL
    return _FORCED_LABOUR_REQUEST if (regime, kind) == ("FLR", "information_request") else None
