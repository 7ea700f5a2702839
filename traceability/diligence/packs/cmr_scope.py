"""CMR scope: Reg. (EU) 2017/821 Art. 1 and Annex I - row, yearly volume, recycled metal, old stock, by-product."""

from traceability.diligence.case import Case
from traceability.diligence.definitions.annex_i import ORE_ROWS, Volume, is_proof
from traceability.diligence.definitions.numbers import plain, product
from traceability.diligence.packs.registry import Pack, Place, at
from traceability.diligence.parameters import PARAMETERS
from traceability.diligence.tables import AnnexRow

PACK = Pack()


@PACK.rule("CMR-01-TARIC-NEEDED")
def taric_needed(case: Case) -> list[Place]:
    row = case.row
    if not case.eu_dest or row is None or row.taric_sub is None or "taric_subdivision" in case.shipment:
        return []
    return at("/shipment/cn_code", cn_code=case.cn_code, taric_sub=row.taric_sub)


@PACK.rule("CMR-01-PURITY-NEEDED")
def purity_needed(case: Case) -> list[Place]:
    needed = case.eu_dest and case.cn_code.startswith("7108") and "purity_pct" not in case.shipment
    return at("/shipment/cn_code") if needed else []


@PACK.rule("CMR-02-VOLUME-UNKNOWN")
def volume_unknown(case: Case) -> list[Place]:
    row = case.row
    if not _subject(case) or row is None or case.volume is not None:
        return []
    return at("/shipment/cn_code", row_id=row.row_id, T=plain(case.threshold))


@PACK.rule("CMR-02-BELOW")
def below_threshold(case: Case) -> list[Place]:
    row, volume = case.row, case.volume
    if not _subject(case) or row is None or volume is None or volume.total >= case.threshold:
        return []
    return _volume_place(case, row, volume)


@PACK.rule("CMR-02-NEAR")
def near_threshold(case: Case) -> list[Place]:
    row, volume = case.row, case.volume
    if not case.any_raised("CMR-02-BELOW") or row is None or volume is None:
        return []
    near = volume.total >= product(PARAMETERS.near_threshold, case.threshold)
    return _volume_place(case, row, volume) if near else []


@PACK.rule("CMR-02-CROSSED")
def threshold_crossed(case: Case) -> list[Place]:
    row, volume = case.row, case.volume
    if not _subject(case) or row is None or volume is None or not volume.prior < case.threshold <= volume.total:
        return []
    return _volume_place(case, row, volume)


@PACK.rule("CMR-02-IN-SCOPE")
def above_threshold(case: Case) -> list[Place]:
    row, volume = case.row, case.volume
    if not _subject(case) or row is None or volume is None or volume.prior < case.threshold:
        return []
    return _volume_place(case, row, volume)


@PACK.rule("CMR-03-RECYCLED")
def recycled_exempt(case: Case) -> list[Place]:
    return _exempt_place(case, case.recycled_proofs)


@PACK.rule("CMR-03-RECYCLED-UNPROVEN")
def recycled_unproven(case: Case) -> list[Place]:
    claimed = case.material_class == "recycled" and not _is_ore(case) and not case.recycled_proofs
    return at("/shipment/material_class") if case.obligations_row and claimed else []


@PACK.rule("CMR-03-NOT-RECYCLED")
def ore_is_not_recycled(case: Case) -> list[Place]:
    row = case.obligations_row
    if row is None or case.material_class != "recycled" or not _is_ore(case):
        return []
    return at("/shipment/material_class", "/shipment/cn_code", row_id=row.row_id)


@PACK.rule("CMR-16-7-4-DISCLOSURE")
def recycled_statement_missing(case: Case) -> list[Place]:
    if not case.any_raised("CMR-03-RECYCLED") or "recycled_statement_url" in case.system:
        return []
    return at(case.nearest("/importer/management_system") or "/shipment/material_class")


@PACK.rule("CMR-03-STOCK")
def stock_exempt(case: Case) -> list[Place]:
    return _exempt_place(case, case.stock_proofs)


@PACK.rule("CMR-03-STOCK-NOT-PROVEN")
def stock_not_proven(case: Case) -> list[Place]:
    claimed = case.material_class == "pre_2013_stock" and not case.stock_proofs
    evidence = ("/shipment/material_class", case.nearest("/shipment/stock_created_on"))
    return at(*evidence) if case.obligations_row and claimed else []


@PACK.rule("CMR-03-BYPRODUCT")
def separation_not_documented(case: Case) -> list[Place]:
    if case.obligations_row is None or case.material_class != "by_product":
        return []
    documented = any(is_proof(doc_id, case.documents) for doc_id in case.shipment.get("first_separation_evidence", ()))
    return [] if documented and "first_separation_point" in case.shipment else at("/shipment/material_class")


def _subject(case: Case) -> bool:
    return case.eu_dest and not case.exempt


def _is_ore(case: Case) -> bool:
    return case.row is not None and case.row.row_id in ORE_ROWS


def _volume_place(case: Case, row: AnnexRow, volume: Volume) -> list[Place]:
    evidence = (f"/importer_ytd_kg/{row.row_id}", case.nearest("/shipment/net_weight_kg"))
    figures = {"total": plain(volume.total), "prior": plain(volume.prior), "T": plain(case.threshold)}
    return at(*evidence, row_id=row.row_id, year=case.as_of.year, **figures)


def _exempt_place(case: Case, proofs: list[str]) -> list[Place]:
    if not case.eu_dest or case.row is None or not proofs:
        return []
    created_on = case.shipment.get("stock_created_on")
    return at(*(case.documents[proof].at for proof in proofs), documents=proofs, stock_created_on=created_on)
