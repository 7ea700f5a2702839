"""Builders of small facts documents: a tin concentrate bound for Germany, above its threshold, with all lists loaded."""

import copy
import json
from pathlib import Path

import pytest

from traceability.diligence import tables
from traceability.diligence.engine import assess

SHIPMENT = {
    "cn_code": "26090000",
    "material_class": "mined",
    "destination_country": "DE",
    "net_weight_kg": "9000",
    "trade_name": "cassiterite",
    "material_type": "concentrate",
    "supplier": {"name": "Invented Minerals Ltd", "address": "1 Test Road"},
    "origins": [{"country": "PE"}],
    "extraction_period": {"start": "2026-01-05", "end": "2026-01-30"},
}
LISTS = {
    "cahra": {"list_version": "A-1", "entries": [{"code": "CD-NK"}, {"code": "BI"}]},
    "transit_watch": {"list_version": "A-1", "entries": [{"code": "RW"}]},
    "forced_labour_areas": {"list_version": "A-1", "entries": [{"code": "CN-XJ"}]},
    "tvpra": {
        "list_version": "A-1",
        "entries": [{"material": "tin", "country": "BO", "child_labour": True, "forced_labour": False}],
    },
}


@pytest.fixture
def make_facts():
    """Return facts built from the base shipment; None as a value takes the property out."""

    def make(shipment=None, *, as_of="2026-05-01", **sections):
        facts = {
            "schema_version": "1.0",
            "as_of": as_of,
            "shipment": SHIPMENT | (shipment or {}),
            "lists": LISTS,
            "importer_ytd_kg": {"A-26090000": "6000"},
        }
        facts |= sections
        facts["shipment"] = _without_none(facts["shipment"])
        return copy.deepcopy(_without_none(facts))

    return make


@pytest.fixture
def amended(monkeypatch):
    """Let Annex I be amended: further lines of its table of thresholds, each row_id, kilograms and first day."""

    def by(*lines):
        read = tables.read_table
        more = [
            {"row_id": row_id, "threshold_kg": kilograms, "applicable_from": first, "applicable_to": ""}
            for row_id, kilograms, first in lines
        ]
        monkeypatch.setattr(
            tables, "read_table", lambda name: read(name) + (more if name == "annex_i_thresholds.csv" else [])
        )
        tables.thresholds.cache_clear()

    yield by
    monkeypatch.undo()
    tables.thresholds.cache_clear()


@pytest.fixture
def codes():
    """Return the set of codes that some facts raise."""

    def raised(facts):
        return {finding.code for finding in assess(facts).findings}

    return raised


@pytest.fixture
def sample_facts():
    """The worked example of the facts: one chain, seen as a batch without a shipment."""
    return json.loads((Path(__file__).parent / "data" / "sample-facts.json").read_text(encoding="utf-8"))


@pytest.fixture
def make_event():
    """Return one custody event; quantities as (batch, kg) or (batch, kg, extra properties)."""

    def entry(batch, weight, extra=None):
        return {"batch_id": batch, "weight_kg": str(weight)} | (extra or {})

    def make(event_id, event_type, quantities=(), *, at="2026-02-01T10:00:00Z", inputs=(), outputs=(), **extra):
        event = {"event_id": event_id, "type": event_type, "event_time": at} | extra
        lists = {"quantity_list": quantities, "input_quantity_list": inputs, "output_quantity_list": outputs}
        return event | {name: [entry(*quantity) for quantity in found] for name, found in lists.items() if found}

    return make


def _without_none(mapping):
    return {key: value for key, value in mapping.items() if value is not None} if mapping is not None else None
