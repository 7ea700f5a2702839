"""The command line in its runner, and a real service on loopback for the commands that take ``--url``."""

import json
import threading
from dataclasses import dataclass
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import click.testing
import jsonschema
import pytest
import structlog.testing

from traceability.cli import main
from traceability.cli.shapes import ANSWERS


@dataclass(frozen=True)
class Ran:
    """What a command left: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def described(schema):
    """Return a published schema in which every field has to be described; to users fields may be added."""
    if isinstance(schema, list):
        return [described(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return {name: described(value) for name, value in schema.items()} | closed


SHAPES = {name: described(schema) for name, schema in ANSWERS.items()}


def _check_shape(arguments, out):
    """Check an answer against the published shape of its command, every time a test asks for one."""
    words = [word for word in arguments if not word.startswith("-")]
    shape = SHAPES[next(name for n in (3, 2, 1) if (name := " ".join(words[:n])) in SHAPES)]
    if "--jsonl" in arguments:
        if shape["type"] != "array" and len(shape["properties"]) == 1:
            (shape,) = shape["properties"].values()
        one = shape["items"] if shape["type"] == "array" else shape
        values, shape = [json.loads(line) for line in out.splitlines()], {"type": "array", "items": one}
    else:
        values = json.loads(out)
    jsonschema.validate(values, shape, jsonschema.Draft202012Validator)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """``run("epcis", "check", file)`` in an empty folder and with a database of its own that does not exist yet."""
    for name, value in {
        "TRACEABILITY_DATABASE_URL": f"sqlite:///{tmp_path}/cli/traceability.db",
        "TRACEABILITY_STATE_DIR": str(tmp_path / "cli"),
        "TRACEABILITY_NOW": "2026-11-23T09:00:00Z",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("TRC_URL", "TRC_TOKEN", "TRC_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*arguments, typed=None):
        result = click.testing.CliRunner().invoke(main, list(map(str, arguments)), input=typed)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        if {"--json", "--jsonl"} & {*arguments} and result.stdout:
            _check_shape(list(map(str, arguments)), result.stdout)
        return Ran(result.exit_code, result.stdout, result.stderr)

    return call


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def server(sqlite_service):
    """Return the address of a service that serves ``sqlite_service``."""
    from traceability.app import create_app

    app = create_app(service=sqlite_service)
    quiet = structlog.testing.capture_logs()  # the runner captures standard output, where structlog writes by default
    with quiet, make_server("127.0.0.1", 0, app, server_class=WSGIServer, handler_class=_Quiet) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def admin_token(make_session):
    """Return the session token of an admin."""
    return make_session(role="admin").secret


@pytest.fixture
def second_admin_token(make_session):
    """Return the session token of another admin."""
    return make_session(role="admin").secret


@pytest.fixture
def keyfile(tmp_path):
    """``keyfile(party)`` writes the private key of a made party into a file."""

    def write(party, name="party.key"):
        path = tmp_path / name
        party.key.save(path)
        return path

    return write
