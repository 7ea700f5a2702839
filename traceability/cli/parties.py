"""Parties: a newcomer applies with its first key; an admin who is not the applicant agrees or refuses."""

from pathlib import Path
from typing import Any

import click

from traceability.cli import keyfiles, local
from traceability.cli.keys import prove
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.errors import InvalidInput
from traceability.services.access import TERMINAL


@click.group()
def parties() -> None:
    """Organisations. Whoever decides does so over --url with an admin's session token, or on the server's terminal."""


@parties.command()
@click.argument("keyfile", type=click.Path(path_type=Path))
@click.option("--name", required=True)
@click.option("--country", required=True, help="ISO 3166-1 alpha-2, such as CD.")
@click.option("--role", "roles", multiple=True, required=True, help="mine, trader, smelter, ...; may be repeated.")
@click.option("--address")
@click.option(
    "--identifier", "identifiers", multiple=True, metavar="KIND=VALUE", help="lei, eori, cid, national, alias."
)
@click.option("--prefix", "prefixes", multiple=True, help="URI prefix you name batches and sites under.")
@remote_options()
@output(listed=False)
def apply(
    out: Output, *, keyfile: Path, name: str, country: str, roles: tuple[str, ...], address: str | None,
    identifiers: tuple[str, ...], prefixes: tuple[str, ...], url: str, token: str | None,
) -> None:  # fmt: skip
    """Apply as the party whose DID the key in KEYFILE carries; needs no account."""
    key, did = keyfiles.load(keyfile)
    remote = Remote(url, token)
    body = {
        "did": did,
        "name": name,
        "country": country,
        "roles": list(roles),
        "address": address,
        "identifiers": dict(map(_pair, identifiers)),
        "prefixes": list(prefixes),
        "proof": prove(remote, key, did),
    }
    made = remote.post("/v1/parties", body)
    row = {"id": made["id"], "did": did, "state": made["state"], "kid": key.kid}
    out.one(row, f"{did} is {made['state']} as party {made['id']}; an admin has to agree")


@parties.command(name="list")
@click.option("--state", type=click.Choice(("waiting", "active", "refused")))
@remote_options(required=False)
@output(listed=False)
def list_parties(out: Output, state: str | None, url: str | None, token: str | None) -> None:
    """Print the parties, all or in one state."""
    if url:
        found = Remote(url, token).get("/v1/parties" + (f"?state={state}" if state else ""))["parties"]
    else:
        from traceability.services.parties import parties as all_parties

        with local.reading() as service, service.store.read() as session:
            found = [_row(row) for row in all_parties(session, state=state)]
    out.all_of("parties", found, lambda row: f"{row['id']}  {row['state']}  {row['did']}  {row['name']}")


@parties.command()
@click.argument("party_id")
@click.option("--reason")
@remote_options(required=False)
@output(listed=False)
def approve(out: Output, party_id: str, reason: str | None, url: str | None, token: str | None) -> None:
    """Make a waiting party active, with its claims and its first key."""
    _decide(out, "approve", party_id, reason, url, token)


@parties.command()
@click.argument("party_id")
@click.option("--reason", required=True, help="At least 20 characters; the applicant can be told.")
@remote_options(required=False)
@output(listed=False)
def refuse(out: Output, party_id: str, reason: str, url: str | None, token: str | None) -> None:
    """Refuse a waiting party."""
    _decide(out, "refuse", party_id, reason, url, token)


def _decide(out: Output, verb: str, party_id: str, reason: str | None, url: str | None, token: str | None) -> None:
    if url:
        row = Remote(url, token).post(f"/v1/parties/{party_id}/{verb}", {"reason": reason})
    else:
        from traceability.services import parties as service_of

        with local.writing(f"parties {verb}") as service:
            if verb == "approve":
                row = _row(service_of.approve(service, TERMINAL, party_id, reason=reason))
            else:
                row = _row(service_of.refuse(service, TERMINAL, party_id, reason or ""))
    done = {"id": row["id"], "did": row["did"], "state": row["state"]}
    out.one(done, f"{row['did']} is {row['state']}")


def _row(row: Any) -> dict[str, Any]:
    return {"id": row.id, "did": row.did, "name": row.name, "country": row.country, "state": row.state}


def _pair(text: str) -> tuple[str, str]:
    kind, equals, value = text.partition("=")
    if not equals or not kind or not value:
        raise InvalidInput(f"expected --identifier KIND=VALUE, such as lei=5493001KJTIIGC8Y1R12; got {text!r}")
    return kind, value
