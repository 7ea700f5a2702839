"""Evidence packs: what proves a batch's chain to somebody who trusts neither us nor the network."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import click

from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.errors import InvalidInput


@click.command()
@click.argument("batch")
@click.option("--out", "path", required=True, type=click.Path(path_type=Path), help="New file for the ZIP.")
@click.option(
    "--size", type=click.IntRange(min=1), help="As of the checkpoint of this many entries; default: the newest."
)
@click.option("--purpose", help="Why you read it; regulators and auditors have to say.")
@remote_options()
@output(listed=False)
def evidence(
    out: Output, *, batch: str, path: Path, size: int | None, purpose: str | None, url: str, token: str | None
) -> None:
    """Fetch the evidence pack of BATCH; check it with `traceability verify`."""
    if path.exists():
        raise InvalidInput(f"{path} exists; a pack is written into a new file")
    asked = f"?size={size}" if size else ""
    headers = {"X-Purpose": purpose} if purpose else {}
    address = f"/v1/batches/{quote(batch, safe='')}/evidence{asked}"
    data, told = Remote(url, token).whole("GET", address, headers=headers)
    path.write_bytes(data)
    row = {"batch": batch, "size": _size(data), "sha256": sha256(data).hexdigest(), "entry": _entry(told)}
    said = f"{path}: the evidence about {batch} as of {row['size']} ledger entries, sha256 {row['sha256']}"
    out.one(row, said if row["entry"] is None else f"{said}; ledger entry {row['entry']} stands for the file")


def _entry(told: Mapping[str, str]) -> int | None:
    """Return the index of the ledger entry that stands for the file; None where the service does not say it."""
    said = told.get("X-Ledger-Entry", "")
    return int(said) if said.isascii() and said.isdigit() else None


def _size(data: bytes) -> int:
    from traceability.ledger.pack import MANIFEST, Manifest, read_pack

    return Manifest.from_json(read_pack(data)[MANIFEST]).size
