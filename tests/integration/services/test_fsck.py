"""The audit: no false alarm on a whole chain, and every change of what it covers is found, on both databases."""

import collections
import contextlib
import copy
import dataclasses
import random
import shutil
import sqlite3
import struct
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MethodType

import orjson
import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from traceability.clock import fixed_clock
from traceability.config import Settings
from traceability.ledger.checkpoint import Checkpoint as Head
from traceability.ledger.checkpoint import sign_checkpoint
from traceability.ledger.commitment import new_opening
from traceability.ledger.cosignature import CosigningKey, cosignatures
from traceability.ledger.encoding import b64u
from traceability.ledger.entry import KINDS, Entry, digest, milliseconds
from traceability.ledger.errors import BadSignature
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.note import note_text
from traceability.ledger.possession import challenge_payload, rotation_payload
from traceability.ledger.timestamp import StampRequest
from traceability.lists.gathered import gathered
from traceability.services import (
    api_keys,
    cases,
    departures,
    incidents,
    keys,
    list_files,
    list_review,
    lists,
    lost_keys,
    mandates,
    merges,
    parties,
    personal,
    profiles,
    revocation,
    rotation,
    runs,
    second_signature,
    timestamping,
)
from traceability.services.access import SCOPES, Actor
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import open_service
from traceability.services.evidence.pack import evidence_pack
from traceability.services.fsck import _parts, fsck, fsck_session
from traceability.services.fsck.covered import FORGOTTEN, FORM, FOUND, LEFT, UNCOVERED
from traceability.services.new_origin import new_origin
from traceability.services.retention import erase, holds, reports
from traceability.services.upgrade import upgrade
from traceability.services.whole import record_bytes
from traceability.storage.engine import read_engine, sqlite_path
from traceability.storage.migrate import VERSIONS, head
from traceability.storage.tables import Checkpoint, Cosignature, Incident, LedgerEntry

LOT, PART, NEXT, TWICE, DUG = (f"https://mine.example/lot/{name}" for name in ("L-1", "L-1a", "L-2", "L-3", "L-4"))
REASON = "Looked at the papers and called who sent them."
TABLES = SQLModel.metadata.tables
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADMIN = Actor("root", "root", "admin")
#: How many bits of each table are flipped where they are drawn by chance.
BITS = 3
#: And in pages of the file, with what SQLite keeps beside the values.
FILE_BITS = 2
PAGE, INNER, LEAVES = 4096, 5, (10, 13)
#: Of each table the row that is changed: one whose every column holds something.
WHERE = {
    "capture": "entry_index IS NOT NULL",
    "document": "erased_index IS NULL",
    "erasure": "what = 'bodies'",
    "party": "entry_index IS NOT NULL",
    "party_merge": "undone_index IS NOT NULL",
    "party_claim": "party_id IN (SELECT id FROM party WHERE entry_index IS NOT NULL)",
    "party_key": "compromised_since IS NOT NULL",
    "decision": "subject_kind = 'hit' AND confirmed_index IS NOT NULL",
    "assessment": "id IN (SELECT assessment_id FROM decision)",
    "shipment": "version = 2",
    "list_review": "state = 'read'",
    "personal_data": "value IS NOT NULL",
    "item": "is_batch",
    "event_item": "kg IS NOT NULL",
    "holding": "made",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def chain(request, tmp_path_factory, tell, new_world):
    """A chain with a row in every table that is covered, for all tests of this file; each undoes what it changes."""
    folder = tmp_path_factory.mktemp("chain")
    url = database(request, folder)
    authorities = folder / "authorities"
    settings = Settings(
        database_url=url, state_dir=folder / "state", log_origin="traceability.example/log",
        timestamp_authorities=authorities,
    )  # fmt: skip
    authorities.write_text("authority TSA https://tsa.example/tsr root.pem\n")
    service = open_service(settings, fixed_clock(START))
    from traceability_factories import new_party, new_user  # tests/conftest.py has made it known

    world = new_world(service, lambda *args, service, **named: new_party(service, *args, **named), folder)
    world.new_user = lambda *args, **named: new_user(service, *args, **named)
    tell_all(world, tell)
    time_stamp(world.service, folder / "root.pem")
    yield world
    world.service.close()


def database(request, folder):
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "traceability.db")
        return f"sqlite:///{folder / 'traceability.db'}"
    server, template = (request.getfixturevalue(f"postgresql_{name}") for name in ("server", "template"))
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE chain TEMPLATE {template} STRATEGY file_copy")
    engine.dispose()
    return server.set(database="chain").render_as_string(hide_password=False)


