"""facts.md 12: the design's example chain, captured by the importer alone, gives exactly the design's facts."""

import json
from datetime import date
from pathlib import Path

import orjson
import pytest

from traceability.diligence.engine import assess as run_rules
from traceability.diligence.facts import inputs_hash
from traceability.ledger.jose import sign_detached
from traceability.services import lists, sites
from traceability.services.access import Actor
from traceability.services.capture import CaptureRequest, capture
from traceability.services.facts import assemble
from traceability.services.worker import HANDLERS, load_handlers
from traceability.storage.jobs import Runner

ROOT = Path(__file__).resolve().parents[3]
DESIGN = ROOT / ".." / "shared" / "design"
MIX = "https://id.trader.example/lot/MIX-1"
AS_OF = date(2026, 3, 10)
HASH = "sha256:093e2020ab7ca0fd6aad27044a4ba518b0e7ae320b5d7af365240ba817bf080e"

pytestmark = pytest.mark.skipif(not DESIGN.exists(), reason="the design's example chain is not beside the repository")


def signed(party, data):
    body = data if isinstance(data, bytes) else orjson.dumps(data)
    return body, "application/json", sign_detached(body, party.key, kid=party.key.kid)


@pytest.fixture
def assembled(service, make_party):
    load_handlers()
    importer = make_party("Importer", roles=["importer"], did="did:web:importer.example", country="NL")
    mine = make_party("Mineco", roles=["mine"], did="did:web:mineco.example", country="CD")
    port = make_party("Port", roles=["carrier"], did="did:web:port.example", country="NL")
    pit = {"uri": "https://id.mineco.example/site/pit-7", "country": "CD", "subdivision": "CD-NK"}
    rotterdam = {"uri": "https://id.port.example/rotterdam", "country": "NL"}
    for party, site in ((mine, pit), (port, rotterdam)):
        sites.register(service, party.actor("supplier"), *signed(party, {"sites": [site]}))
    lists.load_folder(service, Actor("root", "root", "admin"), ROOT / "seed" / "lists")
    body = (DESIGN / "sample-chain.json").read_bytes()
    capture(service, importer.actor("importer"), CaptureRequest(*signed(importer, body)))
    runner = Runner(service, {name: run for name, run in HANDLERS.items() if name == "touched"})
    runner.run_once()
    with service.store.read() as session:
        return assemble(service, session, importer.id, "batch", MIX, AS_OF)


def test_the_facts_are_exactly_those_of_the_design(assembled):
    expected = json.loads((DESIGN / "sample-facts.json").read_text())
    assert assembled.facts == expected
    assert inputs_hash(assembled.facts) == HASH


def test_the_engine_says_what_the_design_says(assembled):
    result = run_rules(assembled.facts)
    assert {item.code for item in result.findings} == {"COC-GAP", "INT-UNSIGNED"}
    assert (result.status, result.inputs_hash) == ("REVIEW", HASH)


def test_the_notes_say_why_it_is_pending(assembled):
    kinds = {note["kind"] for note in assembled.notes}
    assert {"unknown_input", "unknown_site", "no_birth", "correction_outstanding"} <= kinds
    assert any("CAS-77" in note["message"] for note in assembled.notes if note["kind"] == "unknown_input")
    assert assembled.pending
