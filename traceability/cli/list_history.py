"""Versions of a risk list: which there are, and what changed from one to another."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import click

from traceability.cli import local
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.services.access import TERMINAL


@click.command()
@click.argument("list_id", metavar="LIST")
@remote_options(required=False)
@output(listed=False)
def history(out: Output, list_id: str, url: str | None, token: str | None) -> None:
    """Print the versions of a LIST, the newest first."""
    if url:
        found = Remote(url, token).get(f"/v1/lists/{quote(list_id, safe='')}/versions")
    else:
        from traceability.services.list_history import history_shown

        with local.reading() as service:
            found = history_shown(service, TERMINAL, list_id)
    lines = [_version(row) for row in found["versions"]]
    out.one(found, "\n".join([*lines, f"{found['sentence']}."]))


def _version(row: Mapping[str, Any]) -> str:
    waits = f"  {row['for_review']} for review" if row["for_review"] else ""
    return (
        f"{row['id']:>5} {row['speaks_for']}  {row['rows']:>6} rows  {row['coverage']:8} {row['version']}"
        f"  loaded {row['loaded_at'][:10]}{waits}"
    )


@click.command()
@click.argument("list_id", metavar="LIST")
@click.argument("old", metavar="[FROM]", required=False, default="")
@click.argument("new", metavar="[TO]", required=False, default="")
@click.option("--after", default="", metavar="KEY", help="Go on after this entry: 200 are printed at a time.")
@remote_options(required=False)
@output(listed=False)
def diff(out: Output, list_id: str, old: str, new: str, after: str, url: str | None, token: str | None) -> None:
    """Print what changed in a LIST from one version to another, each by its number or name of `lists history`.

    Without any, from the last but one to the newest; with FROM alone, from that to the newest.
    """
    if url:
        query = urlencode({"from": old, "to": new, "after": after})
        found = Remote(url, token).get(f"/v1/lists/{quote(list_id, safe='')}/diff?{query}")
    else:
        from traceability.services.list_history import delta, delta_shown

        with local.reading() as service:
            found = delta_shown(delta(service, TERMINAL, list_id, old, new, after=after), TERMINAL)
    out.one(found, "\n".join(_changes(found)))


def _changes(found: Mapping[str, Any]) -> list[str]:
    before, counts = found["from"], found["counts"]
    since = f"since {before['version']}" if before else "no version came before"
    sums = ", ".join(f"{counts[what]} {what}" for what in ("added", "removed", "changed"))
    lines = [f"{found['list_id']} {found['to']['version']} ({since}): {sums}"]
    lines += [f"+ {_entry(row)}" for row in found["added"]]
    lines += [f"- {_entry(row)}" for row in found["removed"]]
    for row in found["changed"]:
        named = ", ".join(item["field"] for item in row["fields"])
        lines.append(f"~ {row['entry_key']}  {row['name']}  ({named})")
    if found["next_after"]:
        lines.append(f"there is more: --after '{found['next_after']}'")
    return lines


def _entry(row: Mapping[str, Any]) -> str:
    names = row.get("names", [])
    return f"{row['entry_key']}  {names[0]['text'] if names else row.get('code', '')}".rstrip()
