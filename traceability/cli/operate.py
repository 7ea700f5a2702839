"""Running it: serve, worker, migrate, health, settings (stack.md 3: on SQLite only the ``serve`` process writes)."""

import contextlib
import re
import signal
import threading
from dataclasses import fields
from typing import Any

import click

from traceability.cli import local
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, output
from traceability.config import PREFIX, Settings, load_settings
from traceability.errors import InvalidInput

_PASSWORD = re.compile(r"(://[^:/@]{0,200}):[^@/]{1,500}@")


@click.command()
def serve() -> None:
    """Serve the API and the pages until stopped; migrates an empty database, refuses an older schema."""
    from traceability.cli.logs import configure_logs
    from traceability.cli.server import Server
    from traceability.services.backup import owning
    from traceability.services.context import open_service
    from traceability.services.settings_check import check_settings
    from traceability.services.witness_check import compare_with_witnesses

    settings = load_settings()
    check_settings(settings)
    if settings.is_sqlite and settings.processes != 1:
        raise InvalidInput(f"{PREFIX}PROCESSES is 1 on SQLite, where one process writes; got {settings.processes}")
    with owning(settings, "serve"):
        local.ready(settings)
        configure_logs(settings.log_format)
        # What cannot be opened is told here, and not by web processes that end one after another.
        with contextlib.closing(open_service(settings)) as service:
            if settings.witnesses is not None:
                compare_with_witnesses(service)
        Server(settings).run()


@click.command()
def worker() -> None:
    """Run jobs until stopped (SIGTERM finishes the running one); for PostgreSQL, where serve runs none."""
    from traceability.cli.logs import configure_logs
    from traceability.services.auditing import follow_audits, follow_deep_audits
    from traceability.services.reminding import follow_reminders
    from traceability.services.settings_check import check_settings
    from traceability.services.timestamping import follow_authorities
    from traceability.services.witness_check import compare_with_witnesses
    from traceability.services.witnessing import follow_witnesses
    from traceability.services.worker import follow_calendar, load_handlers, run_worker

    check_settings(load_settings())
    load_handlers()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with local.writing("worker") as service:
        configure_logs(service.settings.log_format)
        compare_with_witnesses(service)
        service.store.check()
        beside = [
            threading.Thread(target=follow, args=(service, stop))
            for follow in (
                follow_calendar,
                follow_witnesses,
                follow_authorities,
                follow_audits,
                follow_deep_audits,
                follow_reminders,
            )
        ]
        for thread in beside:
            thread.start()
        run_worker(service, stop)
        for thread in beside:
            thread.join()


@click.command()
def migrate() -> None:
    """Bring an empty or older database to this program's schema; `upgrade` does it with a backup."""
    from traceability.services.backup import owning
    from traceability.storage import migrate as migrations

    settings = load_settings()
    with owning(settings, "migrate"):
        click.echo(f"the database has the schema {migrations.migrate(settings.database_url)}")


@click.command()
@click.option("--url", default=None, help="Address of the service; default: the one `serve` listens on.")
@output(listed=False)
def health(out: Output, url: str | None) -> None:
    """Ask a running service how it is: 0 it works, 1 jobs wait or have failed, 3 it does not answer."""
    from traceability.cli.remote import Remote

    settings = load_settings()
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104  # compared, not bound
    found = Remote(url or f"http://{host}:{settings.port}").get("/health")
    jobs, ledger = found["jobs"], found["ledger"]
    text = (
        f"{found['status']}: {ledger['size']} ledger entries; jobs {jobs['waiting']} waiting, {jobs['running']} "
        f"running, {jobs['failed']} failed; worker {jobs['worker']}"
    )
    text += "".join(f"\n  {found[name]}" for name in ("quarantine", "clock", "log_key") if name in found)
    text += "".join(f"\n  witness {name}: {said}" for name, said in found.get("witnesses", {}).items())
    out.one(found, text, code=0 if found["status"] == "ok" else FOUND)


@click.command()
@output(listed=False)
def settings(out: Output) -> None:
    """Print every setting with its value, where it comes from, and what it means. Writes nothing."""
    out.all_of("settings", _settings_rows(), _settings_text)


def _settings_rows() -> list[dict[str, Any]]:
    import os

    found = load_settings()
    return [
        {
            "name": PREFIX + item.name.upper(),
            "value": _shown(getattr(found, item.name)),
            "source": "environment" if PREFIX + item.name.upper() in os.environ else "default",
            "meaning": item.metadata["meaning"],
        }
        for item in fields(Settings)
    ]


def _shown(value: Any) -> str | None:
    return None if value is None else _PASSWORD.sub(r"\1:***@", str(value))


def _settings_text(row: Any) -> str:
    value = "(not set)" if row["value"] is None else row["value"]
    return f"{row['name']}={value}  [{row['source']}]\n    {row['meaning']}"