def load_with_questions(world):
    """Load an own list of which two rows wait, and read one of them."""
    file = gathered(
        b"id,name\n1,Nobody Of That Name Inc\n2,\n3,\n", file="own.csv", list_id="own-list", format="csv", part="",
        address="https://list.example/own", retrieved_at="2026-11-20",
    )  # fmt: skip
    list_files.load_files(world.service, ADMIN, [file])
    version = lists.version_in_force(world.service, "own-list", START.date())
    row, _ = list_review.review_of(world.service, ADMIN, version.id)
    list_review.mark_read(world.service, ADMIN, "own-list", row["id"], "asked who wrote the list")


def tell_all(world, tell):
    world.lists(tell.listed("UN.9", "Mine", country="RW"))
    load_with_questions(world)
    world.chain(LOT)
    world.capture(world.importer, tell.blend(world.importer, {LOT: 1000}, {PART: 900}))
    world.capture(world.importer, tell.extraction(world.mine, LOT))
    world.site(world.mine, "store", "RW", subdivision="RW-01", latitude=-1.5, longitude=30.25,
               valid_from="2026-01-01", valid_to="2026-12-31")  # fmt: skip
    stated = {"profile": {"employees": 40}, "volumes": [{"row_id": "A-26090000", "year": 2026, "opening_kg": "1200.5"}]}
    body, jws = world._signed(world.importer, stated)
    profiles.post(world.service, world.importer.actor("importer"), body, "application/json", jws)
    supplier = {"name": "Mine", "address": "Kigali", "party_id": world.mine.did}
    for weight in ("900", "1000"):
        world.shipment([LOT], supplier=supplier, net_weight_kg=weight)
    world.paper(b"cert", [("shipment", "S-1"), ("batch", LOT)])
    world.work()
    world.decide("suspended", "shipment", "S-1")
    world.confirm(world.judge("hit", world.hit("S-1"), "rejected"))
    other = world.party("Lost", ["trader"], "RW")
    world.capture(other, tell.extraction(other, NEXT))
    revocation.revoke(world.service, other.actor("supplier"), other.key.kid, "the laptop was stolen", 3)
    world.work()
    register(world.service)
    erase_one(world)
    world.new_user("auditor", name="olga")
    period, records = (date(2026, 11, 1), date(2027, 10, 31)), (date(2026, 1, 1), date(2026, 12, 31))
    mandates.grant(world.service, ADMIN, "olga", "BGR", "Art. 11", "ex-post check", period, world.importer.did, records)
    world.work()
    correct(world, tell)
    commit_and_erase(world, tell)
    open_cases(world)
    merge_undo_and_leave(world)
    beside_the_ledger(world, tell)
    follow(world.service)
    go_on_under_another_name(world)
    cosign(world.service)
    evidence_pack(world.service, world.officer(), LOT)


def correct(world, tell):
    """Let two persons accept that the second birth of a lot was declared wrong."""
    first, second = (
        tell.extraction(world.mine, TWICE, kg, day) for kg, day in ((1000, "2026-11-01"), (900, "2026-11-02"))
    )
    world.capture(world.mine, first, second, tell.hand("shipping", world.mine, world.importer, TWICE))
    world.capture(world.importer, tell.hand("receiving", world.mine, world.importer, TWICE))
    world.work()
    world.capture(world.mine, tell.declared_wrong(second))
    world.work()
    world.confirm(world.judge("correction", second["eventID"], "accepted"))
    world.work()


def merge_undo_and_leave(world):
    """Read two records as one and as two again, and let one of them leave."""
    one, two = (world.party(name, ["trader"], "RW") for name in ("Twin", "Twin Ltd"))
    second = Actor("second", "second", "admin")
    proposed = merges.propose(world.service, ADMIN, one.did, two.did, REASON)
    merges.approve(world.service, second, proposed.id, REASON)
    undone = merges.propose_undo(world.service, ADMIN, proposed.id, REASON)
    merges.approve(world.service, second, undone.id, REASON)
    departures.leave(world.service, ADMIN, two.id, REASON)
    world.work()


def open_cases(world):
    """Keep a mitigation plan in two versions, and a grievance with who reported it."""
    about, day = [{"kind": "party", "id": world.mine.did}], START.date()
    step = {"what": "a visit", "measure": "its report", "due_on": day}
    plan = {
        "risk_code": "A2-3", "about": about, "adopted_on": day, "review_due_on": day, "progress": "on_track",
        "steps": [step], "consultations": [],
    }  # fmt: skip
    first = cases.create(world.service, world.officer(), "plan", plan)
    cases.revise(world.service, world.officer(), "plan", first.case_id, 1, plan | {"progress": "improved"})
    said = {
        "kind": "grievance", "channel": "own", "about": about, "received_on": day, "status": "open", "text": "said",
    }  # fmt: skip
    cases.create(world.service, world.officer(), "grievance", said, "Aline")
    world.work()


