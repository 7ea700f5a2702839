"""Offline verification of receipts (ledger.md 5): trust comes from --policy or --pin, never from the file."""

from pathlib import Path
from typing import Any

import click

from traceability.cli.errors import FOUND
from traceability.cli.output import Output, files, output
from traceability.errors import InvalidInput
from traceability.ledger.policy import Policy


@click.command()
@files()
@click.option(
    "--policy", "policy_file", type=click.Path(path_type=Path), help="File of lines `log VKEY`, `quorum none`."
)
@click.option("--pin", help="The log's verifier key, got elsewhere than from the receipt.")
@output()
def verify(out: Output, *, files: tuple[Path, ...], policy_file: Path | None, pin: str | None) -> None:
    """Verify each RECEIPT.json without network and without trusting the server."""
    from traceability.events.made_id import made_id
    from traceability.ledger.verify import verify_receipt

    policy = _policy(policy_file, pin)

    def one(file: Path) -> None:
        verdict = verify_receipt(file.read_bytes(), policy=policy, event_id=made_id)
        row = {"file": str(file), **verdict.as_dict()}
        out.row(row, _text(row), code=0 if verdict.verdict == "ok" else FOUND)

    out.each(files, one)


def _policy(policy_file: Path | None, pin: str | None) -> Policy | None:
    if policy_file and pin:
        raise InvalidInput("give --policy or --pin, not both")
    if pin:
        return Policy.pin(pin)
    return Policy.parse(policy_file.read_bytes()) if policy_file else None


def _text(row: dict[str, Any]) -> str:
    key = row["log_key"]
    named = f"  log key {key['name']} {key['fingerprint']}" if key else "  no log key can be read"
    items = [f"  {item['verdict']:11} {item['what']}: {item['why']}" for item in row["items"]]
    return "\n".join([f"{row['file']}: {row['verdict']}: {row['reason']}", named, *items])
