"""Check the house rules that ruff, mypy and import-linter cannot see (``docs/house-rules.md`` explains each by name).

Usage: ``python scripts/house_rules.py [ROOT]``. Prints one line per offence, ``file:line: [rule] what; how to mend``,
and ends with exit code 1 when there is any.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PRODUCT = "traceability/"
MIGRATIONS = "traceability/storage/migrations/"
TEMPLATES = "traceability/web/templates/"
CODE = (PRODUCT, "scripts/", "bench/")
LONGEST_FILE = 400
LONGEST_FUNCTION = 40

# Path: reason. Only what is published to be read and run as one file belongs here.
LONG_FILES: dict[str, str] = {}
MAY_READ_THE_CLOCK = frozenset({"traceability/clock.py"})
MAY_PRINT = "traceability/cli/"
# A rule's function is documented by its row of the catalogue: title, logic, law reference, dates.
_RULE_OF_A_PACK = "PACK.rule("
_PACKS = "traceability/diligence/packs/"

_SKIPPED_FOLDERS = frozenset(
    {".git", ".venv", ".tools", "var", "build", "dist", "__pycache__", ".hypothesis", ".mypy_cache", ".ruff_cache"}
)
_CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns"})
_CLOCK_OWNERS = frozenset({"datetime", "date", "time", "dt", "func"})
_WRITTEN_BY_US = (".py", ".html", ".js", ".css", ".md", ".toml", ".yaml", ".yml", ".sql", ".sh")


@dataclass(frozen=True, slots=True)
class Offence:
    """One broken rule: the file (POSIX path from the root), the line, the rule's name and how to mend it."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.rule}] {self.message}"


@dataclass(frozen=True, slots=True)
class TextRule:
    """A pattern that must not occur in the files that ``applies`` selects; ``mend`` says what to do instead.

    Every match contains one of ``hints``; a plain search for them keeps megabytes of seed tables cheap.
    """

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    applies: Callable[[str], bool]
    mend: str

    def offences(self, path: str, text: str) -> Iterator[Offence]:
        """Yield one offence per line on which the pattern occurs."""
        seen = 0
        if not any(hint in text for hint in self.hints):
            return
        for found in self.pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            if line != seen:
                seen = line
                yield Offence(path, line, self.name, f"{found.group().strip()!r} found; {self.mend}")


# The words are put together here, so that this file does not contain what it looks for.
_FOLDERS = tuple(f"/{name}/" for name in ("work", "tmp", "root", "home", "Users", "mnt"))
_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        *(("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("docker", "io"), ("ghcr", "io")),
        *(("quay", "io"), ("proxy", "golang", "org"), ("anaconda", "org")),
    )
)
_INDEX_OPTION = "index" + "-url"
_INDEX_FOLDER = "/" + "simple"
_UNFINISHED = ("TO" + "DO", "FIX" + "ME")

TEXT_RULES = (
    TextRule(
        "machine-path",
        (*_FOLDERS, ":\\Users\\"),
        re.compile(rf"(?<![\w.}}~-])(?:{'|'.join(_FOLDERS)})[\w.]|\b[A-Z]:\\Users\\"),
        lambda _path: True,
        "name a path relative to the project or take it from a setting",
    ),
    TextRule(
        "registry-host",
        (*_HOSTS, _INDEX_OPTION, _INDEX_FOLDER, '"resolved":'),
        re.compile(
            rf"\b(?:{'|'.join(map(re.escape, _HOSTS))})\b|(?<!emit-){_INDEX_OPTION}"
            rf"|https?://[^\s\"']*{_INDEX_FOLDER}\b|\"resolved\":\s*\"http"
        ),
        lambda _path: True,
        "name the package only; where it comes from is the operator's choice",
    ),
    TextRule(
        "lock-address",
        ("://",),
        re.compile("://"),
        lambda path: path.endswith(".lock"),
        "write the lock with `make lock`, which leaves addresses out",
    ),
    TextRule(
        "unfinished",
        _UNFINISHED,
        re.compile(rf"\b(?:{'|'.join(_UNFINISHED)})\b"),
        lambda path: path.endswith(_WRITTEN_BY_US) and "/vendor/" not in path,
        "do it now or open an issue",
    ),
)

_VERDICTS = re.compile(r"\b(?:compliant|conflict[-\s\u2010-\u2015]free|safe|approved)\b", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"\{#.*?#\}|\|\s*safe\b", re.DOTALL)
_SWITCHED_OFF = re.compile(
    r"#\s*(noqa(?::\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?|type:\s*ignore(?:\[[\w,\s-]+\])?|pragma: no cover)(.*)"
)


def verdict_words(path: str, text: str) -> Iterator[Offence]:
    """Yield the words a page may never say about a batch; Jinja comments and the filter ``safe`` are not shown."""
    if not path.startswith(TEMPLATES):
        return
    shown = _NOT_SHOWN.sub(lambda found: "\n" * found.group().count("\n"), text)
    for number, line in enumerate(shown.splitlines(), start=1):
        if found := _VERDICTS.search(line):
            message = f"{found.group()!r} found; say what was found, as docs/glossary.md words it"
            yield Offence(path, number, "verdict-word", message)


