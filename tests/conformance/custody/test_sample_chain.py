"""The worked example of the design (epcis.md 11, facts.md 12): the chain in, exactly the facts out."""

import json
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest

from traceability.custody.closure import RecordedEvents, upstream
from traceability.custody.facts import custody_facts
from traceability.custody.graph import chain_graph
from traceability.custody.model import Recorded, Site, World, by_uri
from traceability.events.reading import read_events
from traceability.strict_json import loads

DESIGN = Path(__file__).resolve().parents[3] / ".." / "shared" / "design"

pytestmark = pytest.mark.skipif(
    not (DESIGN / "sample-chain.json").exists(), reason="the shared design folder is not beside the repository"
)

MIX = "https://id.trader.example/lot/MIX-1"
IMPORTER = "did:web:importer.example"
AS_OF = date(2026, 3, 10)
WORLD = World(
    sites=by_uri(
        [
            Site("https://id.mineco.example/site/pit-7", "did:web:mineco.example", "CD", "CD-NK"),
            Site("https://id.port.example/rotterdam", "did:web:port.example", "NL"),
        ]
    ),
    parties=frozenset({"did:web:mineco.example", "did:web:trader.example", IMPORTER}),
)


@pytest.fixture(scope="module")
def recorded():
    events = read_events(loads((DESIGN / "sample-chain.json").read_bytes()))
    received = datetime(2026, 3, 10, 8, tzinfo=UTC)
    return [Recorded(event, index, received, IMPORTER) for index, event in enumerate(events)]


@pytest.fixture(scope="module")
def expected():
    return json.loads((DESIGN / "sample-facts.json").read_text(encoding="utf-8"))["custody_events"]


def _facts(recorded):
    return custody_facts(recorded, [MIX], WORLD, as_of=AS_OF)


def test_the_facts_are_exactly_those_of_the_design(recorded, expected):
    assert _facts(recorded).events == expected


def test_the_closure_gives_the_same_facts(recorded, expected):
    closure = upstream(RecordedEvents(recorded), [MIX])
    assert [entry.index for entry in closure.events] == list(range(8))
    assert _facts(closure.recorded).events == expected


def test_the_order_in_which_events_are_given_does_not_matter(recorded, expected):
    for shuffled in list(permutations(recorded))[::4001]:
        assert _facts(shuffled).events == expected


def test_the_contradictions_are_noted(recorded):
    found = {(note.kind, note.event_id and note.event_id[-1]) for note in _facts(recorded).notes}
    assert {
        ("unknown_input", "5"),
        ("unknown_site", "5"),
        ("no_birth", None),
        ("correction_outstanding", "5"),
        ("no_receipt", "3"),
        ("signer_not_actor", "1"),
        ("tag_missing", "1"),
    } <= found
    [unknown] = [note for note in _facts(recorded).notes if note.kind == "unknown_input"]
    assert unknown.batches == ("https://id.other.example/lot/CAS-77",)


def test_the_batch_is_pending(recorded):
    [reason] = _facts(recorded).pending
    assert "000000000008 not recorded" in reason


def test_the_graph_keeps_the_wrong_event_in_sight(recorded):
    closure = upstream(RecordedEvents(recorded), [MIX])
    graph = chain_graph(closure.recorded, closure.batches, WORLD)
    assert [(edge["parent"][-9:], edge["kg"], edge["effective"]) for edge in graph.edges] == [
        ("2026-0001", "1250", False),
        ("ot/CAS-77", "800", False),
    ]
    assert len(graph.events) == 8
