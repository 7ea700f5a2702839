"""Personal data of signed events: committed before signing on this machine, deposited, read, and erased on request."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import orjson

from traceability import strict_json
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.errors import InvalidInput
from traceability.events.personal import committed
from traceability.ledger.commitment import Opening, new_opening


@click.group()
def personal() -> None:
    """Personal data behind signed events: a name is signed as a commitment, and can be erased without breaking it."""


@personal.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="New file: what is to be signed.")
@click.option(
    "--openings", "kept", required=True, type=click.Path(path_type=Path), help="New file with values and salts."
)
def commit(file: Path, target: Path, kept: Path) -> None:
    """Replace every ``crm:personal`` of FILE by commitments; the values go into the file of openings, for you alone."""
    found: list[Opening] = []

    def replaced(name: str, value: str) -> str:
        found.append(new_opening(name, value))
        return found[-1].commitment

    body = committed(strict_json.loads(file.read_bytes()), replaced)
    _write_new(kept, orjson.dumps({"openings": [one.as_dict() for one in found]}, option=orjson.OPT_INDENT_2))
    _write_new(target, strict_json.dumps(body))
    click.echo(f"{target} holds {len(found)} commitments; keep {kept} to open them, and send it to nobody")


def _write_new(path: Path, data: bytes) -> None:
    """Write a new file that its owner alone may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def read_openings(path: Path) -> list[dict[str, str]]:
    """Return the openings in a file of ``personal commit``.

    Raises:
        InvalidInput: another form, or one does not open its commitment.

    """
    value = strict_json.loads(path.read_bytes())
    if not isinstance(value, Mapping) or not isinstance(value.get("openings"), list):
        raise InvalidInput(f"{path}: expected a file of openings as `personal commit` writes it")
    found = [Opening.from_value(one) for one in value["openings"]]
    for number, one in enumerate(found):
        if not one.opens:
            raise InvalidInput(f"{path}: opening {number} does not open its commitment")
    return [one.as_dict() for one in found]


def deposit_openings(remote: Remote, capture_id: str, openings: list[dict[str, str]]) -> dict[str, Any]:
    """Deposit what opens the commitments of a capture; the same again changes nothing."""
    done: dict[str, Any] = remote.post(f"/v1/captures/{capture_id}/openings", {"openings": openings})
    return done


@personal.command()
@click.argument("capture_id")
@click.option("--openings", "kept", required=True, type=click.Path(path_type=Path), help="File of `personal commit`.")
@remote_options()
@output(listed=False)
def deposit(out: Output, capture_id: str, kept: Path, url: str, token: str | None) -> None:
    """Deposit the openings of a capture with the service, which shows them to those entitled and logs it."""
    done = deposit_openings(Remote(url, token), capture_id, read_openings(kept))
    out.one(done, f"{done['deposited']} openings deposited, {done['known']} were there already")


@personal.command()
@click.argument("event_id")
@click.option("--purpose", help="Needed under a mandate; it is logged.")
@remote_options()
@output(listed=False)
def show(out: Output, event_id: str, purpose: str | None, url: str, token: str | None) -> None:
    """Print the personal data of an event that you may see; the read is logged."""
    headers = {"X-Purpose": purpose} if purpose else {}
    found = Remote(url, token).send("GET", f"/v1/openings/{quote(event_id, safe='')}", headers=headers)
    lines = [f"{one['name']}: {one.get('value', 'erased')}" for one in found["openings"]]
    out.one(found, "\n".join(lines))


@personal.command()
@click.argument("event_id")
@click.option("--reason", required=True, help="At least 20 characters; it stays on record.")
@click.option("--commitment", "only", multiple=True, help="Only these; without it all of the event.")
@remote_options()
@output(listed=False)
def erase(out: Output, event_id: str, reason: str, only: tuple[str, ...], url: str, token: str | None) -> None:
    """Erase the personal data of an event as a dpo; its signature, proofs and receipts stay valid."""
    body = {"reason": reason, **({"commitments": list(only)} if only else {})}
    done = Remote(url, token).post(f"/v1/openings/{quote(event_id, safe='')}/erase", body)
    said = f"{done['erased']} values erased, ledger entry {done['erasure']}" if done["erased"] else "erased already"
    out.one(done, said)
