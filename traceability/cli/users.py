"""Accounts, on the server's terminal or over the API: the first admin, a lost password, a leaver."""

from typing import Any
from urllib.parse import quote

import click

from traceability.cli import local
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.services.access import ROLES, TERMINAL


@click.group()
def users() -> None:
    """Accounts of people. Without --url on the server itself, whose terminal may make the first admin."""


@users.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the person may do.")
@click.option("--party", help="Id or DID of the party; needed by supplier, importer and officer.")
@remote_options(required=False)
@output(listed=False)
def add(out: Output, name: str, role: str, party: str | None, url: str | None, token: str | None) -> None:
    """Make an account; prints its one-time password, this once."""
    if url:
        made = Remote(url, token).post("/v1/users", {"name": name, "role": role, "party": party})
    else:
        from traceability.services.users import add_user

        with local.writing("users add") as service:
            made = _one_time(add_user(service, TERMINAL, name, role, party))
    _print(out, made)


@users.command()
@click.argument("name")
@remote_options(required=False)
@output(listed=False)
def reset(out: Output, name: str, url: str | None, token: str | None) -> None:
    """Replace a lost password; prints a one-time password, this once."""
    if url:
        made = Remote(url, token).post(f"/v1/users/{quote(name, safe='')}/reset")
    else:
        from traceability.services.users import reset_password

        with local.writing("users reset") as service:
            made = _one_time(reset_password(service, TERMINAL, name))
    _print(out, made)


@users.command()
@click.argument("name")
@remote_options(required=False)
@output(listed=False)
def disable(out: Output, name: str, url: str | None, token: str | None) -> None:
    """Close an account and end the API keys it made; what it did stays."""
    if url:
        done = Remote(url, token).post(f"/v1/users/{quote(name, safe='')}/disable")
    else:
        from traceability.services.users import disable_user

        with local.writing("users disable") as service:
            done = {"name": name, "api_keys_ended": disable_user(service, TERMINAL, name)}
    out.one(done, f"{name} is closed; {done['api_keys_ended']} API keys it made are ended")


@users.command()
@click.argument("name")
@click.argument("address", required=False, default="")
@remote_options(required=False)
@output(listed=False)
def email(out: Output, name: str, address: str, url: str | None, token: str | None) -> None:
    """Set the e-mail ADDRESS to which reminders of NAME go; without one, none are sent there."""
    if url:
        done = Remote(url, token).post(f"/v1/users/{quote(name, safe='')}/email", {"email": address})
    else:
        from traceability.services.users import set_email

        with local.writing("users email") as service:
            done = {"name": name, "email": set_email(service, TERMINAL, name, address)}
    out.one(done, f"reminders of {name} go to {done['email'] or 'their pages only'}")


def _one_time(made: Any) -> dict[str, str]:
    return {"name": made.user, "role": made.role, "password": made.password}


def _print(out: Output, made: dict[str, str]) -> None:
    text = f"{made['name']} ({made['role']}), one-time password: {made['password']}\nIt is shown this once."
    out.one({name: made[name] for name in ("name", "role", "password")}, text)
