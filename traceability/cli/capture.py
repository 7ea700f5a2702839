"""Capture: EPCIS documents signed here and posted, with the receipts to keep."""

import hashlib
from pathlib import Path
from typing import Any

import click
import orjson

from traceability.cli import keyfiles
from traceability.cli.errors import UNAVAILABLE
from traceability.cli.output import Output, files, output
from traceability.cli.personal import deposit_openings, read_openings
from traceability.cli.remote import Remote, remote_options
from traceability.cli.sign import detached_headers
from traceability.errors import InvalidInput, TraceabilityError, Unavailable
from traceability.ledger.keys import PrivateKey

_NOT_SENT = "not sent, because the service does not answer"


@click.command()
@files()
@keyfiles.key_option
@click.option("--openings", "kept", type=click.Path(path_type=Path), help="Of `personal commit`: deposited afterwards.")
@click.option("--receipts", "folder", type=click.Path(path_type=Path), help="Folder to write each receipt to.")
@remote_options()
@output()
def capture(
    out: Output,
    *,
    files: tuple[Path, ...],
    keyfile: Path,
    kept: Path | None,
    folder: Path | None,
    url: str,
    token: str | None,
) -> None:
    """Sign and post each FILE (an EPCISDocument with at most 500 events); print the receipt of each event."""
    key, _ = keyfiles.load(keyfile)
    remote = Remote(url, token)
    openings = read_openings(kept) if kept else []
    if openings and len(files) > 1:
        raise InvalidInput("a file of openings belongs to one document: capture that one by itself")

    def one(file: Path) -> None:
        done, lost = post(remote, file.read_bytes(), key)
        row = {"file": str(file), **done}
        state = "captured" if row["success"] else "captured in part"
        out.row(row, f"{file}: {state}, {len(row['events'])} events, capture {row['capture_id']}")
        if lost:
            out.fail(str(file), lost)
        if openings:
            deposit_openings(remote, row["capture_id"], openings)
        if folder:
            _kept(out, folder, row["events"])

    waiting = list(files)
    while waiting and out.code != UNAVAILABLE:
        file = waiting.pop(0)
        out.each([file], one, _refused)
    for file in waiting:  # nobody answers: these are not even read
        out.row(_refused(str(file), _NOT_SENT, [{"path": "", "message": _NOT_SENT}]), f"{file}: {_NOT_SENT}")


def post(remote: Remote, body: bytes, key: PrivateKey) -> tuple[dict[str, Any], TraceabilityError | None]:
    """Post one signed document and return the answer of ``capture``, without ``file``.

    Where it was captured and its receipts could not be had, they are None and the second value says why.

    Raises:
        Refused: the service refused it; nothing was recorded.
        Unavailable: nobody answers; whether it was recorded is not known.

    """
    done = remote.send("POST", "/epcis/capture", body, detached_headers(body, key))
    events, lost = _receipts(remote, done)
    answer = {"capture_id": done["captureID"], "success": not done["errors"], "events": events}
    return {**answer, "errors": done["errors"]}, lost


def _receipts(remote: Remote, done: dict[str, Any]) -> tuple[list[dict[str, Any]], TraceabilityError | None]:
    try:
        return remote.get(done["receipts"]), None
    except TraceabilityError as error:
        said = f"capture {done['captureID']} is recorded; its receipts could not be had: {error.detail}"
        lost = [{"event_id": event["event_id"], "receipt": None} for event in done["events"]]
        return lost, Unavailable(f"{said}. Ask again at {done['receipts']}")


def _kept(out: Output, folder: Path, events: list[dict[str, Any]]) -> None:
    """Write the receipts; that a folder cannot be written to does not take back what was captured and told."""
    try:
        write_receipts(folder, events)
    except OSError as error:
        out.fail(str(folder), error)


def write_receipts(folder: Path, events: list[dict[str, Any]]) -> None:
    """Write each receipt into a file as `verify` reads it, named by its entry: a correction repeats its event id."""
    folder.mkdir(parents=True, exist_ok=True)
    for event in events:
        if event["receipt"] is None:
            continue
        name = hashlib.sha256(event["receipt"]["entry"].encode()).hexdigest()[:32]
        (folder / f"{name}.receipt.json").write_bytes(orjson.dumps(event["receipt"]))


def _refused(name: str, _said: str, problems: list[dict[str, str]]) -> dict[str, Any]:
    return {"file": name, "capture_id": None, "success": False, "events": [], "errors": problems}
