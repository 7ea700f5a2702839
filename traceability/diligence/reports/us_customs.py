"""The tracing package for US customs (UFLPA, 19 USC 1307): the parts that CBP asks for, in its order.

Whether evidence is clear and convincing, and whether goods are released, CBP judges; nothing here does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from traceability.diligence.packs.us_trade import TRACING_PACKAGE
from traceability.diligence.reports import us_customs_parts as parts
from traceability.diligence.reports.model import About, Column, Gap, Report, Section, Table
from traceability.diligence.reports.tracing import Consignment

KIND, TITLE = "us-tracing-package", "Tracing package for US customs"
ARTICLE: Final = "UFLPA (Pub. L. 117-78) s. 3; 19 USC 1307; CBP guidance on UFLPA evidence"
_CONTENTS = (
    Column("part", "Part"), Column("asks", "What it holds"), Column("lines", "Lines"), Column("papers", "Papers"),
    Column("missing", "Kinds of papers not handed over"),
)  # fmt: skip
_WHAT = (Column("what", "What"), Column("stated", "As recorded"))
_RAISED = (Column("code", "Rule"), Column("title", "Indicator"), Column("law", "Law"), Column("said", "What was found"))
_UPLOAD = "the papers of the shipment record or its batches, POST /v1/documents"
_READ = "a person reads them"
_BY_HAND = "the package itself, by the person who sends it"

#: Which part each kind of paper belongs to; the kinds are those the rule UFLPA-CBP-PACKAGE asks for.
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "1 Map of the supply chain": ("supply_chain_map",),
    "2 Transactions": ("purchase_order", "invoice", "contract", "proof_of_payment"),
    "3 Transport": ("packing_list", "bill_of_lading"),
    "4 Origin": ("certificate_of_origin",),
    "5 Production": ("production_record",),
}
_HOLDS = (
    "sites in the order of the chain, journeys between them, and the roles of all parties",
    "sales and their papers, from the first batch to the importer", "shipping, customs and receipt, with their papers",
    "where every raw material was extracted or recycled", "kilograms in and out of every process",
)  # fmt: skip


def tracing_package(about: About, one: Consignment) -> Report:
    """Return the report that opens the package of one consignment; its gaps are what CBP would ask for."""
    sections = (
        parts.map_section(one), parts.transactions(one), parts.transport(one), parts.origin(one), parts.production(one)
    )  # fmt: skip
    numbered = tuple(
        replace(section, heading=f"Part {title[0]}: {title[2:]}")
        for title, section in zip(PARTS, sections, strict=True)
    )
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=about.party_id, party_name=about.party_name, period=about.period,
        as_of=about.as_of, sections=(_contents(one, numbered), _summary(about, one), *numbered, parts.papers(one)),
        gaps=tuple(_gaps(one)), list_versions=one.lists, audience="authority",
    )  # fmt: skip


def _contents(one: Consignment, sections: tuple[Section, ...]) -> Section:
    rows = []
    for (title, kinds), holds, section in zip(PARTS.items(), _HOLDS, sections, strict=True):
        lines = sum(len(table.rows) for table in section.tables)
        held = sum(paper.type in kinds for paper in one.papers)
        rows.append((title, holds, lines, held, ", ".join(map(_words, _missing(one, kinds))) or "none"))
    note = "The papers follow the five parts, each with its SHA-256 and its file in the ZIP."
    return Section("Table of contents", (), (Table("contents", "Parts", _CONTENTS, tuple(rows), note),))


def _summary(about: About, one: Consignment) -> Section:
    record = one.record
    supplier, maker = record.get("supplier", {}), record.get("manufacturer", {})
    rows = (
        ("Shipment record", one.shipment_id), ("Importer", f"{about.party_name}, {about.party_id}"),
        ("Goods", record.get("trade_name")), ("Description", record.get("product_description")),
        ("CN code", record.get("cn_code")), ("Net weight (kg)", record.get("net_weight_kg")),
        ("Supplier", _named(supplier)), ("Manufacturer or producer", _named(maker)),
        ("Batches", "; ".join(record.get("batch_ids", [])) or None), ("Released on", one.released.isoformat()),
        ("Destination as declared", record.get("destination_country")),
    )  # fmt: skip
    raised = Table("indicators", "Indicators that rules raised", _RAISED, tuple(one.findings), _NOTE)
    tables = (Table("consignment", "The consignment", _WHAT, rows), raised)
    said = [_PRESUMED] if record.get("destination_country") == "US" else [_ELSEWHERE, _PRESUMED]
    return Section("Executive summary", tuple(said), tables)


_PRESUMED = (
    "Goods mined, produced or made wholly or in part in Xinjiang, or by an entity on the UFLPA list, are presumed made "
    "with forced labour and barred. The importer shows clear and convincing evidence to the contrary, or that the "
    "goods are out of scope. CBP judges that; this package says what the records hold."
)
_ELSEWHERE = "The destination declared is not the United States: the presumption does not concern this consignment."
_NOTE = "An indicator is a reason to look, no fact. That none was raised says nothing more than that."


def _named(party: Mapping[str, str]) -> str | None:
    return ", ".join(party[name] for name in ("name", "address", "country") if party.get(name)) or None


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _missing(one: Consignment, kinds: tuple[str, ...]) -> list[str]:
    held = {paper.type for paper in one.papers}
    return [kind for kind in kinds if kind in TRACING_PACKAGE and kind not in held]


def _gaps(one: Consignment) -> Iterator[Gap]:
    for title, kinds in PARTS.items():
        for kind in _missing(one, kinds):
            yield Gap(f"a paper of the kind {_words(kind)} (part {title[0]})", ARTICLE, _UPLOAD)
    for name, what in (("supplier", "the supplier"), ("manufacturer", "the manufacturer or producer"),
                       ("product_description", "a description of the product")):  # fmt: skip
        if not one.record.get(name):
            yield Gap(what, ARTICLE, f"the shipment record: {name}")
    yield from parts.gaps(one, ARTICLE)
    for reason in one.pending:
        yield Gap(f"a complete assessment: {reason}", ARTICLE, "the page of the shipment record says what it waits for")
    yield from _of_papers(one)
    yield Gap("whether CBP has released goods of the same supply chain before", ARTICLE, _BY_HAND)


def _of_papers(one: Consignment) -> Iterator[Gap]:
    counted = {
        "the text of {}: no machine could read to the end": (sum(paper.unread for paper in one.papers), _READ),
        "the files of {}, too large for one package": (sum(paper.file is None for paper in one.papers), _BY_HAND),
        "English translations of {} in another language, or one that was not made out": (
            sum(paper.language != "en" for paper in one.papers), _BY_HAND
        ),
    }  # fmt: skip
    for what, (number, mend) in counted.items():
        if number:
            yield Gap(what.format(f"{number} paper{'s' * (number != 1)}"), ARTICLE, mend)
