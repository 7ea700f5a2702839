"""How long a record is kept: the legal grounds as data, which of them bind an importer, and the longest (law.md 7).

A term begins on the day a record was made or was last relied on, whichever is later. What is not known never ends one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.definitions.dates import add_months
from traceability.diligence.definitions.scopes import batt_exempt, csddd_scope


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason to keep records: the act, for how many years, from when, and how sure the wording is."""

    code: str
    law_ref: str
    years: int
    starts: str
    provenance: str


CMR: Final = Ground(
    "CMR", "Reg. (EU) 2017/821 Art. 4(c)", 5, "the record was made or last relied on", "seen; the start is our reading"
)
CSDDD: Final = Ground(
    "CSDDD",
    "Dir. (EU) 2024/1760 Art. 5(4)",
    5,
    "the record was made or last relied on",
    "seen: five years from production",
)
LKSG: Final = Ground(
    "LKSG", "LkSG (Germany), duty to keep the documentation", 7, "the record was made or last relied on",
    "length seen; the paragraph was not read",
)  # fmt: skip
BATT: Final = Ground(
    "BATT",
    "Reg. (EU) 2023/1542 Art. 49(1), 52",
    10,
    "the last battery under the policy is placed on the market",
    "seen",
)
ACCESS: Final = Ground("ACCESS", "log of reads: our own term, no act names one", 2, "the read", "design")
REPORTER: Final = Ground(
    "REPORTER", "who reported a grievance: our own term, no act names one", 1, "the last word on the case", "design"
)

GROUNDS: Final[Mapping[str, Ground]] = {ground.code: ground for ground in (CMR, CSDDD, LKSG, BATT, ACCESS, REPORTER)}
_OWN_POLICY = "POLICY"


@dataclass(frozen=True, slots=True)
class Term:
    """How long one record is kept: until when and on which ground; without end where something is not known."""

    ground: str | None
    ends_on: date | None
    why: str

    def is_over(self, today: date) -> bool:
        """Tell whether the term is known and past: the day it ends on is the first day after it."""
        return self.ends_on is not None and self.ends_on <= today


def grounds_of(
    importer: Mapping[str, Any] | None, goods: Iterable[Mapping[str, Any]] | None
) -> tuple[Ground, ...] | None:
    """Return the grounds that bind an importer's records about these shipments; None where that cannot be known.

    ``importer`` is the facts section; None where the importer never stated its profile. What it left open in there
    counts against erasure: a size that is unknown may be large. ``goods`` is None where nothing says what they are:
    then they may be minerals of Annex I.
    """
    if importer is None:
        return None
    found = []
    if goods is None or any(annex_row(one) is not None for one in goods):
        found.append(CMR)
    if csddd_scope(importer) or "employees" not in importer or "net_turnover_eur" not in importer:
        found.append(CSDDD)
    if importer.get("country") in (None, "DE"):
        found.append(LKSG)
    if importer.get("places_batteries_on_market") is True and not batt_exempt(importer, {}):
        found.append(BATT)
    years = importer.get("management_system", {}).get("record_retention_years", 0)
    if found and years > max(ground.years for ground in found):
        found.append(Ground(_OWN_POLICY, "the importer's own policy", years, CMR.starts, "stated by the importer"))
    return tuple(found)


def term(grounds: Iterable[Ground] | None, since: date) -> Term:
    """Return how long a record last relied on at ``since`` is kept: of several grounds the longest counts.

    Without any ground, or with one whose start nobody stated, there is no end: it is kept and reported.
    """
    if grounds is None:
        return Term(None, None, "the importer stated no profile, so which acts bind it is not known")
    known = list(grounds)
    if not known:
        return Term(None, None, "no legal ground is known that says how long this is kept")
    if any(ground.starts == BATT.starts for ground in known):
        return Term(BATT.code, None, f"{BATT.law_ref}: {BATT.years} years after {BATT.starts}, which nobody stated")
    longest = max(known, key=lambda ground: ground.years)
    return Term(longest.code, end_of(longest, since), f"{longest.law_ref}: {longest.years} years")


def end_of(ground: Ground, since: date) -> date:
    """Return the first day after the term of a ground that began on ``since``."""
    return add_months(since, 12 * ground.years)
