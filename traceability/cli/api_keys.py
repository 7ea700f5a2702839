"""API keys, made by a person with name and password and shown once; and session tokens, with which a person acts."""

import click

from traceability.cli.output import Output, output
from traceability.cli.remote import Remote
from traceability.services.access import SCOPES


@click.group()
def api_keys() -> None:
    """Machine access. You sign in with the name and password of an account."""


_URL = click.option("--url", required=True, envvar="TRC_URL", help="Address of the service, or TRC_URL.")
_USER = click.option("--user", required=True, help="Sign-in name.")
_PASSWORD = click.option(
    "--password", prompt=True, hide_input=True, envvar="TRC_PASSWORD", help="Asked for, or TRC_PASSWORD."
)


@api_keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="May be repeated.")
@click.option("--days", default=365, show_default=True, help="Days until it expires, 1 to 730.")
@_URL
@_USER
@_PASSWORD
@output(listed=False)
def new(out: Output, name: str, scopes: tuple[str, ...], days: int, url: str, user: str, password: str) -> None:
    """Make an API key; prints its secret, this once."""
    body = {"name": name, "scopes": list(scopes), "days": days}
    made = Remote(url, basic=(user, password)).post("/v1/api-keys", body)
    made = {name: made[name] for name in ("id", "secret", "scopes")}
    out.one(made, f"{made['secret']}\nIt is shown this once; id {made['id']}, scopes {', '.join(made['scopes'])}.")


@api_keys.command(name="list")
@_URL
@_USER
@_PASSWORD
@output(listed=False)
def list_keys(out: Output, url: str, user: str, password: str) -> None:
    """Print the API keys of your party and role; never a secret."""
    found = Remote(url, basic=(user, password)).get("/v1/api-keys")["api_keys"]
    out.all_of(
        "api_keys", found, lambda row: f"{row['id']}  {row['prefix']}...  {row['name']}  until {row['expires_at']}"
    )


@api_keys.command()
@click.argument("key_id")
@_URL
@_USER
@_PASSWORD
@output(listed=False)
def revoke(out: Output, key_id: str, url: str, user: str, password: str) -> None:
    """End an API key."""
    Remote(url, basic=(user, password)).send("DELETE", f"/v1/api-keys/{key_id}")
    out.one({"id": key_id, "state": "revoked"}, f"{key_id} is revoked")


@api_keys.command()
@_URL
@_USER
@_PASSWORD
@output(listed=False)
def session(out: Output, url: str, user: str, password: str) -> None:
    """Print a session token for what no API key may do: put it into TRC_TOKEN; it ends within the hour."""
    made = Remote(url, basic=(user, password)).post("/v1/sessions")
    out.one(made, made["token"])


@api_keys.command()
@click.option("--new", "chosen", prompt="New password", hide_input=True, confirmation_prompt=True, help="Asked for.")
@_URL
@_USER
@_PASSWORD
def password(chosen: str, url: str, user: str, password: str) -> None:
    """Change your password; a one-time password has to be changed before anything else."""
    Remote(url, basic=(user, password)).post("/v1/password", {"new": chosen})
    click.echo("the password is changed")
