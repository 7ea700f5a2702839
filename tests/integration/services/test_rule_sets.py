"""Which rules judged: recorded once per version, each with an entry that stands for its record."""

import hashlib

import orjson
import pytest
import rfc8785

from tests.integration.services.conftest import ADMIN
from traceability.diligence.versions import packs, rule_pack_version
from traceability.documents import rulefiles
from traceability.errors import NotFound
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.services.rule_sets import line_of, packs_of, record_of, rule_set, rule_sets
from traceability.storage.tables import LedgerEntry, RuleSet

LOT = "https://mine.example/lot/L-1"


@pytest.fixture
def judged(world):
    """A chain that was assessed twice, with two papers read by the same rules."""
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    world.paper(b"one", [("shipment", "S-1")])
    world.work()
    world.paper(b"two", [("shipment", "S-1")])
    world.work()
    return world


def test_each_version_is_recorded_once_and_its_entry_stands_for_the_record(judged):
    rows = rule_sets(judged.service, ADMIN)
    assert [(row.name, row.version) for row in rows].count(("law", rule_pack_version())) == 1
    assert sorted({row.name for row in rows}) == ["documents", "law"]
    assert len(rows) == 2
    entries = {row.index: Entry.parse(bytes(row.body)) for row in judged.rows(LedgerEntry)}
    for row in rows:
        assert entries[row.entry_index].kind == "rule-set"
        assert entries[row.entry_index].body == digest(bytes(row.record))


def test_rules_are_in_the_log_before_what_they_judged(judged):
    kinds = [row.kind for row in sorted(judged.rows(LedgerEntry), key=lambda row: row.index)]
    assert kinds.index("rule-set") < kinds.index("assessment")


def test_the_record_of_the_law_gives_its_version_again(judged):
    said = orjson.loads(bytes(rule_set(judged.service, ADMIN, rule_pack_version()).record))
    assert "sha256:" + hashlib.sha256(rfc8785.dumps(said["content"])).hexdigest() == said["version"]


def test_the_record_of_the_law_holds_every_pack_with_its_version_and_dates(judged):
    row = rule_set(judged.service, ADMIN, rule_pack_version())
    told = {pack["pack"]: pack for pack in packs_of(row)}
    assert told == {name: pack.to_dict() for name, pack in packs().items()}
    assert told["BATT"]["applicable_from"] == "2027-08-18"
    content = orjson.loads(bytes(row.record))["content"]["packs"]
    for name, pack in told.items():
        assert pack["version"] == "sha256:" + hashlib.sha256(rfc8785.dumps(content[name])).hexdigest()
    assert line_of(row, "BATT-52-REPORT")["pack"] == "BATT"
    assert line_of(row, "RF-L9") is None
    assert rule_set(judged.service, ADMIN, told["OECD"]["version"]).entry_index == row.entry_index
    (paper,) = [row for row in rule_sets(judged.service, ADMIN) if row.name == "documents"]
    assert (packs_of(paper), line_of(paper, "RF-L1")) == ([], None)


def test_a_record_of_before_packs_had_versions_is_read():
    """Form 1 had one version: of the catalogue, the tables and the parameters together."""
    content = {"catalogue": [{"code": "RF-L1", "title": "as it was"}], "tables": {}, "parameters": {}}
    old = RuleSet(name="law", version="sha256:old", record=rfc8785.dumps({"v": 1, "content": content}))
    assert (packs_of(old), line_of(old, "RF-L1")["title"], line_of(old, "RF-L2")) == ([], "as it was", None)


def test_the_record_of_the_document_rules_names_every_file():
    said = orjson.loads(record_of("documents", rulefiles.ruleset_hash()))
    whole = hashlib.sha256()
    for name, sha256 in sorted(said["content"].items()):
        whole.update(name.encode() + b"\n" + bytes.fromhex(sha256))
    assert said["version"] == "sha256:" + whole.hexdigest()


def test_rules_that_are_not_ours_are_recorded_without_content(judged):
    """The papers of these tests say "1" is their rule set: what that was is not known here, and not made up."""
    (row,) = [row for row in judged.rows(RuleSet) if row.name == "documents"]
    assert orjson.loads(bytes(row.record)) == {"v": 1, "name": "documents", "version": "1", "content": None}


def test_a_version_that_never_judged_is_not_found(judged):
    with pytest.raises(NotFound, match="nothing here was judged"):
        rule_set(judged.service, ADMIN, "sha256:" + 64 * "0")
