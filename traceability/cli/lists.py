"""Risk lists: loading tables of facts as versions, and what is in force with which coverage (screening.md 1)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from traceability.cli import local
from traceability.cli.list_history import diff, history
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.clock import latest_date
from traceability.config import load_settings
from traceability.lists.bundle import pack
from traceability.services.access import TERMINAL


@click.group()
def lists() -> None:
    """Risk lists in versions; an older version is kept, for what was law on its day."""


lists.add_command(diff)
lists.add_command(history)


@lists.command()
@click.argument("places", nargs=-1, metavar="[FOLDER|BUNDLE.zip...]", type=click.Path(path_type=Path))
@click.option(
    "--dropping", multiple=True, metavar="LIST", help="A list that really lost more than a tenth of its entries."
)
@remote_options(required=False)
@output()
def load(
    out: Output, *, places: tuple[Path, ...], dropping: tuple[str, ...], url: str | None, token: str | None
) -> None:
    """Load the tables of each FOLDER with a manifest, or of one as a ZIP file; without any those of the seed folder.

    With --url into a service that runs, as an admin; all lists of a folder or none. A table that leaves out more than
    a tenth of the entries in force is refused unless --dropping names its list.
    """
    seed = load_settings().seed_dir
    wanted = places or (seed / "lists", seed / "tables")
    with _loader(url, token, dropping) as loading:
        for place in wanted:
            for done in loading(place):
                changed = "loaded" if done["changed"] else "in force already"
                said = f"{done['list_id']}: {changed}, {done['rows']} rows, {done['coverage']}, {done['version']}"
                out.row(done, said)


@contextmanager
def _loader(
    url: str | None, token: str | None, dropping: Sequence[str]
) -> Iterator[Callable[[Path], Sequence[Mapping[str, Any]]]]:
    """Return what loads one place: the service at an address, or the database here."""
    if url:
        remote = Remote(url, token)
        yield lambda place: _send(remote, place, dropping)
        return
    from traceability.services.lists import load_bundle, load_folder

    with local.writing("lists load") as service:
        yield lambda place: [
            asdict(done)
            for done in (
                load_bundle(service, TERMINAL, place.read_bytes(), dropping)
                if place.is_file()
                else load_folder(service, TERMINAL, place, dropping)
            )
        ]


def _send(remote: Remote, place: Path, dropping: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    data = place.read_bytes() if place.is_file() else pack(place)
    named = f"?dropping={quote(','.join(dropping))}" if dropping else ""
    found: Sequence[Mapping[str, Any]] = remote.send(
        "POST", f"/v1/lists/versions{named}", data, {"Content-Type": "application/zip"}
    )["lists"]
    return found


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
    waits = f"  {row['for_review']} for review" if row["for_review"] else ""
    only = f"  ({row['use']})" if row["use"].startswith("reference only") else ""
    return f"{extent}  {age}, at most {row['max_age_days']}  {row['version']}{waits}{only}"
