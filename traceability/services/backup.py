"""Backup and restore: copies that are proved before they are trusted (ledger.md 9 and 10).

A copy holds the database, the supplier documents and the secrets, so its folder is for the operator's eyes alone. It
counts only once its manifest is written, last of all. The root of the log is recomputed from the entries.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from traceability.clock import fixed_clock, system_clock
from traceability.config import Settings
from traceability.errors import Conflict, InvalidInput
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.encoding import b64
from traceability.services.backup_files import copy_files, settle_files
from traceability.services.context import Service
from traceability.storage.dump import dump, opened, require_empty
from traceability.storage.engine import sqlite_path
from traceability.storage.files import FileStore
from traceability.storage.log_keys import key_files, signing_files
from traceability.storage.migrate import current_of
from traceability.storage.owner import Owner
from traceability.storage.replay import LogState, replay

_FORMAT = 1
_MANIFEST = "manifest.json"
_DATABASE = "database"
_SECRETS = ("ledger.salt", "session.secret")  # besides the keys of the log
_CHUNK = 1 << 20


def backup(service: Service, folder: Path) -> dict[str, Any]:
    """Copy everything into ``folder`` while the service goes on; what commits meanwhile is in the copy or not, whole.

    Returns ``entries``, ``root`` (base64, as in checkpoints), ``files`` (supplier documents), ``sha256`` (of the
    manifest), ``verdict`` (ok or failed) and ``problems``: a copy with problems is kept, and says so.

    Raises:
        Conflict: the folder is not empty.

    """
    _make_empty(folder)
    (folder / _DATABASE).mkdir(mode=0o700)
    copied = FileStore(folder / "files")
    failed = copy_files(service.files, copied)
    with dump(service.settings.database_url, folder / _DATABASE) as connection:
        state, revision = replay(connection, *service.log_keys.verifiers()), current_of(connection)
        problems = [*state.problems, *settle_files(service.files, copied, connection, failed)]
    _copy_secrets(service.settings.state_dir, folder / "secrets")
    manifest = {
        "format": _FORMAT,
        "database": _kind(service.settings),
        "revision": revision,
        "origin": service.settings.log_origin,
        "made_at": service.clock().isoformat(),
        "entries": state.entries,
        "root": b64(state.root),
        "files": len(copied.digests()),
        "problems": problems,
        "sha256": {str(path.relative_to(folder)): _sha256(path) for path in _all_files(folder)},
    }
    _write_durably(folder / _MANIFEST, json.dumps(manifest, indent=1).encode())
    return _answer(folder, manifest, problems)


def restore(settings: Settings, folder: Path) -> dict[str, Any]:
    """Put a backup into an empty place, after every hash, the root and the checkpoint have been checked.

    Returns the shape of ``backup``. The place is empty again when something is wrong.

    Raises:
        InvalidInput: the folder is no backup for this database and log, or a file of it was changed.
        Conflict: there is something where the backup would go.

    """
    manifest = _read_manifest(settings, folder)
    _require_empty_place(settings)
    keys = [LogKey.load(path).verifier for path in signing_files(folder / "secrets")]
    with owning(settings, "restore"), contextlib.ExitStack() as undo:
        with opened(settings.database_url, folder / _DATABASE, manifest["revision"]) as (connection, put):
            state = replay(connection, *keys)
            _require_same(manifest, state)
            undo.callback(_remove_placed, settings)
            _copy_secrets(folder / "secrets", settings.state_dir)
            kept, placed = FileStore(folder / "files"), FileStore(settings.files)
            problems = settle_files(kept, placed, connection, copy_files(kept, placed))
            put()
        undo.pop_all()
    return _answer(folder, manifest, [*state.problems, *problems])


@contextlib.contextmanager
def owning(settings: Settings, purpose: str) -> Iterator[None]:
    """Own the SQLite database meanwhile; on PostgreSQL nobody has to.

    Raises:
        DatabaseOwned: another process owns it.

    """
    if not settings.is_sqlite:
        yield
        return
    owner = Owner(
        sqlite_path(settings.database_url), purpose, fixed_clock(settings.now) if settings.now else system_clock
    )
    owner.acquire()
    try:
        yield
    finally:
        owner.release()


def _answer(folder: Path, manifest: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    return {
        "entries": manifest["entries"],
        "root": manifest["root"],
        "files": manifest["files"],
        "sha256": _sha256(folder / _MANIFEST),
        "verdict": "failed" if problems else "ok",
        "problems": problems,
    }


def _make_empty(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(f"expected an empty folder for the backup; {folder} holds something")
    folder.chmod(0o700)  # it will hold secrets


def _copy_secrets(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in _secrets(source):
        _write_durably(target / path.name, path.read_bytes())


def _secrets(folder: Path) -> list[Path]:
    return [*key_files(folder), *(folder / name for name in _SECRETS if (folder / name).exists())]


def _write_durably(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)


def _all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _read_manifest(settings: Settings, folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
        kind, origin, hashes = manifest["database"], manifest["origin"], manifest["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{folder} holds no finished backup: {_MANIFEST} is missing or unreadable") from error
    if manifest.get("format") != _FORMAT or kind != _kind(settings):
        raise InvalidInput(f"expected a backup of {_kind(settings)}, format {_FORMAT}; this one is of {kind}")
    if origin != settings.log_origin:
        raise InvalidInput(f"the backup is of the log {origin!r}; the settings name {settings.log_origin!r}")
    _require_unchanged(folder, hashes)
    return manifest


def _require_unchanged(folder: Path, hashes: dict[str, str]) -> None:
    found = {str(path.relative_to(folder)): path for path in _all_files(folder) if path.name != _MANIFEST}
    if different := sorted(found.keys() ^ hashes.keys()):
        raise InvalidInput(f"expected exactly the files of the manifest; missing or added: {', '.join(different[:3])}")
    for name, path in found.items():
        if _sha256(path) != hashes[name]:
            raise InvalidInput(f"{name} was changed after the backup: expected sha256 {hashes[name]}")


def _require_empty_place(settings: Settings) -> None:
    require_empty(settings.database_url)
    found = [str(path) for path in _secrets(settings.state_dir)]
    if found or FileStore(settings.files).digests():
        raise Conflict(f"expected an empty place to restore into; found {found[0] if found else settings.files}")


def _require_same(manifest: dict[str, Any], state: LogState) -> None:
    if (state.entries, b64(state.root)) != (manifest["entries"], manifest["root"]):
        raise InvalidInput(
            f"expected {manifest['entries']} entries with root {manifest['root']}; "
            f"the copy gives {state.entries} with root {b64(state.root)}"
        )


def _remove_placed(settings: Settings) -> None:
    """Take back what was put into a place that was empty before."""
    for path in _secrets(settings.state_dir):
        path.unlink()
    for part in settings.files.glob("*"):
        shutil.rmtree(part)


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"
