"""Texts of the rooms below the pages: what they mark with ``phrase``, and the words of the rules."""

import ast
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from traceability.diligence import catalogue

PACKAGE = Path(__file__).resolve().parents[1] / "traceability"
ROOMS = ("custody", "diligence", "documents", "events", "ledger", "lists", "services", "storage")


def phrases() -> Iterator[tuple[str, str]]:
    """Yield (text or form, the file it stands in): of every room, and of the rules' own table."""
    for path in sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "phrase":
                yield form_of(call.args[0]), path.relative_to(PACKAGE).as_posix()
    for row in catalogue.rows():
        for text in (row.title, row.message, *row.reviewer_options):
            yield text, "rule-catalogue.csv"


def form_of(text: ast.expr) -> str:
    """Return a text that is marked, with the name of what is put into it as a slot.

    Raises:
        SystemExit: it is no literal, so that nobody could collect it.

    """
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return text.value
    if not isinstance(text, ast.JoinedStr):
        raise SystemExit(
            f"line {text.lineno}: phrase() takes a text as it stands, or an f-string; got {ast.unparse(text)}"
        )
    taken = set[str]()
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{" + _slot(part, taken) + "}" for part in text.values
    )


def _slot(part: ast.expr, taken: set[str]) -> str:
    """Return the name of what an expression shows, with a number where the text has it already."""
    base = _named(part)
    name = next(one for one in chain([base], (f"{base}_{n}" for n in count(2))) if one not in taken)
    taken.add(name)
    return name


def _named(part: ast.expr) -> str:
    match part:
        case ast.FormattedValue(value=inner) | ast.Starred(value=inner) | ast.UnaryOp(operand=inner):
            return _named(inner)
        case ast.Call(args=[first, *_]) if not isinstance(first, ast.Constant):
            return _named(first)
        case ast.Call(func=ast.Attribute(value=inner)):
            return _named(inner)
        case ast.Subscript(slice=ast.Constant(value=str(name))) | ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(value=inner):
            return _named(inner)
    return "value"
