"""Signing a JSON document on this machine (RFC 7515, RFC 7797; VC-JOSE-COSE): prints the signature, sends nothing."""

from datetime import datetime
from pathlib import Path

import click

from traceability import strict_json
from traceability.cli import keyfiles, local
from traceability.errors import InvalidInput
from traceability.events.personal import readable
from traceability.ledger.credential import make_credential
from traceability.ledger.jose import sign_compact, sign_detached
from traceability.ledger.keys import PrivateKey


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@keyfiles.key_option
@click.option("--form", type=click.Choice(("vc+jwt", "detached")), default="vc+jwt", show_default=True)
@click.option("--log-origin", help="Bind the signature to one log, so that it cannot be replayed into another.")
def sign(file: Path, keyfile: Path, form: str, log_origin: str | None) -> None:
    """Print the compact JWS of FILE, or the value of the header X-JWS-Signature over its exact bytes."""
    key, did = keyfiles.load(keyfile)
    data = file.read_bytes()
    extra = {"log_origin": log_origin} if log_origin else None
    value = strict_json.loads(data)
    problems = list(readable(value))
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was signed", problems=problems)
    if form == "detached":
        click.echo(sign_detached(data, key, kid=key.kid, extra=extra))
        return
    if not isinstance(value, dict):
        raise InvalidInput("expected a JSON object: a credential, or what is to be its subject")
    click.echo(sign_compact(_payload(data, value, did, local.clock()()), key, kid=key.kid, extra=extra))


def _payload(data: bytes, value: dict[str, object], did: str, now: datetime) -> bytes:
    """Return a credential as it is; anything else as the subject of one, byte for byte."""
    kinds = value.get("type")
    is_credential = "VerifiableCredential" in (kinds if isinstance(kinds, list) else [kinds])
    return data if is_credential else make_credential(data, did, now)


def detached_headers(body: bytes, key: PrivateKey) -> dict[str, str]:
    """Return the headers of a JSON body with its detached signature."""
    return {"Content-Type": "application/json", "X-JWS-Signature": sign_detached(body, key, kid=key.kid)}
