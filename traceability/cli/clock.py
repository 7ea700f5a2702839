"""The machine's clock: an operator says that it is right, where the service does not believe it (ADR 0021)."""

import click

from traceability.cli.output import Output, output
from traceability.clock import elapsed, running_since, system_clock
from traceability.config import load_settings


@click.group()
def clock() -> None:
    """`confirm` says that this machine's clock is right, after a jump or a long time without entries."""


@clock.command("confirm")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output(listed=False)
def confirm(out: Output, yes: bool) -> None:
    """Say that this machine's clock is right; compare it with another one first. A service that runs goes on by itself.

    It holds for every process with this state folder, also one that notices the jump later, and for this jump alone.

    What is recorded under a clock that is ahead cannot be taken back: no later entry can have an earlier moment.
    """
    from traceability.storage.clock_watch import FILE
    from traceability.storage.clock_watch import confirm as write_down

    at, passed = system_clock(), elapsed()
    shown = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    if not yes:
        click.confirm(f"This machine's clock shows {shown}. Is that right?", abort=True, err=True)
    write_down(load_settings().state_dir / FILE, at, passed, running_since())
    out.one({"at": shown}, f"confirmed: it is {shown}")
