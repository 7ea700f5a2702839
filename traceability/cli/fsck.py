"""The audit of everything stored, beside a running service or without one (ledger.md 9)."""

from typing import TYPE_CHECKING

import click

from traceability.cli import local
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, output

if TYPE_CHECKING:
    from traceability.services.fsck import Report

_SHOWN = 20


@click.command()
@click.option("--deep", is_flag=True, help="Check every signature again, and derive again what came from the bytes.")
@output(listed=False)
def fsck(out: Output, deep: bool) -> None:
    """Rehash the log and every record bound to it; name the first bad index and what still stands.

    Without --deep nothing is derived again: what of the signed bytes went into events, kilograms, edges and holdings,
    is not compared with them, and no signature is checked. The service makes a deep audit every week by itself.

    The database is only read. The outcome is kept beside it: after a problem nothing is signed until an audit finds
    none. Exit code 1: a problem was found.
    """
    from traceability.services.auditing import audit

    with local.reading() as service:
        report = audit(service, "deep" if deep else "full")
    out.one(report.as_dict(), _told(report), code=0 if report.verdict == "ok" else FOUND)


def _told(report: "Report") -> str:
    from traceability.services.fsck.report import LEFT_TO_DEEP

    looked = f"{report.entries} entries, {sum(report.checked.values())} rows"
    if report.verdict == "ok":
        told = [f"ok: {looked} are what the log's key signed"]
        left = () if report.deep else LEFT_TO_DEEP
        return "\n".join([*told, *(["not checked without --deep:"] if left else []), *(f"  {one}" for one in left)])
    stands = "nothing" if report.stands is None else f"everything up to {report.stands[0]} entries"
    lines = [f"failed: {report.count} problems in {looked}; {stands} still stands"]
    if report.first is not None:
        lines.append(f"  first bad: {report.first.index}: {report.first.table}: {report.first.what}")
    shown = report.problems[:_SHOWN]
    lines += [f"  {'-' if one.index is None else one.index}: {one.table}: {one.what}" for one in shown]
    if report.count > len(shown):
        lines.append(f"  and {report.count - len(shown)} more")
    return "\n".join(lines)
