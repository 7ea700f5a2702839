"""Bundles of lists: our tables in a ZIP file, or publishers' files as they were gathered, read here by readers."""

import tempfile
from collections.abc import Collection
from pathlib import Path

from traceability.clock import latest_date
from traceability.errors import InvalidInput
from traceability.lists import gathered
from traceability.lists.bundle import unpack
from traceability.lists.seedfile import MANIFEST
from traceability.lists.tabled import make_tables, reference_tables
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.lists import Loaded, Watch, load_folder, unwatched


def load_bundle(
    service: Service,
    actor: Actor,
    data: bytes,
    dropping: Collection[str] = (),
    as_partial: Collection[str] = (),
    watch: Watch = unwatched,
) -> list[Loaded]:
    """Load every list of a ZIP file, of tables or of gathered files; all of them or none.

    Raises:
        InvalidInput, TooLarge, Conflict: as ``lists.bundle.unpack``, ``load_files`` and ``services.lists.load_folder``.

    """
    actor.require("administer", scope="write")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpack(data, folder)
        return load_any_folder(service, actor, folder, dropping, as_partial, watch)


def load_any_folder(
    service: Service,
    actor: Actor,
    folder: Path,
    dropping: Collection[str] = (),
    as_partial: Collection[str] = (),
    watch: Watch = unwatched,
) -> list[Loaded]:
    """Load a folder of tables, or of gathered files; raises as ``load_bundle``."""
    if gathered.is_gathered(folder):
        return load_files(service, actor, gathered.read(folder), dropping, as_partial, watch)
    if as_partial:
        raise InvalidInput(f"how complete a table is stands in {MANIFEST}; only publishers' files are taken as partial")
    return load_folder(service, actor, folder, dropping, watch)


def load_files(
    service: Service,
    actor: Actor,
    files: list[gathered.Gathered],
    dropping: Collection[str] = (),
    as_partial: Collection[str] = (),
    watch: Watch = unwatched,
) -> list[Loaded]:
    """Read publishers' files and load what they hold, all of it or nothing.

    They are read before the transaction begins, by the tables of countries and goods that came with this program.

    Raises:
        InvalidInput: a file cannot be read, or a list has fewer or more entries than a whole one and is not taken
            ``as_partial``; the versions in force stay.
        Conflict: as ``load_folder``.

    """
    actor.require("administer", scope="write")
    today = latest_date(service.clock())
    for said, _ in files:
        if problem := gathered.wrong_with(said):
            raise InvalidInput(f"{said.list_id[:60]}: {problem}")
        if said.retrieved_on > today:
            raise InvalidInput(f"{said.list_id}: it says it was retrieved on {said.retrieved_on}, which is yet to come")
    reference = reference_tables(service.settings.seed_dir / "tables")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_tables(files, reference, folder, as_partial, watch)
        return load_folder(service, actor, folder, dropping, watch)
