"""`rules explain`: over --url with an API key, and from the database here; the same words."""

from dataclasses import replace
from datetime import date

import pytest

from traceability.diligence import inputs_hash, versions
from traceability.errors import NotFound
from traceability.services import rule_sets
from traceability.services.access import Actor
from traceability.services.assess import assess_facts
from traceability.services.explanations import explanation
from traceability.services.mandates import access_log
from traceability.storage.tables import AssessmentRow

FACTS = {
    "schema_version": "1.0", "as_of": "2026-05-01",
    "shipment": {"cn_code": "71081200", "material_class": "recycled", "destination_country": "DE",
                 "net_weight_kg": "9000", "refined_in": "AE", "origins": [{"country": "CD"}]},
    "importer_ytd_kg": {"A-7108": "6000"},
    "lists": {"cahra": {"list_version": "A-1", "entries": [{"code": "CD-NK"}]},
              "transit_watch": {"list_version": "A-1", "entries": [{"code": "AE"}]}},
}  # fmt: skip


def _stored(finding, *, ours):
    """Return a finding as a run stores it; as programs did before packs had versions, without that of its pack."""
    kept = {name: value for name, value in finding.items() if ours or name not in {"pack", "pack_version"}}
    return kept | {"digest": finding["code"], "lists": []}


@pytest.fixture
def assessed(sqlite_service, make_party):
    """An importer with three runs: by today's rules, by those of a version nobody kept, and one whose facts are gone."""
    importer = make_party("Importer", roles=["importer"])

    def write(tx):
        version = versions.rule_pack_version()
        rule_sets.keep(tx, "law", version)
        said = assess_facts(FACTS)
        for result in (said, said | {"rule_pack_version": "sha256:old"}, said):
            found = [_stored(one, ours=result is said) for one in result["findings"]]
            row = AssessmentRow(
                owner_id=importer.id, subject_kind="batch", subject="urn:batch:1", as_of=date(2026, 5, 1), at=tx.now,
                facts=FACTS, result=result | {"findings": found}, status=said["status"], notes=[], pending=[],
                coverage=[], batches=[], inputs_hash=inputs_hash(FACTS), criticals={}, entry_index=7,
            )  # fmt: skip
            tx.session.add(row)
            tx.session.flush()
        row.facts, row.erased_index = {}, 9

    sqlite_service.store.write(write)
    return importer


def reads(service, importer):
    """Return what the importer's data protection officer reads of who read its records."""
    return access_log(service, importer.actor("dpo"))


def test_a_finding_is_explained(run, server, assessed, sqlite_service, make_party, make_session, monkeypatch):
    key = make_session(assessed, role="officer").secret
    at = ("--url", server, "--token", key)
    found = run("rules", "explain", "1-RF-L4", *at, "--json")
    assert found.code == 0, found.err
    said = found.json
    assert said["law"]["provenance"] == "memory"
    assert "not confirmed" in said["law"]["provenance_words"]
    assert said["rule"]["version"] == versions.rule_pack_version()
    assert said["rule"]["pack_version"] == versions.packs()["OECD"].version
    assert said["rule"]["entry_index"] is not None
    assert said["about"] | {"at": "", "inputs_hash": ""} == {
        "kind": "batch", "subject": "urn:batch:1", "importer": assessed.did, "as_of": "2026-05-01", "at": "",
        "inputs_hash": "", "entry_index": 7,
    }  # fmt: skip
    assert {"at": "/shipment/refined_in", "stated": True, "value": "AE", "evidence": True} in said["facts"]
    assert said["clears"]["conditions"][2] == "refined_in present"
    assert said["clears"]["two_persons"] is False
    assert said["notes"] == []
    text = run("rules", "explain", "1-RF-L4", *at).out
    for words in ("From memory:", "* /shipment/refined_in: AE", "law: ", "version sha256:", "what would clear it:",
                  "a person may: request information", "materials: shipment.materials if present"):  # fmt: skip
        assert words in text
    old = run("rules", "explain", "2-RF-L4", *at, "--json").json
    assert "The rules have changed since" in old["notes"][0]
    assert old["facts"]
    assert old["rule"]["pack_version"] is None
    erased = run("rules", "explain", "3-RF-L4", *at)
    assert "erased when their retention ended (ledger entry 9)" in erased.out
    assert "none that can be shown" in erased.out
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", sqlite_service.settings.database_url)
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(sqlite_service.settings.state_dir))
    none = run("rules", "explain", "1-RF-L4", "--json")
    assert (none.code, "state the purpose" in none.err) == (2, True)
    assert reads(sqlite_service, assessed) == []
    why = ("--purpose", "an incident of the service, ticket 7")
    assert run("rules", "explain", "9-RF-L4", *why).code == 2
    assert reads(sqlite_service, assessed) == [], "of a finding that there is not nothing was read"
    assert run("rules", "explain", "1-RF-L4", *why, "--json").json == said
    (read,) = reads(sqlite_service, assessed)
    assert (read.line.actor, read.line.role, read.line.subject) == (
        "the operator's terminal",
        "admin",
        "the finding 1-RF-L4",
    )
    assert read.line.detail == {"purpose": "an incident of the service, ticket 7"}

    foreign = make_session(make_party("Other", roles=["importer"]), role="officer").secret
    admin = make_session(None, role="admin").secret
    absent = [("1-RF-L4", foreign), ("1-RF-L1X", key), ("9-RF-L4", key), (f"{2**31}-RF-L4", key), ("RF-L4", key),
              ("0-RF-L4", key), ("1-RF-L4", admin)]  # fmt: skip
    for name, secret in absent:
        done = run("rules", "explain", name, "--url", server, "--token", secret)
        assert done.code == 2, (name, done.err)
        assert ("no finding" in done.err) == (secret != admin), done.err


def test_an_auditor_is_told_of_what_lies_in_its_period_alone(assessed, sqlite_service):
    auditor = Actor("a", "aud", "auditor", assessed.id, records=(date(2026, 1, 1), date(2026, 12, 31)))
    with pytest.raises(NotFound):  # no event about the batch happened then
        explanation(sqlite_service, auditor, "1-RF-L4")

    def by_record(tx):
        tx.session.get_one(AssessmentRow, 1).subject_kind = "shipment"

    sqlite_service.store.write(by_record)
    with pytest.raises(NotFound):  # no version of the record was received then
        explanation(sqlite_service, auditor, "1-RF-L4")
    assert explanation(sqlite_service, replace(auditor, records=None), "1-RF-L4")["code"] == "RF-L4"
