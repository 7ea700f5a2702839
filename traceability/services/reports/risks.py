"""What rules raised in a period and what was done about it, counted: no supplier, no batch, no words of a finding."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from traceability.diligence import catalogue
from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.reports.model import Bar, Column, Gap, Section, Table
from traceability.services.reports.records import LAW, Records, number

#: Packs of the rule catalogue that rest on the Regulation and on the OECD guidance it points to.
_PACKS = ("CMR", "OECD", "COC", "INT", "DOC", "ENTITY", "SANCTION")
_FOUND = (
    Column("code", "Rule"), Column("title", "Indicator"), Column("severity", "Severity"),
    Column("consignments", "Consignments in which it was raised"), Column("law", "Law or guidance"),
)  # fmt: skip
_METALS = (
    Column("metal", "Mineral or metal"),
    Column("part", "Part of Annex I"),
    Column("consignments", "Consignments"),
)
_DONE = (Column("disposition", "Measure"), Column("decisions", "Decisions"), Column("steps", "With measurable steps"))
_RANK = ("critical", "major", "gap", "minor", "info")


def identification(had: Records) -> Section:
    """Return how risks are found: rules over signed records, lists and papers (Art. 5(1)(a))."""
    packs = sorted({one.result["rule_pack_version"] for one in had.assessed.values()})
    said = (
        "Each consignment is assessed by rules over the signed custody events of its batches, the shipment record, the "
        "documents handed over, and lists of areas, parties and goods as of the dates of the events. A rule raises an "
        "indicator; a person decides about it."
    )
    used = f"Versions of the rules used: {', '.join(packs)}." if packs else "No rule has run on a record of the period."
    return Section("How risks are found", (said, used), law=f"{LAW} Art. 5(1)(a)")


def assessment(had: Records) -> Section:
    """Return the risk assessment of the period in numbers, with its basis."""
    covered = len(had.covered)
    looked = sum(one.shipment_id in had.assessed for one in had.covered)
    said = f"Released in the period: {number(covered, 'consignment')} of Annex I, of which {looked} assessed."
    clear = _without(had)
    more = f"Those in which no rule raised a finding above the rank of information: {clear}."
    share = (Bar("Consignments assessed", _percent(looked, covered)),) if covered else ()
    tables = (
        Table("metals", "Consignments by mineral and metal", _METALS, tuple(_metals(had))),
        Table("indicators", "What rules raised", _FOUND, tuple(_indicators(had)), _NOTE),
    )
    return Section("Risk assessment", (said, more), tables, share, law=f"{LAW} Art. 5(1)(a)")


_NOTE = (
    "Counted from the newest assessment of each consignment. An indicator is a reason for a person to look, no "
    "fact; what persons decided stands under mitigation."
)


def mitigation(had: Records) -> Section:
    """Return what persons decided in the period, counted (Art. 5(1)(b))."""
    made = Counter(one.disposition for one in had.decisions)
    steps = Counter(one.disposition for one in had.decisions if one.steps)
    rows = tuple((name.replace("_", " "), times, steps[name]) for name, times in sorted(made.items()))
    said = f"Taken effect in the period: {number(len(had.decisions), 'decision')} of persons."
    table = Table("measures", "Measures decided", _DONE, rows)
    return Section("Mitigation", (said,), (table,), law=f"{LAW} Art. 5(1)(b)")


def mitigation_gaps(had: Records) -> Iterator[Gap]:
    """Yield what is missing of mitigation: criticals and majors without any decision, and words for what was done."""
    open_ = len(_serious(had) - had.decided)
    if open_:
        said = f"a decision about {number(open_, 'consignment')} with a critical or major indicator"
        yield Gap(said, f"{LAW} Art. 5(1)(b)", "the queue: each is decided by an officer, with reason and steps")
    if any(one.steps for one in had.decisions):
        said = "how far the measures have reduced the risks, in words"
        yield Gap(said, f"{LAW} Art. 5(1)(b), 7(3)", "the report itself (DOCX), by the person who answers for it")


def _serious(had: Records) -> set[str]:
    covered = {one.shipment_id for one in had.covered}
    return {
        name
        for name, one in had.assessed.items()
        if name in covered
        for found in one.result["findings"]
        if found["severity"] in ("critical", "major") and not found.get("advisory")
    }


def _without(had: Records) -> int:
    """Return how many covered and completely assessed consignments have nothing above info."""
    looked = [had.assessed[one.shipment_id] for one in had.covered if one.shipment_id in had.assessed]
    return sum(not one.pending and all(f["severity"] == "info" for f in one.result["findings"]) for one in looked)


def _metals(had: Records) -> Iterator[tuple[str, str, int]]:
    rows = (annex_row(one.record) for one in had.covered)
    counted = Counter((row.metal, row.part) for row in rows if row is not None)
    for (metal, part), times in sorted(counted.items()):
        yield metal, f"Part {part}", times


def _indicators(had: Records) -> Iterator[tuple[str, str, str, int, str]]:
    covered = {one.shipment_id for one in had.covered}
    counted = Counter(
        key
        for name, one in had.assessed.items()
        if name in covered
        for key in {(f["code"], f["severity"]) for f in one.result["findings"] if not f.get("advisory")}
    )
    for (code, severity), times in sorted(counted.items(), key=lambda one: (_RANK.index(one[0][1]), one[0][0])):
        row = catalogue.row(code)
        if row.pack in _PACKS:
            yield code, row.title, severity, times, row.law_ref


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"))