def commit_and_erase(world, tell):
    """Hand in what opens two commitments of an event, let one be read, and erase the other."""
    kept, gone = new_opening("miner", "Jean-Bosco Mutombo"), new_opening("foreman", "Espérance Uwase")
    dug = tell.extraction(world.mine, DUG) | {"crm:commitment": [kept.commitment, gone.commitment]}
    miner = dataclasses.replace(world.mine.actor("supplier"), scopes=frozenset(SCOPES))
    taken = world.capture(world.mine, dug)
    personal.deposit(world.service, miner, taken.capture_id, [kept, gone])
    personal.openings(world.service, miner, dug["eventID"])
    dpo = Actor("dpo", "dpo", "dpo", world.mine.id)
    personal.erase(world.service, dpo, dug["eventID"], "she asked for it in writing, case 12", [gone.commitment])


def beside_the_ledger(world, tell):
    """Rows of the tables that no entry speaks of, each as it comes about."""
    body, jws = world._signed(world.mine, {"not": "signed by its sender"})
    with pytest.raises(BadSignature):
        capture(world.service, world.mine.actor(), CaptureRequest(body + b" ", "application/json", jws))
    (refused,) = world.rows(Incident)
    officer = dataclasses.replace(world.officer(), scopes=frozenset(SCOPES))
    incidents.link(world.service, officer, refused.id, LOT, REASON)
    holds.place(world.service, officer, "shipment", "S-1", REASON)
    api_keys.make_api_key(world.service, officer, "a key", ["read"])
    reports.ask(world.service, Actor("dora", "dora", "dpo", world.importer.id))
    nonce, new = keys.make_nonce(world.service, world.mine.did), signing_key(world.mine.did)
    asked = challenge_payload(world.mine.did, new.kid, new.public.jwk, nonce, world.service.settings.log_origin)
    proof = keys.ProofOfPossession(asked, sign_detached(asked, new, kid=new.kid), nonce)
    lost_keys.apply(world.service, "tom", world.mine.did, proof, "the only key went down with the phone")
    told = {"@context": tell.context, "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-11-20T08:00:00Z", "epcisBody": {"eventList": [tell.extraction(world.mine, LOT)]}}  # fmt: skip
    body, jws = world._signed(world.mine, told)
    capture(world.service, world.mine.actor(), CaptureRequest(body, "application/json", jws, idempotency_key="a name"))
    world.work()


def go_on_under_another_name(world):
    """Find out that the log's key has signed more than is here, and let the log go on as another."""
    service = world.service
    with service.store.read() as session:
        size = session.exec(sa.select(sa.func.max(Checkpoint.size))).scalar_one()
    lost = Head(service.settings.log_origin, size + 7, b"7" * 32)
    service.store._log._heads.remember(sign_checkpoint(lost, service.log_key))
    service.close()
    behind = open_service(service.settings, fixed_clock(START))
    new_origin(behind, "traceability.example/log-2")
    behind.close()
    settings = dataclasses.replace(service.settings, log_origin="traceability.example/log-2")
    world.service = open_service(settings, fixed_clock(START))
    world.service.__dict__["sandbox"] = world.papers
    world.service.store.write(
        lambda tx: tx.log.append(Entry(kind="evidence-pack", body=digest(b"x"), at=milliseconds(tx.now)))
    )


def erase_one(world):
    """Erase a paper when its time has come, as the retention of records does."""
    old, dpo = world.paper(b"old", []), Actor("dora", "dora", "dpo", world.importer.id)
    world.work()

    def gone(tx):
        body = erase.document_body(world.service, tx.session, old.id)
        erase.erase(world.service, tx, dpo, "a report", [body])

    world.service.store.write(gone)


def register(service):
    """Let a party be approved, and rotate its key."""
    did = "did:web:trader.example"
    first, second = (signing_key(did) for _ in range(2))
    nonce, origin = keys.make_nonce(service, did), service.settings.log_origin
    body = challenge_payload(did, first.kid, first.public.jwk, nonce, origin)
    proof = keys.ProofOfPossession(body, sign_detached(body, first, kid=first.kid), nonce)
    application = parties.Application(
        did, "Trader", "RW", ("trader",), address="Kigali", identifiers={"national": "123"},
        prefixes=("https://trader.example/",),
    )  # fmt: skip
    row = parties.apply(service, "tom", application, proof)
    parties.approve(service, ADMIN, row.id, reason="looked at the extract of the register")
    body = rotation_payload(did, first.public, second.kid, second.public.jwk, nonce, origin)
    old, new = (sign_detached(body, key, kid=key.kid) for key in (first, second))
    keys.rotate(service, Actor("tom", "tom", "supplier", row.id), first.kid, body, old, new, nonce)


