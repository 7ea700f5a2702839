"""A good pack verifies; each way in which one can be wrong is named."""

import hashlib
import io
import zipfile

import orjson
import pytest

from traceability.errors import InvalidInput, TooLarge
from traceability.ledger import pack as packs
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.encoding import b64, digest
from traceability.ledger.pack import Manifest, read_pack, write_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify import NOT_PINNED
from traceability.ledger.verify_pack import verify_pack

BATCH = "https://id.mine.example/lot/2"


def lot(number):
    return f"https://id.mine.example/lot/{number}"


def event(number, **members):
    return {"type": "ObjectEvent", "action": "ADD", "eventID": f"urn:uuid:{number}", **members}


EVENTS = [
    event(1, quantityList=[{"epcClass": lot(1), "quantity": 5}]),
    {
        "type": "TransformationEvent", "eventID": "urn:uuid:2",
        "inputQuantityList": [{"epcClass": lot(1)}], "outputQuantityList": [{"epcClass": lot(2)}],
    },
]  # fmt: skip


class Making:
    """A small log with one signed capture, and the files of a pack about it."""

    def __init__(self, make_log, make_entry, make_key, sign, events):
        self.log, key = make_log(), make_key(kid="did:web:mine.example#key-1")
        signer = {"alg": key.public.alg, "key": key.public.thumbprint, "who": digest(b"mine")}
        proof = b"the proof of possession"
        possession = sign(proof, key, kid=key.kid)
        added = self.log.add(make_entry("key-add", digest(proof), jws=digest(possession.encode()), **signer))
        self.body = orjson.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": events}})
        jws = sign(self.body, key, kid=key.kid)
        common = {"jws": digest(jws.encode()), **signer}
        self.log.add(make_entry("capture", digest(self.body), **common))
        indices = [
            self.log.add(make_entry("event", digest(self.body), n=n, eid=digest(e["eventID"].encode()), **common))
            for n, e in enumerate(events)
        ]
        self.assessment = orjson.dumps({"status": "REVIEW"})
        assessed = self.log.add(make_entry("assessment", digest(self.assessment), who=digest(b"importer")))
        self.old = self.log.receipt(indices[0], self.body, jws=jws, signer=(key.public, added))
        self.old_head = (self.log.tree.size, self.log.tree.root())
        for number in range(40):
            self.log.add(make_entry("assessment", digest(b"%d" % number)))
        note = self.log.checkpoint()
        rows = [
            self._row("captures/c.json", f"event {e['eventID']}", i, self.body, note, jws, (key.public, added))
            for i, e in zip(indices, events, strict=True)
        ]
        rows.append(self._row("assessments/1.json", "assessment 1", assessed, self.assessment, note))
        rows.append(self._row("keys/k.json", "key k", added, proof, note, possession, (key.public, added)))
        size, tree = self.old_head[0], self.log.tree
        consistency = {"size": size, "proof": [b64(one) for one in tree.consistency(size, tree.size)]}
        self.files = {
            packs.CHECKPOINT: note.encode(),
            packs.RECEIPTS: b"\n".join(orjson.dumps(row) for row in rows),
            packs.CONSISTENCY: orjson.dumps(consistency),
            "captures/c.json": self.body,
            "assessments/1.json": self.assessment,
            "keys/k.json": proof,
            "README.txt": b"how to check",
        }
        self.manifest = Manifest(
            self.log.key.vkey, self.log.key.name, tree.size, b64(tree.root()), lot(2), "private",
            ("did:web:importer.example",), "2026-11-23T09:00:00Z", {},
        )  # fmt: skip

    def _row(self, file, about, index, body, note, jws=None, signer=None):
        receipt = self.log.receipt(index, digest(body), jws=jws, signer=signer, checkpoint=note)
        return {"file": file, "about": about, "receipt": receipt.as_dict()}

    def zip(self, key=None, **files):
        return write_pack({**self.files, **files}, self.manifest, key or self.log.key)

    def raw(self, change):
        """Return the ZIP with files changed after the manifest was signed."""
        files = read_pack(self.zip())
        change(files)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return target.getvalue()


@pytest.fixture
def make_pack(make_log, make_entry):
    from traceability.ledger.jose import sign_detached
    from traceability.ledger.keys import PrivateKey

    return lambda events=EVENTS: Making(make_log, make_entry, PrivateKey.generate, sign_detached, events)


@pytest.fixture
def made(make_pack):
    return make_pack()


def check(data, made, **named):
    return verify_pack(data, policy=Policy.pin(made.log.key.vkey), **named)


def failed(verdict, what, why=""):
    assert verdict.verdict == "failed", verdict.as_dict()
    item = next(item for item in verdict.items if item.verdict == "failed")
    assert item.what.startswith(what)
    assert why in item.why
    assert verdict.reason == f"{item.what}: {item.why}"
    return True


def test_a_good_pack_verifies(made):
    verdict = check(made.zip(), made)
    assert verdict.verdict == "ok", verdict.as_dict()
    said = [(item.what, item.verdict) for item in verdict.items]
    assert said == [
        ("log key", "ok"), ("files", "ok"), ("manifest", "ok"), ("checkpoint", "ok"), ("event urn:uuid:1", "ok"),
        ("event urn:uuid:2", "ok"), ("assessment 1", "ok"), ("key k", "ok"), ("complete", "ok"), ("chain", "ok"),
    ]  # fmt: skip


