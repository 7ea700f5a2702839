"""Cobalt hydroxide from Lualaba; an audit report says that children work at a supplier's site."""

from typing import Any

from traceability.demo.cast import IMPORTER, KOLWEZI, LUALABA
from traceability.demo.story import Move, Paper, Story

_ORE = KOLWEZI.uri("lot", "CO-2026-305")
_HYDROXIDE = LUALABA.uri("lot", "COH-2026-44")
_KG, _HYDROXIDE_KG = 96000, 20000


def story() -> Story:
    """Return the chain: artisanal zone, hydroxide works, sea freight, Hamburg."""
    chain = Story("cobalt", _HYDROXIDE)
    terms = {
        "mineral": "heterogenite", "hsCode": "260500", "originCountry": "CD", "originRegion": "CD-LU",
        "miningMethod": "ASM",
    }  # fmt: skip
    ore, hydroxide = {_ORE: _KG}, {_HYDROXIDE: _HYDROXIDE_KG}
    chain.extraction("2026-09-25T16:00:00+02:00", KOLWEZI, "hill", ore, terms)
    road = Move(KOLWEZI, "hill", LUALABA, "works", "2026-305")
    chain.handover(("2026-09-26T07:00:00+02:00", "2026-09-28T15:00:00+02:00"), road, lots=ore)
    chain.sale("2026-09-28T16:00:00+02:00", KOLWEZI, LUALABA, ore, "305")
    works = {"processType": "refining", "mineral": "cobalt", "hsCode": "282200", "custodyModel": "segregated"}
    chain.transformation("2026-10-06T18:00:00+02:00", LUALABA, "works", ore, hydroxide, works)
    chain.assay("2026-10-07T09:00:00+02:00", LUALABA, "works", hydroxide, "COH-2026-44")
    chain.sale("2026-10-08T10:00:00+02:00", LUALABA, IMPORTER, hydroxide, "2026-44")
    times = (
        "2026-10-09T07:00:00+02:00", "2026-10-10T12:00:00+02:00",
        "2026-11-17T09:00:00+01:00", "2026-11-18T11:00:00+01:00",
    )  # fmt: skip
    chain.consignment(times, Move(LUALABA, "works", IMPORTER, "hamburg", "DUR-4405"), hydroxide, "LU4405D6")
    chain.papers = [
        Paper("cobalt-audit-report.pdf", (_HYDROXIDE,)),
        Paper("cobalt-supplier-declaration.docx", (_HYDROXIDE,)),
        Paper("cobalt-certificate-of-origin.pdf", (_HYDROXIDE,)),
        Paper("cobalt-packing-list.pdf", shipment=True),
    ]
    chain.shipment = _record()
    return chain


def _record() -> dict[str, Any]:
    return {
        "shipment_id": "DM-2026-0104",
        "cn_code": "28220000",
        "material_class": "mined",
        "materials": ["cobalt"],
        "net_weight_kg": str(_HYDROXIDE_KG),
        "trade_name": "Crude cobalt hydroxide 30 % Co",
        "material_type": "cobalt hydroxide",
        "destination_country": "DE",
        "dispatch_country": "CD",
        "released_on": "2026-11-17",
        "batch_ids": [_HYDROXIDE],
        "supplier": {"party_id": LUALABA.did, "name": LUALABA.name, "address": LUALABA.address, "country": "CD"},
        "origins": [{"country": "CD", "subdivision": "CD-LU"}],
        "extraction_period": {"start": "2026-09-14", "end": "2026-09-25"},
        "mine_of_origin": {
            "mine_id": KOLWEZI.uri("site", "hill"), "name": "Demo Kolwezi Artisanal Cooperative (invented)",
            "country": "CD", "subdivision": "CD-LU", "mining_method": "ASM",
        },
        "upstream_locations": [
            {"kind": "processing", "country": "CD", "subdivision": "CD-LU", "name": "Kolwezi"},
        ],
        "payment_method": "bank_transfer",
    }  # fmt: skip
