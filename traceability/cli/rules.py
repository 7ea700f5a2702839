"""The rules: the catalogue of findings (rule-catalogue.csv), and the document rules with their executed examples."""

from pathlib import Path
from typing import Any

import click

from traceability.cli.errors import FOUND
from traceability.cli.output import Output, files, invalid, output


@click.group()
def rules() -> None:
    """What the service looks for, and by which law."""


@rules.command(name="list")
@output(listed=False)
def list_rules(out: Output) -> None:
    """Print every finding code with its severity and law."""
    from traceability.diligence import catalogue

    rows = [_row(row) for row in catalogue.rows()]
    out.all_of("rules", rows, lambda row: f"{row['code']:24} {row['severity']:8} {row['title']} [{row['law_ref']}]")


@rules.command()
@click.argument("code")
@output(listed=False)
def show(out: Output, code: str) -> None:
    """Print one rule: its logic in words, the facts it reads, its law and dates."""
    from traceability.diligence import catalogue

    row = _row(catalogue.row(code))
    out.one(row, "\n".join(f"{name}: {_plain(value)}" for name, value in row.items()))


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

    found = asdict(row)
    for name in ("applicable_from", "applicable_to"):
        found[name] = found[name].isoformat() if found[name] else None
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value) or "-"
    return "-" if value in (None, "") else str(value)
