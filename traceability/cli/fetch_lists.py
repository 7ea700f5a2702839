"""Gathering publishers' files on a connected machine, for a server that fetches nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from traceability.cli import local
from traceability.cli.download import download
from traceability.cli.errors import FOUND
from traceability.cli.list_file import part_of, suffix_of
from traceability.cli.output import Output, output, unused
from traceability.errors import InvalidInput, TraceabilityError, Unavailable
from traceability.lists.gathered import Gathered, gathered, pack
from traceability.lists.readers.formats import FORMATS, Format, Part, formats_for
from traceability.lists.seedfile import full_date


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One file to gather: from a path, else from its address."""

    form: Format
    part: Part
    path: Path | None = None

    @property
    def name(self) -> str:
        return f"{self.form.format_id}/{self.part.name}" if self.part.name else self.form.format_id


@click.command()
@click.argument("names", nargs=-1, metavar="[LIST|FORMAT...]")
@click.option("--out", "target", required=True, metavar="BUNDLE.zip", type=click.Path(path_type=Path))
@click.option(
    "--saved", multiple=True, metavar="LIST=FILE", help="A file saved from a browser, where a page refuses programs."
)
@click.option("--retrieved", metavar="DATE", help="The day the saved files were saved, as 2026-11-20.")
@click.option(
    "--address", "addresses", multiple=True, metavar="FORMAT[/PART]=URL", help="Another address than the usual one."
)
@output()
def fetch(
    out: Output, *, names: tuple[str, ...], target: Path, saved: tuple[str, ...], retrieved: str | None,
    addresses: tuple[str, ...],
) -> None:  # fmt: skip
    """Gather publishers' lists on a connected machine into one bundle, for `lists load` on the server.

    Without names every list that its publisher offers to programs. Lists whose page refuses programs are saved from a
    browser and given with --saved. What cannot be fetched is told, the rest goes on, and the exit code is 1.
    """
    there = _saved(saved, retrieved)
    wanted = [*there, *_offered(names, dict(_pairs(addresses)), {one.form.list_id for one in there})]
    files: list[Gathered] = []
    for one in wanted:
        try:
            files.append(_gather(one, retrieved, local.clock()()))
        except (TraceabilityError, OSError) as error:
            _tell(out, one.name, one.path or one.part.address, error)
        else:
            said = files[-1][0]
            about = {name: getattr(said, name) for name in ("list_id", "format", "part", "address", "retrieved_at")}
            about |= {"sha256": said.sha256, "size": said.size}
            out.row(about, f"{one.name}: {said.size} bytes, sha256 {said.sha256[:16]}, {said.address}")
    if whole := _whole_lists(files, out):
        target.write_bytes(pack(whole))
    else:
        out.fail(str(target), Unavailable("nothing was gathered, so nothing is written"), code=FOUND)


def _tell(out: Output, name: str, where: object, error: TraceabilityError | OSError) -> None:
    """Tell of a file that cannot be had; the others go on."""
    out.fail(f"{name} ({where})", error, code=FOUND)
    if out.form != "text":
        out.row(unused(name, str(error), []), "")


def _whole_lists(files: Sequence[Gathered], out: Output) -> list[Gathered]:
    """Leave out what is there of a format of which a file is missing."""
    there = {(said.format, said.part) for said, _ in files}
    missing = {
        name for name in {said.format for said, _ in files}
        if any((name, part.name) not in there for part in FORMATS[name].parts)
    }  # fmt: skip
    for name in sorted(missing):
        out.fail(name, Unavailable("not all of its files are there, so it is left out of the bundle"), code=FOUND)
    return [(said, data) for said, data in files if said.format not in missing]


def _gather(one: _Wanted, retrieved: str | None, now: datetime) -> Gathered:
    if one.path is None:
        data, media_type = download(one.part.address)
        moment = now.isoformat(timespec="seconds")
    else:
        data, media_type, moment = one.path.read_bytes(), one.part.media_type, retrieved or ""
    suffix = f"-{one.part.name}" if one.part.name else ""
    kind = suffix_of(str(one.path or urlsplit(one.part.address).path))
    return gathered(
        data, file=f"{one.form.list_id}{suffix}{kind}", list_id=one.form.list_id, format=one.form.format_id,
        part=one.part.name, address=one.part.address, retrieved_at=moment, media_type=media_type,
    )  # fmt: skip


def _offered(names: Sequence[str], addresses: Mapping[str, str], there: set[str]) -> list[_Wanted]:
    """Return what is to be fetched: what is named, else every list that is offered; but for what is there already."""
    forms = [_fetched(name, addresses) for name in names if not there & {one.list_id for one in formats_for(name)}]
    if not names:
        forms = [form for form in FORMATS.values() if form.gathering == "offered" and form.list_id not in there]
    found = [_Wanted(form, part) for form in forms for part in form.parts]
    known = {one.name for one in found}
    if unknown := sorted(addresses.keys() - known):
        raise InvalidInput(f"--address names {unknown[0]!r}; fetched are {', '.join(sorted(known)) or 'none'}")
    return [replace(one, part=replace(one.part, address=addresses.get(one.name, one.part.address))) for one in found]


def _fetched(name: str, addresses: Mapping[str, str]) -> Format:
    found = formats_for(name)
    for form in found:
        if form.gathering != "by_hand" or form.format_id in addresses:
            return form
    if found:
        page = found[0].parts[0].address
        raise InvalidInput(f"{name} is not offered to programs: save it from {page} and give it with --saved")
    raise InvalidInput(f"there is no list or format {name[:60]!r}; known are {', '.join(FORMATS)}")


def _saved(saved: Sequence[str], retrieved: str | None) -> list[_Wanted]:
    found = []
    for name, file in _pairs(saved):
        forms = [form for form in formats_for(name.partition("/")[0]) if form.list_id]
        if not forms:
            raise InvalidInput(f"--saved {name[:60]}: expected a list or format of {', '.join(FORMATS)}")
        path = Path(file)
        part = name.partition("/")[2] or part_of(forms[0], path)
        parts = [one for one in forms[0].parts if one.name == part]
        if not parts:
            raise InvalidInput(f"--saved {name[:60]}: the format {forms[0].format_id} has no file {part[:60]!r}")
        found.append(_Wanted(forms[0], parts[0], path))
    if found and not (retrieved and full_date(retrieved)):
        raise InvalidInput("say with --retrieved on which day the saved files were saved, as 2026-11-20")
    return found


def _pairs(given: Sequence[str]) -> list[tuple[str, str]]:
    found = [(name, value) for name, _, value in (one.partition("=") for one in given)]
    if not all(name and value for name, value in found):
        raise InvalidInput("expected NAME=VALUE")
    return found
