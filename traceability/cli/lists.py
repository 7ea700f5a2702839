"""Risk lists: loading tables of facts as versions, and what is in force with which coverage (screening.md 1)."""

from pathlib import Path
from typing import Any

import click

from traceability.cli import local
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.clock import latest_date
from traceability.services.access import TERMINAL


@click.group()
def lists() -> None:
    """Risk lists in versions; an older version is kept, for what was law on its day."""


@lists.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER...]", type=click.Path(path_type=Path))
@output()
def load(out: Output, *, folders: tuple[Path, ...]) -> None:
    """Load the tables of each FOLDER with a manifest; without one those of the seed folder."""
    from traceability.services.lists import load_folder

    with local.writing("lists load") as service:
        seed = service.settings.seed_dir
        for folder in folders or (seed / "lists", seed / "tables"):
            for done in load_folder(service, TERMINAL, folder):
                row = {
                    "list_id": done.list_id,
                    "version": done.version,
                    "rows": done.rows,
                    "coverage": done.coverage,
                    "changed": done.changed,
                }
                changed = "loaded" if done.changed else "in force already"
                out.row(row, f"{done.list_id}: {changed}, {done.rows} rows, {done.coverage}, {done.version}")


@lists.command()
@remote_options(required=False)
@output(listed=False)
def status(out: Output, url: str | None, token: str | None) -> None:
    """Print the version in force of each list, its age, and how complete an answer from it can be."""
    if url:
        found = Remote(url, token).get("/v1/lists")["lists"]
    else:
        from traceability.services.lists import status as statuses

        with local.reading() as service:
            found = statuses(service, latest_date(service.clock()))
    out.all_of("lists", found, _text)


def _text(row: Any) -> str:
    age = "age unknown" if row["age_days"] is None else f"{row['age_days']} days old"
    extent = f"{row['list_id']:24} {row['coverage']:8} {row['rows']:6} rows"
    return f"{extent}  {age}, at most {row['max_age_days']}  {row['version']}"
