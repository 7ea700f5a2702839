"""Supplier documents on this machine: read in a child process and screened by the document rules; no database."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from traceability import strict_json
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, files, output
from traceability.errors import InvalidInput, TraceabilityError

_Lines = Callable[[Iterable[dict[str, Any]]], list[dict[str, Any]]]
_MAX_TEXT = 1_000_000


@click.command()
@files(required=False)
@click.option("--passages", type=click.Path(path_type=Path), help='JSON lines {"id","text"[,"lang"]}.')
@click.option(
    "--assertions", type=click.Path(path_type=Path), help='JSON lines {"id","text","target":{"start","end"}[,"lang"]}.'
)
@output()
def screen(out: Output, *, files: tuple[Path, ...], passages: Path | None, assertions: Path | None) -> None:
    """Screen each FILE; exit code 1 where a passage needs an officer or a file could not be read to its end."""
    if sum(map(bool, (files, passages, assertions))) != 1:
        raise InvalidInput("give one of FILE..., --passages FILE.jsonl or --assertions FILE.jsonl")
    if passages:
        from traceability.documents.batch import screen_passages

        _lines(out, passages, screen_passages, _passage_line, _passage_text)
    elif assertions:
        from traceability.documents.batch import screen_assertions

        _lines(out, assertions, screen_assertions, _assertion_line, _assertion_text)
    else:
        _documents(out, files)


def _documents(out: Output, files: tuple[Path, ...]) -> None:
    from traceability.documents.sandbox import Sandbox

    with Sandbox() as sandbox:

        def one(file: Path) -> None:
            row = sandbox.screen(file.read_bytes(), file.name).row(str(file))
            found = row["findings"] or row["outcome"] != "parsed"
            out.row(row, _document_text(row), code=FOUND if found else 0)

        out.each(files, one)


def _lines(
    out: Output, path: Path, work: _Lines, form: Callable[[Any], dict[str, Any]], text: Callable[[dict[str, Any]], str]
) -> None:
    """Screen the lines that can be read; the others are told afterwards."""
    rows = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(form(strict_json.loads(line, max_string=_MAX_TEXT)))
        except TraceabilityError as error:
            out.fail(f"{path}, line {number}", error)
    for row in work(rows) if rows else ():
        out.row(row, text(row), code=FOUND if row["risk"] else 0)


def _passage_line(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or "id" not in value or not isinstance(value.get("text"), str):
        raise InvalidInput('expected {"id", "text"[, "lang"]} with a text')
    lang = value.get("lang")
    if lang is not None and not isinstance(lang, str):
        raise InvalidInput('expected "lang" as text, such as "en"')
    return {"id": value["id"], "text": value["text"], **({"lang": lang} if lang else {})}


def _assertion_line(value: Any) -> dict[str, Any]:
    row = _passage_line(value)
    target = value.get("target")
    bounds = (target.get("start"), target.get("end")) if isinstance(target, dict) else (None, None)
    start, end = bounds
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(row["text"]):
        raise InvalidInput('expected "target": {"start", "end"} as places in the text')
    return {**row, "target": {"start": start, "end": end}}


def _document_text(row: dict[str, Any]) -> str:
    reason = f" ({row['reason']})" if row["reason"] else ""
    lines = [f"{row['file']}: {row['outcome']}{reason}, {row['document_type']}, {row['pages']} pages"]
    lines += [_finding_text(found) for found in row["findings"]]
    return "\n".join([*lines, *(f"  note: {note['message']}" for note in row["notes"])])


def _finding_text(found: dict[str, Any]) -> str:
    where = found["region"] or found["country"] or "no place"
    quote = " ".join(found["quote"].split())
    return f'  {found["severity"]:8} {found["kind"]} {found["assertion"]}, {where}, page {found["page"]}: "{quote}"'


def _passage_text(row: dict[str, Any]) -> str:
    return f"{row['id']}: {'risk' if row['risk'] else '-'}  {', '.join(row['labels']) or 'no label'}"


def _assertion_text(row: dict[str, Any]) -> str:
    place = row["region"] or row["country"] or "no place"
    return f"{row['id']}: {'risk' if row['risk'] else '-'}  {row['concept']} {row['assertion']}, {place}"