def signing_key(did):
    drawn = PrivateKey.generate("EdDSA")
    return PrivateKey(drawn.public, f"{did}#{drawn.public.thumbprint}", drawn._key)


def time_stamp(service, certificates):
    from traceability_fake_tsa import FakeTsa, make_ca, make_signer  # as above

    start, end = START - timedelta(days=400), START + timedelta(days=4000)
    root = make_ca("Test TSA root", start, end)
    certificates.write_bytes(root.pem)
    tsa = FakeTsa(root, make_signer(root, start, end), (), lambda: START)
    with service.store.read() as session:
        newest = session.exec(sa.select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).scalar_one()
    asked = StampRequest.over(newest.note.encode())
    (authority,) = timestamping.load_authorities(service)
    found = asked.accept(tsa.answer(asked.to_bytes()), authority.trust)
    service.store.write(lambda tx: timestamping._keep(tx, newest, authority, found))


def follow(service):
    """Let another key follow the log's, and another second one where ML-DSA-44 is available."""
    with service.store.read() as session:
        newest = session.exec(sa.select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).scalar_one()
    second_signature.sign_second(service, newest)
    rotation.rotate_log_key(service)


def cosign(service):
    key = CosigningKey.generate("witness.example/w1")
    with service.store.read() as session:
        newest = session.exec(sa.select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).scalar_one()
    (found,) = cosignatures(newest.note + key.cosign(note_text(newest.note), START), [key.public])
    at = datetime.fromtimestamp(found.at, UTC)
    row = Cosignature(size=newest.size, witness=found.key.vkey, line=found.line, at=at)
    service.store.write(lambda tx: tx.session.add(row))


def report_of(world, deep=True):
    return fsck(world.service, deep=deep)


@contextlib.contextmanager
def altered(world, *statements):
    """Let a session see what the store looks like after some statements, and take them back."""
    with world.service.store.writer_engine.connect() as connection:
        transaction = connection.begin()
        unbound = {"sqlite": "PRAGMA defer_foreign_keys = ON", "postgresql": "SET session_replication_role = replica"}
        connection.exec_driver_sql(unbound[connection.dialect.name])  # what rots asks no constraint
        for statement in statements:
            assert connection.execute(statement).rowcount, str(statement)
        with Session(connection) as session:
            yield session
        transaction.rollback()


@contextlib.contextmanager
def changed(world, *statements):
    """Audit what the log looks like after some statements, and take them back."""
    with altered(world, *statements) as session:
        report = fsck_session(world.service, session)
        yield report if report.count else fsck_session(world.service, session, deep=True)


class Finder:
    """Tells whether an audit finds a change, by the part of it that found the one before in that table.

    Where that part finds nothing the whole audit is asked. A part is asked alone only if it has nothing to say of the
    unchanged chain then: it could miss what other parts have found out, and take that for damage.
    """

    def __init__(self, world):
        self._world, self._found_by, self._alone = world, {}, {}

    def finds(self, table, *statements):
        with altered(self._world, *statements) as session:
            found = self.sees(session, table)
        if table not in self._alone and (part := self._found_by.get(table)):
            with self._world.service.store.read() as session:
                self._alone[table] = not self._audit(session, table, *part)
        return found

    def sees(self, session, table):
        """Return whether something is wrong in what a session sees, where ``table`` was changed."""
        if self._alone.get(table) and self._audit(session, table, *self._found_by[table]):
            return True
        return any(self._audit(session, table, deep) for deep in (False, True))

    def _audit(self, session, table, deep, only=None):
        """Audit until something is found: all of it, or what reads keys and erasures and one part (by its number)."""

        def chosen(service, audit, *, deep):
            for number, (name, part) in enumerate(_parts(service, audit, deep=deep)):
                if only in {None, number} or isinstance(part, MethodType):
                    yield name, part
                if audit.report.count:
                    if only is None:
                        self._found_by[table] = (deep, number)
                    return

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("traceability.services.fsck._parts", chosen)
            return fsck_session(self._world.service, session, deep=deep).verdict != "ok"


@pytest.fixture(scope="module")
def finder(chain):
    return Finder(chain)


def row_of(world, name, *, anywhere=False):
    table = TABLES[name]
    query = sa.select(table).order_by(*table.primary_key.columns)
    query = query.where(sa.text(WHERE[name])) if name in WHERE and not anywhere else query
    with world.service.store.read() as session:
        return session.connection().execute(query.limit(1)).one()


def at(table, row):
    return sa.and_(*(column == getattr(row, column.name) for column in table.primary_key.columns))


