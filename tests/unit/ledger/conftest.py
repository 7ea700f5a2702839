"""A small log with one party's key and signed captures, from which tests make receipts."""

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import orjson
import pytest

from traceability.ledger import pack as packs
from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.credential import make_credential
from traceability.ledger.encoding import b64, digest
from traceability.ledger.entry import Entry, pseudonym
from traceability.ledger.jose import read_compact, read_detached, sign_compact, sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.note import note_text
from traceability.ledger.policy import Policy
from traceability.ledger.receipt import Included, Receipt, make_receipt
from traceability.ledger.tiles import TileTree
from traceability.ledger.verify_pack import verify_pack

ORIGIN = "log.example/main"
AT = 1_790_000_000_000


class SmallLog:
    """Entries in memory, a tree over them, and receipts against a checkpoint of the whole."""

    def __init__(self):
        self.key = LogKey.generate(ORIGIN)
        self.entries = []
        self.tree = TileTree(lambda _level, _index: None)

    def add(self, entry):
        data = entry if isinstance(entry, bytes) else entry.to_bytes()
        self.entries.append(data)
        self.tree.append([leaf_hash(data)])
        return len(self.entries) - 1

    def checkpoint(self, key=None):
        key = key or self.key
        return sign_checkpoint(Checkpoint(key.name, self.tree.size, self.tree.root()), key)

    def included(self, index):
        return Included(index, self.entries[index], self.tree.inclusion(index, self.tree.size))

    def receipt(self, index, body, *, jws=None, signer=None, state="active", checkpoint=None):
        """signer: the public key and the index of the entry that brought it."""
        evidence = None if signer is None else (signer[0], state, self.included(signer[1]))
        return make_receipt(
            log_key=self.key.vkey,
            checkpoint=checkpoint or self.checkpoint(),
            included=self.included(index),
            body=body,
            jws=jws,
            signer=evidence,
        )


@dataclass
class Story:
    """A key added at 5, a detached capture with two events, an enveloped one, then more entries."""

    log: SmallLog
    key: PrivateKey
    added: int
    body: bytes
    jws: str
    event: int
    token: bytes
    enveloped: int

    def detached_receipt(self, **changes) -> Receipt:
        return self.log.receipt(self.event, self.body, jws=self.jws, signer=(self.key.public, self.added), **changes)

    def enveloped_receipt(self) -> Receipt:
        return self.log.receipt(self.enveloped, self.token, signer=(self.key.public, self.added))


def entry(kind, body, **members):
    return Entry(kind=kind, body=body if len(body) == 43 else digest(body.encode()), at=AT, **members)


@pytest.fixture(scope="session")
def make_log():
    return SmallLog


@pytest.fixture(scope="session")
def make_entry():
    return entry


@pytest.fixture(scope="session", params=["EdDSA", "ES256"])
def story(request):
    log = SmallLog()
    for number in range(5):
        log.add(entry("list-version", f"list {number}"))
    key = PrivateKey.generate(request.param, kid="did:web:mine.example#key-1")
    who = pseudonym(b"0123456789abcdef", "party-1")
    signer = {"alg": key.public.alg, "key": key.public.thumbprint, "who": who}
    added = log.add(entry("key-add", "the proof of possession", **signer))
    body = orjson.dumps(
        {"type": "EPCISDocument", "epcisBody": {"eventList": [{"eventID": "urn:uuid:1"}, {"eventID": "urn:uuid:2"}]}}
    )
    jws = sign_detached(body, key, kid=key.kid, extra={"log_origin": ORIGIN})
    signed = read_detached(jws, body)
    log.add(entry("capture", signed.body_hash, jws=signed.jws_hash, **signer))
    event = log.add(entry("event", signed.body_hash, jws=signed.jws_hash, n=1, eid=digest(b"urn:uuid:2"), **signer))
    payload = make_credential(
        {"type": "ObjectEvent", "eventID": "urn:uuid:3"}, "did:web:mine.example", datetime(2026, 9, 1, tzinfo=UTC)
    )
    token = sign_compact(payload, key, kid=key.kid).encode()
    enveloped = log.add(entry("event", read_compact(token).body_hash, n=0, eid=digest(b"urn:uuid:3"), **signer))
    for number in range(300):
        log.add(entry("assessment", f"assessment {number}"))
    return Story(log, key, added, body, jws, event, token, enveloped)


def lot(number):
    return f"https://id.mine.example/lot/{number}"


