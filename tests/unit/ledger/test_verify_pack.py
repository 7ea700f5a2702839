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
        self.assessment = orjson.dumps({"status": "REVIEW", "findings": [{"code": "RF-L1", "message": "x"}]})
        self.paper, self.table, self.jws = b"%PDF-", b"code;name", jws
        record = {
            "id": "d", "subject_kind": "batch", "subject": lot(2), "disposition": "suspended", "state": "in_force",
            "reason": "because", "reason_code": "other", "findings": [], "evidence": [], "steps": [], "review_on": None,
            "inputs_hash": "x", "needs_second": False, "proposed_by": "anna", "confirmed_by": None,
            "confirmed_reason": None,
        }  # fmt: skip
        self.decision, self.shipment = orjson.dumps(record), orjson.dumps({"shipmentId": "S-1"})
        shipped = sign(self.shipment, key, kid=key.kid)
        places = {
            "list": self.log.add(make_entry("list-version", digest(self.table))),
            "document": self.log.add(make_entry("document", digest(self.paper), who=digest(b"importer"))),
            "shipment": self.log.add(make_entry("shipment", digest(self.shipment), **{**common, "jws": digest(shipped.encode())})),
            "assessment": self.log.add(make_entry("assessment", digest(self.assessment), who=digest(b"importer"))),
            "decision": self.log.add(make_entry("decision", digest(self.decision), who=digest(b"importer"))),
        }  # fmt: skip
        self.old = self.log.receipt(indices[0], self.body, jws=jws, signer=(key.public, added))
        self.old_head = (self.log.tree.size, self.log.tree.root())
        for number in range(40):
            self.log.add(make_entry("assessment", digest(b"%d" % number)))
        note = self.log.checkpoint()
        rows = [
            self._row("captures/c.json", f"event {e['eventID']}", i, self.body, note, jws, (key.public, added))
            for i, e in zip(indices, events, strict=True)
        ]
        rows = [self._row("keys/k.json", "key k", added, proof, note, possession, (key.public, added)), *rows]
        rows += [
            self._row(None, "list l", places["list"], self.table, note),
            self._row("documents/p", "document p", places["document"], self.paper, note),
            self._row("shipments/s.json", "shipment s", places["shipment"], self.shipment, note, shipped, (key.public, added)),
            self._row("assessments/1.json", "assessment 1", places["assessment"], self.assessment, note),
            self._row("decisions/1.json", "decision 1", places["decision"], self.decision, note),
        ]  # fmt: skip
        told = [
            {"index": i, "event_id": e["eventID"], "file": "captures/c.json", "position": n, "event": e}
            for n, (i, e) in enumerate(zip(indices, events, strict=True))
        ]
        decided = {
            **record,
            "about": {"kind": "batch", "subject": lot(2)},
            "entry_index": places["decision"],
            "confirmed_index": None,
        }
        finding = {
            "code": "RF-L1",
            "message": "x",
            "importer": "i",
            "kind": "batch",
            "subject": lot(2),
            "file": "assessments/1.json",
        }
        paper = {
            "sha256": hashlib.sha256(self.paper).hexdigest(),
            "entry_index": places["document"],
            "file": "documents/p",
        }
        listed = {"table_sha256": hashlib.sha256(self.table).hexdigest(), "entry_index": places["list"]}
        size, tree = self.old_head[0], self.log.tree
        consistency = {"size": size, "proof": [b64(one) for one in tree.consistency(size, tree.size)]}
        self.files = {
            packs.CHECKPOINT: note.encode(),
            packs.RECEIPTS: b"\n".join(orjson.dumps(row) for row in rows),
            packs.CONSISTENCY: orjson.dumps(consistency),
            "captures/c.json": self.body,
            "assessments/1.json": self.assessment,
            "decisions/1.json": self.decision,
            "shipments/s.json": self.shipment,
            "documents/p": self.paper,
            "keys/k.json": proof,
            "signatures/c.jws": jws.encode(),
            packs.EVENTS: b"\n".join(map(orjson.dumps, told)),
            "decisions.jsonl": orjson.dumps(decided),
            "findings.jsonl": orjson.dumps(finding),
            "documents.jsonl": orjson.dumps(paper),
            "lists.jsonl": orjson.dumps(listed),
            packs.REPORT: b"%PDF-",
            "README.txt": b"how to check",
        }
        self.manifest = Manifest(
            self.log.key.vkey, self.log.key.name, tree.size, b64(tree.root()), lot(2), "private", "everything",
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
        ("log key", "ok"), ("files", "ok"), ("manifest", "ok"), ("checkpoint", "ok"), ("key k", "ok"),
        ("event urn:uuid:1", "ok"), ("event urn:uuid:2", "ok"), ("list l", "ok"), ("document p", "ok"),
        ("shipment s", "ok"), ("assessment 1", "ok"), ("decision 1", "ok"), ("complete", "ok"), ("events.jsonl", "ok"),
        ("decisions.jsonl", "ok"), ("findings.jsonl", "ok"), ("documents.jsonl", "ok"), ("lists.jsonl", "ok"),
        ("signatures", "ok"), ("facts", "ok"), ("chain", "ok"),
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


def test_every_flipped_or_missing_file_is_named(made):
    for name in made.files:

        def flip(files, name=name):
            files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

        assert failed(check(made.raw(flip), made), "files", name)
        assert failed(check(made.raw(lambda files, name=name: files.pop(name)), made), "files", name)


def test_a_file_under_another_name_is_named(made):
    def swap(files):
        files["captures/c.json"], files["shipments/s.json"] = files["shipments/s.json"], files["captures/c.json"]

    assert failed(check(made.raw(swap), made), "files", "captures/c.json")


def test_a_file_too_many_or_too_few(made):
    assert failed(check(made.raw(lambda files: files.pop("README.txt")), made), "files", "README.txt")
    assert failed(check(made.raw(lambda files: files.update({"x.txt": b""})), made), "files", "x.txt")


def test_a_file_without_a_proof(made):
    assert failed(check(made.zip(**{"decisions/2.json": b"{}"}), made), "complete", "decisions/2.json")


def test_another_body_under_a_good_manifest(made):
    assert failed(check(made.zip(**{"assessments/1.json": b'{"status":"NO_FINDINGS"}'}), made), "assessment 1", "hash")


def test_a_manifest_for_another_head(made, make_pack):
    import dataclasses

    made.manifest = dataclasses.replace(made.manifest, size=3)
    assert failed(check(made.zip(), made), "checkpoint", "3 entries")


def test_proofs_against_another_checkpoint(made):
    rows = [orjson.loads(line) for line in made.files[packs.RECEIPTS].split(b"\n")]
    rows[1]["receipt"]["proof"] = made.old.proof
    files = {packs.RECEIPTS: b"\n".join(map(orjson.dumps, rows))}
    assert failed(check(made.zip(**files), made), "receipt 2", "against the head of the pack")


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


LINES = ["receipts.jsonl", "events.jsonl", "decisions.jsonl", "findings.jsonl", "documents.jsonl", "lists.jsonl"]
"""Files of lines. A log that lies signs a manifest over them: what they say has to be borne out by what is proved."""


def changed(made, name, change):
    lines = [orjson.loads(line) for line in made.files[name].split(b"\n")]
    return check(made.zip(**{name: b"\n".join(map(orjson.dumps, change(lines)))}), made)


def names_it(verdict, *names):
    assert verdict.verdict == "failed", verdict.reason
    assert any(name in verdict.reason for name in names), verdict.reason
    return True


@pytest.mark.parametrize("name", [name for name in LINES if name != "findings.jsonl"])
def test_a_line_left_out_is_named(made, name):
    for number in range(len(made.files[name].split(b"\n"))):
        verdict = changed(made, name, lambda lines, n=number: lines[:n] + lines[n + 1 :])
        assert names_it(
            verdict, "no receipt", "no line", "has no proof", "signature of nothing", "no event of the pack"
        )


@pytest.mark.parametrize("name", ["receipts.jsonl", "events.jsonl"])
def test_lines_twice_or_in_another_order_are_named(made, name):
    assert names_it(changed(made, name, lambda lines: [*lines, lines[0]]), "order of the log")
    assert names_it(changed(made, name, lambda lines: lines[::-1]), "order of the log")


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("events.jsonl", "event", {"type": "ObjectEvent", "action": "ADD", "quantityList": []}),
        ("events.jsonl", "event_id", "urn:uuid:9"), ("events.jsonl", "file", None), ("events.jsonl", "index", 7),
        ("events.jsonl", "index", "x"), ("events.jsonl", "event", None), ("events.jsonl", "position", 77),
        ("events.jsonl", "event", {**EVENTS[-1], "eventID": "urn:uuid:LIE"}),
        ("findings.jsonl", "file", "facts.json"),
        *(("decisions.jsonl", one, "other") for one in ("disposition", "reason", "proposed_by", "findings", "state")),
        ("decisions.jsonl", "about", {"kind": "batch", "subject": lot(1)}), ("decisions.jsonl", "entry_index", 2),
        ("findings.jsonl", "message", "nothing"), ("findings.jsonl", "file", "assessments/9.json"),
        ("findings.jsonl", "file", "README.txt"), ("findings.jsonl", "file", []),
        ("documents.jsonl", "sha256", "00"), ("documents.jsonl", "file", None), ("documents.jsonl", "entry_index", 2),
        ("lists.jsonl", "table_sha256", "00" * 32), ("lists.jsonl", "table_sha256", "x"),
        ("receipts.jsonl", "file", "README.txt"), ("receipts.jsonl", "file", "nothing/here"),
        ("receipts.jsonl", "receipt", {}),
    ],
)  # fmt: skip
def test_a_line_that_says_something_else_is_named(made, name, member, value):
    verdict = changed(made, name, lambda lines: [*lines[:-1], {**lines[-1], member: value}])
    assert names_it(verdict, name, "receipt", "README.txt", "nothing/here")


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("line", [b"{", b"[]", b"1", b"null", b"{}"])
def test_lines_that_are_no_records_get_a_verdict(made, name, line):
    assert check(made.zip(**{name: line}), made).verdict == "failed"


