"""What is kept of the demonstration beside the database, for trying it out: keys, API keys, receipts, the log's policy.

Everything here is invented and no secret of anybody; the files are 0600 all the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from traceability import strict_json
from traceability.demo.members import Member
from traceability.demo.state import FOLDER, LAST
from traceability.errors import Conflict
from traceability.ledger.keyfile import write_secret


def make_folder(state_dir: Path) -> Path:
    """Make the folder of the demonstration.

    Raises:
        Conflict: it exists: a demonstration was begun here before.

    """
    folder = state_dir / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise Conflict(f"{folder} exists: a demonstration was begun here before; `make clean` removes it") from error
    return folder


def secrets(folder: Path, members: Mapping[str, Member], regulator: str) -> None:
    """Write the private key and the API key of each company, and the regulator's API key."""
    for slug, member in members.items():
        member.key.save(folder / f"{slug}.key.json")
        _secret(folder / f"{slug}.token", member.secret)
    _secret(folder / "regulator.token", regulator)


def receipts(folder: Path, name: str, found: Sequence[Any]) -> None:
    """Write the receipts of a chain, as ``verify`` reads them."""
    own = folder / "receipts" / name
    own.mkdir(parents=True)
    for receipt in found:
        digest = hashlib.sha256(receipt["entry"].encode()).hexdigest()[:32]
        (own / f"{digest}.receipt.json").write_bytes(strict_json.dumps(receipt))


def policy(folder: Path, vkey: str) -> None:
    """Write the verifier key of the log, as ``verify --policy`` reads it."""
    (folder / LAST).write_text(f"log {vkey}\nquorum none\n")


def _secret(path: Path, text: str) -> None:
    write_secret(path, text.encode())