def other_value(column, value):
    """Return another value of a column: a single flipped bit, or the next of its kind."""
    if value is None:
        return _sample(column)
    change = next(change for kind, change in CHANGES.items() if isinstance(value, kind))
    return change(value)


def _flipped_text(value):
    if not value:
        return "x"
    middle = len(value) // 2
    return value[:middle] + chr(ord(value[middle]) ^ 1) + value[middle + 1 :]


def _sample(column):
    if isinstance(column.type, sa.TypeDecorator):
        kind = {"UTCDateTime": datetime, "Kilograms": Decimal}.get(type(column.type).__name__, str)
    else:
        kind = dict if isinstance(column.type, sa.JSON) else column.type.python_type
    samples = {str: "x", int: 1, bool: True, float: 1.5, bytes: b"x", Decimal: Decimal(1), dict: {"x": 1},
               date: date(2026, 1, 1), datetime: datetime.fromisoformat("2026-01-01T00:00:00+00:00")}  # fmt: skip
    return samples[kind]


def _other_json(value):
    if isinstance(value, dict):
        if not value:
            return {"x": 1}
        name = min(value)
        return {**value, name: _other_json(value[name])}
    if isinstance(value, list):
        return [_other_json(value[0]), *value[1:]] if value else ["x"]
    return (
        {True: False, False: True}.get(value, f"{value}!") if isinstance(value, bool | str) else 7 if value != 7 else 8
    )


CHANGES = {
    bool: lambda value: not value,
    int: lambda value: value ^ 1024,
    str: _flipped_text,
    bytes: lambda value: value[:-2] + bytes([value[-2] ^ 4]) + value[-1:],
    datetime: lambda value: value + timedelta(milliseconds=1),
    date: lambda value: value + timedelta(days=1),
    (Decimal, float): lambda value: value + 1,
    (dict, list): lambda value: _other_json(copy.deepcopy(value)),
}


def test_every_column_has_a_verdict():
    for name, table in TABLES.items():
        if name in UNCOVERED:
            assert name not in FOUND
            continue
        said = [*FOUND[name], *FORM.get(name, ()), *LEFT.get(name, ())]
        assert sorted(said) == sorted(column.name for column in table.columns), name
    assert {*FOUND, *UNCOVERED} == set(TABLES)


#: Tables that hold nothing in the chain of these tests, and why.
EMPTY = {
    **dict.fromkeys(
        ("contest_link", "work_handover", "assignment", "saved_view"), "no ground of anything: UNCOVERED says why"
    ),
    **dict.fromkeys(
        ("match_name", "match_key", "match_posting", "match_word", "match_indexed"), "filled beside the jobs"
    ),
    "job": "what was done is gone",
    "list_reminder": "no list is near its greatest age on that day",
    "case_reminder": "no mail server and no webhook is set",
    "retention_line": "nothing is due or kept beyond its term within a week",
}


def test_the_chain_has_entries_of_every_kind_and_rows_in_every_table(chain):
    """Or a new kind or table would be flipped nowhere below."""
    with chain.service.store.read() as session:
        connection = session.connection()
        kinds = connection.execute(sa.select(TABLES["ledger_entry"].c.kind).distinct()).scalars()
        assert set(kinds) == set(KINDS)
        full = {
            name
            for name, table in TABLES.items()
            if connection.execute(sa.select(sa.exists().select_from(table))).scalar()
        }
    assert full | EMPTY.keys() == set(TABLES)
    assert not full & EMPTY.keys()


def test_no_false_alarm_and_every_table_is_looked_at(chain):
    for deep in (False, True):
        report = report_of(chain, deep=deep)
        assert [problem.as_dict() for problem in report.problems] == []
        assert (report.verdict, report.first) == ("ok", None)
        assert report.entries == len(chain.rows(LedgerEntry))
        assert report.stands[0] == report.entries
    assert report.checked.keys() >= FOUND.keys() - {"ledger_tile"}


def test_every_changed_value_is_found(chain, finder):
    missed = []
    # What finds a change is the same on both; PostgreSQL, where an audit takes twice the time, shows it for some.
    step = 1 if chain.service.store.writer_engine.dialect.name == "sqlite" else 18
    for name, columns in FOUND.items():
        row, table = row_of(chain, name), TABLES[name]
        for column in sorted(columns | FORM.get(name, frozenset()))[::step]:
            value = other_value(table.c[column], getattr(row, column))
            if not finder.finds(name, sa.update(table).where(at(table, row)).values({column: value})):
                missed.append((name, column, getattr(row, column), value))
    assert missed == []


