"""Offline verification of receipts and evidence packs (ledger.md 5): trust comes from --policy or --pin alone."""

from pathlib import Path
from typing import Any

import click

from traceability.cli.errors import FOUND
from traceability.cli.output import Output, files, output
from traceability.errors import InvalidInput
from traceability.ledger.policy import Policy
from traceability.ledger.verify_case import StampCheck


@click.command()
@files()
@click.option(
    "--policy", "policy_file", type=click.Path(path_type=Path),
    help="File of lines `log VKEY`, `witness NAME VKEY`, `quorum NAME|none`.",
)  # fmt: skip
@click.option(
    "--tsa-cert", "certificates", multiple=True, type=click.Path(path_type=Path),
    help="Certificates (PEM) a time-stamping authority's tokens are checked against, its root among them.",
)  # fmt: skip
@click.option("--pin", help="The log's verifier key, got elsewhere than from the file.")
@output()
def verify(
    out: Output, *, files: tuple[Path, ...], policy_file: Path | None, pin: str | None, certificates: tuple[Path, ...]
) -> None:
    """Verify each RECEIPT.json or PACK.zip without network and without trusting the server.

    A pack is also compared with the receipts given beside it: their heads must lie on its tree. The receipt of a pack
    says whether it stands for exactly the file given beside it.
    """
    from traceability.events.made_id import made_id
    from traceability.ledger.standalone import text, verify_file

    policy, check_stamp = _policy(policy_file, pin), _check_stamp(certificates)
    receipts, packs = _beside(files)

    def one(file: Path) -> None:
        data = file.read_bytes()
        verdict = verify_file(data, policy, receipts, event_id=made_id, check_stamp=check_stamp, packs=packs)
        row = {"file": str(file), **verdict.as_dict()}
        out.row(row, text(row), code=0 if verdict.verdict == "ok" else FOUND)

    out.each(files, one, _unread)


def _unread(name: str, said: str, _problems: list[dict[str, str]]) -> dict[str, Any]:
    return {"file": name, "verdict": "failed", "reason": said, "not_checked": [], "log_key": None, "items": []}


def _beside(files: tuple[Path, ...]) -> tuple[list[bytes], dict[str, str]]:
    """Return the receipts among the files, and the packs by their hash: each is compared with the others."""
    from traceability.ledger.standalone import is_pack, packs_among

    read = [(file, data) for file in files if (data := _readable(file)) is not None]
    return [data for _, data in read if not is_pack(data)], packs_among(read)


def _readable(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None  # said where it is its turn


def _check_stamp(certificates: tuple[Path, ...]) -> StampCheck | None:
    if not certificates:
        return None
    from traceability.ledger.timestamp import Trust, checker

    return checker([Trust.read(path.read_bytes()) for path in certificates])


def _policy(policy_file: Path | None, pin: str | None) -> Policy | None:
    if policy_file and pin:
        raise InvalidInput("give --policy or --pin, not both")
    if pin:
        return Policy.pin(pin)
    return Policy.parse(policy_file.read_bytes()) if policy_file else None
