"""The command line: one module for each noun, loaded only when it is called, so that every command starts quickly."""

import importlib
from collections.abc import Mapping

import click

from traceability.cli.errors import reported

#: Command: the module of this package that holds it under the same name (``_`` for ``-``), and its help line.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("operate", "Serve the API and the pages; on SQLite with its job worker"),
    "worker": ("operate", "Run jobs until stopped; for PostgreSQL"),
    "migrate": ("operate", "Bring an empty or older database to this program's schema"),
    "health": ("operate", "Ask a running service how it is"),
    "settings": ("operate", "Print every setting with its value, source and meaning"),
    "backup": ("backups", "Copy database, documents and secrets into a new folder, and prove the copy"),
    "restore": ("backups", "Put a backup into an empty place"),
    "upgrade": ("backups", "Back up, migrate, check; undone when anything fails"),
    "fsck": ("fsck", "Rehash the log and every record bound to it; name the first bad index"),
    "demo": ("demo", "Fill an empty database with the demonstration"),
    "clock": ("clock", "Confirm that this machine's clock is right"),
    "jobs": ("jobs", "Jobs that have not succeeded: list, retry"),
    "users": ("users", "Accounts: add, reset, disable, email"),
    "api-keys": ("api_keys", "API keys: new, list, revoke; session tokens; and changing a one-time password"),
    "parties": ("parties", "Parties: apply, list, approve, refuse"),
    "keys": ("keys", "Signing keys: new, register, rotate, revoke, approve"),
    "sites": ("sites", "Sites: register"),
    "sign": ("sign", "Sign a JSON document"),
    "capture": ("capture", "Sign and post EPCIS documents; print receipts"),
    "personal": ("personal", "Personal data behind signed events: commit, deposit, show, erase"),
    "events": ("events", "Custody events from our spreadsheet template"),
    "shipments": ("shipments", "Shipment records from our spreadsheet template"),
    "event-hash": ("epcis", "Print the EPCIS event hash of each event"),
    "epcis": ("epcis", "Check EPCIS documents without a database"),
    "assess": ("assess", "Run the rules over assessment facts"),
    "match": ("match", "Compare names with a risk list"),
    "smelters": ("smelters", "Smelters of a declaration against a look-up: check, changes"),
    "screenings": ("screenings", "The record of what was screened: export"),
    "screen": ("screen", "Read and screen supplier documents"),
    "retention": ("retention", "What is due to be erased, approvals and legal holds, for the dpo"),
    "lists": ("lists", "Risk lists: load, status, history, diff"),
    "rules": ("rules", "The rule catalogue and the document rules"),
    "witness": ("witness", "Cosign the checkpoints of other logs: new, serve"),
    "ledger": ("ledger", "The log: export, mirror, policy, rotate-key, new-origin"),
    "evidence": ("evidence", "Fetch the evidence pack of a batch"),
    "report": ("report", "Fetch a report as a draft: due diligence, volumes, an authority's bundle"),
    "compare-checkpoints": ("compare", "Compare two checkpoints: consistent, or proof that the log has forked"),
    "verify": ("verify", "Verify receipts and evidence packs offline"),
}


class Registry(click.Group):
    """A group that imports a command's module at its first use, and reports errors with our exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of their story."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None where there is none of this name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"traceability.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help lines from the registry, without importing any command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; see ``errors`` for what its failures become."""
        with reported():
            return super().invoke(ctx)


@click.command(cls=Registry, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="traceability")
def main() -> None:
    """Signed chain-of-custody records from mine to importer: post, verify, screen, assess.

    Exit codes: 0 done and nothing against it; 1 something was found; 2 an input or the call is wrong;
    3 the service or database is unavailable, or another process owns it.
    """
