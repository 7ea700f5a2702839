"""COC and MB: breaks in the chain of custody, and more material out than went in."""

from traceability.diligence.case import Case
from traceability.diligence.definitions.balance import Comparison
from traceability.diligence.definitions.continuity import gaps
from traceability.diligence.definitions.numbers import plain
from traceability.diligence.packs.registry import Pack, Place

PACK = Pack()


@PACK.rule("COC-GAP")
def custody_broken(case: Case) -> list[Place]:
    found = gaps(case.threads, case.events, case.area("transit_watch"))
    return [
        Place(
            gap.evidence,
            {"batch": gap.batch or "unnamed goods", "event": gap.before, "event 2": gap.after, "reason": gap.reason},
        )
        for gap in found
    ]


@PACK.rule("MB-EXCEEDS")
def more_out_than_in(case: Case) -> list[Place]:
    return [_place(compared) for compared in case.comparisons if compared.exceeds]


@PACK.rule("MB-WITHIN-TOLERANCE")
def gain_within_tolerance(case: Case) -> list[Place]:
    if case.any_raised("MB-EXCEEDS"):
        return []
    return [_place(compared) for compared in case.comparisons if compared.within]


def _place(compared: Comparison) -> Place:
    values = {"out": plain(compared.out), "in": plain(compared.base), "basis": compared.basis}
    return Place(compared.evidence, values)