def long_file(path: str, text: str) -> Iterator[Offence]:
    """Yield an offence for a module above 400 lines."""
    lines = text.count("\n")
    ours = path.startswith(CODE) and path.endswith(".py") and not path.startswith(MIGRATIONS)
    if ours and lines > LONGEST_FILE and path not in LONG_FILES:
        message = f"{lines} lines, at most {LONGEST_FILE}; split by meaning, not by size"
        yield Offence(path, LONGEST_FILE + 1, "long-file", message)


def unexplained_exception(path: str, text: str) -> Iterator[Offence]:
    """Yield every switched-off check whose reason stands neither behind it, nor above it, nor with its like before."""
    if not (path.startswith(CODE) and path.endswith(".py")):
        return
    explained: set[str] = set()
    above = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _SWITCHED_OFF.search(line):
            if found[2].strip() or above.startswith("#"):
                explained.add(found[1])
            elif found[1] not in explained:
                message = "a check is switched off without a reason; write why behind it"
                yield Offence(path, number, "unexplained-exception", message)
        above = line.strip()


def docstrings(path: str, tree: ast.Module) -> Iterator[Offence]:
    """Yield every public function and class of the product without a docstring."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.startswith("_") and not _documented_elsewhere(path, node) and ast.get_docstring(node) is None:
            message = f"{node.name} is public and has no docstring; say its meaning, units and errors"
            yield Offence(path, node.lineno, "docstring", message)


def _documented_elsewhere(path: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    decorators = [ast.unparse(item) for item in node.decorator_list]
    in_catalogue = path.startswith(_PACKS) and any(item.startswith(_RULE_OF_A_PACK) for item in decorators)
    return in_catalogue or any(item.endswith("overload") for item in decorators)


def long_functions(path: str, tree: ast.Module) -> Iterator[Offence]:
    """Yield every function whose body, without its docstring, is longer than 40 lines."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        length = (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0
        if length > LONGEST_FUNCTION:
            message = f"{node.name} has {length} lines, at most {LONGEST_FUNCTION}; name its steps as functions"
            yield Offence(path, node.lineno, "long-function", message)


def clocks(path: str, tree: ast.Module) -> Iterator[Offence]:
    """Yield every reading of the machine's or the database's clock outside ``clock.py``."""
    if path in MAY_READ_THE_CLOCK:
        return
    for node in ast.walk(tree):
        if _reads_a_clock(node):
            message = f"{ast.unparse(node)} reads a clock; take the injected one of traceability/clock.py"
            yield Offence(path, getattr(node, "lineno", 1), "clock", message)


def _reads_a_clock(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and any(name.name in _CLOCKS for name in node.names)
    if not isinstance(node, ast.Attribute) or node.attr not in _CLOCKS:
        return False
    owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    # ``datetime.time`` and ``datetime.date`` are types; only the module ``time`` reads a clock under that name.
    return owner in _CLOCK_OWNERS and (not node.attr.startswith("time") or owner == "time")


def prints(path: str, tree: ast.Module) -> Iterator[Offence]:
    """Yield every ``print`` outside the command line."""
    if path.startswith(MAY_PRINT):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield Offence(path, node.lineno, "print", "print found; use the logger, or click.echo in the command line")


def check_file(path: str, text: str) -> Iterator[Offence]:
    """Yield the offences of one file; ``path`` is its POSIX path from the root."""
    for rule in TEXT_RULES:
        if rule.applies(path):
            yield from rule.offences(path, text)
    for check_text in (verdict_words, long_file, unexplained_exception):
        yield from check_text(path, text)
    if path.endswith(".py") and path.startswith(CODE):
        yield from _check_python(path, text)


def _check_python(path: str, text: str) -> Iterator[Offence]:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield Offence(path, error.lineno or 1, "syntax", f"not readable as Python: {error.msg}")
        return
    product = path.startswith(PRODUCT)
    if not path.startswith(MIGRATIONS):
        yield from long_functions(path, tree)
        yield from docstrings(path, tree) if product else ()
    if product:
        yield from clocks(path, tree)
        yield from prints(path, tree)


def files(root: Path) -> list[str]:
    """Return the project's files as POSIX paths: what git tracks or would track, else everything but local data."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return sorted(_walk(root))
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _SKIPPED_FOLDERS and not name.endswith(".egg-info")]
        for name in names:
            yield (Path(folder) / name).relative_to(root).as_posix()


def check(root: Path) -> list[Offence]:
    """Return every offence in the project at ``root``; binary files are left out."""
    offences: list[Offence] = []
    for path in files(root):
        content = (root / path).read_bytes()
        if b"\0" not in content:
            offences.extend(check_file(path, content.decode("utf-8", "replace")))
    return offences


def main(arguments: list[str]) -> int:
    """Print the offences found under the given root (default: this project) and return the exit code."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[1]
    offences = check(root)
    for offence in offences:
        print(offence)
    print(f"house rules: {len(offences)} offence(s)" if offences else "house rules: kept")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
