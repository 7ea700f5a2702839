"""The rules: the catalogue of findings (rule-catalogue.csv), and the document rules with their executed examples."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from traceability.cli import local
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, files, invalid, output
from traceability.cli.remote import Remote, remote_options


@click.group()
def rules() -> None:
    """What the service looks for, and by which law."""


@rules.command(name="list")
@output(listed=False)
def list_rules(out: Output) -> None:
    """Print every finding code with its severity and law, and the pack it belongs to in its version."""
    from traceability.diligence import catalogue

    rows = [_row(row) for row in catalogue.rows()]
    out.all_of("rules", rows, _line)


@rules.command()
@output(listed=False)
def packs(out: Output) -> None:
    """Print every rule pack: the days between which its law applies, and its version."""
    from traceability.diligence import versions

    found = [pack.to_dict() for pack in versions.packs().values()]
    out.all_of("packs", found, _pack_line)


@rules.command()
@click.argument("code")
@output(listed=False)
def show(out: Output, code: str) -> None:
    """Print one rule: its logic in words, the facts it reads, its law and dates, and the version of its pack."""
    from traceability.diligence import catalogue

    row = _row(catalogue.row(code))
    out.one(row, "\n".join(f"{name}: {_plain(value)}" for name, value in row.items()))


@rules.command()
@click.argument("finding")
@click.option("--importer", help="Whose finding it is (DID); for a regulator.")
@click.option("--purpose", help="Why you read it; regulators, auditors and without --url the operator have to say.")
@remote_options(required=False)
@output(listed=False)
def explain(
    out: Output, *, finding: str, importer: str | None, purpose: str | None, url: str | None, token: str | None
) -> None:
    """Print why FINDING (such as 17-RF-L1) is there: law, rule, the facts it looked at, and what would end it.

    Every finding of a state carries its id. With --url it is read from a service. Without, it is read from the
    database here as the operator, which states a purpose: the read is a line in the log that the importer's data
    protection officer sees. While a service runs on that SQLite database, only it writes, so ask it with --url.
    """
    from traceability.cli.explained import told

    if url:
        query = f"?{urlencode({'importer': importer})}" if importer else ""
        address = f"/v1/findings/{quote(finding, safe='')}/explanation{query}"
        found = Remote(url, token).send("GET", address, headers={"X-Purpose": purpose} if purpose else {})
    else:
        found = _here(finding, purpose)
    out.one(found, told(found))


def _here(finding: str, purpose: str | None) -> Any:
    from traceability.services.access import TERMINAL
    from traceability.services.explanations import explanation

    with local.reading_logged("explain a finding") as service:
        return explanation(service, TERMINAL, finding, purpose)


@rules.group()
def documents() -> None:
    """Rules for the text of supplier documents."""


@documents.command()
@files(required=False)
@output()
def check(out: Output, *, files: tuple[Path, ...]) -> None:
    """Check rule files and run their examples; without FILE those of the product."""
    from traceability.documents.rulefiles import rule_paths
    from traceability.documents.rules import check_files

    def one(file: Path) -> None:
        file.open("rb").close()  # one that cannot be read is a wrong call, not a bad rule
        problems = check_files([file])
        row = {"file": str(file), "valid": not problems, "problems": [problem.as_dict() for problem in problems]}
        lines = [f"  {problem.path}: {problem.message}" for problem in problems]
        verdict = "invalid" if problems else "valid"
        out.row(row, "\n".join([f"{file}: {verdict}", *lines]), code=FOUND if problems else 0)

    chosen = files or [path for path in rule_paths() if path.suffix == ".yml"]
    out.each(chosen, one, invalid)


def _row(row: Any) -> dict[str, Any]:
    from dataclasses import asdict

    from traceability.diligence import versions

    found = asdict(row) | {"pack_version": versions.packs()[row.pack].version}
    for name in ("applicable_from", "applicable_to"):
        found[name] = found[name].isoformat() if found[name] else None
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _line(row: Mapping[str, Any]) -> str:
    pack = f"{row['pack']} {row['pack_version'][:19]}"
    return f"{row['code']:24} {row['severity']:8} {row['title']} [{row['law_ref']}] ({pack})"


def _pack_line(pack: Mapping[str, Any]) -> str:
    days = f"from {pack['applicable_from'] or 'no day of its own'} to {pack['applicable_to'] or 'open'}"
    return f"{pack['pack']:8} {pack['title']} [{pack['law']}], {days}, {len(pack['codes'])} rules: {pack['version']}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value) or "-"
    return "-" if value in (None, "") else str(value)
