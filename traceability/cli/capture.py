"""Capture: EPCIS documents signed here and posted, with the receipts to keep."""

import hashlib
from pathlib import Path
from typing import Any

import click
import orjson

from traceability.cli import keyfiles
from traceability.cli.errors import UNAVAILABLE, exit_code_of
from traceability.cli.output import Output, files, output
from traceability.cli.remote import Remote, remote_options
from traceability.cli.sign import detached_headers
from traceability.errors import TraceabilityError
from traceability.ledger.keys import PrivateKey


@click.command()
@files()
@keyfiles.key_option
@click.option("--receipts", "folder", type=click.Path(path_type=Path), help="Folder to write each receipt to.")
@remote_options()
@output()
def capture(
    out: Output, *, files: tuple[Path, ...], keyfile: Path, folder: Path | None, url: str, token: str | None
) -> None:
    """Sign and post each FILE (an EPCISDocument with at most 500 events); print the receipt of each event."""
    key, _ = keyfiles.load(keyfile)
    remote = Remote(url, token)

    def one(file: Path) -> None:
        row = {"file": str(file), **post(remote, file.read_bytes(), key)}
        if folder:
            write_receipts(folder, row["events"])
        state = "captured" if row["success"] else "captured in part"
        out.row(row, f"{file}: {state}, {len(row['events'])} events, capture {row['capture_id']}")

    for file in files:
        try:
            one(file)
        except (TraceabilityError, OSError) as error:
            out.fail(str(file), error)
            if isinstance(error, TraceabilityError):
                out.row(_refused(file, error), f"{file}: refused", code=exit_code_of(error))
            if out.code == UNAVAILABLE:
                break  # nobody answers: the files after it are not even read


def post(remote: Remote, body: bytes, key: PrivateKey) -> dict[str, Any]:
    """Post one signed document and return the answer of ``capture``, without ``file``.

    Raises:
        Refused: the service refused it; nothing was recorded.
        Unavailable: nobody answers.

    """
    done = remote.send("POST", "/epcis/capture", body, detached_headers(body, key))
    return {
        "capture_id": done["captureID"],
        "success": not done["errors"],
        "events": remote.get(done["receipts"]),
        "errors": done["errors"],
    }


def write_receipts(folder: Path, events: list[dict[str, Any]]) -> None:
    """Write each receipt into a file as `verify` reads it, named by its entry: a correction repeats its event id."""
    folder.mkdir(parents=True, exist_ok=True)
    for event in events:
        name = hashlib.sha256(event["receipt"]["entry"].encode()).hexdigest()[:32]
        (folder / f"{name}.receipt.json").write_bytes(orjson.dumps(event["receipt"]))


def _refused(file: Path, error: TraceabilityError) -> dict[str, Any]:
    problems = [problem.as_dict() for problem in error.problems] or [{"path": "", "message": error.detail}]
    return {"file": str(file), "capture_id": None, "success": False, "events": [], "errors": problems}
