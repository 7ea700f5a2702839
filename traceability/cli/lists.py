"""Risk lists: loading tables of facts as versions, and what is in force with which coverage (screening.md 1)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from traceability.cli import local
from traceability.cli.fetch_lists import fetch
from traceability.cli.list_file import one_file, one_file_options, watching
from traceability.cli.list_history import diff, history
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.clock import latest_date
from traceability.config import load_settings
from traceability.lists import gathered
from traceability.lists.bundle import pack
from traceability.services.access import TERMINAL


@click.group()
def lists() -> None:
    """Risk lists in versions; an older version is kept, for what was law on its day."""


lists.add_command(fetch)
lists.add_command(diff)
lists.add_command(history)


@lists.command()
@click.argument("places", nargs=-1, metavar="[FOLDER|BUNDLE.zip|FILE...]", type=click.Path(path_type=Path))
@click.option(
    "--dropping", multiple=True, metavar="LIST", help="A list that really lost more than a tenth of its entries."
)
@click.option(
    "--as-partial", multiple=True, metavar="LIST", help="A list of which only a part is there, and known to be one."
)
@one_file_options
@remote_options(required=False)
@output()
def load(
    out: Output, *, places: tuple[Path, ...], dropping: tuple[str, ...], as_partial: tuple[str, ...],
    url: str | None, token: str | None, **said: Any,
) -> None:  # fmt: skip
    """Load lists: folders of tables with a manifest, bundles of `lists fetch`, or one publisher's FILE.

    Without any, the tables of the seed folder. With --url into a service that runs, as an admin; all lists of a place
    or none. A FILE needs --list or --format, --source-url and --retrieved; the files of a format that has several are
    given together. A table that leaves out more than a tenth of the entries in force is refused unless --dropping names
    its list; a file with fewer or more entries than a whole list has, unless --as-partial does.
    """
    seed = load_settings().seed_dir
    wanted = [one_file(places, said)] if any(said.values()) else places or (seed / "lists", seed / "tables")
    with _loader(url, token, dropping, as_partial) as loading:
        for place in wanted:
            for done in loading(place):
                out.row(done, _told(done))


def _told(done: Mapping[str, Any]) -> str:
    changed = "loaded" if done["changed"] else "in force already"
    counts = f", {done['added']} added, {done['removed']} removed, {done['altered']} changed" if done["changed"] else ""
    waits = f", {done['for_review']} for review" if done["for_review"] else ""
    about = f"{done['rows']} rows, {done['coverage']}, {done['version']}"
    return f"{done['list_id']}: {changed}, {about}{counts}{waits}"


_Loading = Callable[[Path | bytes], Sequence[Mapping[str, Any]]]


@contextmanager
def _loader(
    url: str | None, token: str | None, dropping: Sequence[str], as_partial: Sequence[str]
) -> Iterator[_Loading]:
    """Return what loads one place, or the bytes of a bundle: the service at an address, or the database here."""
    if url:
        remote = Remote(url, token)
        yield lambda place: _send(remote, place, {"dropping": dropping, "as_partial": as_partial})
        return
    from traceability.services.list_files import load_any_folder, load_bundle

    with local.writing("lists load") as service, watching() as watch:
        yield lambda place: [
            asdict(done)
            for done in (
                load_any_folder(service, TERMINAL, place, dropping, as_partial, watch)
                if isinstance(place, Path) and not place.is_file()
                else load_bundle(service, TERMINAL, _bundle(place), dropping, as_partial, watch)
            )
        ]


def _bundle(place: Path | bytes) -> bytes:
    if isinstance(place, bytes):
        return place
    if place.is_file():
        return place.read_bytes()
    return gathered.pack(gathered.read(place)) if gathered.is_gathered(place) else pack(place)


def _send(remote: Remote, place: Path | bytes, said: Mapping[str, Sequence[str]]) -> Sequence[Mapping[str, Any]]:
    data = _bundle(place)
    named = "&".join(f"{name}={quote(','.join(lists))}" for name, lists in said.items() if lists)
    found: Sequence[Mapping[str, Any]] = remote.send(
        "POST", f"/v1/lists/versions{'?' if named else ''}{named}", data, {"Content-Type": "application/zip"}
    )["lists"]
    return found


@lists.command()
@click.argument("list_id", metavar="LIST")
@click.option("--read", "row", type=int, metavar="ROW", help="A row that you have read; says so on record.")
@click.option("--note", help="What came of reading it; with --read.")
@remote_options(required=False)
@output(listed=False)
def review(
    out: Output, list_id: str, row: int | None, note: str | None, url: str | None, token: str | None
) -> None:  # fmt: skip
    """Print what the reader of a LIST did not fully understand, or record that a ROW of it was read, with a --note.

    While rows wait for which names or entries are missing, the list is partial.
    """
    if (row is None) != (note is None):
        raise click.UsageError("--read ROW and --note TEXT go together")
    address = f"/v1/lists/{quote(list_id, safe='')}/review"
    if row is not None:
        done = Remote(url, token).post(f"{address}/{row}", {"note": note}) if url else _read(list_id, row, note or "")
        out.all_of("review", [done], _question)
        return
    out.all_of("review", Remote(url, token).get(address)["review"] if url else _waiting(list_id), _question)


def _read(list_id: str, row: int, note: str) -> Mapping[str, Any]:
    from traceability.services.list_review import mark_read

    with local.writing("lists review") as service:
        return mark_read(service, TERMINAL, list_id, row, note)


def _waiting(list_id: str) -> Sequence[Mapping[str, Any]]:
    from traceability.services.list_review import review_of
    from traceability.services.lists import version_in_force

    with local.reading() as service:
        version = version_in_force(service, list_id, latest_date(service.clock()))
        return review_of(service, TERMINAL, version.id or 0)


def _question(row: Any) -> str:
    lost = "lost" if row["lost"] else "kept"
    note = f" ({row['note']})" if row["note"] else ""
    return f"{row['id']:>6} {row['state']:8} {lost}  {row['entry_key']}: {row['raw']} - {row['reason']}{note}"


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
