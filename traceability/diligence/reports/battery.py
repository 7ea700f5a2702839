"""The yearly public report on battery due diligence (Reg. (EU) 2023/1542 Art. 52(3)).

Counted from the records: it names no supplier, batch, person or country, and no weight.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from traceability.diligence import catalogue
from traceability.diligence.definitions.scopes import batt_exempt
from traceability.diligence.packs.battery import ASKED, RISKS
from traceability.diligence.reports.model import About, Cell, Column, Gap, Report, Section, Table
from traceability.diligence.tables import annex_x_materials

KIND, TITLE = "battery-due-diligence", "Report on battery due diligence"
LAW: Final = "Reg. (EU) 2023/1542"
ARTICLE = f"{LAW} Art. 52(3)"
_YEARS = 10
_PROFILE = "the importer profile, POST /v1/profile"
_BY_HAND = "the report itself (DOCX), by the person who answers for it"
_WHAT = (Column("what", "What"), Column("stated", "As stated"))
_MATERIALS = (
    Column("material", "Raw material of Annex X"), Column("consignments", "Consignments of it"),
    Column("contained", "Stated in batteries"), Column("described", "With description"),
    Column("supplied", "With supplier and address"), Column("traced", "With origin and transactions"),
    Column("weighed", "With share or weight"), Column("verified", "With a notified body's report"),
)  # fmt: skip
_RAISED = (
    Column("code", "Rule"), Column("title", "Indicator"), Column("consignments", "Consignments in which it was raised"),
    Column("law", "Law"),
)  # fmt: skip
_DONE = (Column("disposition", "Measure"), Column("decisions", "Decisions"), Column("steps", "With measurable steps"))
_GRIEVANCE = {"own": "an own channel", "joint": "a joint channel", "external": "an external expert", "none": "none"}


@dataclass(frozen=True, slots=True)
class Goods:
    """A consignment that is, or contains, a raw material of Annex X.

    ``materials`` are those it is made of; ``contained`` what its record states of raw materials in batteries;
    ``raised`` the codes of its newest assessment, None where no rule has run on it.
    """

    materials: frozenset[str]
    contained: Sequence[Mapping[str, Any]]
    battery: bool
    recycled: bool
    raised: frozenset[str] | None


def is_concerned(record: Mapping[str, Any]) -> bool:
    """Tell whether a record is about a battery (CN 8507), or about a raw material of Annex X."""
    named = [*record.get("materials", []), *(one["material"] for one in record.get("battery_raw_materials", []))]
    return str(record.get("cn_code", "")).startswith("8507") or not annex_x_materials().isdisjoint(named)


def battery_report(
    about: About, importer: Mapping[str, Any], found: Sequence[Goods], measures: Sequence[tuple[str, bool]],
    limits: Sequence[Gap],
) -> Report:  # fmt: skip
    """Return the draft of a year.

    Args:
        about: whose it is.
        importer: what the party stated about itself.
        found: the consignments of the year that are concerned.
        measures: of each decision about them its disposition, and whether it has measurable steps.
        limits: what keeps the records from being all there are.

    """
    sections = (
        Section("Who reports", (_SCOPE,), (_scope(importer),), law=f"{LAW} Art. 47"),
        Section("Management system", (), (_system(importer),), law=f"{LAW} Art. 49(1)"),
        Section("Raw materials", (_counted(found),), (_materials(found),), law=f"{LAW} Art. 49(2)"),
        Section(
            "Risks",
            (_RISK, *([] if _runs(importer) else [_NOT_RUN])),
            (_risks(importer, found),),
            law=f"{LAW} Art. 50, Annex X",
        ),
        Section("Mitigation", (), (_measures(measures),), law=f"{LAW} Art. 50"),
        Section("Verification by a notified body", (), (_verification(importer),), law=f"{LAW} Art. 51"),
    )
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=about.party_id, party_name=about.party_name, period=about.period,
        as_of=about.as_of, sections=sections, gaps=(*limits, *_gaps(about, importer, found)), audience="public",
        applicable_from=catalogue.row("BATT-52-REPORT").applicable_from,
    )  # fmt: skip


_SCOPE = (
    "The duties bind those that place batteries on the market, save where Art. 47 exempts them by turnover or because "
    "batteries are re-used or repurposed. What stands here is what the party stated; a person decides whether it holds."
)
_RISK = (
    "Risks are found by rules over signed custody events, papers and reports. An indicator is a reason for a person to "
    "look, no fact; that none was raised says nothing more than that."
)
_NOT_RUN = (
    "They did not run on the records of this party: they do where it states that it places batteries on the market and "
    "Art. 47 does not exempt it. So nothing is known here."
)


def _scope(importer: Mapping[str, Any]) -> Table:
    rows = (
        ("Places batteries on the market", _yes(importer.get("places_batteries_on_market"))),
        ("Part of a group", _yes(importer.get("part_of_group"))),
        ("Below the turnover of Art. 47, by what is stated", _yes(_below(importer))),
    )
    return Table("scope", "The party", _WHAT, rows)


def _below(importer: Mapping[str, Any]) -> bool | None:
    """Return whether the turnover exempts the party; None where that hangs on what it did not state."""
    best = {"net_turnover_eur": "0", "group_net_turnover_eur": "0", "part_of_group": False} | dict(importer)
    return True if batt_exempt(importer, {}) else None if batt_exempt(best, {}) else False


def _runs(importer: Mapping[str, Any]) -> bool:
    """Tell whether the rules on batteries run for this party at all."""
    return importer.get("places_batteries_on_market") is True and not batt_exempt(importer, {})


def _system(importer: Mapping[str, Any]) -> Table:
    system = _stated(importer)
    policy, channel = system.get("policy") or {}, system.get("grievance_mechanism")
    rows: tuple[tuple[str, Cell], ...] = (
        ("Policy published at", policy.get("published_url")), ("Policy last reviewed on", policy.get("reviewed_on")),
        ("Somebody in top management is responsible", _yes("senior_management_responsible" in system or None)),
        ("Policy is part of contracts with suppliers", _yes(system.get("supplier_contract_clause"))),
        ("Grievance mechanism", _GRIEVANCE.get(str(channel)) if channel else None),
        ("Records are kept for (years)", system.get("record_retention_years")),
    )  # fmt: skip
    return Table("system", "The system", _WHAT, rows)


def _counted(found: Sequence[Goods]) -> str:
    assessed = sum(one.raised is not None for one in found)
    batteries, recycled = sum(one.battery for one in found), sum(one.recycled for one in found)
    return (
        f"Consignments of the period concerned: {len(found)}, of which {batteries} of batteries, {recycled} declared "
        f"recycled, {assessed} assessed."
    )


def _materials(found: Sequence[Goods]) -> Table:
    rows = tuple(_material(name, found) for name in sorted(annex_x_materials()))
    note = (
        "Consignments of a raw material are counted whether or not it goes into batteries. Chemical compounds of the "
        "four stand with them, where the record names the material."
    )
    return Table("materials", "Raw materials of Annex X", _MATERIALS, rows, note)


def _material(name: str, found: Sequence[Goods]) -> tuple[Cell, ...]:
    own = [entry for one in found for entry in one.contained if entry["material"] == name]
    stated = [sum(not lacks(entry) for entry in own) for lacks in ASKED.values()]
    verified = sum("verification_report_document_id" in entry for entry in own)
    return name.replace("_", " "), sum(name in one.materials for one in found), len(own), *stated, verified


def _risks(importer: Mapping[str, Any], found: Sequence[Goods]) -> Table:
    times = Counter(code for one in found for code in one.raised or ())
    counted = times if _runs(importer) else dict.fromkeys(RISKS)
    rows = tuple((row.code, row.title, counted[row.code], row.law_ref) for row in map(catalogue.row, RISKS))
    return Table("risks", "Categories of Annex X", _RAISED, rows)


def _measures(measures: Sequence[tuple[str, bool]]) -> Table:
    made, steps = Counter(name for name, _ in measures), Counter(name for name, has in measures if has)
    rows = tuple((name.replace("_", " "), number, steps[name]) for name, number in sorted(made.items()))
    return Table("measures", "Measures that persons decided", _DONE, rows)


def _verification(importer: Mapping[str, Any]) -> Table:
    system = _stated(importer)
    rows = (
        ("Last verified on", system.get("battery_verification_on")),
        ("Latest report of this kind, for the year", system.get("battery_report_year")),
    )
    return Table("verification", "Verification", _WHAT, rows)


def _stated(importer: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = importer.get("management_system") or {}
    return found


def _yes(stated: bool | None) -> str | None:  # noqa: FBT001  # it is said in words here
    return None if stated is None else "yes" if stated else "no"


def _gaps(about: About, importer: Mapping[str, Any], found: Sequence[Goods]) -> Iterator[Gap]:
    if "places_batteries_on_market" not in importer:
        yield Gap("whether the party places batteries on the market", f"{LAW} Art. 47", _PROFILE)
    if not _runs(importer):
        yield Gap("which risks rules find: those on batteries did not run", f"{LAW} Art. 50", _PROFILE)
    yield from _of_system(_stated(importer), about.period[1].year)
    entries = [entry for one in found for entry in one.contained]
    for code, lacks in ASKED.items():
        number = sum(map(lacks, entries))
        if number:
            row = catalogue.row(code)
            what = row.title.removeprefix("Battery raw material: ").removesuffix(" missing")
            yield Gap(f"{what}, of {_count(number, 'raw material')} in batteries", row.law_ref, _RECORD)
    bare = sum(one.battery and not one.contained for one in found)
    if bare:
        yield Gap(f"the raw materials of {_count(bare, 'consignment')} of batteries", f"{LAW} Art. 49(2)", _RECORD)
    for what, article in _WORDS:
        yield Gap(what, f"{LAW} {article}", _BY_HAND)
    if any(one.recycled for one in found):
        yield Gap("the conclusion on recycled materials, in words", f"{LAW} Art. 52", _BY_HAND)


_RECORD = "the shipment record: battery_raw_materials"
_WORDS = (
    ("the due diligence policy and what was done under it, in words", "Art. 52(3)"),
    ("the risks found and how they were mitigated, in words", "Art. 50, 52(3)"),
    ("what the notified body found, in words", "Art. 51, 52(3)"),
    (
        "when the last battery under the policy is placed on the market: documents are kept ten years after it",
        "Art. 52",
    ),
)


def _of_system(system: Mapping[str, Any], year: int) -> Iterator[Gap]:
    kept, reported = system.get("record_retention_years", 0), system.get("battery_report_year", 0)
    asked = (
        ("a due diligence policy", "Art. 49(1)", "policy", "policy" in system),
        ("who in top management is responsible", "Art. 49(1)", _TOP, _TOP in system),
        ("that the policy is part of contracts with suppliers", "Art. 49(1)", _CLAUSE, system.get(_CLAUSE) is True),
        ("a grievance mechanism", "Art. 49(1)", _CHANNEL, system.get(_CHANNEL, "none") != "none"),
        (f"that records are kept for at least {_YEARS} years", "Art. 49(1)", "record_retention_years", kept >= _YEARS),
        ("verification by a notified body", "Art. 51", _VERIFIED, _VERIFIED in system),
        (f"that a report for {year} was made public", "Art. 52(3)", "battery_report_year", reported >= year),
    )
    for what, article, name, known in asked:
        if not known:
            yield Gap(what, f"{LAW} {article}", f"{_PROFILE}: {name}")


_TOP, _CLAUSE = "senior_management_responsible", "supplier_contract_clause"
_CHANNEL, _VERIFIED = "grievance_mechanism", "battery_verification_on"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
