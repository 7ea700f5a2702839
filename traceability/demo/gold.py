"""Gold dore from Uganda; the trader bears the name of an entity of the UN list (CDe.007), on purpose."""

from typing import Any

from traceability.demo.cast import BUSIA, IMPORTER, MACHANGA
from traceability.demo.story import Move, Paper, Story

_DUST = BUSIA.uri("lot", "AU-2026-77")
_DORE = MACHANGA.uri("lot", "DORE-2026-12")
_DORE_KG = 12.4


def story() -> Story:
    """Return the chain: washing place, melting house, air freight, Hamburg."""
    chain = Story("gold", _DORE)
    terms = {
        "mineral": "gold", "hsCode": "710812", "originCountry": "UG", "originRegion": "UG-202", "miningMethod": "ASM",
    }  # fmt: skip
    dust, dore = {_DUST: 14.1}, {_DORE: _DORE_KG}
    chain.extraction("2026-11-02T16:00:00+03:00", BUSIA, "pit", dust, terms)
    road = Move(BUSIA, "pit", MACHANGA, "counter", "2026-77")
    chain.handover(("2026-11-03T07:00:00+03:00", "2026-11-03T15:00:00+03:00"), road, lots=dust)
    chain.sale("2026-11-03T16:00:00+03:00", BUSIA, MACHANGA, dust, "77")
    melting = {"processType": "smelting", "mineral": "gold", "hsCode": "710812", "custodyModel": "segregated"}
    chain.transformation("2026-11-05T12:00:00+03:00", MACHANGA, "counter", dust, dore, melting)
    chain.assay("2026-11-05T15:00:00+03:00", MACHANGA, "counter", dore, "DORE-2026-12")
    chain.sale("2026-11-09T10:00:00+03:00", MACHANGA, IMPORTER, dore, "2026-12")
    times = (
        "2026-11-10T07:00:00+03:00", "2026-11-10T18:00:00+03:00",
        "2026-11-12T08:00:00+01:00", "2026-11-12T14:00:00+01:00",
    )  # fmt: skip
    chain.consignment(times, Move(MACHANGA, "counter", IMPORTER, "hamburg", "AWB-2026-12"), dore, "MA0120C4")
    chain.papers = [
        Paper("gold-export-permit.pdf", (_DORE,)),
        Paper("gold-assay-certificate.pdf", (_DORE,)),
        Paper("gold-commercial-invoice.pdf", shipment=True),
    ]
    chain.shipment = _record()
    return chain


def _record() -> dict[str, Any]:
    return {
        "shipment_id": "DM-2026-0103",
        "cn_code": "71081200",
        "purity_pct": "91.2",
        "material_class": "mined",
        "materials": ["gold"],
        "net_weight_kg": str(_DORE_KG),
        "trade_name": "Gold dore bars",
        "material_type": "unwrought gold, not past the refining stage",
        "destination_country": "DE",
        "dispatch_country": "UG",
        "released_on": "2026-11-12",
        "batch_ids": [_DORE],
        "supplier": {"party_id": MACHANGA.did, "name": MACHANGA.name, "address": MACHANGA.address, "country": "UG"},
        "origins": [{"country": "UG", "subdivision": "UG-202"}],
        "extraction_period": {"start": "2026-10-20", "end": "2026-11-02"},
        "mine_of_origin": {
            "mine_id": BUSIA.uri("site", "pit"), "name": "Demo Busia Gold Miners (invented)", "country": "UG",
            "subdivision": "UG-202", "mining_method": "ASM",
        },
        "upstream_locations": [
            {"kind": "trading", "country": "UG", "subdivision": "UG-102", "name": "Kampala"},
            {"kind": "processing", "country": "UG", "subdivision": "UG-102", "name": "Kampala"},
        ],
        "payment_method": "bank_transfer",
    }  # fmt: skip
