"""Backup, restore, upgrade: copies that are proved before they are trusted (ledger.md 9)."""

from pathlib import Path
from typing import Any

import click

from traceability.cli import local
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, output
from traceability.config import load_settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@output(listed=False)
def backup(out: Output, folder: Path) -> None:
    """Copy everything into FOLDER, which must be empty; the service may go on meanwhile."""
    from traceability.services.backup import backup as make

    with local.reading() as service:
        _print(out, make(service, folder), f"backed up into {folder}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@output(listed=False)
def restore(out: Output, folder: Path) -> None:
    """Put the backup in FOLDER where the settings point, which must be empty."""
    from traceability.services.backup import restore as put_back

    _print(out, put_back(load_settings(), folder), f"restored from {folder}")


@click.command()
@output(listed=False)
def upgrade(out: Output) -> None:
    """Back up, migrate to this program's schema, check; a failed upgrade leaves everything as it was."""
    from traceability.services.upgrade import upgrade as migrate_and_check

    done = migrate_and_check(load_settings())
    _print(out, done, f"upgraded to the schema {done['revision']}; the copy made first is in {done['backup']}")


def _print(out: Output, done: dict[str, Any], said: str) -> None:
    lines = [
        f"{done['verdict']}: {said}; {done['entries']} ledger entries, {done['files']} documents, root {done['root']}"
    ]
    lines += [f"  {problem}" for problem in done["problems"]]
    out.one(done, "\n".join(lines), code=0 if done["verdict"] == "ok" else FOUND)
