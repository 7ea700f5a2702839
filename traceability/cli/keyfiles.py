"""Key files on this machine: the private key stays here, and only signatures leave."""

from collections.abc import Callable
from pathlib import Path

import click

from traceability.errors import InvalidInput
from traceability.ledger.keys import PrivateKey


def key_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--key KEYFILE``."""
    return click.option(
        "--key", "keyfile", required=True, type=click.Path(path_type=Path), help="Key file of `keys new`."
    )(function)


def load(path: Path) -> tuple[PrivateKey, str]:
    """Return a key and the DID of its party.

    Raises:
        InvalidKey: the file holds no key, or others may read it.
        InvalidInput: its kid does not say whose it is.

    """
    key = PrivateKey.load(path)
    did, _, name = key.kid.partition("#")
    if not did.startswith("did:") or not name:
        raise InvalidInput(f"{path}: expected a kid such as did:web:mine.example#key-1; got {key.kid!r}")
    return key, did
