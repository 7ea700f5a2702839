"""A small log with one party's key and signed captures, from which tests make receipts."""

from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import pytest

from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.credential import make_credential
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, pseudonym
from traceability.ledger.jose import read_compact, read_detached, sign_compact, sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.receipt import Included, Receipt, make_receipt
from traceability.ledger.tiles import TileTree

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