def test_the_same_content_gives_the_same_bytes(made):
    again = dict(reversed(made.files.items()))
    assert write_pack(again, made.manifest, made.log.key) == made.zip()


def test_without_a_policy_nothing_is_trusted(made):
    verdict = verify_pack(made.zip(), policy=None)
    assert (verdict.verdict, verdict.reason) == ("failed", NOT_PINNED)
    assert {item.verdict for item in verdict.items[1:]} == {"ok"}


def test_the_policy_in_a_pack_is_not_trusted(made, make_pack):
    other = make_pack()
    verdict = check(other.zip(**{"policy.txt": f"log {other.log.key.vkey}\nquorum none\n".encode()}), made)
    assert verdict.reason == NOT_PINNED


def test_a_manifest_signed_by_somebody_else(made):
    assert failed(check(made.zip(key=LogKey.generate(made.log.key.name)), made), "manifest")


@pytest.mark.parametrize(
    "name", ["captures/c.json", "assessments/1.json", "README.txt", "checkpoint", "receipts.jsonl"]
)
def test_every_flipped_file_is_found(made, name):
    def flip(files):
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

    assert failed(check(made.raw(flip), made), "files", name)


def test_a_file_too_many_or_too_few(made):
    assert failed(check(made.raw(lambda files: files.pop("README.txt")), made), "files", "README.txt")
    assert failed(check(made.raw(lambda files: files.update({"x.txt": b""})), made), "files", "x.txt")


def test_a_file_without_a_proof(made):
    assert failed(check(made.zip(**{"decisions/1.json": b"{}"}), made), "complete", "decisions/1.json")


def test_another_body_under_a_good_manifest(made):
    assert failed(check(made.zip(**{"assessments/1.json": b'{"status":"NO_FINDINGS"}'}), made), "assessment 1", "hash")


def test_a_manifest_for_another_head(made, make_pack):
    import dataclasses

    made.manifest = dataclasses.replace(made.manifest, size=3)
    assert failed(check(made.zip(), made), "checkpoint", "3 entries")


def test_proofs_against_another_checkpoint(made):
    rows = [orjson.loads(line) for line in made.files[packs.RECEIPTS].split(b"\n")]
    rows[0]["receipt"]["proof"] = made.old.proof
    files = {packs.RECEIPTS: b"\n".join(map(orjson.dumps, rows))}
    assert failed(check(made.zip(**files), made), "receipt 1", "against the head of the pack")


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"file":1,"about":"x","receipt":{}}', b'{"file":"x","about":"x"}'])
def test_damaged_receipts(made, line):
    assert failed(check(made.zip(**{packs.RECEIPTS: line}), made), "receipt")


def test_an_older_receipt_lies_on_the_tree(made):
    verdict = check(made.zip(), made, older=[made.old.to_json()])
    assert verdict.verdict == "ok"
    assert (verdict.items[-1].what, verdict.items[-1].verdict) == ("older receipt 1", "ok")


def test_a_receipt_of_a_fork_does_not(made, make_pack):
    fork = make_pack()
    fork.log.key = made.log.key
    other = fork.log.receipt(2, made.body, jws=None)
    assert failed(check(made.zip(), made, older=[other.to_json()]), "older receipt 1")


def test_a_receipt_of_another_log_is_named(made, make_pack):
    assert failed(check(made.zip(), made, older=[make_pack().old.to_json()]), "older receipt 1", "another log")


def test_a_chain_that_begins_nowhere_is_said(make_pack):
    made = make_pack(EVENTS[1:])
    verdict = check(made.zip(), made)
    assert verdict.verdict == "ok"
    assert (verdict.items[-1].what, verdict.items[-1].verdict) == ("chain", "not checked")
    assert lot(1) in verdict.items[-1].why


def test_a_pack_about_another_batch(make_pack):
    made = make_pack(EVENTS[:1])
    assert failed(check(made.zip(), made), "chain", lot(2))


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"no zip", b"PK\x05\x06" + bytes(18)], ids=["nothing", "two bytes", "text", "empty zip"]
)
def test_what_is_no_pack_gets_a_verdict(made, data):
    assert check(data, made).verdict == "failed"


def test_a_zip_bomb_is_refused(made, monkeypatch):
    monkeypatch.setattr(packs, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge):
        read_pack(made.zip())
    assert check(made.zip(), made).verdict == "failed"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../b", "a//b", "", "a\\b", ".x", "a/b/c/d/e/f", "x" * 300])
def test_names_that_leave_the_pack_are_refused(made, name):
    with pytest.raises(InvalidInput):
        write_pack({**made.files, name: b""}, made.manifest, made.log.key)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name or "/", b"x")
    with pytest.raises(InvalidInput):
        read_pack(target.getvalue())


def test_two_files_of_one_name_are_refused(recwarn):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    recwarn.clear()
    with pytest.raises(InvalidInput, match="same name"):
        read_pack(target.getvalue())


def test_the_manifest_names_hashes_of_all_files(made):
    files = read_pack(made.zip())
    manifest = Manifest.from_json(files[packs.MANIFEST])
    assert manifest.files == {n: hashlib.sha256(d).hexdigest() for n, d in made.files.items()}


@pytest.mark.parametrize("data", [b"{}", b"[]", b"{", b'{"format":"other"}'])
def test_another_manifest_is_refused(data):
    with pytest.raises(InvalidInput):
        Manifest.from_json(data)
