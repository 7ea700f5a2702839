"""Signing keys: made here with mode 0600, registered with proof of possession, rotated by both keys (ledger.md 6)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from traceability.cli import keyfiles
from traceability.cli.lost_keys import lost
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.errors import InvalidInput
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import Algorithm, PrivateKey
from traceability.ledger.possession import challenge_payload, rotation_payload

_ALGORITHMS: dict[str, Algorithm] = {"ed25519": "EdDSA", "p256": "ES256"}


@click.group()
def keys() -> None:
    """Keys that sign. The private part stays in its file and is never sent."""


keys.add_command(lost)


@keys.command()
@click.option("--party", required=True, help="DID of the party, such as did:web:mine.example.")
@click.option("--alg", type=click.Choice(tuple(_ALGORITHMS)), default="ed25519", show_default=True)
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="New file, mode 0600.")
@output(listed=False)
def new(out: Output, party: str, alg: str, target: Path) -> None:
    """Make a key; prints its public part."""
    if not party.startswith("did:") or "#" in party:
        raise InvalidInput(f"expected a DID such as did:web:mine.example; got {party!r}")
    drawn = PrivateKey.generate(_ALGORITHMS[alg])
    key = replace(drawn, kid=f"{party}#{drawn.public.thumbprint}")
    key.save(target)
    out.one({"kid": key.kid, "jwk": dict(key.public.jwk)}, f"{key.kid}\nthe private key is in {target}: keep it safe")


@keys.command()
@click.argument("keyfile", type=click.Path(path_type=Path))
@click.option("--reason", help="Why; with --lost how the only key was lost, in at least 20 characters.")
@click.option("--lost", is_flag=True, help="Your party lost its only key; needs no account.")
@remote_options()
@output(listed=False)
def register(out: Output, keyfile: Path, reason: str | None, *, lost: bool, url: str, token: str | None) -> None:
    """Apply for a further key of your party, or with --lost for a new one; an admin has to agree."""
    remote, (key, did) = Remote(url, token), keyfiles.load(keyfile)
    body = {"proof": prove(remote, key, did), "reason": reason}
    if lost and not reason:
        raise InvalidInput("--lost needs --reason: how the only key was lost, in at least 20 characters")
    _print(out, remote.post("/v1/keys/lost", body | {"did": did}) if lost else remote.post("/v1/keys", body))


@keys.command()
@click.argument("keyfile", type=click.Path(path_type=Path))
@click.option("--new", "new_file", required=True, type=click.Path(path_type=Path), help="Key file of the new key.")
@remote_options()
@output(listed=False)
def rotate(out: Output, keyfile: Path, new_file: Path, url: str, token: str | None) -> None:
    """Replace KEYFILE's key by a new one, signed by both; the new one is active at once."""
    (old, did), (fresh, fresh_did) = keyfiles.load(keyfile), keyfiles.load(new_file)
    if did != fresh_did:
        raise InvalidInput(f"the two keys belong to two parties: {did} and {fresh_did}")
    remote = Remote(url, token)
    asked = remote.post("/v1/challenges", {"did": did})
    body = rotation_payload(did, old.public, fresh.kid, fresh.public.jwk, asked["nonce"], asked["log_origin"])
    signed = {
        "old_kid": old.kid,
        "body": body.decode(),
        "old_jws": sign_detached(body, old, kid=old.kid),
        "new_jws": sign_detached(body, fresh, kid=fresh.kid),
        "nonce": asked["nonce"],
    }
    _print(out, remote.post("/v1/keys/rotate", signed))


@keys.command()
@click.argument("kid")
@click.option("--reason", required=True, help="At least 10 characters.")
@click.option("--compromised-since", type=int, help="Ledger index from which on others may have used the key.")
@remote_options()
@output(listed=False)
def revoke(out: Output, kid: str, reason: str, compromised_since: int | None, url: str, token: str | None) -> None:
    """End a key: KID, or the key file it is in; one that still waits is withdrawn."""
    body = {"kid": _named(kid), "reason": reason, "compromised_since": compromised_since}
    _print(out, Remote(url, token).post("/v1/keys/revoke", body))


@keys.command()
@click.argument("kid")
@remote_options()
@output(listed=False)
def approve(out: Output, kid: str, url: str, token: str | None) -> None:
    """Make a waiting key active: KID, or the key file it is in; for an admin who is not the applicant."""
    _print(out, Remote(url, token).post("/v1/keys/approve", {"kid": _named(kid)}))


def prove(remote: Remote, key: PrivateKey, did: str) -> dict[str, str]:
    """Return the proof that this machine holds a key: the service's challenge, signed by the key itself."""
    asked = remote.post("/v1/challenges", {"did": did})
    body = challenge_payload(did, key.kid, key.public.jwk, asked["nonce"], asked["log_origin"])
    return {"body": body.decode(), "jws": sign_detached(body, key, kid=key.kid), "nonce": asked["nonce"]}


def _named(kid: str) -> str:
    """Return a key id as it is, or that of the key file of this name; nothing of the file is sent."""
    path = Path(kid)
    return kid if kid.startswith("did:") or not path.exists() else keyfiles.load(path)[0].kid


def _print(out: Output, row: dict[str, Any]) -> None:
    done = {"kid": row["kid"], "state": row["state"], "receipt": row["receipt"]}
    if row.get("warning"):
        click.echo(row["warning"], err=True)
    waits = "; an admin who is not you has to agree" if row["state"] == "waiting" else ""
    out.one(done, f"{row['kid']} is {row['state']}{waits}")
