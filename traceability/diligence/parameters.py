"""Design choices of the rule packs (rule-catalogue.md 7); changing one changes the rule pack version."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers no act prescribes. Shares are fractions of 1, ages are whole days or calendar months."""

    near_threshold: Decimal = Decimal("0.8")
    """From this share of the yearly threshold on, CMR-02-NEAR warns."""
    tolerance: Decimal = Decimal("0.02")
    """Balances and hand-overs may differ by this share of the weight compared with; equality is no gap."""
    tagged_share: Decimal = Decimal("0.98")
    """Bags with less than this share of a weight leave it partly untagged; lighter moves are partial (facts.md 5)."""
    plausible_output: Decimal = Decimal("1.10")
    """Claimed output above this multiple of the known output is out of keeping (RF-L2)."""
    weak_match_score: Decimal = Decimal("0.75")
    """Undecided fuzzy name matches from this score on are raised."""
    stale_list_days: int = 180
    """A list of risk areas older than this is stale."""
    audit_months: int = 12
    """An independent audit counts for this long after its completion."""
    policy_review_months: int = 12
    """A supply chain policy is due for review after this time."""
    report_due_month: int = 7
    """From the first day of this month on, the report on the year before is due."""
    cluster_topics: int = 3
    """So many different ILO indicators are a cluster, when ..."""
    cluster_documents: int = 2
    """... they come from at least so many documents."""


PARAMETERS = Parameters()