CHAIN = (
    {"type": "ObjectEvent", "action": "ADD", "eventID": "urn:uuid:1",
     "quantityList": [{"epcClass": lot(1), "quantity": 5}]},
    {"type": "TransformationEvent", "eventID": "urn:uuid:2", "inputQuantityList": [{"epcClass": lot(1)}],
     "outputQuantityList": [{"epcClass": lot(2)}]},
)  # fmt: skip
MOMENT = datetime.fromtimestamp(AT / 1000, UTC).isoformat(timespec="milliseconds")
IMPORTER, OWN = "did:web:importer.example", {"who": digest(b"mine")}
LIST = {
    "list_id": "un-sc", "version": "1", "title": "UN", "publisher": "P", "published_at": "2026-01-01",
    "retrieved_at": "2026-01-02", "source_url": "u", "source_sha256": "s", "table_sha256": "00", "row_count": 1,
    "coverage": "full", "terms": "t",
}  # fmt: skip
DECISION = {
    "subject_kind": "batch", "subject": lot(2), "disposition": "suspended", "reason": "because", "reason_code": "other",
    "findings": [], "evidence": [], "steps": [], "review_on": None, "inputs_hash": "x", "needs_second": False,
    "state": "in_force", "proposed_by": "anna", "proposed_at": MOMENT, "confirmed_by": None, "confirmed_at": None,
    "confirmed_reason": None,
}  # fmt: skip


def sorted_json(value):
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def finding(code):
    return {"code": code, "message": "x", "lists": [{"list_id": "un-sc", "version": "1"}], "evidence": []}


