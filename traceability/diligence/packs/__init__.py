"""The rule packs: one small pure function for each row of the catalogue, in the order of evaluation (section 6)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from traceability.diligence.packs import (
    access,
    annex_ii,
    battery,
    cmr_scope,
    cmr_supply,
    cmr_system,
    corporate,
    custody,
    flr,
    integrity,
    parties,
    raw_materials,
    red_flags,
    signals,
    us_trade,
    waste,
)
from traceability.diligence.packs.registry import Place, Rule

__all__ = ["RULES", "Place", "Rule"]

# No rule depends on a later one: integrity, custody, red flags and reports come first, CMR-09 is the last of its own.
_ORDER = (
    integrity,
    custody,
    red_flags,
    annex_ii,
    cmr_scope,
    cmr_system,
    cmr_supply,
    flr,
    signals,
    us_trade,
    parties,
    battery,
    raw_materials,
    corporate,
    waste,
    access,
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {code: rule for module in _ORDER for code, rule in module.PACK.rules.items()}
)
"""Every rule by its code; the codes are exactly those of the catalogue."""
