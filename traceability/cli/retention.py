"""Retention for the dpo, over the API: what is due, that it is erased (with a session token), and legal holds."""

import time
from typing import Any

import click

from traceability.cli.output import Output, output
from traceability.cli.remote import Refused, Remote, remote_options
from traceability.errors import Unavailable

_WAIT = 60
_NOT_FOUND = 404
_REPORTS = "/v1/retention/reports"
_HOLDS = "/v1/retention/holds"


@click.group()
def retention() -> None:
    """What is due to be erased. The service proposes, a dpo approves; nothing else is ever erased."""


@retention.command()
@click.option("--wait", type=click.IntRange(0, 3600), default=_WAIT, show_default=True, help="Seconds to wait for it.")
@remote_options()
@output(listed=False)
def report(out: Output, wait: int, url: str, token: str | None) -> None:
    """Let a report of what is due be made, and print it. It erases nothing."""
    remote = Remote(url, token)
    asked = remote.post(_REPORTS)
    found = _made(remote, asked["id"], wait)
    out.one(found, _text(found))


def _made(remote: Remote, report_id: str, wait: int) -> Any:
    """Return a report once its job is done.

    Raises:
        Unavailable: it is not there yet.

    """
    for _ in range(wait + 1):
        try:
            return remote.get(f"{_REPORTS}/{report_id}")
        except Refused as refusal:
            if refusal.status != _NOT_FOUND:
                raise
        time.sleep(1)
    raise Unavailable(f"the report {report_id} is not made yet: `traceability retention show {report_id}` later")


@retention.command()
@click.argument("report_id")
@remote_options()
@output(listed=False)
def show(out: Output, report_id: str, url: str, token: str | None) -> None:
    """Print a report: what is due, and what is kept beyond its term with the reason."""
    found = Remote(url, token).get(f"{_REPORTS}/{report_id}")
    out.one(found, _text(found))


@retention.command(name="list")
@remote_options()
@output(listed=False)
def list_(out: Output, url: str, token: str | None) -> None:
    """Print the reports, newest first."""
    found = Remote(url, token).get(_REPORTS)["reports"]
    out.all_of("reports", found, lambda row: f"{row['id']}  as of {row['as_of']}  {row['counts']}")


@retention.command()
@click.argument("report_id")
@click.option("--reason", required=True, help="At least 20 characters; it stays on record.")
@click.option("--line", "lines", multiple=True, type=int, help="Only these lines; may be given several times.")
@click.option("--all", "everything", is_flag=True, help="All that is due.")
@remote_options()
@output(listed=False)
def approve(
    out: Output, report_id: str, reason: str, lines: tuple[int, ...], everything: bool, url: str, token: str | None
) -> None:
    """Erase what a report says is due and still is: --all of it, or each --line. It cannot be undone."""
    if everything == bool(lines):
        raise click.UsageError("name each --line, or give --all")
    body: dict[str, Any] = {"reason": reason, **({"lines": list(lines)} if lines else {})}
    done = Remote(url, token).post(f"{_REPORTS}/{report_id}/approve", body)
    said = f"{len(done['erased'])} records erased, {len(done['already_erased'])} were before"
    kept = [f"line {one['line']} is kept: {one['why']}" for one in done["kept"]]
    out.one(done, "\n".join([said, *kept]))


@retention.command()
@click.argument("kind", type=click.Choice(["batch", "shipment", "document", "all"]))
@click.argument("target", default="")
@click.option("--reason", required=True, help="At least 20 characters: the case, claim or audit.")
@remote_options()
@output(listed=False)
def hold(out: Output, kind: str, target: str, reason: str, url: str, token: str | None) -> None:
    """Keep a batch, shipment record or document (or all records) beyond its term until the hold is lifted."""
    done = Remote(url, token).post(_HOLDS, {"kind": kind, "target": target, "reason": reason})
    out.one(done, f"held: {kind} {target} ({done['id']})")


@retention.command()
@click.argument("hold_id")
@click.option("--reason", required=True, help="At least 20 characters: why it need not be kept.")
@remote_options()
@output(listed=False)
def lift(out: Output, hold_id: str, reason: str, url: str, token: str | None) -> None:
    """End a hold."""
    done = Remote(url, token).post(f"{_HOLDS}/{hold_id}/lift", {"reason": reason})
    out.one(done, f"lifted: {done['kind']} {done['target']}")


@retention.command()
@remote_options()
@output(listed=False)
def holds(out: Output, url: str, token: str | None) -> None:
    """Print the legal holds, lifted ones too."""
    found = Remote(url, token).get(_HOLDS)["holds"]
    out.all_of("holds", found, lambda row: f"{row['id']}  {row['kind']} {row['target']}  {row['reason']}")


def _text(found: Any) -> str:
    lines = [
        f"{row['line']:6} {row['state']:8} {row['kind']:10} {row['subject']}  {row['why']}"
        + (f"  erased: ledger entry {row['erasure']}" if row["erasure"] is not None else "")
        for row in found["lines"]
    ]
    return "\n".join([f"report {found['id']} as of {found['as_of']}: {found['counts']}", *lines])
