"""The log as static files that any client of C2SP tlog-tiles can audit, and what its operator does with its keys."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from traceability.cli.errors import FOUND
from traceability.cli.output import Output, output
from traceability.errors import InvalidInput, TraceabilityError

if TYPE_CHECKING:
    from traceability.ledger.mirror import Copied
    from traceability.ledger.note import VerifierKey
    from traceability.services.context import Service
    from traceability.storage.next_key import NextKeys

_AGAIN = click.option("--check", "again", is_flag=True, help="Read what was copied before too, and mend it.")
_FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def ledger() -> None:
    """Copy the log as static files, verified on the way; print its policy; rotate its key."""


@ledger.command()
@_FOLDER
@_AGAIN
@output(listed=False)
def export(out: Output, folder: Path, again: bool) -> None:
    """Copy the log of this database into FOLDER; the service may go on meanwhile."""
    from traceability.cli import local
    from traceability.services.log_export import export as copy

    with local.reading() as service:
        _tell(out, folder, lambda: copy(service, folder, again=again))


@ledger.command()
@click.argument("url")
@_FOLDER
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="Lines `log VKEY` and `quorum none`.")
@click.option("--pin", help="The log's verifier key, got elsewhere than from the log.")
@_AGAIN
@output(listed=False)
def mirror(out: Output, url: str, folder: Path, policy_file: Path | None, pin: str | None, again: bool) -> None:
    """Copy the log served at URL (such as https://traceability.example/ledger) into FOLDER."""
    from traceability.cli.log_source import OverHttp
    from traceability.ledger.mirror import copy_log
    from traceability.storage.static_log import StaticLog

    keys = keys_of(policy_file, pin)
    _tell(out, folder, lambda: copy_log(OverHttp(url), StaticLog(folder), keys, again=again))


@ledger.command()
@output(listed=False)
def policy(out: Output) -> None:
    """Print the log's keys, with the sizes up to which those count that have ended, as a policy (C2SP tlog-policy)."""
    from traceability.cli import local
    from traceability.services import log_keys

    with local.reading() as service:
        text = log_keys.policy(service)
        rows = [one.as_dict() for one in log_keys.spans(service)]
    out.one({"policy": text, "keys": rows}, text.removesuffix("\n"))


@ledger.command("rotate-key")
@click.option("--prepare", is_flag=True, help="Only make the new keys' files, to copy them to the other hosts first.")
@output(listed=False)
def rotate_key(out: Output, prepare: bool) -> None:
    """Let a new key follow the log's: one checkpoint is signed by both, later ones by the new key alone.

    On PostgreSQL begin with --prepare, and copy the files it names to every host that does not share STATE_DIR.

    Give the new verifier key to your witnesses and to who pinned the old one. The old key's file stays: move it away
    once no evidence pack of an earlier size is asked for.
    """
    from traceability.cli import local
    from traceability.services.rotation import prepare_log_key, rotate_log_key

    with local.writing("ledger rotate-key") as service:
        if prepare:
            out.one(*_prepared(service, prepare_log_key(service)))
            return
        done = rotate_log_key(service, prepared_only=not service.settings.is_sqlite)
        files = _files(service, done.change.new, done.change.second_new)
    change = done.change
    row: dict[str, Any] = {"index": done.index, "size": done.size, "old": change.old, "new": change.new}
    row |= {"second_old": change.second_old, "second_new": change.second_new, "files": files}
    out.one(
        row, f"both keys signed the checkpoint of {done.size} entries (entry {done.index}); from now on\n{change.new}"
    )


def _prepared(service: "Service", keys: "NextKeys") -> tuple[dict[str, Any], str]:
    files = _files(service, keys.new, keys.second_new)
    row: dict[str, Any] = {"index": None, "size": None, "old": keys.old, "new": keys.new, "second_old": None}
    row |= {"second_new": keys.second_new, "files": files}
    text = "\n  ".join(
        [
            "prepared, and nothing is signed with it yet; copy to the STATE_DIR of every host that records, mode 0600:",
            *files,
        ]
    )
    return row, f"{text}\nthen run `traceability ledger rotate-key` here; the new verifier key is\n{keys.new}"


def _files(service: "Service", *vkeys: str | None) -> list[str]:
    return [str(service.log_keys.path_of(vkey)) for vkey in vkeys if vkey]


@ledger.command("new-origin")
@click.argument("name")
@output(listed=False)
def new_origin(out: Output, name: str) -> None:
    """Let a log that is behind or beside what its key has signed go on as the log NAME; there is no way back.

    First look for the newest copy of the database: everything the old log signed later is given up. Afterwards set
    TRACEABILITY_LOG_ORIGIN=NAME.
    """
    from traceability.cli import local
    from traceability.services import new_origin as use_case

    with local.writing("ledger new-origin") as service:
        done = use_case.new_origin(service, name)
    change = done.change
    row = {"index": done.index, "origin": change.origin, "vkey": change.new, "old_origin": change.old_origin}
    row |= {"size": change.size, "root": change.root, "agreed": change.agreed, "signed": list(change.signed)}
    text = (
        f"the {change.size} entries here go on as {change.origin}, from entry {done.index} on; {change.old_origin} "
        f"counts up to {change.agreed} entries\nset TRACEABILITY_LOG_ORIGIN={change.origin} before the service is "
        f"started, and give witnesses and verifiers the new key\n{change.new}"
    )
    out.one(row, text)


def keys_of(policy_file: Path | None, pin: str | None) -> "tuple[VerifierKey, ...]":
    """Return the log keys to believe.

    Raises:
        InvalidInput: none is named, or both ways to name them are taken.

    """
    from traceability.ledger.policy import Policy

    if (policy_file is None) == (pin is None):
        raise InvalidInput("give the log's key, got elsewhere than from the log: --pin or --policy")
    policy = Policy.pin(pin) if pin else Policy.parse(policy_file.read_bytes() if policy_file else b"")
    return policy.logs


def _tell(out: Output, folder: Path, copy: "Callable[[], Copied]") -> None:
    """Run a copy; what speaks against the log is a finding (exit code 1), not a failure of the command."""
    from traceability.ledger.encoding import b64
    from traceability.ledger.errors import BadSignature, LedgerDamaged, ProofError

    try:
        done = copy()
    except (BadSignature, ProofError, LedgerDamaged) as error:
        out.one(_against(error), f"failed: {error.detail}\n  nothing unverified was written", code=FOUND)
        return
    head = done.head
    row = {"verdict": "ok", "origin": head.origin, "size": head.size, "root": b64(head.root)}
    row |= {"new_entries": done.entries, "files": done.written}
    out.one(row, f"ok: {folder} holds {head.size} entries of {head.origin}, {done.entries} new, root {b64(head.root)}")


def _against(error: TraceabilityError) -> dict[str, Any]:
    return {"verdict": "failed", "reason": error.detail, "evidence": error.extra.get("evidence", [])}
