"""Commands that need no database: their shapes, exactly, and their exit codes."""

import hashlib
import json
from pathlib import Path

import pytest

FACTS = Path(__file__).resolve().parents[1] / "diligence" / "data" / "sample-facts.json"
EVENT = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-11-20T09:00:00Z",
    "epcisBody": {
        "eventList": [
            {
                "type": "ObjectEvent",
                "eventID": "urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-00000000000a",
                "eventTime": "2026-11-20T08:00:00+01:00",
                "eventTimeZoneOffset": "+01:00",
                "action": "OBSERVE",
                "bizStep": "shipping",
                "quantityList": [{"epcClass": "https://id.mine.example/lot/1", "quantity": 12.50, "uom": "KGM"}],
            }
        ]
    },
}


def write(path, value):
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


@pytest.fixture
def good(tmp_path):
    return write(tmp_path / "good.json", EVENT)


@pytest.fixture
def negative(tmp_path):
    text = json.dumps(EVENT).replace("12.5", "-12.5")
    return write(tmp_path / "negative.json", text.encode())


class TestEpcisCheck:
    def test_the_shape(self, run, good):
        done = run("epcis", "check", good, "--json")
        assert (done.code, done.err) == (0, "")
        assert done.json == [{"file": str(good), "valid": True, "problems": []}]
        assert run("epcis", "check", good, "--jsonl").lines == done.json
        assert run("epcis", "check", good).out == f"{good}: valid\n"

    def test_invalid_is_found(self, run, tmp_path):
        bad = write(tmp_path / "bad.json", {"type": "EPCISDocument"})
        done = run("epcis", "check", bad, "--json")
        assert done.code == 1
        assert done.json[0].keys() == {"file", "valid", "problems"}
        assert done.json[0]["valid"] is False
        assert {frozenset(problem) for problem in done.json[0]["problems"]} == {frozenset({"path", "message"})}

    def test_what_capture_refuses_besides(self, run, negative, tmp_path):
        assert run("epcis", "check", negative).code == 0
        done = run("epcis", "check", negative, "--capture", "--json")
        assert done.code == 1
        assert done.json[0]["problems"][0]["path"] == "$.epcisBody.eventList[0].quantityList[0].quantity"
        marked = write(tmp_path / "bom.json", b"\xef\xbb\xbf" + json.dumps(EVENT).encode())
        assert (run("epcis", "check", marked).code, run("epcis", "check", marked, "--capture").code) == (0, 1)

    def test_the_number_of_events_is_what_capture_limits(self, run, tmp_path):
        def many(count):
            event = {name: value for name, value in EVENT["epcisBody"]["eventList"][0].items() if name != "eventID"}
            return write(tmp_path / f"{count}.json", EVENT | {"epcisBody": {"eventList": [event] * count}})

        assert run("epcis", "check", many(500), "--capture").code == 0
        done = run("epcis", "check", many(501), "--capture")
        assert (done.code, "at most 500 events" in done.out) == (1, True)

    def test_one_unreadable_file_stops_none_of_the_others(self, run, good, tmp_path):
        done = run("epcis", "check", tmp_path / "absent.json", good, "--json")
        assert done.code == 2
        assert [(row["file"], row["valid"]) for row in done.json] == [
            (str(tmp_path / "absent.json"), False),
            (str(good), True),
        ]
        assert "No such file" in done.json[0]["problems"][0]["message"]
        assert "absent.json: No such file" in done.err

    def test_no_input_is_a_wrong_call(self, run):
        assert run("epcis", "check").code == 2

    @pytest.mark.parametrize("content", [b"", b"{", b"[1", b"\xff", b'{"a": NaN}', b"[" * 5000, b'{"a":1,"a":2}'])
    def test_what_is_no_json_is_invalid(self, run, tmp_path, content):
        done = run("epcis", "check", write(tmp_path / "x.json", content), "--json")
        assert (done.code, done.json[0]["valid"], done.json[0]["problems"][0]["path"]) == (1, False, "$")


