"""The installed command in processes of its own, on real sockets: what an operator types."""

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from traceability.config import Settings
from traceability.demo.run import run as run_demo
from traceability.demo.state import pinned
from traceability.services.access import SCOPES
from traceability.services.context import open_service
from traceability.storage.migrate import migrate

COMMAND = Path(sys.executable).with_name("traceability")


@dataclass
class Place:
    """An installation: its settings, and the processes started in it."""

    env: dict[str, str]
    folder: Path
    url: str
    started: list[subprocess.Popen] = field(default_factory=list)
    command: Path = COMMAND

    def run(self, *arguments: Any, **env: str) -> subprocess.CompletedProcess:
        """Run a command to its end."""
        return subprocess.run(
            [COMMAND, *map(str, arguments)], env=self.env | env, cwd=self.folder, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip

    def json(self, *arguments: Any, **env: str) -> Any:
        """Run a command that has to succeed and return its JSON."""
        done = self.run(*arguments, "--json", **env)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def serve(self, command: str = "serve") -> subprocess.Popen:
        """Start ``serve`` or ``worker``; ``serve`` is waited for until it answers."""
        log = (self.folder / f"{command}.log").open("ab")
        process = subprocess.Popen([COMMAND, command], env=self.env, cwd=self.folder, stdout=log, stderr=log)
        log.close()
        self.started.append(process)
        for _ in range(600):
            if command != "serve" or self.answers():
                return process
            assert process.poll() is None, (self.folder / f"{command}.log").read_text()
            time.sleep(0.1)
        raise AssertionError("the service does not answer")

    def answers(self) -> bool:
        """Return whether somebody listens."""
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", int(self.env["TRACEABILITY_PORT"]))) == 0

    def stop(self, process: subprocess.Popen, number: int = signal.SIGTERM) -> int:
        """End a process and return how it ended."""
        process.send_signal(number)
        return process.wait(60)


@pytest.fixture
def make_place(tmp_path):
    """``make_place(database_url)`` is a new installation; what it started is ended after the test."""
    places = []

    def make(url):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            port = held.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRACEABILITY_", "TRC_"))}
        folder = tmp_path / f"place-{len(places)}"
        folder.mkdir()
        own = {
            "TRACEABILITY_DATABASE_URL": url or f"sqlite:///{folder}/traceability.db",
            "TRACEABILITY_STATE_DIR": f"{folder}/state",
            "TRACEABILITY_PORT": str(port),
            "TRACEABILITY_THREADS": "4",
            "TRACEABILITY_LOG_FORMAT": "text",
        }
        place = Place(kept | own, folder, f"http://127.0.0.1:{port}")
        places.append(place)
        return place

    yield make
    for place in places:
        for process in place.started:
            if process.poll() is None:
                process.kill()
                process.wait()


@dataclass(frozen=True)
class Demonstration:
    """The demonstration as it was left: its settings, and what it printed."""

    settings: Settings
    outcome: Any


@pytest.fixture
def keys_http():
    """Return keys_http.py: test folders are no packages."""
    return _sibling("keys_http")


def _sibling(name):
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def make_person(request, make_user, make_session):
    """``make_person(role, party)``: the headers of a new person: signed in, or for who sends, of an API key of its own."""
    from traceability.services.api_keys import make_api_key

    service = request.getfixturevalue("service" if "service" in request.fixturenames else "sqlite_service")

    def make(role, party=None):
        if role not in {"supplier", "importer"}:
            return make_session(party, role=role).headers
        secret = make_api_key(service, make_user(role, party=party).actor, "k", SCOPES).secret
        return {"Authorization": f"Bearer {secret}"}

    return make


@pytest.fixture
def admin(make_session):
    """Return the headers of an admin who has signed in and applied for nothing."""
    return make_session(role="admin").headers


@pytest.fixture
def make_firm(client, admin, make_person, keys_http):
    """``make_firm(name, role, country)``: applied for with proof of possession, approved, with somebody's API key."""

    def make(name, role, country, alg="EdDSA", user=None):
        did = f"did:web:{name.lower()}.example"
        key = keys_http.new_key(did, alg)
        body = {
            "did": did,
            "name": name,
            "country": country,
            "roles": [role],
            "proof": keys_http.proof(client, did, key),
        }
        made = client.post("/v1/parties", json=body)
        assert made.status_code == 201, made.json
        assert client.post(f"/v1/parties/{made.json['id']}/approve", json={}, headers=admin).status_code == 200
        person = user or ("importer" if role == "importer" else "supplier")
        return keys_http.Firm(
            client, made.json["id"], did, key, make_person(person, SimpleNamespace(id=made.json["id"]))
        )

    return make


@pytest.fixture(scope="session")
def demonstrate(request, tmp_path_factory):
    """``demonstrate("sqlite")`` is the demonstration, in a database and folder that the caller alone works on.

    It is run once for each kind of database, and nobody opens what it left: each caller gets a copy.
    """
    done, copies = {}, count(1)

    def run(kind):
        if kind not in done:
            template = None if kind == "sqlite" else request.getfixturevalue("postgresql_template")
            url = template and _copied_database(request, template, "demonstration")
            done[kind] = _demonstrate(tmp_path_factory.mktemp(f"demo-{kind}"), url)
        name = f"demonstration_{next(copies)}"
        url = None if kind == "sqlite" else _copied_database(request, "demonstration", name)
        return _copy(done[kind], tmp_path_factory.mktemp(name), url)

    return run


def _copied_database(request, template, name):
    server = request.getfixturevalue("postgresql_server")
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


def _copy(made, folder, url):
    shutil.copytree(made.settings.state_dir.parent, folder, dirs_exist_ok=True)
    own = {"database_url": url or f"sqlite:///{folder}/traceability.db", "state_dir": folder / "state"}
    outcome = replace(made.outcome, folder=folder / made.outcome.folder.relative_to(made.settings.state_dir.parent))
    return Demonstration(replace(made.settings, **own), outcome)


def _demonstrate(folder, url):
    own = Settings(database_url=url or f"sqlite:///{folder}/traceability.db", state_dir=folder / "state")
    settings = pinned(own)
    if url is None:
        migrate(settings.database_url)
    service = open_service(settings)
    try:
        return Demonstration(settings, run_demo(service))
    finally:
        service.close()
