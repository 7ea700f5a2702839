"""Who has the log's private keys can sign any head; without the quorum of witnesses no receipt of it is valid (fault 17)."""

import dataclasses

import pytest

from traceability.ledger.checkpoint import Checkpoint as Head
from traceability.ledger.checkpoint import sign_checkpoint
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.note import note_text
from traceability.ledger.policy import Policy
from traceability.ledger.receipt import Included, make_receipt
from traceability.ledger.tiles import TileTree
from traceability.ledger.verify import verify_receipt
from traceability.ledger.witness import AddCheckpoint, WitnessRefusal
from traceability.services import log_keys, witnessing
from traceability.services.witness_host import WitnessHost
from traceability.storage.tables import Checkpoint, LedgerEntry
from traceability.storage.witness_files import WitnessFiles


@dataclasses.dataclass
class Theft:
    """A log of five entries, three witnesses that cosigned it, and a thief's other history of six under its key."""

    service: object
    hosts: list
    policy: Policy
    tree: TileTree
    note: str
    forged: Entry

    def receipt(self, *lines):
        included = Included(5, self.forged.to_bytes(), self.tree.inclusion(5, 6))
        key, note = self.service.log_key.vkey, self.note + "".join(lines)
        return make_receipt(log_key=key, checkpoint=note, included=included, body=self.forged.body)

    def verdict(self, *lines, policy=None):
        return verify_receipt(self.receipt(*lines).to_json(), policy=policy or self.policy)


@pytest.fixture
def theft(service, tmp_path, clock):
    def write(tx):
        for n in range(5):
            tx.log.append(Entry(kind="rule-set", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)
    keys = [CosigningKey.generate(f"witness.example/{n}") for n in range(3)]
    logs = {service.settings.log_origin: [service.log_key.verifier]}
    hosts = [
        WitnessHost((key,), logs, WitnessFiles(tmp_path / f"witness-{n}"), clock) for n, key in enumerate(keys)
    ]  # fmt: skip
    with service.store.read() as session:
        note = session.get_one(Checkpoint, 5).note
        bodies = [bytes(session.get_one(LedgerEntry, n).body) for n in range(5)]
    for host in hosts:
        host.add_checkpoint(AddCheckpoint(0, (), note).to_bytes())
    lines = [f"witness W{n} {key.public.vkey}\n" for n, key in enumerate(keys)]
    text = f"log {service.log_key.vkey}\n{''.join(lines)}group G 2 W0 W1 W2\nquorum G\n"
    forged = Entry(kind="rule-set", body=digest(b"never"), at=1)
    tree = TileTree(lambda _level, _index: None)
    tree.append([leaf_hash(one) for one in [*bodies[:2], forged.to_bytes(), *bodies[3:], forged.to_bytes()]])
    head = Head(service.settings.log_origin, 6, tree.root())
    return Theft(service, hosts, Policy.parse(text.encode()), tree, sign_checkpoint(head, service.log_key), forged)


def test_without_witnesses_in_the_policy_nobody_could_tell(theft):
    assert theft.verdict(policy=Policy.pin(theft.service.log_key.vkey)).verdict == "ok"


def test_no_witness_cosigns_another_history_and_each_keeps_the_evidence(theft):
    tree, service = theft.tree, theft.service
    for old, path in ((5, tree.consistency(5, 6)), (5, []), (0, [])):
        for host in theft.hosts:
            with pytest.raises(WitnessRefusal) as refused:
                host.add_checkpoint(AddCheckpoint(old, tuple(path), theft.note).to_bytes())
            assert refused.value.status == (409 if old == 0 else 422)
    for host in theft.hosts:
        assert host.files.latest(service.settings.log_origin).size == 5
        assert list(host.files.folder.glob("*.evidence"))


def test_what_lacks_the_quorum_is_not_valid(theft):
    own = CosigningKey.generate("witness.example/0")
    now, text = theft.hosts[0].clock(), note_text(theft.note)
    real = theft.hosts[0].keys[0].cosign(text, now)  # one witness is the thief's accomplice: two are asked for
    for lines in ((), (own.cosign(text, now),), (real,), (real, real)):
        found = theft.verdict(*lines)
        assert found.verdict == "failed"
        assert found.reason.startswith("witnesses: expected cosignatures that make up the quorum 'G'")


def test_a_cosignature_of_the_true_head_does_not_fit_the_forged_one(theft):
    with theft.service.store.read() as session:
        true = note_text(session.get_one(Checkpoint, 5).note)
    lines = [host.keys[0].cosign(true, host.clock()) for host in theft.hosts]
    assert theft.verdict(*lines).verdict == "failed"


def test_the_stolen_second_key_is_no_quorum(theft):
    witnessing.publish(theft.service)
    second = theft.service.log_keys.seconds()[0]
    text = log_keys.policy(theft.service).replace("quorum none\n", "")
    lines = [f"witness W{n} {host.keys[0].public.vkey}\n" for n, host in enumerate(theft.hosts)]
    policy = Policy.parse(f"{text}{''.join(lines)}group G 2 W0 W1 W2\nquorum G\n".encode())
    assert policy.seconds == (second.public,)
    found = theft.verdict(second.cosign(note_text(theft.note), theft.hosts[0].clock()), policy=policy)
    assert [item.verdict for item in found.items if item.what == "second signature"] == ["ok"]
    assert (found.verdict, found.reason[:10]) == ("failed", "witnesses:")
