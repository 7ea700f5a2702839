"""Annex I of Reg. (EU) 2017/821: the row of a shipment, its threshold on a day, its yearly volume, the exemptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from traceability.diligence.definitions.dates import day
from traceability.diligence.definitions.items import Item
from traceability.diligence.definitions.numbers import total
from traceability.diligence.tables import AnnexRow, annex_rows, thresholds

ORE_ROWS: Final = frozenset({"A-26090000", "A-26110000", "A-26159000-10", "A-26169000-10"})
"""ORE_ROWS: ores and concentrates, which are never recycled metal."""

_GOLD_HEADING: Final = "7108"
_REFINED_GOLD: Final = Decimal("99.5")
_STOCK_LIMIT: Final = date(2013, 2, 1)
_VERIFIABLE: Final = frozenset({"inventory_statement", "date_stamp_record"})
_ISSUERS: Final = frozenset({"importer", "third_party", "authority"})

Documents = Mapping[str, Item]
"""The documents of the facts by document_id: an id *resolves* when it is a key."""


@dataclass(frozen=True, slots=True)
class Volume:
    """Net kilograms of one row in the calendar year of as_of: ``prior`` before this shipment, ``total`` with it."""

    prior: Decimal
    total: Decimal


def annex_row(shipment: Mapping[str, Any]) -> AnnexRow | None:
    """row: the Annex I row that the shipment matches, whatever its destination; none outside Annex I."""
    cn_code, stated = shipment.get("cn_code", ""), shipment.get("taric_subdivision")
    candidates = (row for row in annex_rows() if cn_code.startswith(row.prefixes))
    covered = (row for row in candidates if row.taric_sub is None or stated in {None, row.taric_sub})
    gold_part = "B" if Decimal(shipment.get("purity_pct", "0")) >= _REFINED_GOLD else "A"
    return next((row for row in covered if row.prefixes != (_GOLD_HEADING,) or row.part == gold_part), None)


def threshold(row: AnnexRow, on: date) -> Decimal:
    """T: the threshold of the row on a day; before the first one applied that one, whose findings are advisory."""
    known = thresholds()[row.row_id]
    return next((one for one in reversed(known) if one.first <= on), known[0]).kilograms


def volume(row: AnnexRow | None, facts: Mapping[str, Any]) -> Volume | None:
    """Return prior and total, when volume_known: a missing key of importer_ytd_kg is an unknown volume, never zero."""
    known: Mapping[str, str] = facts.get("importer_ytd_kg", {})
    if row is None or row.row_id not in known:
        return None
    prior = Decimal(known[row.row_id])
    return Volume(prior, total((prior, Decimal(facts.get("shipment", {}).get("net_weight_kg", "0")))))


def is_proof(document_id: str, documents: Documents) -> bool:
    """proof: the id resolves to a document whose type is not ``other``; an unread document proves nothing."""
    return document_id in documents and documents[document_id].value["type"] != "other"


def recycled_proofs(shipment: Mapping[str, Any], row: AnnexRow | None, documents: Documents) -> list[str]:
    """exempt_recycled: the ids that prove recycled metal (Art. 1(6), 2(s)); empty means not exempt."""
    if shipment.get("material_class") != "recycled" or (row is not None and row.row_id in ORE_ROWS):
        return []
    evidence = (doc_id for doc_id in shipment.get("recycled_evidence", ()) if is_proof(doc_id, documents))
    return [doc_id for doc_id in evidence if documents[doc_id].value["type"] != "supplier_letter"]


def stock_proofs(shipment: Mapping[str, Any], documents: Documents) -> list[str]:
    """exempt_stock: the ids that verify creation before 1 February 2013 (Art. 1(7), 2(u)); empty means not exempt."""
    created_on = shipment.get("stock_created_on")
    if shipment.get("material_class") != "pre_2013_stock" or created_on is None or day(created_on) >= _STOCK_LIMIT:
        return []
    stated = (doc_id for doc_id in shipment.get("stock_evidence", ()) if doc_id in documents)
    return [doc_id for doc_id in stated if _verifies_date(documents[doc_id].value)]


def _verifies_date(document: Mapping[str, Any]) -> bool:
    known = document.get("type") in _VERIFIABLE and document.get("issuer_role") in _ISSUERS
    return known and "issued_on" in document
