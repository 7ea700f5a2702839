"""Comparing two checkpoints of a log: consistent, or transferable evidence that it has forked (cli.md)."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from traceability.cli.errors import FOUND
from traceability.cli.output import Output, dumped, output
from traceability.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from traceability.ledger.compare import Comparison
    from traceability.ledger.mirror import Source
    from traceability.ledger.note import VerifierKey

_LONGEST = 1_000_000


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="[B]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--log", "places", multiple=True, metavar="FOLDER|URL",
    help="A copy of the log (`ledger mirror`), or where it is served; may be given several times.",
)  # fmt: skip
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="Lines `log VKEY` and a `quorum`.")
@click.option("--pin", help="The log's verifier key, got elsewhere than from the files.")
@output(listed=False)
def compare_checkpoints(
    out: Output, *, first: Path, second: Path | None, places: tuple[str, ...], policy_file: Path | None, pin: str | None
) -> None:
    """Compare the checkpoints A and B: signed notes, or receipts, whose checkpoint is taken.

    With A alone check evidence that this command gave somebody. Exit code 0: they are consistent; 1: the log has forked
    (the answer holds the evidence), or it cannot be told.
    """
    from traceability.cli.ledger import keys_of
    from traceability.ledger.compare import compare

    keys = keys_of(policy_file, pin)
    if second is None:
        found = _checked(first, keys)
    else:
        found = compare([_note(path) for path in (first, second)], keys, [_source(place) for place in places])
    text = f"{found.verdict}: {found.reason}"
    text += "" if found.evidence is None else f"\n{dumped(found.evidence.as_dict())}"
    out.one(found.as_dict(), text, code=0 if found.verdict == "consistent" else FOUND)


def _checked(path: Path, keys: "Sequence[VerifierKey]") -> "Comparison":
    from traceability import strict_json
    from traceability.errors import TraceabilityError
    from traceability.ledger.compare import Comparison, Fork

    fork = Fork.from_value(strict_json.loads(path.read_bytes(), max_depth=3, max_string=_LONGEST))
    try:
        return Comparison("fork", fork.verify(keys), evidence=fork)
    except TraceabilityError as error:
        return Comparison("unknown", f"the evidence proves nothing: {error.detail}")


def _note(path: Path) -> str:
    from traceability.ledger.proof import parse_proof
    from traceability.ledger.receipt import Receipt

    data = path.read_bytes()
    if data.lstrip().startswith(b"{"):
        return parse_proof(Receipt.from_json(data).proof).checkpoint
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: expected a checkpoint as text, or a receipt as JSON") from error


def _source(place: str) -> "Source":
    from traceability.cli.log_source import OverHttp
    from traceability.storage.static_log import StaticLog

    if "://" in place:
        return OverHttp(place)
    if not Path(place).is_dir():
        raise InvalidInput(f"{place}: expected the folder of a copy of the log, or its address")
    return StaticLog(Path(place))