@pytest.mark.parametrize("name", LINES)
def test_a_file_of_lines_that_is_missing_is_named(made, name):
    del made.files[name]
    assert names_it(check(made.zip(), made), name)


def test_a_signature_of_nothing_is_named(made):
    assert failed(check(made.zip(**{"signatures/x.jws": b"a..b"}), made), "signatures", "signatures/x.jws")


def test_a_record_shown_as_another_kind_is_named(made):
    def change(lines):
        return [{**line, "file": "documents/p2"} if line["file"] == "assessments/1.json" else line for line in lines]

    made.files["documents/p2"] = made.files.pop("assessments/1.json")
    assert names_it(changed(made, "receipts.jsonl", change), "documents/p2")


def test_what_is_missing_of_a_chain_is_said_by_what_the_reader_may_see(make_pack):
    import dataclasses

    made = make_pack(EVENTS[1:])
    assert "says the log" in check(made.zip(), made).items[-1].why
    made.manifest = dataclasses.replace(made.manifest, view="own chain")
    assert "this reader may not see it" in check(made.zip(), made).items[-1].why


def test_a_batch_that_is_only_handled_is_missing_as_well(make_pack):
    seen = {"type": "ObjectEvent", "action": "OBSERVE", "eventID": "urn:uuid:3", "quantityList": [{"epcClass": lot(9)}]}
    made = make_pack([*EVENTS, seen])
    last = check(made.zip(), made).items[-1]
    assert (last.verdict, lot(9) in last.why) == ("not checked", True)


