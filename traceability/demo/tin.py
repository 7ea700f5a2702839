"""Tin metal from Peru, a country on no area list, with every field Art. 4(g) of Reg. (EU) 2017/821 asks for."""

from typing import Any

from traceability.demo.cast import ALTIPLANO, IMPORTER, PACIFICO
from traceability.demo.story import Move, Paper, Story

_ORE = ALTIPLANO.uri("lot", "SN-CON-2026-41")
_METAL = PACIFICO.uri("lot", "SN-2026-0912")
_KG, _METAL_KG = 30000, 18000


def story() -> Story:
    """Return the chain: mine, sealed big bags, smelter, sea freight, Hamburg."""
    chain = Story("tin", _METAL)
    bags = {ALTIPLANO.uri("bag", f"PE-{number}"): 2000 for number in range(410001, 410016)}
    terms = {
        "mineral": "cassiterite", "hsCode": "260900", "originCountry": "PE", "originRegion": "PE-PUN",
        "originLatitude": -14.23, "originLongitude": -70.32, "miningMethod": "LSM",
    }  # fmt: skip
    chain.extraction("2026-09-28T10:00:00-05:00", ALTIPLANO, "mine", {_ORE: _KG}, terms)
    chain.packing("2026-09-29T08:00:00-05:00", ALTIPLANO, "mine", _ORE, bags)
    road = Move(ALTIPLANO, "mine", PACIFICO, "smelter", "2026-288")
    chain.handover(("2026-09-30T06:00:00-05:00", "2026-10-02T15:00:00-05:00"), road, bags=list(bags))
    smelting = {"processType": "smelting", "mineral": "tin", "hsCode": "800110", "custodyModel": "segregated"}
    chain.transformation("2026-10-08T18:00:00-05:00", PACIFICO, "smelter", {_ORE: _KG}, {_METAL: _METAL_KG}, smelting)
    metal = {_METAL: _METAL_KG}
    chain.assay("2026-10-09T09:00:00-05:00", PACIFICO, "smelter", metal, "2026-0912")
    chain.sale("2026-10-12T12:00:00-05:00", PACIFICO, IMPORTER, metal, "2026-771")
    times = (
        "2026-10-14T07:00:00-05:00", "2026-10-15T10:00:00-05:00",
        "2026-11-18T09:00:00+01:00", "2026-11-19T11:00:00+01:00",
    )  # fmt: skip
    chain.consignment(times, Move(PACIFICO, "smelter", IMPORTER, "hamburg", "CLL-7781"), metal, "PT7781A0")
    chain.papers = [
        Paper("tin-certificate-of-origin.pdf", (_METAL,)),
        Paper("tin-smelter-audit-report.pdf", (_METAL,)),
        Paper("tin-assay-certificate.pdf", (_METAL,)),
        Paper("tin-packing-list.pdf", shipment=True),
        Paper("tin-commercial-invoice.docx", shipment=True),
    ]
    chain.shipment = _record()
    chain.proofs = {("smelters", 0, "assurances", 0, "document_id"): "tin-smelter-audit-report.pdf"}
    return chain


def _record() -> dict[str, Any]:
    smelter = {
        "name": PACIFICO.name,
        "address": PACIFICO.address,
        "country": "PE",
        "processed_on": "2026-10-08",
        "countries_of_origin": ["PE"],
        "assurances": [
            {"kind": "third_party_audit_report", "valid_from": "2026-03-20", "valid_to": "2027-03-19"},
        ],
    }
    return {
        "shipment_id": "DM-2026-0101",
        "cn_code": "80011000",
        "material_class": "mined",
        "materials": ["tin"],
        "net_weight_kg": str(_METAL_KG),
        "trade_name": "Tin ingots 99.9 %",
        "material_type": "unwrought tin, not alloyed",
        "destination_country": "DE",
        "dispatch_country": "PE",
        "released_on": "2026-11-18",
        "batch_ids": [_METAL],
        "supplier": {
            "party_id": PACIFICO.did, "name": PACIFICO.name, "address": PACIFICO.address, "country": "PE",
        },
        "origins": [{"country": "PE", "subdivision": "PE-PUN"}],
        "extraction_period": {"start": "2026-09-28"},
        "mine_of_origin": {
            "mine_id": ALTIPLANO.uri("site", "mine"), "name": "Demo Altiplano Tin Mine (invented)", "country": "PE",
            "subdivision": "PE-PUN", "mining_method": "LSM",
        },
        "upstream_locations": [
            {"kind": "processing", "country": "PE", "subdivision": "PE-ICA", "name": "Smelter Pisco"},
        ],
        "smelters": [smelter],
        "payment_method": "bank_transfer",
    }  # fmt: skip