class PackMaker:
    """A small log, and a pack about one batch in it as an honest log writes one; the tests then forge it.

    ``files`` and ``rows`` (of receipts.jsonl) may be changed before ``zip`` signs a manifest over them.
    """

    def __init__(self, events=CHAIN):
        self.log, self.files, self.rows, self.ends = SmallLog(), {}, [], packs.Ends()
        self._waiting = []
        key = self.key = PrivateKey.generate(kid="did:web:mine.example#key-1")
        self.signer = {"alg": key.public.alg, "key": key.public.thumbprint, "who": digest(b"mine")}
        self.added = self.signed("key-add", b"the proof of possession", "keys/k.json", "key k")
        self.approval = self.entry("decision", b"the party", None, "approval of m", ref=(self.added,), **OWN)
        self.body = orjson.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": list(events)}})
        self.files["captures/c.json"] = self.body
        jws = sign_detached(self.body, key, kid=key.kid)
        self.files["signatures/c.jws"] = jws.encode()
        self.log.add(entry("capture", digest(self.body), jws=digest(jws.encode()), **self.signer))
        for n, one in enumerate(events):
            eid = one["eventID"]
            self.event = self.signed(
                "event", self.body, "captures/c.json", f"event {eid}", n=n, eid=digest(eid.encode())
            )
            self.line("events.jsonl", {
                "index": self.event, "event_id": eid, "file": "captures/c.json", "position": n, "received_at": MOMENT,
                "event": one,
            })  # fmt: skip
        self.old = self.log.receipt(self.event, self.body, jws=jws, signer=(key.public, self.added))
        self.old_head = (self.log.tree.size, self.log.tree.root())
        self._private()
        for number in range(40):
            self.log.add(entry("assessment", digest(b"%d" % number)))

    def _private(self):
        place = self.record("list-version", {**LIST, "v": 2}, "lists/1.json", "list l")
        self.line("lists.jsonl", {**LIST, "entry_index": place, "matching_lines": []})
        rules = {"v": 1, "name": "law", "version": "L1", "content": {}}
        self.record("rule-set", rules, "rules/1.json", "rules r")
        self.paper = b"%PDF-"
        self.files["documents/p"] = self.paper
        place = self.entry("document", self.paper, "documents/p", "document p", **OWN)
        self.line("documents.jsonl", {
            "importer": IMPORTER, "sha256": sha256(self.paper).hexdigest(), "filename": "p.pdf", "size": 5,
            "media_type": "application/pdf", "uploaded_at": MOMENT, "entry_index": place, "file": "documents/p",
            "why_no_file": None, "about": [], "read": None,
        })  # fmt: skip
        self.signed("shipment", orjson.dumps({"shipment_id": "S-1"}), "shipments/s.json", "shipment s")
        self.first = self.assess("assessments/1.json", "shipment", "S-1", finding("RF-L1"), superseded=True)
        self.run = self.assess("assessments/2.json", "shipment", "S-1", finding("RF-L1"), finding("RF-L2"))
        self.about = self.assess("assessments/3.json", "batch", lot(2), finding("RF-L3"))
        self.decision = self.decide("decisions/1.json", {"id": "d"}, ref=(self.about,))

    def entry(self, kind, data, file, about, jws=None, signer=None, body=None, **members):
        """Append an entry and keep a line of receipts.jsonl for it; ``data`` None where only its hash is told."""
        index = self.log.add(entry(kind, digest(data), jws=None if jws is None else digest(jws.encode()), **members))
        self._waiting.append((index, {"file": file, "about": about}, data, jws, signer))
        return index

    def signed(self, kind, data, file, about, **members):
        jws = sign_detached(data, self.key, kid=self.key.kid)
        self.files[file] = data
        added = getattr(self, "added", self.log.tree.size)
        return self.entry(kind, data, file, about, jws, (self.key.public, added), **{**self.signer, **members})

    def record(self, kind, said, file, about, **members):
        """Append an entry of a record of the log's own; without ``file`` the pack holds its hash alone."""
        data = sorted_json(said)
        if file is not None:
            self.files[file] = data
        return self.entry(kind, data, file, about, **members)

    def assess(self, file, kind, subject, *found, superseded=False, told=None, **more):
        facts = sorted_json({"documents": [], "entity_hits": [], "lists": {}, **(told or {})})
        self.files[f"facts/{file.partition('/')[2]}"] = facts
        record = {
            "owner_id": "o", "subject_kind": kind, "subject": subject, "v": 2, "facts": digest(facts),
            "coverage": [{"list_id": "un-sc", "version": "1"}, {"list_id": "eu", "version": None}],
            "result": {"findings": list(found), "rule_pack_version": "L1"}, **more,
        }  # fmt: skip
        index = self.record("assessment", record, file, f"assessment {file}", **OWN)
        for one in found:
            self.line("findings.jsonl", {
                **one, "importer": IMPORTER, "kind": kind, "subject": subject, "file": file,
                "superseded_by": index + 1 if superseded else None,
            })  # fmt: skip
        return index

    def decide(self, file, said, answer=None, ref=()):
        """Add a decision with its line; ``answer`` is the file and what a second person changes."""
        record = {**DECISION, **said}
        kind = "correction" if record["subject_kind"] == "correction" else "decision"
        place, confirmed = self.record(kind, record, file, f"decision {said['id']}", ref=ref, **OWN), None
        if answer is not None:
            record |= answer[1]
            confirmed = self.record(kind, record, answer[0], f"answer to {said['id']}", ref=(place,), **OWN)
        about = {"kind": record.pop("subject_kind"), "subject": record.pop("subject")}
        more = {"about": about, "entry_index": place, "confirmed_index": confirmed, "importer": IMPORTER}
        self.line("decisions.jsonl", {**record, **more, "reopened": None})
        return place

    def line(self, name, said):
        self.files[name] = b"\n".join([*filter(None, [self.files.get(name)]), orjson.dumps(said)])

    def lines(self, name):
        return [orjson.loads(line) for line in self.files[name].splitlines()]

    def change(self, name, change):
        """Change the lines of a file; a log that lies signs a manifest over them."""
        self.files[name] = b"\n".join(map(orjson.dumps, change(self.lines(name))))

    def finish(self, witness=None):
        """Sign the head, let a witness cosign it, and write every proof against it."""
        note, tree = self.log.checkpoint(), self.log.tree
        if witness is not None:
            note += witness.cosign(note_text(note), datetime.fromtimestamp(AT / 1000, UTC))
        for index, row, data, jws, signer in self._waiting:
            receipt = self.log.receipt(index, digest(data), jws=jws, signer=signer, checkpoint=note)
            said = {**receipt.as_dict(), **({"erased": row.pop("erased")} if "erased" in row else {})}
            self.line(packs.RECEIPTS, {**row, "receipt": said})
        size = self.old_head[0]
        proof = {"size": size, "proof": [b64(one) for one in tree.consistency(size, tree.size)]}
        self.files |= {
            packs.CHECKPOINT: note.encode(), packs.CONSISTENCY: orjson.dumps(proof), packs.REPORT: b"%PDF-",
            "README.txt": b"how to check",
        }  # fmt: skip
        self.manifest = packs.Manifest(
            self.log.key.vkey, self.log.key.name, tree.size, b64(tree.root()), lot(2), "private", "everything",
            (IMPORTER,), MOMENT, self.ends, {},
        )  # fmt: skip
        return self

    def zip(self, key=None, **files):
        return packs.write_pack({**self.files, **files}, self.manifest, key or self.log.key)

    def raw(self, change):
        """Return the ZIP with files changed after the manifest was signed."""
        files = packs.read_pack(self.zip())
        change(files)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return target.getvalue()

    def erase(self, index, **notice):
        """Let the receipt of an entry that is kept by its hash say that its body was erased."""
        (row,) = [row for place, row, *_ in self._waiting if place == index]
        row["erased"], row["file"] = notice, None

    def check(self, **named):
        return verify_pack(self.zip(), policy=Policy.pin(self.log.key.vkey), **named)


@pytest.fixture
def make_pack():
    return lambda events=CHAIN, add=lambda _: None, witness=None: _made(events, add, witness)


def _made(events, add, witness):
    maker = PackMaker(events)
    add(maker)
    return maker.finish(witness)
