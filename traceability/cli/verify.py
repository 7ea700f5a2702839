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

    A pack is also compared with the receipts given beside it: their heads must lie on its tree.
    """
    from traceability.events.made_id import made_id
    from traceability.ledger.standalone import is_pack, text, verify_file

    policy, check_stamp = _policy(policy_file, pin), _check_stamp(certificates)
    receipts = [data for data in map(_readable, files) if data is not None and not is_pack(data)]

    def one(file: Path) -> None:
        verdict = verify_file(file.read_bytes(), policy, receipts, event_id=made_id, check_stamp=check_stamp)
        row = {"file": str(file), **verdict.as_dict()}
        out.row(row, text(row), code=0 if verdict.verdict == "ok" else FOUND)

    out.each(files, one, _unread)


def _unread(name: str, said: str, _problems: list[dict[str, str]]) -> dict[str, Any]:
    return {"file": name, "verdict": "failed", "reason": said, "not_checked": [], "log_key": None, "items": []}


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
