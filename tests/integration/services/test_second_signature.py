"""The log's ML-DSA-44 signature on published checkpoints, on both databases: kept, shown, verified, never in the way."""

import dataclasses

import pytest

from traceability.app import create_app
from traceability.ledger import ml_dsa
from traceability.ledger.checkpoint import read_checkpoint
from traceability.ledger.cosignature import CosignerKey, cosignatures
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.verify import verify_receipt
from traceability.services import log_keys, receipts, witnessing
from traceability.storage.tables import LogHead

pytestmark = pytest.mark.skipif(not ml_dsa.available(), reason=ml_dsa.MISSING)


def append(service, count=1):
    def write(tx):
        return [
            tx.log.append(Entry(kind="rule-set", body=digest(b"%d" % n), at=milliseconds(tx.now))) for n in range(count)
        ]

    return service.store.write(write)


def second(service):
    return next(one for one in log_keys.spans(service) if one.kind == "ML-DSA-44")


def outcome(verdict, what):
    return next((item.verdict, item.why) for item in verdict.items if item.what == what)


def test_one_signature_a_publication_not_one_a_commit(service):
    append(service)
    append(service)
    assert witnessing.publish(service).size == 2
    witnessing.publish(service)
    append(service)
    witnessing.publish(service)
    with service.store.read() as session:
        keys = log_keys.seconds(session, [])
    assert list(keys.values()) == [2], "one key, which began at the first publication"
    files = list(service.settings.state_dir.glob("log-mldsa-*.key"))
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600]


def test_receipts_carry_it_and_the_verifier_checks_it(service):
    append(service, 3)
    plain = receipts.entry_receipt(service, 1)
    witnessing.publish(service)
    grown = receipts.entry_receipt(service, 1)
    policy = Policy.parse(log_keys.policy(service).encode())
    assert [key.vkey for key in policy.seconds] == [second(service).vkey]
    before, after = (verify_receipt(one.to_json(), policy=policy) for one in (plain, grown))
    assert (before.verdict, outcome(before, "second signature")[0]) == ("ok", "not checked"), "absence is said"
    assert "not checked: second signature" in before.reason
    assert (after.verdict, outcome(after, "second signature")[0]) == ("ok", "ok")


def test_a_quorum_that_names_it_demands_it(service):
    append(service, 3)
    plain = receipts.entry_receipt(service, 1)
    witnessing.publish(service)
    grown = receipts.entry_receipt(service, 1)
    text = f"log {service.log_key.vkey}\nwitness second {second(service).vkey}\nquorum second\n"
    verdicts = [verify_receipt(one.to_json(), policy=Policy.parse(text.encode())).verdict for one in (plain, grown)]
    assert verdicts == ["failed", "ok"]


def test_a_wrong_one_fails(service):
    append(service, 3)
    witnessing.publish(service)
    grown = receipts.entry_receipt(service, 1)
    policy = Policy.parse(log_keys.policy(service).encode())
    lines = grown.proof.splitlines(keepends=True)
    assert lines[-1].startswith("\N{EM DASH} ")
    at = len(lines[-1]) - 200
    lines[-1] = lines[-1][:at] + ("A" if lines[-1][at] != "A" else "B") + lines[-1][at + 1 :]
    verdict = verify_receipt(dataclasses.replace(grown, proof="".join(lines)).to_json(), policy=policy)
    assert (verdict.verdict, outcome(verdict, "second signature")[0]) == ("failed", "failed")
    pinned = verify_receipt(
        dataclasses.replace(grown, proof="".join(lines)).to_json(), policy=Policy.pin(service.log_key.vkey)
    )
    assert pinned.verdict == "ok", "who does not know the key passes it over (C2SP signed-note)"


def test_everybody_is_shown_the_key_and_the_signature(service):
    append(service)
    client = create_app(service=service).test_client()
    witnessing.publish(service)
    shown = client.get("/v1/ledger/keys").json
    assert [(key["type"], key["since_size"], key["until_size"]) for key in shown["keys"]] == [
        ("Ed25519", 0, None), ("ML-DSA-44", 1, None),
    ]  # fmt: skip
    key = CosignerKey.parse(shown["keys"][1]["vkey"])
    assert (key.name, key.fingerprint) == (service.settings.log_origin, shown["keys"][1]["fingerprint"])
    for note in (
        client.get("/ledger/checkpoint").text,
        client.get("/v1/ledger/checkpoints/1").json["checkpoint"],
        client.get("/v1/log").json["checkpoint"],
        parse_proof(
            client.get("/v1/ledger/proofs/inclusion?index=0", headers={"Accept": "text/plain"}).text
        ).checkpoint,
    ):
        assert [one.key for one in cosignatures(note, [key])] == [key]
    answer = client.get("/v1/ledger/policy")
    assert (answer.status_code, answer.mimetype, answer.text.count("\nlog ")) == (200, "text/plain", 2)


def test_a_broken_second_key_stops_nothing(service, caplog):
    (service.settings.state_dir / "log-mldsa-00000000.key").write_text("no key")
    append(service)
    assert witnessing.publish(service) is not None, "witnesses are asked all the same"
    assert "no second signature" in caplog.text
    append(service)
    with service.store.read() as session:
        assert session.get_one(LogHead, 1).size == 2


def test_without_ml_dsa_the_log_goes_on_and_says_what_it_cannot_check(service, monkeypatch):
    append(service, 3)
    witnessing.publish(service)
    grown, policy = receipts.entry_receipt(service, 1), Policy.parse(log_keys.policy(service).encode())
    monkeypatch.setattr(ml_dsa, "available", lambda: False)
    verdict = verify_receipt(grown.to_json(), policy=policy)
    assert (verdict.verdict, outcome(verdict, "second signature")) == ("ok", ("not checked", ml_dsa.MISSING))
    append(service)
    assert witnessing.publish(service).size == 4


def test_the_setting_turns_it_off(make_settings, make_database, open_at, clock):
    service = open_at(make_settings(make_database("sqlite"), second_signature=False), clock)
    append(service)
    witnessing.publish(service)
    assert [one.kind for one in log_keys.spans(service)] == ["Ed25519"]


def test_a_second_key_whose_file_is_gone_is_not_replaced_by_another(service, caplog):
    append(service)
    witnessing.publish(service)
    for path in service.settings.state_dir.glob("log-mldsa-*.key"):
        path.rename(path.with_suffix(".gone"))
    append(service)
    witnessing.publish(service)
    assert "copy its file log-mldsa-" in caplog.text
    assert len([one for one in log_keys.spans(service) if one.kind == "ML-DSA-44"]) == 1


def test_a_witness_that_is_slow_gets_the_checkpoint_that_was_signed(service):
    append(service)
    head = witnessing.publish(service)
    append(service)
    assert read_checkpoint(head.note).size == head.size == 1
