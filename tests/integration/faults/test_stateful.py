"""The log against a model: a list of entries and a tree written down from RFC 6962 alone, whatever happens to the service.

What happens: captures alone and together, the same again, other records, restarts, transactions abandoned at each step
of a commit, an older copy put back, keys rotated and revoked as compromised, the log's own key rotated, committed values
and bodies erased. In the end, everything that is stored is derived again.
"""

import dataclasses
import hashlib
import importlib.util
import itertools
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tlog_scales.reader import TilesReader
from tlog_scales.tlog import ConsistencyProof

from traceability.errors import Conflict, Gone, Unavailable
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.commitment import new_opening
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.policy import Policy
from traceability.ledger.possession import challenge_payload, rotation_payload
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import Receipt
from traceability.ledger.tile_paths import parse_place, read_bundle
from traceability.ledger.verify import verify_receipt
from traceability.services import keys, log_keys, personal, published_log, revocation, rotation
from traceability.services.access import SCOPES, Actor
from traceability.services.capture import CaptureRequest, capture, standing_capture
from traceability.services.context import open_service
from traceability.services.fsck import fsck
from traceability.services.receipts import event_receipt
from traceability.services.retention import erase
from traceability.storage.quarantine import Quarantined

ADMIN = Actor("root", "root", "admin", None, frozenset(SCOPES))
#: Where a commit is abandoned: the method of the log it fails in, and whether what it wrote is there afterwards.
ENDS = {"_write_tiles": False, "_verify": False, "finish": False, "committed": True}


