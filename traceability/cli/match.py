"""Names against risk lists (screening.md 4): one name or many, a list in the database or a table of one's own."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from traceability.cli import local
from traceability.cli.errors import FOUND
from traceability.cli.match_sources import Asked, source
from traceability.cli.name_lists import queries_from, read_pairs
from traceability.cli.output import Output, output, plain
from traceability.cli.remote import remote_options
from traceability.clock import latest_date
from traceability.config import load_settings
from traceability.errors import InvalidInput
from traceability.lists.fold import unaskable
from traceability.lists.match import Query, decision, match_pair
from traceability.lists.readers import births

_MANY = 100
_SCHEMAS = ("Person", "Organization", "Vessel")


@click.command()
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--schema", type=click.Choice(_SCHEMAS), help="What kind of party the names are.")
@click.option("--born", multiple=True, metavar="DATE", help="Date of birth of NAME: 1948-12-10, 1948-12 or 1948.")
@click.option(
    "--names",
    "names_file",
    type=click.Path(path_type=Path),
    help="CSV: id,name[,schema,country,identifiers,birth_dates].",
)
@click.option("--pairs", type=click.Path(path_type=Path), help="CSV: name1,name2[,schema]; compares each row.")
@click.option("--against", help="Id of a loaded list, or a CSV file: id,name[,schema,country,identifiers,aliases].")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day whose law counts; default: today.")
@click.option("--explain", is_flag=True, help="Show word by word why.")
@remote_options(required=False)
@output()
def match(
    out: Output, *, names: tuple[str, ...], schema: str | None, born: tuple[str, ...], names_file: Path | None,
    pairs: Path | None, against: str | None, as_of: datetime | None, explain: bool, url: str | None,
    token: str | None,
) -> None:  # fmt: skip
    """Compare names with a list; exit code 1 where one matches or a person has to look.

    With --url with the lists of a service that runs, a thousand names at a time; --pairs and tables of one's own are
    compared here.
    """
    if sum(map(bool, (names, names_file, pairs))) != 1:
        raise InvalidInput("give one of NAME..., --names FILE.csv or --pairs FILE.csv")
    if pairs:
        _pairs(out, pairs, explain=explain)
        return
    if born and len(names) != 1:
        raise InvalidInput("--born says when the bearer of one NAME was born; of many, give --names with birth_dates")
    queries, today = _queries(out, names, names_file, schema, born), latest_date(local.clock()())
    with source(against, as_of.date() if as_of else None, today, url, token) as asked:
        rows = asked.rows(queries)
        with _progress(rows, len(queries), out) as told:
            for row in told:
                out.row(_ordered(row), _text(row, explain=explain), code=_code(row["decision"]))


def _progress(rows: Iterator[dict[str, Any]], count: int, out: Output) -> Any:
    """Return the rows with a bar on standard error: of many, where a person looks at it and nothing else is printed."""
    apart = out.form == "json" or not sys.stdout.isatty()
    shown = count >= _MANY and apart and sys.stderr.isatty()
    return click.progressbar(rows, length=count, label="names", file=sys.stderr, hidden=not shown)


def _queries(
    out: Output, names: tuple[str, ...], names_file: Path | None, schema: str | None, born: tuple[str, ...]
) -> Asked:
    if names_file is None:
        if odd := [text for text in born if not births.iso(text)]:
            raise InvalidInput(f"--born: expected a date such as 1948-12-10, 1948-12 or 1948; got {odd[0][:40]!r}")
        for name in names:
            if why := unaskable(name):
                out.fail(plain(name), InvalidInput(why))
        return [(None, Query(name, schema=schema, born="|".join(born))) for name in names if not unaskable(name)]
    found, wrong = queries_from(names_file, schema)
    for error in wrong:
        out.fail(str(names_file), error)
    return found


def _pairs(out: Output, file: Path, *, explain: bool) -> None:
    review_from = load_settings().review_from
    for number, name1, name2, schema in read_pairs(file):
        if why := unaskable(name1) or unaskable(name2):
            out.fail(f"{file}: row {number}", InvalidInput(why))
            continue
        hit = match_pair(name1, name2, schema=schema or None)
        steps = [step.as_dict() for step in hit.explanation] if hit else []
        said, score = (decision(hit, review_from), float(hit.score)) if hit else ("none", 0.0)
        row = {"row": number, "score": score, "decision": said, "alignment": steps}
        why = _steps(steps) if explain else ""
        out.row(row, f"{number}: {said} {score:.2f}  {plain(name1)} | {plain(name2)}{why}", code=_code(said))


def _ordered(row: dict[str, Any]) -> dict[str, Any]:
    first = [name for name in ("id", "query", "decision", "coverage", "candidates") if name in row]
    return {name: row[name] for name in first}


def _code(said: str) -> int:
    return 0 if said == "none" else FOUND


def _text(row: dict[str, Any], *, explain: bool) -> str:
    lines = [f"{plain(row['query'])}: {row['decision']}"]
    for item in row["candidates"]:
        why = _steps(item["alignment"]) if explain else ""
        lines.append(f"  {item['decision']} {item['score']:.2f} {item['match_basis']}  {plain(item['name'])}  "
                     f"[{item['list_id']} {item['id']}]{why}")  # fmt: skip
    limits = [item["sentence"] for item in row["coverage"] if item["state"] != "full"]
    return "\n".join([*lines, *(f"  {sentence}" for sentence in limits)])


def _steps(alignment: list[dict[str, str | float]]) -> str:
    return "".join(
        f"\n      {step['points']:+.2f} {step['how']}: {step['query']} = {step['listed']}" for step in alignment
    )
