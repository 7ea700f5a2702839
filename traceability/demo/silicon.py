"""Polysilicon bound for the United States; the silicon was smelted in Xinjiang (Pub. L. 117-78)."""

from typing import Any

from traceability.demo.cast import GANSU, IMPORTER, JIANGSU, JUNGGAR
from traceability.demo.story import Move, Paper, Story

_QUARTZ = GANSU.uri("lot", "QZ-2026-61")
_METAL = JUNGGAR.uri("lot", "SI-2026-208")
_POLY = JIANGSU.uri("lot", "POLY-2026-17")
_POLY_KG = 12000


def story() -> Story:
    """Return the chain: quartz in Gansu, arc furnaces in Xinjiang, polysilicon in Jiangsu, Los Angeles."""
    chain = Story("silicon", _POLY)
    terms = {"mineral": "quartz", "hsCode": "250610", "originCountry": "CN", "originRegion": "CN-GS"}
    terms |= {"miningMethod": "LSM"}
    quartz, metal, poly = {_QUARTZ: 48000}, {_METAL: 16000}, {_POLY: _POLY_KG}
    chain.extraction("2026-09-01T09:00:00+08:00", GANSU, "quarry", quartz, terms)
    rail = Move(GANSU, "quarry", JUNGGAR, "furnace", "2026-61")
    chain.handover(("2026-09-02T08:00:00+08:00", "2026-09-05T17:00:00+08:00"), rail, lots=quartz)
    smelting = {"processType": "smelting", "mineral": "silicon", "hsCode": "280469", "custodyModel": "mass_balance"}
    chain.transformation("2026-09-10T20:00:00+08:00", JUNGGAR, "furnace", quartz, metal, smelting)
    east = Move(JUNGGAR, "furnace", JIANGSU, "plant", "2026-208")
    chain.handover(("2026-09-12T08:00:00+08:00", "2026-09-18T17:00:00+08:00"), east, lots=metal)
    refining = {"processType": "refining", "mineral": "silicon", "hsCode": "280461", "custodyModel": "mass_balance"}
    chain.transformation("2026-10-01T20:00:00+08:00", JIANGSU, "plant", metal, poly, refining)
    chain.sale("2026-10-05T10:00:00+08:00", JIANGSU, IMPORTER, poly, "2026-17")
    times = (
        "2026-10-07T08:00:00+08:00", "2026-10-09T12:00:00+08:00",
        "2026-11-02T09:00:00-08:00", "2026-11-04T11:00:00-08:00",
    )  # fmt: skip
    chain.consignment(times, Move(JIANGSU, "plant", IMPORTER, "los-angeles", "SHA-1717"), poly, "JS1717E8")
    chain.papers = [
        Paper("silicon-certificate-of-origin.pdf", (_POLY,)),
        Paper("silicon-commercial-invoice.pdf", shipment=True),
        Paper("silicon-packing-list.pdf", shipment=True),
        Paper("silicon-bill-of-lading.pdf", shipment=True),
    ]
    chain.shipment = _record()
    return chain


def _record() -> dict[str, Any]:
    return {
        "shipment_id": "DM-2026-0105",
        "cn_code": "28046100",
        "material_class": "mined",
        "materials": ["silicon_metal"],
        "net_weight_kg": str(_POLY_KG),
        "trade_name": "Polysilicon chunks, solar grade",
        "material_type": "silicon, not less than 99.99 % by weight",
        "destination_country": "US",
        "dispatch_country": "CN",
        "released_on": "2026-11-02",
        "batch_ids": [_POLY],
        "supplier": {"party_id": JIANGSU.did, "name": JIANGSU.name, "address": JIANGSU.address, "country": "CN"},
        "manufacturer": {
            "party_id": JIANGSU.did, "name": JIANGSU.name, "country": "CN", "subdivision": "CN-JS",
        },
        "origins": [{"country": "CN", "subdivision": "CN-GS"}],
        "mine_of_origin": {
            "mine_id": GANSU.uri("site", "quarry"), "name": "Demo Gansu Quartz Mine (invented)", "country": "CN",
            "subdivision": "CN-GS", "mining_method": "LSM",
        },
        "product_description": "Polysilicon chunks for solar ingots, lot POLY-2026-17",
        "payment_method": "letter_of_credit",
    }  # fmt: skip