class TestEventHash:
    def test_the_shape(self, run, good):
        done = run("event-hash", good, "--json")
        assert done.code == 0
        row = done.json[0]
        assert list(row) == ["file", "event_id", "hash"]
        assert (row["file"], row["event_id"]) == (str(good), "urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-00000000000a")
        assert row["hash"].startswith("ni:///sha-256;")
        assert row["hash"].endswith("?ver=CBV2.0")

    def test_an_invalid_document_has_none(self, run, good, tmp_path):
        bad = write(tmp_path / "bad.json", {"type": "EPCISDocument"})
        done = run("event-hash", bad, good, "--jsonl")
        assert done.code == 2
        assert [row["file"] for row in done.lines] == [str(bad), str(good)]
        assert (list(done.lines[0]), "no hash" in done.lines[0]["error"]) == (["file", "error"], True)
        assert [row["file"] for row in run("event-hash", bad, good, "--json").json] == [str(bad), str(good)]
        assert str(bad) not in run("event-hash", bad, good).out, "people read it on standard error"
        assert "bad.json: not a valid EPCIS 2.0 document" in done.err


class TestAssess:
    def test_the_shape(self, run):
        from traceability.services.assess import assess_facts

        done = run("assess", FACTS, "--json")
        assert done.json == [{"file": str(FACTS), **assess_facts(json.loads(FACTS.read_text()))}]
        assert list(done.json[0]) == [
            "file", "status", "findings", "not_assessed", "rule_pack_version", "list_versions", "inputs_hash", "notes",
        ]  # fmt: skip
        assert done.json[0]["findings"][0].keys() == {
            "code", "severity", "advisory", "title", "message", "law_ref", "applicable_from", "evidence",
            "reviewer_options", "pack", "pack_version",
        }  # fmt: skip
        assert (done.code, done.json[0]["status"]) == (1, "REVIEW")

    def test_nothing_found_and_no_facts(self, run, tmp_path):
        empty = write(tmp_path / "facts.json", {"schema_version": "1.0", "as_of": "2026-11-23"})
        done = run("assess", empty, tmp_path / "absent", write(tmp_path / "x.json", [1]), "--json")
        assert done.code == 2
        assert [(row["file"], row.get("status"), "error" in row) for row in done.json] == [
            (str(empty), "NO_FINDINGS", False), (str(tmp_path / "absent"), None, True),
            (str(tmp_path / "x.json"), None, True),
        ]  # fmt: skip
        assert "absent: No such file" in done.err
        assert "x.json: these are no assessment facts" in done.err
        assert run("assess", empty).code == 0

    def test_what_would_switch_a_rule_off_is_refused_by_its_field(self, run, tmp_path):
        shipment = {"cn_code": "99999999", "material_class": "mined", "destination_country": "XX", "net_weight_kg": "0"}
        facts = {"schema_version": "1.0", "as_of": "2026-11-23", "shipment": shipment}
        done = run("assess", write(tmp_path / "facts.json", facts), "--json")
        assert done.code == 2
        for field in ("cn_code", "destination_country", "net_weight_kg"):
            assert f"/shipment/{field}" in done.out + done.err

    def test_people_read_codes_and_law(self, run):
        out = run("assess", FACTS).out
        assert f"{FACTS}: REVIEW" in out
        assert "COC-GAP" in out
        assert "not assessed, because" in out


class TestRules:
    def test_list_and_show(self, run):
        rows = run("rules", "list", "--json").json["rules"]
        assert len(rows) > 100
        one = run("rules", "show", "RF-L1", "--json").json
        assert one in rows
        assert list(one) == [
            "code", "requirement_ids", "pack", "title", "severity", "severity_changes", "law_ref", "applicable_from",
            "applicable_to", "facts_used", "logic", "message", "reviewer_options", "provenance", "pack_version",
        ]  # fmt: skip
        assert len(run("rules", "list", "--jsonl").lines) == len(rows)
        assert "RF-L1" in run("rules", "show", "RF-L1").out
        packs = {pack["pack"]: pack for pack in run("rules", "packs", "--json").json["packs"]}
        assert packs[one["pack"]]["version"] == one["pack_version"]
        assert sorted(code for pack in packs.values() for code in pack["codes"]) == sorted(row["code"] for row in rows)
        assert packs["BATT"]["applicable_from"] == "2027-08-18"
        assert f"OECD {one['pack_version'][:19]}" in run("rules", "list").out
        assert f"from 2027-08-18 to open, 19 rules: {packs['BATT']['version']}" in run("rules", "packs").out

    def test_an_unknown_code(self, run):
        done = run("rules", "show", "RF-L99")
        assert (done.code, "RF-L99" in done.err) == (2, True)

    def test_document_rules(self, run, tmp_path):
        bad = write(tmp_path / "en.bad.yml", b"id: en.bad\nversion: 1\nlang: en\nkind: concept\nmatch: []\n")
        done = run("rules", "documents", "check", bad, tmp_path / "absent.yml", "--json")
        assert done.code == 2
        assert [(row["file"], row["valid"]) for row in done.json] == [
            (str(bad), False), (str(tmp_path / "absent.yml"), False),
        ]  # fmt: skip
        assert done.json[0]["problems"]


