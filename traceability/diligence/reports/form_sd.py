"""The data for Form SD (15 USC 78m(p), 17 CFR 240.13p-1): origins, facilities and mines of its four minerals.

What the inquiry concludes and how products are described, a person writes. The form is public: no weight, no supplier.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from traceability.diligence.definitions.countries import DF10
from traceability.diligence.definitions.scopes import CONFLICT_MINERALS
from traceability.diligence.reports.model import About, Cell, Column, Gap, Report, Section, Table

KIND, TITLE = "form-sd", "Data for Form SD"
ARTICLE = "15 USC 78m(p) (Dodd-Frank Act 1502); 17 CFR 240.13p-1; Form SD"
_ORIGINS = (
    Column("mineral", "Mineral"), Column("consignments", "Consignments"),
    Column("recycled", "Declared recycled or scrap"), Column("proved", "Of them with papers that support it"),
    Column("countries", "Countries of extraction, signed"),
    Column("covered", "Of them the DRC or adjoining"), Column("declared", "Countries of origin, declared"),
    Column("unknown", "Consignments whose origin is not recorded in full"),
)  # fmt: skip
_FACILITIES = (
    Column("mineral", "Mineral"), Column("name", "Facility"), Column("country", "Country"),
    Column("cid", "Identification"), Column("evidence", "Evidence and its dates"),
    Column("origins", "Countries of origin stated for it"),
)  # fmt: skip
_MINES = (
    Column("mineral", "Mineral"), Column("consignments", "Consignments"),
    Column("stated", "Mine stated by the importer"), Column("signed", "Extraction signed, with its site"),
)  # fmt: skip
_WHAT = (Column("what", "What"), Column("stated", "As recorded"))
_BY_HAND = "the form itself, by the person who answers for it"
_RECORD = "the shipment record"


@dataclass(frozen=True, slots=True)
class Supply:
    """What is recorded of the origin of one consignment of a mineral.

    ``countries`` are those in which signed events extracted it; ``unknown`` tells that this does not cover all of it.
    """

    mineral: str
    countries: frozenset[str]
    unknown: bool
    declared: frozenset[str]
    recycled: bool
    proved: bool
    mine_stated: bool
    mine_signed: bool
    smelters: bool


@dataclass(frozen=True, slots=True)
class Facility:
    """A smelter or refiner as the records state it, with its evidence in words."""

    mineral: str
    name: str | None
    country: str | None
    cid: str | None
    evidence: str
    origins: str | None


def form_sd(
    about: About, found: Sequence[Supply], facilities: Iterable[Facility], limits: Sequence[Gap], *, issuer: bool | None
) -> Report:
    """Return the data sheet of a calendar year; ``issuer`` tells whether the party files with the SEC, as it stated."""
    sections = (
        Section("The filing", _SAID, (_filing(about, issuer=issuer),)),
        Section("Country of origin", (_COVERED,), (_origins(found),)),
        Section("Facilities", (), (_table(facilities),)),
        Section("Efforts to find the mine", (_EFFORTS,), (_mines(found),)),
    )
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=about.party_id, party_name=about.party_name, period=about.period,
        as_of=about.as_of, sections=sections, gaps=(*limits, *_gaps(found, issuer=issuer)), audience="public",
    )  # fmt: skip


_SAID = (
    (
        "The form is asked of issuers that file reports with the SEC, for minerals necessary to the functionality or "
        "production of products they manufacture or have manufactured. Neither is decided here."
    ),
    (
        "In April 2017 staff of the SEC said that it would not recommend enforcement of item 1.01(c), due diligence "
        "and the report on it. The rule itself stands."
    ),
)
_COVERED = f"Covered countries: the Democratic Republic of the Congo and those adjoining it, {', '.join(sorted(DF10))}."
_EFFORTS = (
    "Each consignment is followed back through the signed custody events of its batches; the step that extracted a "
    "batch names the site and who signed."
)


def _filing(about: About, *, issuer: bool | None) -> Table:
    due = date(about.period[1].year + 1, 5, 31)
    rows = (
        ("Files reports with the SEC", None if issuer is None else "yes" if issuer else "no"),
        ("Calendar year", about.period[1].year),
        ("Due on EDGAR no later than", f"{due.isoformat()}, or the next business day where that is no working day"),
    )
    return Table("filing", "The filing", _WHAT, rows)


def _origins(found: Sequence[Supply]) -> Table:
    rows = tuple(_origin(mineral, [one for one in found if one.mineral == mineral]) for mineral in _minerals(found))
    note = (
        "Countries are ISO 3166-1 codes. Signed: where a valid signature stands for the extraction. Declared: what the "
        "importer's records say; it proves nothing."
    )
    return Table("origins", "Origin by mineral", _ORIGINS, rows, note)


def _origin(mineral: str, own: Sequence[Supply]) -> tuple[Cell, ...]:
    countries = {country for one in own for country in one.countries}
    declared = {country for one in own for country in one.declared}
    return (
        mineral, len(own), sum(one.recycled for one in own), sum(one.proved for one in own), _list(countries),
        _list(countries & DF10) if countries else None, _list(declared), sum(one.unknown for one in own),
    )  # fmt: skip


def _list(countries: Iterable[str]) -> str:
    return ", ".join(sorted(countries)) or "none"


def _minerals(found: Iterable[Supply]) -> list[str]:
    return sorted({one.mineral for one in found} & CONFLICT_MINERALS)


def _table(facilities: Iterable[Facility]) -> Table:
    rows = dict.fromkeys((one.mineral, one.name, one.country, one.cid, one.evidence, one.origins) for one in facilities)
    note = "As the importer's records name them. Standing here speaks neither for nor against a facility."
    return Table("facilities", "Smelters and refiners", _FACILITIES, tuple(rows), note)


def _mines(found: Sequence[Supply]) -> Table:
    own = {mineral: [one for one in found if one.mineral == mineral] for mineral in _minerals(found)}
    rows = tuple(
        (mineral, len(some), sum(one.mine_stated for one in some), sum(one.mine_signed for one in some))
        for mineral, some in own.items()
    )
    return Table("mines", "Mines by mineral", _MINES, rows)


def _gaps(found: Sequence[Supply], *, issuer: bool | None) -> Iterator[Gap]:
    if issuer is None:
        yield Gap("whether the party files with the SEC", ARTICLE, "the importer profile, POST /v1/profile: sec_issuer")
    counted = {
        "the origin of the whole": sum(one.unknown for one in found),
        "the smelter or refiner": sum(not one.smelters for one in found),
        "papers for what is declared recycled or scrap,": sum(one.recycled and not one.proved for one in found),
    }
    for what, number in counted.items():
        if number:
            yield Gap(f"{what} of {number} consignment{'s' * (number != 1)}", ARTICLE, _RECORD)
    for what in (
        "whether each mineral is necessary to the functionality or production of a product",
        "the products and how they are described",
        "the reasonable country of origin inquiry: what was done and what a person concludes",
        "the due diligence measures in words, and the independent private sector audit of the report",
        "the address at which the disclosure stands on the issuer's website",
    ):
        yield Gap(what, ARTICLE, _BY_HAND)
