"""What waits after a lost key, for admins: who asks is checked outside the system, then a new key takes its place."""

from typing import Any

import click

from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options

METHODS = ("in person", "video call", "telephone", "letter", "official register")


@click.group()
def lost() -> None:
    """Applications of parties that lost their only key (made with ``keys register --lost``)."""


@lost.command(name="list")
@click.option("--state", type=click.Choice(("waiting", "approved", "refused")))
@remote_options()
@output(listed=False)
def list_lost(out: Output, state: str | None, url: str, token: str | None) -> None:
    """Print the applications in the name of your party; of every party for an admin."""
    found = Remote(url, token).get("/v1/keys/lost" + (f"?state={state}" if state else ""))["applications"]
    out.all_of("applications", found, lambda row: f"{row['id']}  {row['state']}  {row['kid']}  {row['reason']}")


@lost.command()
@click.argument("application_id")
@click.option("--method", required=True, type=click.Choice(METHODS), help="How you checked who is asking.")
@click.option("--reason", required=True, help="What came of it; at least 20 characters, it stays on record.")
@remote_options()
@output(listed=False)
def approve(out: Output, application_id: str, method: str, reason: str, url: str, token: str | None) -> None:
    """Make the new key active and end the lost one; for an admin who is not the applicant.

    Of an application that came without an account two admins have to agree; after the first it still waits.
    """
    row = Remote(url, token).post(f"/v1/keys/lost/{application_id}/approve", {"method": method, "reason": reason})
    out.one({"kid": row["kid"], "state": row["state"], "receipt": row["receipt"]}, _told(row))


def _told(row: dict[str, Any]) -> str:
    waits = "; it came without an account, so another admin has to agree as well" if row["state"] == "waiting" else ""
    return f"{row['kid']} is {row['state']}{waits}"


@lost.command()
@click.argument("application_id")
@click.option("--reason", required=True, help="At least 20 characters.")
@remote_options()
@output(listed=False)
def refuse(out: Output, application_id: str, reason: str, url: str, token: str | None) -> None:
    """Refuse an application; every key stays as it is."""
    row = Remote(url, token).post(f"/v1/keys/lost/{application_id}/refuse", {"reason": reason})
    out.one({"id": row["id"], "kid": row["kid"], "state": row["state"]}, f"the application for {row['kid']} is refused")
