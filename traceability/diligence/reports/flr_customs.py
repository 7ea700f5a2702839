"""The customs information file of Reg. (EU) 2024/3015 Art. 27: product, manufacturer or producer, product suppliers.

It holds what the article asks for and nothing of what rules raised: no finding, paper or price.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from traceability.diligence import catalogue
from traceability.diligence.definitions.countries import EU27
from traceability.diligence.reports.model import About, Column, Gap, Report, Section, Table
from traceability.diligence.reports.tracing import Consignment

KIND, TITLE = "flr-customs-information", "Customs information on a product (forced labour)"
ARTICLE: Final = "Reg. (EU) 2024/3015 Art. 27"
FORMAT: Final = "traceability-flr-customs-information@v1"
_MAKES = frozenset({"extraction", "separation", "recycling", "processing", "smelting", "refining", "consolidation"})
_WHAT = (Column("what", "What"), Column("stated", "As recorded"))
_PARTY = (
    Column("name", "Name"), Column("address", "Address"), Column("country", "Country"), Column("area", "Area"),
    Column("identifier", "Identifier"),
)  # fmt: skip
_PLACES = (
    Column("step", "Step"), Column("party", "Signed by"), Column("site", "Site"), Column("country", "Country"),
    Column("area", "Area"), Column("signature", "Signature"),
)  # fmt: skip


def customs_information(about: About, one: Consignment) -> Report:
    """Return the file of one consignment."""
    record = one.record
    makers, suppliers = [record.get("manufacturer") or {}], record.get("product_suppliers", [])
    sections = (
        Section("When it is asked for", (*_SAID, _named(one)), (_customs(about, one),)),
        Section("The product", (), (_product(one),)),
        Section("Manufacturer or producer", (), (_parties("manufacturer", "Manufacturer or producer", makers),)),
        Section(
            "Product suppliers", (),
            (_parties("suppliers", "Product suppliers as declared", suppliers), _places(one)),
        ),
    )  # fmt: skip
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=about.party_id, party_name=about.party_name, period=about.period,
        as_of=about.as_of, sections=sections, gaps=tuple(_gaps(one)), audience="authority", data=_data(about, one),
        applicable_from=catalogue.row("FLR-27-2-PRODUCT").applicable_from,
    )  # fmt: skip


_SAID = (
    (
        "Whoever places goods named in a delegated act under release for free circulation or export gives customs "
        "information that identifies the product, its manufacturer or producer, and its suppliers, unless customs law "
        "already asks for it. Moves inside the Union are not concerned."
    ),
    (
        "Implementing acts fix the detail; none was read for this file, whose format is our own: "
        f"{FORMAT}, attached as data. Release by customs proves nothing about the goods."
    ),
)


def _named(one: Consignment) -> str:
    """Return whether a delegated act names the goods, as far as the lists tell."""
    if one.named is None:
        return "Whether a delegated act names these goods is not known: no list of such products is loaded."
    return (
        f"By the list loaded, a delegated act {'names' if one.named else 'does not name'} the CN code of these goods."
    )


def _customs(about: About, one: Consignment) -> Table:
    rows = (
        ("Shipment record", one.shipment_id), ("Importer of the record", about.party_name),
        ("EORI", one.eori), ("Procedure, from the countries declared", _procedure(one.record)),
        ("Released on", one.released.isoformat()), ("Customs declarations in signed events", _declarations(one)),
    )  # fmt: skip
    return Table("customs", "The declaration", _WHAT, rows)


def _procedure(record: Mapping[str, Any]) -> str | None:
    start, end = record.get("dispatch_country"), record.get("destination_country")
    if start is None or end is None:
        return None
    inside = (start in EU27, end in EU27)
    return {
        (False, True): "release for free circulation", (True, False): "export",
        (True, True): "none: a move inside the Union", (False, False): "none of the Union: neither comes in nor leaves",
    }[inside]  # fmt: skip


def _declarations(one: Consignment) -> str | None:
    """Return the numbers of customs declarations, each once; a kind may be spelled with any prefix."""
    found = [number for step in one.steps for kind, number in step.papers if kind == "customsDeclaration"]
    return "; ".join(dict.fromkeys(found)) or None


def _product(one: Consignment) -> Table:
    record = one.record
    rows = (
        ("Information identifying the product", record.get("product_description")),
        ("Trade name", record.get("trade_name")), ("Type", record.get("material_type")),
        ("CN code", record.get("cn_code")), ("TARIC subdivision", record.get("taric_subdivision")),
        ("Materials", ", ".join(record.get("materials", [])).replace("_", " ") or None),
        ("Net weight (kg)", record.get("net_weight_kg")), ("Batches", "; ".join(record.get("batch_ids", [])) or None),
    )  # fmt: skip
    return Table("product", "The product", _WHAT, rows)


def _parties(name: str, title: str, stated: list[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (one.get("name"), one.get("address"), one.get("country"), one.get("subdivision"), one.get("party_id"))
        for one in stated
        if one
    )
    return Table(name, title, _PARTY, rows)


def _places(one: Consignment) -> Table:
    rows = dict.fromkeys(
        (step.type, ", ".join(step.signers) or None, step.spot.name or step.spot.site, step.spot.country,
         step.spot.subdivision, step.signature.replace("_", " "))
        for step in one.steps
        if step.type in _MAKES
    )  # fmt: skip
    note = "Beside what is declared: who signed a step that made or changed the goods, and where."
    return Table("production", "Where the goods were made, by signed events", _PLACES, tuple(rows), note)


def _data(about: About, one: Consignment) -> dict[str, Any]:
    """Return the file for machines: what Art. 27 names, null where it is not recorded."""
    record = one.record
    return {
        "flr_customs_information": {
            "format": FORMAT, "shipment_id": one.shipment_id,
            "operator": {"party_id": about.party_id, "name": about.party_name, "eori": one.eori},
            "procedure": _procedure(record), "named_in_delegated_act": one.named,
            "product": {
                "description": record.get("product_description"), "cn_code": record.get("cn_code"),
                "taric_subdivision": record.get("taric_subdivision"), "net_weight_kg": record.get("net_weight_kg"),
                "batch_ids": record.get("batch_ids", []),
            },
            "manufacturer": record.get("manufacturer"), "product_suppliers": record.get("product_suppliers"),
        }
    }  # fmt: skip


def _gaps(one: Consignment) -> Iterator[Gap]:
    record, maker = one.record, one.record.get("manufacturer") or {}
    missing = {
        "information identifying the product": ("product_description", "product_description" in record),
        "the name of the manufacturer or producer": ("manufacturer.name", bool(maker.get("name"))),
        "the address of the manufacturer or producer": ("manufacturer.address", bool(maker.get("address"))),
        "the product suppliers": ("product_suppliers", bool(record.get("product_suppliers"))),
        "the country of dispatch or of destination": ("dispatch_country", _procedure(record) is not None),
    }
    for what, (name, known) in missing.items():
        if not known:
            yield Gap(what, ARTICLE, f"the shipment record: {name}")
    bare = sum(not (party.get("name") and party.get("address")) for party in record.get("product_suppliers", []))
    if bare:
        said = f"name or address of {bare} product supplier{'s' * (bare != 1)}"
        yield Gap(said, ARTICLE, "the shipment record: product_suppliers")
    if one.eori is None:
        yield Gap("the EORI number of the operator", ARTICLE, "the party's identifiers, which an admin has to agree to")
    if one.named is None:
        said = "whether a delegated act names the goods: no list of such products is loaded"
        yield Gap(said, ARTICLE, "traceability lists load, by an admin")
