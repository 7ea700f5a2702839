"""The demonstration: five supply chains on an empty database, posted through the API at a pinned date."""

import importlib
import logging
from collections.abc import Sequence
from typing import Any

import click

from traceability.cli import local
from traceability.cli.logs import configure_logs
from traceability.cli.output import dumped
from traceability.config import Settings, load_settings
from traceability.errors import Conflict
from traceability.services.backup import owning
from traceability.services.context import open_service

# It stands above the application, which stands above the command line: so it is taken by its name.
_DEMO, _STATE = "traceability.demo.run", "traceability.demo.state"


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing where there is data already, and say so.")
@click.option("--json", "as_json", is_flag=True, help="The table as JSON; who can sign in goes to standard error.")
def demo(if_empty: bool, as_json: bool) -> None:
    """Fill an empty database: real risk lists, invented companies, five signed chains with their documents."""
    settings = load_settings()
    state = importlib.import_module(_STATE)
    with owning(settings, "demo"):
        local.ready(settings)
        service = open_service(state.pinned(settings))
        try:
            if if_empty and state.has_data(service):
                _tell_nothing_done(settings, unfinished=state.unfinished(settings.state_dir), as_json=as_json)
                return
            configure_logs(settings.log_format)
            logging.getLogger().setLevel(logging.WARNING)  # not a line for each of its own requests
            click.echo(
                "The demonstration takes about half a minute: lists, companies, five chains, documents.", err=True
            )
            outcome = importlib.import_module(_DEMO).run(service)
        finally:
            service.close()
    if as_json:
        click.echo(dumped([row.as_dict() for row in outcome.rows]))
    else:
        click.echo("\n".join(_table(outcome.rows)))
    click.echo("\n".join(_how_to_go_on(settings, outcome)), err=as_json)


def _tell_nothing_done(settings: Settings, *, unfinished: bool, as_json: bool) -> None:
    if unfinished:
        raise Conflict(
            "a demonstration was begun here and did not come to its end; `make clean` removes it, then begin anew"
        )
    click.echo(
        f"There is data already: no demonstration. `traceability serve` answers at {settings.public_url}", err=True
    )
    if as_json:
        click.echo("[]")


def _table(rows: Sequence[Any]) -> list[str]:
    wide = max(len(row.batch) for row in rows)
    lines = [f"{'batch':{wide}}  {'state':20}  codes"]
    for row in rows:
        lines.append(f"{row.batch:{wide}}  {row.state:20}  {' '.join(row.codes) or 'none above info'}")
        lines += [f"{'':{wide}}  {'':20}  coverage: {sentence}" for sentence in row.coverage]
    return lines


def _how_to_go_on(settings: Settings, outcome: Any) -> list[str]:
    accounts = [f"  {item.name:10} {item.role:10} {item.password}  {item.party}" for item in outcome.accounts]
    return [
        "",
        f"Sign in at {settings.public_url} while `traceability serve` runs. One-time passwords, shown this once:",
        *accounts,
        "",
        f"Keys, API keys and receipts of the invented companies: {outcome.folder}",
    ]