def test_every_bit_that_rots_is_found(chain, finder):
    """Bits drawn by chance in what SQLite stores of every covered table, whatever type it then has: all are found."""
    if chain.service.store.writer_engine.dialect.name != "sqlite":
        pytest.skip(
            "PostgreSQL keeps the types of its columns itself; test_every_changed_value_is_found has its values"
        )
    drawn, missed, flips = random.Random(11), [], collections.Counter()
    for name, columns in FOUND.items():
        table, keys = TABLES[name], [column.name for column in TABLES[name].primary_key.columns]
        wanted = sorted(columns | FORM.get(name, frozenset()))
        for _ in range(10 * BITS):
            column = drawn.choice(wanted)
            told, statement = rotten(chain, drawn, table, keys, column)
            if statement is None:
                continue
            try:
                if not finder.finds(name, statement):
                    missed.append(f"{name}.{column}: {told}")
            except sa.exc.IntegrityError:
                continue  # another row has that key
            flips[name] += 1
            if flips[name] == BITS:
                break
    assert missed == []
    assert flips == dict.fromkeys(FOUND, BITS)


def test_every_bit_that_rots_in_the_file_is_found(chain, finder, tmp_path):
    """Not in a value but in the pages of the file: what changes a covered value is found, the rest changes none.

    Of every table bits of a page of its own, and bits drawn anywhere: in indices, headers, and space nobody uses.
    """
    if chain.service.store.writer_engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has checksums of its own for its pages")
    path, drawn, outcomes, missed = tmp_path / "rotten.db", random.Random(7), collections.Counter(), []
    whole = pages_of(chain, tmp_path)
    path.write_bytes(whole)
    before, owns = values_of(path), sorted(FOUND)
    for name in [*owns * FILE_BITS, *[None] * 12]:
        page = drawn.choice(leaves(path, whole, name)) if name else drawn.randrange(len(whole) // PAGE)
        places = [n for n in range(page * PAGE, (page + 1) * PAGE) if whole[n] or name is None]
        place, bit = drawn.choice(places), drawn.randrange(8)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        touched = {one for one, rows in values_of(path).items() if rows != before[one]}
        outcome = "no value" if not touched else "covered" if touched & FOUND.keys() else "not covered"
        outcomes[outcome] += 1
        if outcome == "covered" and is_fine(finder, path, min(touched & FOUND.keys())):
            missed.append((place // PAGE, place % PAGE, bit, touched))
    assert missed == []
    assert outcomes["covered"] > len(FOUND)
    assert outcomes["no value"]


def pages_of(world, folder):
    """Return the database's file, page by page as it is."""
    with (
        contextlib.closing(sqlite3.connect(sqlite_path(world.service.settings.database_url))) as source,
        contextlib.closing(sqlite3.connect(folder / "whole.db")) as target,
    ):
        source.backup(target)
        assert target.execute("PRAGMA page_size").fetchone() == (PAGE,)
    return (folder / "whole.db").read_bytes()


def leaves(path, whole, name):
    """Return the numbers of the pages that hold rows of a table (file format of SQLite, 1.6), from 0."""
    with contextlib.closing(sqlite3.connect(f"file:{path.with_name('whole.db')}?mode=ro", uri=True)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    waiting, found = [root - 1], []
    while waiting:
        page = waiting.pop()
        data = whole[page * PAGE : (page + 1) * PAGE]
        if data[0] != INNER:
            found.append(page)  # a leaf, or an inner page of a table without row ids, which has rows too
        if data[0] in LEAVES:
            continue
        (cells,) = struct.unpack(">H", data[3:5])
        pointers = struct.unpack(f">{cells}H", data[12 : 12 + 2 * cells])
        waiting += [struct.unpack(">I", data[at : at + 4])[0] - 1 for at in pointers]
        waiting.append(struct.unpack(">I", data[8:12])[0] - 1)
    return found


def values_of(path):
    """Return by table every value that is stored, with its type; of covered tables those of the covered columns."""
    found = {}
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.text_factory = bytes
        for name, table in TABLES.items():
            columns = (
                FOUND[name] | FORM.get(name, frozenset()) if name in FOUND else [one.name for one in table.columns]
            )
            wanted = ", ".join(f'typeof("{one}"), "{one}"' for one in sorted(columns))
            try:
                found[name] = database.execute(f'SELECT {wanted} FROM "{name}" NOT INDEXED').fetchall()
            except (sqlite3.Error, UnicodeDecodeError) as error:
                found[name] = str(error)
    return found


def is_fine(finder, path, table):
    engine = read_engine(f"sqlite:///{path}")
    try:
        with Session(engine) as session:
            return not finder.sees(session, table)
    except (sa.exc.DatabaseError, UnicodeDecodeError):
        return False  # nobody can read it at all
    finally:
        engine.dispose()


def rotten(world, drawn, table, keys, column):
    """Return what is changed, and the statement that flips one bit of a value; None where there is none."""
    named = ", ".join(f'"{name}"' for name in (*keys, column))
    known = f"WHERE {WHERE[table.name]}" if table.name in WHERE else ""
    with world.service.store.read() as session:
        rows = session.connection().exec_driver_sql(f'SELECT {named} FROM "{table.name}" {known}').all()
    *key, value = drawn.choice(rows)
    where = " AND ".join(f'"{name}" = :k{n}' for n, name in enumerate(keys))
    names = {f"k{n}": one for n, one in enumerate(key)}
    if value is None or value in ("", b""):
        return "", None
    flipped, cast = flip(drawn, value)
    statement = sa.text(f'UPDATE "{table.name}" SET "{column}" = {cast} WHERE {where}').bindparams(v=flipped, **names)
    return f"{value!r} -> {flipped!r}", statement


def flip(drawn, value):
    if isinstance(value, int):
        return value ^ 1 << drawn.randrange(8), ":v"
    if isinstance(value, float):
        return struct.unpack("<d", flip(drawn, struct.pack("<d", value))[0])[0], ":v"
    data = bytearray(value if isinstance(value, bytes) else value.encode())
    data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
    return bytes(data), "CAST(:v AS TEXT)" if isinstance(value, str) else ":v"


def test_every_deleted_row_is_found(chain, finder):
    missed = []
    for name in FOUND.keys() - FORGOTTEN.keys() | {"checkpoint"}:
        row, table = row_of(chain, name), TABLES[name]
        order = [column.desc() for column in table.primary_key.columns]
        if name == "checkpoint":  # covered.FORGOTTEN
            with chain.service.store.read() as session:
                row = session.connection().execute(sa.select(table).order_by(*order).limit(1)).one()
        if not finder.finds(name, sa.delete(table).where(at(table, row))):
            missed.append(name)
    assert missed == []


def test_every_inserted_row_is_found(chain, finder):
    missed = []
    for name in FOUND:
        row, table = row_of(chain, name), TABLES[name]
        unique = {column.name for column in table.primary_key.columns if not column.foreign_keys}
        for constraint in table.constraints:
            unique |= {c.name for c in constraint.columns} if isinstance(constraint, sa.UniqueConstraint) else set()
        unique -= {column.name for column in table.columns if column.foreign_keys}
        unique = unique or {column.name for column in table.primary_key.columns}  # a row of another row's own
        values = {
            column.name: other_value(column, getattr(row, column.name)) if column.name in unique
            else getattr(row, column.name)
            for column in table.columns
        }  # fmt: skip
        if not finder.finds(name, sa.insert(table).values(values)):
            missed.append(name)
    assert missed == []


@pytest.mark.parametrize(("name", "column"), [("ledger_entry", "body"), ("ledger_tile", "hashes"), ("event", "body"),
                                              ("checkpoint", "note"), ("capture", "body")])  # fmt: skip
def test_exchanged_contents_are_found(chain, grow, name, column):
    grow(chain.service, 600)
    table = TABLES[name]
    with chain.service.store.read() as session:
        first, *others = session.connection().execute(sa.select(table).order_by(*table.primary_key.columns))
    second = next(row for row in others if getattr(row, column) != getattr(first, column))
    one = sa.update(table).where(at(table, first)).values({column: getattr(second, column)})
    two = sa.update(table).where(at(table, second)).values({column: getattr(first, column)})
    with changed(chain, one, two) as report:
        assert report.verdict == "failed"


@pytest.fixture
def grow():
    def run(service, count, commits=1):
        for number in range(commits):

            def write(tx, number=number):
                for n in range(count):
                    about = b"%d %d" % (number, n)
                    tx.log.append(Entry(kind="evidence-pack", body=digest(about), at=milliseconds(tx.now)))

            service.store.write(write)

    return run


def test_an_audit_beside_a_writer_sees_one_moment(chain, grow):
    """Commits go on while it reads: head, entries, tiles and checkpoints are those of one snapshot."""
    stop, sizes = threading.Event(), []

    def write():
        while not stop.is_set():
            grow(chain.service, 40)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(8):
            report = report_of(chain)
            assert [problem.as_dict() for problem in report.problems] == []
            sizes.append(report.entries)
    finally:
        stop.set()
        writer.join()
    assert sizes[-1] > sizes[0], "the writer went on"


def test_a_lost_or_changed_file_of_a_document_is_found(chain):
    (path,) = [path for path in chain.service.settings.files.rglob("*") if path.is_file()]
    data, mode = path.read_bytes(), path.stat().st_mode
    path.chmod(0o600)
    for other in (data[:-1] + b"?", None):
        path.write_bytes(other) if other else path.unlink()
        report = report_of(chain)
        assert [problem.table for problem in report.problems] == ["document"]
        assert report_of(chain, deep=False).verdict == "ok", "files are read by --deep alone"
    path.write_bytes(data)
    path.chmod(mode)


OPENING = TABLES["personal_data"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (sa.update(OPENING).values(value="Somebody Else"), "it was erased, and is here"),
        (sa.update(OPENING).values(erasure_index=None), "do not open the commitment"),
        (sa.update(OPENING).values(erasure_index=1), "entry 1 does not say so"),
        (sa.delete(OPENING), "has no row that says so"),
    ],
)
def test_an_erased_opening_stays_what_its_entry_says(chain, change, told):
    with changed(chain, change.where(OPENING.c.erasure_index.is_not(None))) as report:
        assert any(told in problem.what for problem in report.problems if problem.table == "personal_data")


def test_what_stands_is_told_with_the_first_bad_index(chain):
    row = row_of(chain, "shipment")
    with changed(
        chain, sa.update(TABLES["shipment"]).where(TABLES["shipment"].c.id == row.id).values(body=b"x")
    ) as report:
        told = report.as_dict()
    assert told["first_bad"]["index"] == row.entry_index
    assert told["first_bad"]["what"].startswith("shipment: ")
    assert 0 < told["stands"]["size"] <= row.entry_index
    assert told.keys() == {
        "verdict", "entries", "first_bad", "stands", "problems", "problem_count", "deep", "not_checked", "checked",
        "recorded_before",
    }  # fmt: skip


NEXT_VERSION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None
def upgrade():
    with op.batch_alter_table("event") as batch:
        batch.alter_column("evidence", type_=sa.String(20), existing_type=sa.String(19), existing_nullable=False)
"""


def test_a_migration_leaves_entries_and_root_and_what_they_stand_for(quick, clock, open_at, tmp_path):
    """Fault 36 of ledger.md: a whole table is rebuilt under a live log, and the audit finds nothing before and after."""
    quick.lists()
    quick.chain(LOT)
    quick.work()
    before, entries = fsck(quick.service, deep=True), [bytes(row.body) for row in quick.rows(LedgerEntry)]
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "9999_next.py").write_text(NEXT_VERSION.format(head=head()))
    quick.service.store.close()
    upgrade(quick.service.settings, versions=(VERSIONS, tmp_path / "versions"))
    again = open_at(quick.service.settings, clock)
    after = fsck(again, deep=True)
    assert (before.problems, after.problems) == ([], [])
    assert (after.stands, after.entries) == (before.stands, before.entries)
    with again.store.read() as session:
        query = sa.select(LedgerEntry.body).order_by(LedgerEntry.index)
        assert [bytes(body) for body in session.connection().execute(query).scalars()] == entries


def test_what_was_recorded_before_is_held_to_what_its_entry_stands_for(quick, monkeypatch):
    """Assessments stood in the ledger with their result alone, list versions with the hash of their table's file."""
    monkeypatch.setattr(runs, "assessment_bytes", lambda row: record_bytes(row.result))
    monkeypatch.setattr(lists, "digest", lambda whole: b64u(bytes.fromhex(orjson.loads(whole)["table_sha256"])))
    quick.lists()
    quick.chain(LOT)
    quick.work()
    monkeypatch.undo()
    report = fsck(quick.service, deep=True)
    assert [problem.as_dict() for problem in report.problems] == []
    told = {one["table"]: one["rows"] for one in report.as_dict()["recorded_before"]}
    assert told == {"assessment": quick.runs(), "list_version": 4, "party": 2}
    for table, column in (("assessment", "result"), ("assessment", "facts"), ("list_version", "table_sha256")):
        row = row_of(quick, table, anywhere=True)
        value = other_value(TABLES[table].c[column], getattr(row, column))
        with changed(quick, sa.update(TABLES[table]).where(at(TABLES[table], row)).values({column: value})) as report:
            assert report.verdict == "failed", (table, column)


def test_a_value_that_cannot_be_read_is_named_and_the_rest_goes_on(quick, tell):
    quick.chain(LOT)
    quick.work()
    path = quick.service.settings.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE event SET event_time = 'yesterday' WHERE position = 0")
        database.execute("UPDATE capture SET errors = '{' WHERE entry_index = (SELECT max(entry_index) FROM capture)")
        database.execute("UPDATE event_item SET kg = 'many' WHERE role = 'observed'")
    report = fsck(quick.service, deep=True)
    told = " ".join(problem.what for problem in report.problems)
    assert {problem.table for problem in report.problems} >= {"event", "capture", "event_item"}
    assert "cannot be read" in told
    assert "the check could not go on" not in told
