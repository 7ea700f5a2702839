"""Whatever events say, the custody part of the facts is valid against the published schema."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from traceability.custody.facts import custody_facts
from traceability.custody.model import Recorded, Site, World, by_uri
from traceability.events.model import CustodyEvent, Endpoint, Quantity, Transaction

SCHEMA = Path(__file__).resolve().parents[3] / ".." / "shared" / "design" / "assessment-facts.schema.json"

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason="the shared design folder is not beside the repository")

LOTS = [f"https://a.example/lot/{name}" for name in ("A", "B", "C", "L" * 400)]
BAGS = [f"https://a.example/bag/{name}" for name in ("1", "2", "T" * 400)]
PARTIES = ["did:web:a.example", "did:web:b.example", f"https://party.example/{'p' * 400}"]
PLACES = [None, "https://a.example/site", "geo:1.5,2.5", f"https://site.example/{'s' * 400}"]
START = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = [
    *("commissioning", "collecting", "shipping", "departing", "void_shipping", "transporting", "storing", "arriving"),
    *("receiving", "accepting", "inspecting", "stock_taking", "sampling", "holding", "packing", None),
]
TERMS = {
    "crm:gradePercent": [0, 100, Decimal("62.1234567"), Decimal("1e-9"), -1, "x", True],
    "crm:moisturePercent": [0, 8, Decimal("99.9999999"), 101],
    "crm:materialOrigin": ["primary", "recycled", "by_product", "stock", 5],
    "crm:processType": ["smelting", "refining", "crushing", "recycling", "blending", []],
    "crm:mineral": ["cassiterite", "coltan", "x"],
    "crm:originCountry": ["CD", "cd", 5],
    "crm:originRegion": ["CD-NK", "RW-01", "CD-"],
    "crm:sealNumber": ["S1", ["S1", "S1"], "S" * 400, "", 5],
}
MASSES = ["0", "5", "97.9999999", "1e-7", "999999999999999.9999999", "1e15", "1e200"]
UNITS = ["KGM", "KGM", "TNE", "LBR", "LTR", None]
ENDS = ["possessing_party", "owning_party", "location"]
PAPERS = ["bol", "recadv", "crm:customsDeclaration", "upevt", None]
KINDS = ["ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent"]


class _Nonsense:
    """Events with every field at random: valid one by one, contradicting each other in every way."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def some(self, values, most=2):
        return tuple(self.random.choice(values) for _ in range(self.random.randint(0, most)))

    def terms(self):
        return {name: self.random.choice(values) for name, values in TERMS.items() if self.random.random() < 0.5}

    def quantities(self):
        choose = self.random.choice
        return tuple(Quantity(name, Decimal(choose(MASSES)), choose(UNITS)) for name in self.some(LOTS, 3))

    def ends(self):
        return tuple(Endpoint(self.random.choice(ENDS), party) for party in self.some(PARTIES))

    def fields(self, kind):
        goods, epcs = self.quantities(), tuple(dict.fromkeys(self.some(BAGS)))
        if kind == "AggregationEvent":
            parent = self.random.choice([None, *BAGS])
            return {"parent_id": parent, "child_quantities": goods, "quantities": goods, "child_epcs": epcs}
        if kind == "TransformationEvent":
            process = self.random.choice([None, "urn:t:1"])
            outputs = self.quantities()
            return {"inputs": goods, "outputs": outputs, "input_epcs": epcs, "transformation_id": process}
        return {"quantities": goods, "epcs": epcs}

    def event(self, number):
        choose = self.random.choice
        kind = choose(KINDS)
        when = START + timedelta(hours=self.random.randint(0, 20))
        return CustodyEvent(
            event_id=choose([None, f"urn:e:{number}", f"urn:e:{'e' * 400}{number}"]),
            type=kind,
            action=None if kind == "TransformationEvent" else choose(["ADD", "OBSERVE", "DELETE"]),
            biz_step=choose(STEPS),
            disposition=None,
            event_time=when,
            event_time_text=choose([when.isoformat(), when.strftime("%Y-%m-%dT%H:%M:%S.123456789z")]),
            event_time_zone="+00:00",
            read_point=choose(PLACES),
            sources=self.ends(),
            destinations=self.ends(),
            transactions=tuple(
                Transaction(kind, choose(["urn:x:1", "urn:e:1", "urn:e:2"])) for kind in self.some(PAPERS)
            ),
            ilmd=self.terms(),
            extensions=self.terms(),
            **self.fields(kind),
        )

    def recorded(self):
        choose = self.random.choice
        return [
            Recorded(
                self.event(index),
                index,
                START,
                choose([None, *PARTIES]),
                None,
                choose(["ok", "invalid", "key_revoked"]),
            )
            for index in range(12)
        ]


@pytest.fixture(scope="module")
def validator():
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")), format_checker=FormatChecker())


@pytest.mark.parametrize("seed", range(100))
def test_the_facts_of_any_events_are_valid(validator, seed):
    world = World(sites=by_uri([Site("https://a.example/site", PARTIES[0], "CD", "CD-NK", 1.5, 2.5)]))
    found = custody_facts(_Nonsense(seed).recorded(), LOTS, world, as_of=date(2026, 3, 1), destination_country="NL")
    document = {
        "schema_version": "1.0",
        "as_of": "2026-03-01",
        "custody_events": found.events,
        "upstream_parties": found.upstream_parties,
    }
    assert [error.message for error in validator.iter_errors(json.loads(json.dumps(document)))] == []
    for event in found.events:
        for name in ("quantity_list", "input_quantity_list", "output_quantity_list"):
            batches = [entry["batch_id"] for entry in event.get(name, [])]
            assert len(batches) == len(set(batches))