class TestVerify:
    def test_what_is_no_receipt_fails(self, run, good):
        done = run("verify", good, "--json")
        assert done.code == 1
        assert list(done.json[0]) == ["file", "verdict", "reason", "not_checked", "log_key", "items"]
        assert (done.json[0]["verdict"], done.json[0]["log_key"]) == ("failed", None)
        both = run("verify", "absent.json", good, "--json")
        assert [(row["file"], row["verdict"], list(row)) for row in both.json] == [
            ("absent.json", "failed", list(done.json[0])), (str(good), "failed", list(done.json[0])),
        ]  # fmt: skip
        assert (both.code, "No such file" in both.json[0]["reason"]) == (2, True)

    def test_a_bad_pin_is_a_wrong_call(self, run, good, tmp_path):
        assert run("verify", good, "--pin", "nonsense").code == 2
        assert run("verify", good, "--policy", write(tmp_path / "p", b"quorum none\n")).code == 2
        assert run("verify", good, "--pin", "x", "--policy", good).code == 2


class TestSettings:
    def test_every_setting_with_source_and_meaning(self, run, monkeypatch, tmp_path):
        from dataclasses import fields

        from traceability.config import Settings

        monkeypatch.setenv("TRACEABILITY_DATABASE_URL", "postgresql://me:hush-hush@db/x")
        rows = run("settings", "--json").json["settings"]
        assert len(rows) == len(fields(Settings))
        assert all(list(row) == ["name", "value", "source", "meaning"] and row["meaning"] for row in rows)
        found = {row["name"]: row for row in rows}
        assert found["TRACEABILITY_DATABASE_URL"]["value"] == "postgresql://me:***@db/x"
        assert found["TRACEABILITY_DATABASE_URL"]["source"] == "environment"
        assert found["TRACEABILITY_PORT"]["source"] == "default"
        assert "hush-hush" not in run("settings").out
        assert not (tmp_path / "cli").exists(), "printing settings writes nothing"

    def test_an_unknown_setting(self, run, monkeypatch):
        monkeypatch.setenv("TRACEABILITY_COLOUR", "red")
        done = run("settings")
        assert (done.code, "TRACEABILITY_COLOUR" in done.err) == (2, True)


def test_help_imports_no_command_and_names_all(run):
    from traceability.cli import COMMANDS

    out = run("--help").out
    assert all(f"  {name} " in out for name in COMMANDS)
    for name in COMMANDS:
        assert run(name, "--help").code == 0
    assert run("nonsense").code == 2


class TestVerifyTokens:
    def test_a_token_is_checked_with_the_authoritys_certificate(self, run, tmp_path, make_tsa):
        from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
        from traceability.ledger.entry import Entry, digest
        from traceability.ledger.merkle import leaf_hash
        from traceability.ledger.receipt import Included, Timestamp, make_receipt

        tsa, key = make_tsa(), LogKey.generate("log.example/a")
        entry = Entry(kind="rule-set", body=digest(b"x"), at=1).to_bytes()
        note = sign_checkpoint(Checkpoint(key.name, 1, leaf_hash(entry)), key)
        token = Timestamp("A", tsa.token(hashlib.sha256(note.encode()).digest()))
        receipt = make_receipt(
            log_key=key.vkey, checkpoint=note, included=Included(0, entry, []), body=b"x", timestamps=[token]
        )
        file = write(tmp_path / "r.json", receipt.to_json())
        good = write(tmp_path / "ca.pem", tsa.root.pem)
        other = write(tmp_path / "other.pem", make_tsa().root.pem)
        for options, code, verdict in [
            ((), 0, "not checked"), (("--tsa-cert", good), 0, "ok"), (("--tsa-cert", other), 1, "failed"),
            (("--tsa-cert", other, "--tsa-cert", good), 0, "ok"),
        ]:  # fmt: skip
            done = run("verify", file, "--pin", key.vkey, *options, "--json")
            items = {item["what"]: item for item in done.json[0]["items"]}
            assert (done.code, items["time stamp"]["verdict"]) == (code, verdict), options
        assert "A at 2026-11-23T09:00:00+00:00" in run("verify", file, "--pin", key.vkey, "--tsa-cert", good).out
        assert run("verify", file, "--pin", key.vkey, "--tsa-cert", file).code == 2