def test_a_correction_that_is_not_there_is_said(make_pack):
    declared = {**EVENTS[1], "errorDeclaration": {"correctiveEventIDs": ["urn:uuid:77"]}}
    made = make_pack([EVENTS[0], declared])
    last = check(made.zip(), made).items[-1]
    assert (last.what, last.verdict) == ("corrections", "not checked")
    assert "urn:uuid:77" in last.why


def test_every_flipped_bit_of_a_pack_is_found(made):
    import random

    data, chance = made.zip(), random.Random(7)
    for place in (chance.randrange(len(data) * 8) for _ in range(150)):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        try:
            same = read_pack(bytes(flipped)) == read_pack(data)
        except (InvalidInput, TooLarge):
            same = False
        assert same or check(bytes(flipped), made).verdict == "failed", place


def test_a_chain_told_by_lines_alone_is_not_checked(made):
    def hidden(lines):
        return [{**line, "file": None} if line["file"] == "captures/c.json" else line for line in lines]

    made.files[packs.EVENTS] = b"\n".join(
        orjson.dumps({**orjson.loads(line), "file": None}) for line in made.files[packs.EVENTS].split(b"\n")
    )
    del made.files["captures/c.json"]
    verdict = changed(made, "receipts.jsonl", hidden)
    assert verdict.verdict == "ok", verdict.reason
    assert (verdict.items[-1].what, verdict.items[-1].verdict) == ("chain", "not checked")
    assert "2 events are as the log tells them" in verdict.reason


def test_a_key_brought_twice_holds_nothing(made):
    rows = [orjson.loads(line) for line in made.files[packs.RECEIPTS].split(b"\n")]
    key_row = next(row for row in rows if row["file"] == "keys/k.json")
    other = {**key_row, "about": "key k again"}
    verdict = check(made.zip(**{packs.RECEIPTS: b"\n".join(map(orjson.dumps, [key_row, other, *rows[1:]]))}), made)
    assert names_it(verdict, "order of the log")


@pytest.mark.parametrize("line", [b"[]", b"1", b'{"size":9}', b'{"size":9,"proof":["!"]}', b'{"size":9,"proof":7}'])
def test_proofs_of_consistency_that_are_none_get_a_verdict(made, line):
    size = made.old_head[0]
    data = made.zip(**{packs.CONSISTENCY: line.replace(b"9", b"%d" % size)})
    verdict = check(data, made, older=[made.old.to_json()])
    assert verdict.verdict == "failed"