def reference_root(leaves):
    """MTH of RFC 6962, section 2.1, word for word; nothing of ours is used."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + reference_root(leaves[:k]) + reference_root(leaves[k:])).digest()


def plain(receipt, *, grown):
    """Return what a receipt says but for the state of its key.

    One that may have ``grown``, because the log's key was rotated since, proves the same entry by a checkpoint that the
    log's second key signed as well, and says how its key was followed.
    """
    index, key = parse_proof(receipt.proof).index, dataclasses.replace(receipt.key, state="active")
    if grown:
        key = dataclasses.replace(key, proof="")
        receipt = dataclasses.replace(receipt, proof="", log_key="", succession=())
    return index, dataclasses.replace(receipt, key=key)


class Ended(Exception):  # what ends is the process, as far as the database can tell
    """The process ends here."""


class Published:
    """The log as everybody reads it, without a web server in between; the port of both other implementations."""

    def __init__(self, service):
        self.service = service

    def get(self, *path):
        whole = "/".join(path)
        if whole == "checkpoint":
            return published_log.newest(self.service).note.encode()
        level, _, place = whole.removeprefix("tile/").partition("/")
        return published_log.resource(self.service, parse_place(level, place))

    def read_tile(self, level, index, width):
        return self.get(f"tile/{level}/{index:03}" + (f".p/{width}" if width else ""))

    def read_entry_bundle(self, index, width):
        return self.get(f"tile/entries/{index:03}" + (f".p/{width}" if width else ""))

    def entries(self, size):
        for first in range(0, size, 256):
            width = min(256, size - first)
            yield from read_bundle(self.read_entry_bundle(first // 256, width if width < 256 else None))


class LogMachine(RuleBasedStateMachine):
    """See the module; ``start`` makes a place, and ``copy`` a copy of a database that nobody has open."""

    start = copy = document = clock = None

    @initialize()
    def begin(self):
        self.place = type(self).start()
        self.url = self.place.settings.database_url
        self.key = PrivateKey.load(Path(self.place.order["key"]))
        self.actor = Actor(self.place.order["actor"], "a key", "supplier", self.place.order["party"], frozenset(SCOPES))
        self.bodies, self.open_values, self.taken, self.has_rotated = {}, {}, {}, False
        self.chain, self.numbers, self.receipts = [(self.key, 0)], itertools.count(), {}
        self.copies, self.checkpoints, self.compromised = [], [], {}
        self.open()
        self.model = list(Published(self.service).entries(1))

    def open(self, url=None):
        settings = dataclasses.replace(self.place.settings, database_url=url or self.url)
        self.service = open_service(settings, type(self).clock)

    def send(self, number, key=None):
        key = key or self.key
        body = self.bodies.setdefault(number, type(self).document(number))
        return capture(
            self.service, self.actor, CaptureRequest(body, "application/json", sign_detached(body, key, kid=key.kid))
        )

    def expect(self, *kinds):
        """Let the model grow by entries of these kinds, as they are published; what stood there stands there still."""
        now = list(Published(self.service).entries(len(self.model) + len(kinds)))
        assert published_log.newest(self.service).size == len(now)
        assert now[: len(self.model)] == self.model
        assert [Entry.parse(body).kind for body in now[len(self.model) :]] == list(kinds)
        self.model = now

    def keep(self, number, captured):
        """Keep the receipts; those handed out before come again, but for what is known of their key by now."""
        made = [event_receipt(self.service, self.actor, one.index) for one in captured.events]
        for one, receipt in zip(captured.events, made, strict=True):
            assert receipt.key.state == self.state_of(receipt.key.jwk["x"], one.index)
        self.taken.setdefault(number, captured.capture_id)
        before = self.receipts.setdefault(number, [receipt.to_json() for receipt in made])
        known, grown = [Receipt.from_json(text) for text in before], self.has_rotated
        assert [plain(one, grown=grown) for one in made] == [plain(one, grown=grown) for one in known]

    def state_of(self, key, index):
        since = self.compromised.get(key)
        return "active" if since is None or index < since else "disputed"

    @rule()
    def one_capture(self):
        number = next(self.numbers)
        captured = self.send(number)
        self.expect("capture", *["event"] * len(captured.events))
        self.keep(number, captured)

    @rule(count=st.integers(2, 6))
    def captures_at_once(self, count):
        numbers = list(itertools.islice(self.numbers, count))
        with ThreadPoolExecutor(count) as threads:
            done = list(threads.map(self.send, numbers))
        self.expect(*[kind for one in sorted(done, key=lambda one: one.events[0].index) for kind in self.kinds(one)])
        for number, captured in zip(numbers, done, strict=True):
            self.keep(number, captured)

    def kinds(self, captured):
        return ["capture", *["event"] * len(captured.events)]

    @rule(count=st.sampled_from([1, 7, 255, 256]))
    def other_records(self, count):
        def write(tx):
            for n in range(count):
                tx.log.append(Entry(kind="evidence-pack", body=digest(b"%d" % n), at=milliseconds(tx.now)))

        self.service.store.write(write)
        self.expect(*["evidence-pack"] * count)

    def undisputed(self):
        """The documents whose sending again is a repetition; of a disputed one it is a new signature."""
        keys_and_places = {
            number: [(found.key.jwk["x"], parse_proof(found.proof).index) for found in map(Receipt.from_json, texts)]
            for number, texts in self.receipts.items()
        }
        return [
            number
            for number, found in keys_and_places.items()
            if number in self.taken and all(self.state_of(*one) == "active" for one in found)
        ]

    @precondition(lambda self: self.undisputed())
    @rule(data=st.data())
    def the_same_again(self, data):
        number = data.draw(st.sampled_from(sorted(self.undisputed())))
        captured = self.send(number)
        assert captured.new == 0
        self.expect()
        self.keep(number, captured)

    @rule(back=st.booleans())
    def time_passes(self, back):
        type(self).clock.advance(minutes=-5 if back else 7)

    @rule()
    def restart(self):
        self.service.close()
        self.open()

    @rule(end=st.sampled_from(sorted(ENDS)))
    def killed(self, end):
        number, log = next(self.numbers), self.service.store._log
        real = getattr(log, end)

        def ends(*args):
            real(*args)
            if end != "finish" or log._signed is not None:  # a use case without an entry is none of ours
                raise Ended

        setattr(log, end, ends)
        with pytest.raises(Unavailable):
            self.send(number)
        self.service.close()
        self.open()
        events = 1 + number % 3
        self.expect(*(["capture", *["event"] * events] if ENDS[end] else []))
        captured = self.send(number)
        assert captured.new == (0 if ENDS[end] else events), "once, whether it was kept or not"
        self.expect(*([] if ENDS[end] else ["capture", *["event"] * events]))
        self.keep(number, captured)

    @rule()
    def copied(self):
        self.service.close()
        self.copies.append((type(self).copy(self.url), len(self.model)))
        self.open()

    @precondition(lambda self: any(size < len(self.model) for _, size in self.copies))
    @rule(data=st.data())
    def an_older_copy_is_put_back(self, data):
        url, size = data.draw(st.sampled_from([copy for copy in self.copies if copy[1] < len(self.model)]))
        self.service.close()
        self.open(url)
        with pytest.raises(Quarantined):
            self.send(next(self.numbers))
        assert list(Published(self.service).entries(size)) == self.model[:size], "it can be read"
        assert published_log.newest(self.service).size == size
        self.service.close()
        self.open()

    @rule()
    def rotated(self):
        new, nonce = self.new_key()
        origin = self.service.settings.log_origin
        body = rotation_payload(self.did, self.key.public, new.kid, new.public.jwk, nonce, origin)
        old_jws, new_jws = (sign_detached(body, key, kid=key.kid) for key in (self.key, new))
        keys.rotate(self.service, self.actor, self.key.kid, body, old_jws, new_jws, nonce)
        self.expect("key-rotate")
        self.key = new
        self.chain.append((new, len(self.model) - 1))

    @rule()
    def the_logs_key_is_rotated(self):
        before = self.policy()
        rotation.rotate_log_key(self.service)
        self.expect("key-rotate")
        assert self.policy() != before
        self.has_rotated = True

    @precondition(lambda self: len(self.chain) > 1)
    @rule(data=st.data())
    def revoked_as_compromised(self, data):
        """A key that was rotated turns out stolen: what it was rotated to since falls with it, one after the other."""
        place = data.draw(st.integers(0, len(self.chain) - 2))
        since = data.draw(st.integers(0, len(self.model)))
        key, told = self.chain[place][0], (self.service, ADMIN)
        if since >= self.compromised.get(key.public.jwk["x"], since + 1):
            with pytest.raises(Conflict):
                revocation.revoke(*told, key.kid, "the laptop was stolen", since)
            self.expect()
            return
        revocation.revoke(*told, key.kid, "the laptop was stolen", since)
        self.expect(*["key-revoke"] * self.fall(place, since))
        if self.key.public.jwk["x"] in self.compromised:
            self.register_anew()

    def fall(self, place, since):
        """Note a compromise, and that of what was made by it; return how many keys were ended."""
        x = self.chain[place][0].public.jwk["x"]
        self.compromised[x] = min(since, self.compromised.get(x, since))
        ended = 1
        if place + 1 < len(self.chain):
            heir, added = self.chain[place + 1]
            known = self.compromised.get(heir.public.jwk["x"])
            if added >= self.compromised[x] and (known is None or known > added):
                ended += self.fall(place + 1, added)
        return ended

    def register_anew(self):
        """The party has lost every key it had; an admin who is not the applicant lets it in again."""
        new, nonce = self.new_key()
        body = challenge_payload(self.did, new.kid, new.public.jwk, nonce, self.service.settings.log_origin)
        proof = keys.ProofOfPossession(body, sign_detached(body, new, kid=new.kid), nonce)
        keys.register(self.service, self.actor, proof, "every key of ours is lost, and we were called back")
        keys.decide(self.service, ADMIN, new.kid, "active")
        self.expect("key-add", "decision")
        self.key, self.chain = new, [(new, len(self.model) - 2)]

    @property
    def did(self):
        return self.key.kid.partition("#")[0]

    def new_key(self):
        drawn = PrivateKey.generate()
        new = PrivateKey(drawn.public, f"{self.did}#{drawn.public.thumbprint}", drawn._key)
        return new, keys.make_nonce(self.service, self.did)

    @rule()
    def a_committed_value(self):
        """An event holds a commitment; what opens it lies beside the ledger."""
        number, opening = next(self.numbers), new_opening("miner", "Jean-Bosco Mutombo")
        whole = json.loads(type(self).document(number))
        whole["epcisBody"]["eventList"][0]["crm:commitment"] = [opening.commitment]
        self.bodies[number] = json.dumps(whole).encode()
        captured = self.send(number)
        self.expect(*self.kinds(captured))
        self.keep(number, captured)
        assert personal.deposit(self.service, self.actor, captured.capture_id, [opening]).new == 1
        self.expect()
        self.open_values[number] = captured.events[0].event_id

    @precondition(lambda self: self.open_values)
    @rule(data=st.data())
    def erased(self, data):
        """The value goes; its event, the receipts of it and every root stay as they are."""
        number = data.draw(st.sampled_from(sorted(self.open_values)))
        dpo = Actor("dpo", "dpo", "dpo", self.actor.party_id, frozenset(SCOPES))
        personal.erase(self.service, dpo, self.open_values.pop(number), "the miner asked for it in writing, case 12")
        self.expect("erasure")
        if number in self.undisputed():
            self.keep(number, self.send(number))
            self.expect()

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def a_body_is_erased(self, data):
        """Its entries stay where they are, and the receipts of it that somebody keeps stay good."""
        number = data.draw(st.sampled_from(sorted(self.taken)))
        dpo, capture_id = Actor("dpo", "dpo", "dpo", self.actor.party_id, frozenset(SCOPES)), self.taken.pop(number)
        self.open_values.pop(number, None)

        def gone(tx):
            erase.erase(self.service, tx, dpo, "a report", [erase.capture_body(tx.session, capture_id)])

        self.service.store.write(gone)
        self.expect("erasure", "erasure")
        with pytest.raises(Gone):
            standing_capture(self.service, self.actor, capture_id)

    def policy(self):
        """What the log says of its own keys, as somebody else would confirm it."""
        return log_keys.policy(self.service)

    @invariant()
    def the_signed_root_is_that_of_the_model(self):
        if not hasattr(self, "model"):
            return
        note = published_log.newest(self.service).note
        checkpoint, _ = verify_checkpoint(note, [self.service.log_key.verifier])
        assert (checkpoint.size, checkpoint.root) == (len(self.model), reference_root(self.model))
        self.checkpoints.append((checkpoint.size, checkpoint.root))

    @invariant()
    def every_receipt_ever_handed_out_verifies(self):
        policy = Policy.parse(self.policy().encode()) if hasattr(self, "model") else None
        for text in [text for texts in getattr(self, "receipts", {}).values() for text in texts]:
            assert verify_receipt(text, policy=policy).verdict == "ok"

    def teardown(self):
        if not hasattr(self, "model"):
            return
        try:
            self.audit()
        finally:
            self.service.close()

    def audit(self):
        """Let others read the whole log, prove that every head there ever was lies on it, and derive all of it again."""
        report = fsck(self.service, deep=True)
        assert [problem.as_dict() for problem in report.problems] == []
        size, root = len(self.model), reference_root(self.model)
        reader = TilesReader(Published(self.service))
        assert reader.get_checkpoint().root_hash == reader.calculate_root_hash() == root
        assert [reader.get_entry(n) for n in range(0, size, 50)] == self.model[::50]
        for old, was in sorted(set(self.checkpoints)):
            assert reference_root(self.model[:old]) == was
            proof = published_log.consistency(self.service, old).path
            ConsistencyProof(old, size, list(proof)).check(was, root)
        if importlib.util.find_spec("aics_tlog") is not None:  # Python 3.12 or later
            from aics_tlog import audit_tiles

            assert audit_tiles(Published(self.service), size, root).size == size


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_log_is_the_model_whatever_happens(kind, place, clock, document, copy_of):
    machine = type("Machine", (LogMachine,), {})
    machine.start, machine.copy = staticmethod(lambda: place(kind)), staticmethod(copy_of)
    machine.document, machine.clock = staticmethod(document), clock
    few = settings(
        max_examples=12 if kind == "sqlite" else 3, stateful_step_count=25, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=few)


@pytest.fixture
def copy_of(tmp_path, administer):
    """``copy_of(url)`` is the URL of a copy of a database that nobody has open."""
    numbers, made = itertools.count(), []

    def copy(url):
        number = next(numbers)
        if url.startswith("sqlite"):
            target = tmp_path / f"copy-{number}" / "traceability.db"
            target.parent.mkdir()
            for end in ("", "-wal"):  # whoever closes last may be a reader, which leaves the write-ahead log
                if Path(url.removeprefix("sqlite:///") + end).exists():
                    shutil.copy(url.removeprefix("sqlite:///") + end, f"{target}{end}")
            return f"sqlite:///{target}"
        parsed = sa.make_url(url)
        server = parsed.set(database="postgres")
        administer(server, f"CREATE DATABASE copy_{number} TEMPLATE {parsed.database} STRATEGY file_copy")
        made.append((server, f"copy_{number}"))
        return parsed.set(database=f"copy_{number}").render_as_string(hide_password=False)

    yield copy
    for server, name in made:
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")
