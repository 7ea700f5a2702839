"""Which program assembles facts, as one hash: kept facts are what assembling would give only where it is the same.

Every module that assembling imports, directly or through others, counts with its text, and so does every file of data
that one of them names. That is more than facts depend on, and never less. The rules are no part of it: they have
versions of their own (`diligence.versions`).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[2]
_FIRST: Final = f"{_PACKAGE.name}.services.facts.assemble"
_BESIDES: Final = f"{_PACKAGE.name}.services.assess"
"""Chooses which facts are kept where a correction or rejection waits; what it imports besides is for judging them."""
_IMPORT: Final = re.compile(
    rf"^[ \t]*(?:from ({_PACKAGE.name}[\w.]*) import (\([^)]*\)|[^\n]*)|import ({_PACKAGE.name}[\w.]*))", re.MULTILINE
)

_COMMENT: Final = re.compile("#.*")


@cache
def program_version() -> str:
    """Return the version of what assembles facts: ``sha256:`` + hex over its modules and data, each by its name."""
    every = modules()
    texts = {name: text.encode() for name, text in {**every, _BESIDES: _text(_BESIDES)}.items()}
    parts = {**texts, **{path.name: path.read_bytes() for path in data(every)}}
    lines = "\n".join(f"{name} {hashlib.sha256(parts[name]).hexdigest()}" for name in sorted(parts))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def modules() -> Mapping[str, str]:
    """Return the text of every module that is run when facts are assembled, by its name."""
    found: dict[str, str] = {}
    new = {_FIRST}
    while new:
        read = {name: _text(name) for name in new}
        found |= read
        new = {name for text in read.values() for name in _imported(text)} - found.keys()
    return found


def data(texts: Mapping[str, str]) -> list[Path]:
    """Return the files of data that some modules name."""
    whole = "\n".join(texts.values())
    files = sorted((*_PACKAGE.glob("data/*"), *_PACKAGE.glob("*/data/*")))
    return [path for path in files if path.name in whole]


def _imported(text: str) -> Iterator[str]:
    """Yield the modules that one imports; a name that is no module is a part of the module it comes from."""
    for match in _IMPORT.finditer(text):
        base, names, whole = match.groups()
        for name in re.findall(r"(\w+)(?: as \w+)?", _COMMENT.sub("", names or "")):
            yield f"{base}.{name}" if _path(f"{base}.{name}") else base
        if whole:
            yield whole


def _text(name: str) -> str:
    path = _path(name)
    return "" if path is None else path.read_text(encoding="utf-8")


@cache
def _path(name: str) -> Path | None:
    """Return the file of a module of this package; None where there is none."""
    path = _PACKAGE.joinpath(*name.split(".")[1:])
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)
