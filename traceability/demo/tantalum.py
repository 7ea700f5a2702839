"""Coltan from North Kivu: one lot went out untagged, and the certificate of origin names Rwanda."""

from typing import Any

from traceability.demo.cast import GOMA, IMPORTER, KIVU
from traceability.demo.story import Move, Paper, Story

_TAGGED, _UNTAGGED = KIVU.uri("lot", "TA-2026-118"), KIVU.uri("lot", "TA-2026-119")
_BLEND = GOMA.uri("lot", "COLTAN-2026-031")
_BLEND_KG = 1000


def story() -> Story:
    """Return the chain: two pits, a depot in Goma, the road to Dar es Salaam, Hamburg."""
    chain = Story("tantalum", _BLEND)
    _pits(chain)
    blend = {_BLEND: _BLEND_KG}
    terms = {"mineral": "coltan", "hsCode": "261590", "custodyModel": "segregated", "processLossKg": 10}
    both: dict[str, float] = {_TAGGED: 600, _UNTAGGED: 410}
    chain.transformation("2026-10-26T10:00:00+02:00", GOMA, "depot", both, blend, terms)
    bags = {GOMA.uri("bag", f"NK-{number}"): 100 for number in range(7730001, 7730011)}
    chain.packing("2026-10-26T14:00:00+02:00", GOMA, "depot", _BLEND, bags)
    chain.sale("2026-10-27T09:00:00+02:00", GOMA, IMPORTER, blend, "2026-054")
    road = Move(GOMA, "depot", IMPORTER, "hamburg", "GOM-2026-054")
    times = (
        "2026-10-28T07:00:00+02:00", "2026-10-28T09:00:00+02:00",
        "2026-11-19T10:00:00+01:00", "2026-11-20T11:00:00+01:00",
    )  # fmt: skip
    port = ("2026-11-01T15:00:00+03:00", "dar-es-salaam", list(bags))
    chain.consignment(times, road, blend, "GO0540B2", port)
    chain.papers = [
        Paper("tantalum-certificate-of-origin.pdf", (_BLEND,)),
        Paper("tantalum-packing-list.pdf", shipment=True),
        Paper("tantalum-commercial-invoice.docx", shipment=True),
        Paper("tantalum-royalty-receipt.pdf", shipment=True),
    ]
    chain.shipment = _record()
    chain.proofs = {("taxes_fees_royalties", 0, "receipt_document_id"): "tantalum-royalty-receipt.pdf"}
    return chain


def _pits(chain: Story) -> None:
    """Tell of the two lots: the first in tagged bags, the second loose."""
    terms = {"mineral": "coltan", "hsCode": "261590", "originCountry": "CD", "originRegion": "CD-NK"}
    terms |= {"miningMethod": "ASM"}
    bags = {KIVU.uri("bag", f"MT-{number}"): 50 for number in range(4410001, 4410013)}
    chain.extraction("2026-10-19T09:00:00+02:00", KIVU, "pit-1", {_TAGGED: 600}, terms)
    chain.packing("2026-10-19T13:00:00+02:00", KIVU, "pit-1", _TAGGED, bags)
    chain.extraction("2026-10-20T09:00:00+02:00", KIVU, "pit-2", {_UNTAGGED: 410}, terms)
    for number, (site, lot, kg) in enumerate((("pit-1", _TAGGED, 600), ("pit-2", _UNTAGGED, 410))):
        move = Move(KIVU, site, GOMA, "depot", f"2026-{118 + number}")
        times = (f"2026-10-2{1 + number}T06:00:00+02:00", f"2026-10-2{2 + number}T16:00:00+02:00")
        if lot == _TAGGED:
            chain.handover(times, move, bags=list(bags))
        else:
            chain.handover(times, move, lots={lot: kg})


def _record() -> dict[str, Any]:
    return {
        "shipment_id": "DM-2026-0102",
        "cn_code": "26159000",
        "taric_subdivision": "10",
        "material_class": "mined",
        "materials": ["tantalum"],
        "net_weight_kg": str(_BLEND_KG),
        "trade_name": "Coltan concentrate 28 % Ta2O5",
        "material_type": "tantalum and niobium ore concentrate",
        "destination_country": "DE",
        "dispatch_country": "CD",
        "released_on": "2026-11-19",
        "batch_ids": [_BLEND],
        "supplier": {"party_id": GOMA.did, "name": GOMA.name, "address": GOMA.address, "country": "CD"},
        "origins": [{"country": "CD", "subdivision": "CD-NK"}],
        "extraction_period": {"start": "2026-10-19", "end": "2026-10-20"},
        "mine_of_origin": {
            "mine_id": KIVU.uri("site", "pit-1"), "name": "Demo Kivu Cooperative (invented)", "country": "CD",
            "subdivision": "CD-NK", "mining_method": "ASM",
        },
        "upstream_locations": [
            {"kind": "trading", "country": "CD", "subdivision": "CD-NK", "name": "Goma"},
            {"kind": "consolidation", "country": "CD", "subdivision": "CD-NK", "name": "Goma"},
        ],
        "taxes_fees_royalties": [
            {"kind": "royalty", "amount": "1300", "currency": "USD", "payee": "Provincial mining division",
             "paid_on": "2026-10-27"},
            {"kind": "fee", "amount": "200", "currency": "USD", "payee": "Provincial export office"},
        ],
        "payment_method": "bank_transfer",
    }  # fmt: skip
