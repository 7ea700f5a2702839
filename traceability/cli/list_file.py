"""One list from files of a publisher, or of one's own, as the bundle that `lists load` sends; and its progress bar."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from traceability.cli.output import parsed
from traceability.errors import InvalidInput
from traceability.lists.entries import KINDS
from traceability.lists.gathered import gathered, pack
from traceability.lists.readers.formats import FORMATS, Format, format_of, formats_for

_LONGEST = 6
_OPTIONS = (
    click.option("--list", "list_id", metavar="LIST", help="The list a FILE is of; of one's own, a new id."),
    click.option("--format", "format_id", metavar="FORMAT", help=f"The form of a FILE: {', '.join(FORMATS)}."),
    click.option(
        "--columns", metavar="MAP", type=click.Path(path_type=Path),
        help="Map of columns for csv and xlsx: a JSON object of our names and theirs, or a CSV file ours,theirs.",
    ),
    click.option("--source-url", metavar="URL", help="Where the FILE was found; a list without is not taken."),
    click.option("--retrieved", metavar="DATE", help="The day it was found there, as 2026-11-20."),
    click.option("--published", metavar="DATE", help="The day it was published, where it says so."),
    click.option("--kind", type=click.Choice(KINDS), help="What each row of one's own list is about; default party."),
    click.option("--title", help="What one's own list is called."),
    click.option("--publisher", help="Whose one's own list is."),
    click.option("--max-age", metavar="DAYS", type=click.IntRange(1, 36500), help="Days until one's own list is old."),
    click.option("--rows", metavar="MIN-MAX", help="How many entries one's own list has when it is whole."),
)  # fmt: skip


def one_file_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a FILE is."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def one_file(places: Sequence[Path], said: Mapping[str, Any]) -> bytes:
    """Return the bundle of one list from its files.

    Raises:
        InvalidInput: it is not said what the file is, or a file does not belong to the format.

    """
    form = _format(said["format_id"] or said["list_id"] or "")
    list_id = said["list_id"] or form.list_id
    if not places or not list_id or not (said["source_url"] and said["retrieved"]):
        raise InvalidInput("a file of a list needs --list or --format, --source-url and --retrieved")
    least, _, most = (said["rows"] or "-").partition("-")
    about = {
        "list_id": list_id, "format": form.format_id, "address": said["source_url"], "retrieved_at": said["retrieved"],
        "published_at": said["published"] or "", "kind": said["kind"] or "", "title": said["title"] or "",
        "publisher": said["publisher"] or "", "max_age_days": str(said["max_age"] or ""), "expected_min": least,
        "expected_max": most, "columns": _columns(said["columns"]),
    }  # fmt: skip
    return pack([
        gathered(
            path.read_bytes(), file=f"{list_id}-{place}{suffix_of(path.name)}", part=part_of(form, path),
            media_type=form.parts[0].media_type, **about,
        )
        for place, path in enumerate(places)
    ])  # fmt: skip


def suffix_of(name: str) -> str:
    """Return the ending of a file's name, as a bundle may have it."""
    ending = Path(name).suffix.lower()
    return ending if ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= _LONGEST else ""


def part_of(form: Format, path: Path) -> str:
    """Return which of a format's files one is, by its name; raises InvalidInput where it is none."""
    names = [part.name for part in form.parts]
    if len(names) == 1 or path.stem.lower() in names:
        return path.stem.lower() if len(names) > 1 else names[0]
    raise InvalidInput(f"{path.name}: expected the files {', '.join(names)} of {form.format_id}, by these names")


def _format(name: str) -> Format:
    """Return a format by its id, or the only one of a list."""
    found = formats_for(name)
    if name and len(found) > 1:
        raise InvalidInput(f"{name} comes in several forms: say --format {' or '.join(one.format_id for one in found)}")
    return found[0] if found else format_of(name or "(none)")


def _columns(path: Path | None) -> str:
    """Return a map of columns as JSON, from JSON or CSV."""
    if path is None:
        return ""
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("{"):
        return json.dumps(parsed(text.encode()))
    pairs = [line.split(",", 1) for line in text.splitlines() if line.strip()]
    if any(len(pair) != 2 for pair in pairs):  # noqa: PLR2004  # ours, theirs
        raise InvalidInput(f"{path.name}: expected lines of our column and theirs, as `name,Company`")
    return json.dumps({ours.strip(): theirs.strip() for ours, theirs in pairs if ours.strip() != "ours"})


@contextmanager
def watching() -> Iterator[Callable[[str], None]]:
    """Show on standard error, where it is a terminal, which list has been read or stored; else say nothing."""
    if not sys.stderr.isatty():
        yield lambda _list_id: None
        return
    with click.progressbar(
        length=0, label="lists", file=sys.stderr, show_eta=False, item_show_func=lambda list_id: list_id
    ) as bar:

        def step(list_id: str) -> None:
            bar.length = (bar.length or 0) + 1
            bar.update(1, list_id)

        yield step
