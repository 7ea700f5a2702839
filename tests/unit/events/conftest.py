"""A small valid chain of custody events, written here so that these tests need no other file."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

LOT = "https://id.mine.example/lot/1"
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]
STOCK = [{"epcClass": LOT, "quantity": 1250, "uom": "KGM"}]
TIME = {"eventTime": "2026-02-01T09:00:00+02:00", "eventTimeZoneOffset": "+02:00"}
EVENTS: dict[str, dict[str, Any]] = {
    "birth": {
        "type": "ObjectEvent",
        "eventID": "urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-000000000001",
        **TIME,
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "quantityList": STOCK,
        "readPoint": {"id": "geo:-1.5,28.8"},
        "bizLocation": {"id": "https://id.mine.example/site/1"},
        "destinationList": [{"type": "owning_party", "destination": "did:web:mine.example"}],
        "certificationInfo": "https://id.regulator.example/permit/1",
        "ilmd": {"crm:mineral": "cassiterite", "crm:gradePercent": 62},
    },
    "packing": {
        "type": "AggregationEvent",
        **TIME,
        "action": "ADD",
        "bizStep": "packing",
        "parentID": "https://id.mine.example/bag/1",
        "childQuantityList": [{"epcClass": LOT, "quantity": 50, "uom": "KGM"}],
        "childEPCs": ["https://id.mine.example/bag/2"],
        "crm:sealNumber": "S-1",
    },
    "association": {
        "type": "AssociationEvent",
        **TIME,
        "action": "DELETE",
        "parentID": "https://id.mine.example/bag/1",
    },
    "sale": {
        "type": "TransactionEvent",
        **TIME,
        "action": "ADD",
        "bizTransactionList": [
            {"type": "po", "bizTransaction": "https://id.trader.example/po/9"},
            {"bizTransaction": "https://id.trader.example/x/1"},
        ],
        "quantityList": STOCK,
        "sourceList": [{"type": "owning_party", "source": "did:web:mine.example"}],
    },
    "blending": {
        "type": "TransformationEvent",
        **TIME,
        "recordTime": "2026-02-01T10:00:00Z",
        "transformationID": "urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-0000000000aa",
        "inputQuantityList": STOCK,
        "outputQuantityList": [{"epcClass": "https://id.trader.example/lot/2", "quantity": 1240.5, "uom": "KGM"}],
        "inputEPCList": ["https://id.mine.example/bag/7"],
        "outputEPCList": ["https://id.mine.example/bag/8"],
        "persistentDisposition": {"set": ["conformant"], "unset": ["https://ref.gs1.org/cbv/Disp-recalled"]},
    },
    "assay": {
        "type": "ObjectEvent",
        **TIME,
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "epcList": ["https://id.mine.example/bag/1"],
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2026-02-01T08:00:00Z"},
                "sensorReport": [{"type": "Dimensionless", "value": 62.1, "uom": "P1"}],
            }
        ],
        "errorDeclaration": {
            "declarationTime": "2026-03-09T10:00:00Z",
            "reason": "incorrect_data",
            "correctiveEventIDs": ["urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-000000000008"],
        },
    },
}


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    """Return a maker of one event: its name, fields to set, and fields to leave out by giving None."""

    def make(name: str, **changes: Any) -> dict[str, Any]:
        made = copy.deepcopy(EVENTS[name]) | changes
        return {field: value for field, value in made.items() if value is not None}

    return make


@pytest.fixture
def document() -> Callable[..., dict[str, Any]]:
    """Return a maker of the EPCISDocument around events."""

    def make(*events: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {
            "@context": copy.deepcopy(CONTEXT),
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-10T08:00:00Z",
            "epcisBody": {"eventList": list(events)},
        } | changes

    return make


@pytest.fixture
def query_document() -> Callable[..., dict[str, Any]]:
    """Return a maker of the EPCISQueryDocument around events."""

    def make(*events: dict[str, Any]) -> dict[str, Any]:
        results = {"queryName": "q", "resultsBody": {"eventList": list(events)}}
        return {
            "@context": copy.deepcopy(CONTEXT),
            "type": "EPCISQueryDocument",
            "epcisBody": {"queryResults": results},
        }

    return make


@pytest.fixture
def whole_chain(event: Callable[..., dict[str, Any]], document: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return document(*(event(name) for name in EVENTS))
