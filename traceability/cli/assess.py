"""The rules over assessment facts (rule-catalogue.md): no database, nothing stored."""

from pathlib import Path
from typing import Any

import click

from traceability import strict_json
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, files, output

_NOTHING_FOUND = ("NO_FINDINGS", "OUT_OF_SCOPE_RECORDED")


@click.command()
@files()
@output()
def assess(out: Output, *, files: tuple[Path, ...]) -> None:
    """Assess each FACTS.json; exit code 1 where a status asks for a person."""
    from traceability.services.assess import assess_facts

    def one(file: Path) -> None:
        row = {"file": str(file), **assess_facts(strict_json.loads(file.read_bytes()))}
        out.row(row, _text(row), code=0 if row["status"] in _NOTHING_FOUND else FOUND)

    out.each(files, one)


def _text(row: dict[str, Any]) -> str:
    lines = [f"{row['file']}: {row['status']}"]
    for found in row["findings"]:
        advisory = " (advisory)" if found["advisory"] else ""
        lines.append(f"  {found['severity']:8} {found['code']}{advisory}: {found['message']} [{found['law_ref']}]")
    if row["not_assessed"]:
        lines.append(f"  not assessed, because the facts do not have it: {', '.join(row['not_assessed'])}")
    return "\n".join([*lines, *(f"  note: {note}" for note in row["notes"])])
