"""What a rule can reach in the program: the definitions it is written in, the tables of law and parameters it reads.

Told from the source text, by name, without running it. A name stands for the top-level definition of its module, an
attribute for a member of ``Case``, for a function of a module that was imported whole, or for a parameter; a code of
the catalogue for its rule, which a later one asks about when it asks what has been raised. So a rule reaches more than
it uses in one case, and never less.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from traceability.diligence.catalogue import rows

_PACKAGE: Final = "traceability.diligence"
_FOLDER: Final = Path(__file__).parent
_CASE: Final = f"{_PACKAGE}.case"
_PARAMETERS: Final = f"{_PACKAGE}.parameters"
_PACKS: Final = f"{_PACKAGE}.packs"

Place = tuple[str, str]
"""A module and the name of one of its definitions."""


@dataclass(frozen=True, slots=True)
class Part:
    """One definition: its text, and every name, attribute, ``name.attribute`` and string in it."""

    text: str
    names: frozenset[str]
    attributes: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    strings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Module:
    """A module taken apart: definitions by name, what it imports of this package, and the codes it registers."""

    parts: Mapping[str, Part]
    imports: Mapping[str, tuple[str, str | None]]
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reach:
    """All that some rules can reach; ``program`` is ``sha256:`` + hex over the texts of the definitions.

    ``codes`` are those of the catalogue that are named in them: their own, and those they ask whether they are raised.
    """

    program: str
    tables: tuple[str, ...]
    parameters: tuple[str, ...]
    codes: tuple[str, ...]


def reach(codes: Iterable[str]) -> Reach:
    """Return what the rules of these codes can reach together.

    Raises:
        KeyError: a code has no rule.

    """
    parts = [(module, module_of(module).parts[name]) for module, name in places(codes)]
    lines = sorted({f"{module} {_sha256(part.text)}" for module, part in parts})
    strings = frozenset[str]().union(*(part.strings for _, part in parts))
    return Reach(
        program=f"sha256:{_sha256(chr(10).join(lines))}",
        tables=tuple(sorted(strings & _tables())),
        parameters=tuple(sorted({name for module, part in parts for name in _asked(module, part)})),
        codes=tuple(sorted(strings & _roots().keys())),
    )


def places(codes: Iterable[str]) -> set[Place]:
    """Return the definitions that the rules of these codes can reach together.

    Raises:
        KeyError: a code has no rule.

    """
    roots, found = _roots(), set[Place]()
    new = {roots[code] for code in codes}
    while new:
        found |= new
        new = {to for place in new for to in _reached(*place)} - found
    return found


def text_of(name: str) -> str:
    """Return the source text of a module of this package."""
    path = _FOLDER.joinpath(*name.removeprefix(_PACKAGE).strip(".").split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


@cache
def module_of(name: str) -> Module:
    """Return one module of this package, taken apart."""
    text = text_of(name)
    lines, tree = text.splitlines(), ast.parse(text)
    parts: dict[str, Part] = {}
    rules: dict[str, str] = {}
    for node in tree.body:
        names = _defined(node)
        parts |= dict(_parts(node, names, lines, split=name == _CASE))
        rules |= dict.fromkeys(_registered(node, parts), names[0]) if name.startswith(f"{_PACKS}.") else {}
    return Module(parts, dict(_imports(tree)), rules)


def _parts(node: ast.stmt, names: list[str], lines: list[str], *, split: bool) -> Iterator[tuple[str, Part]]:
    """Yield the definitions of a statement; of ``Case`` what all its members share, and each member by itself."""
    members = [one for one in node.body if isinstance(one, ast.FunctionDef)] if isinstance(node, ast.ClassDef) else []
    if not split or not members:
        part = _part([node], lines)
        yield from ((name, part) for name in names)
        return
    always = [one for one in members if one.name == "__init__"]
    yield names[0], _part(always, lines)
    for member in members:
        yield f"{names[0]}.{member.name}", _part([member], lines)


def _part(nodes: list[ast.stmt] | list[ast.FunctionDef], lines: list[str]) -> Part:
    inner = [one for node in nodes for one in ast.walk(node)]
    reads = [one for one in inner if isinstance(one, ast.Attribute)]
    return Part(
        text="\n".join(chain.from_iterable(lines[_first(node) - 1 : node.end_lineno] for node in nodes)),
        names=frozenset(one.id for one in inner if isinstance(one, ast.Name)),
        attributes=frozenset(one.attr for one in reads),
        pairs=frozenset((one.value.id, one.attr) for one in reads if isinstance(one.value, ast.Name)),
        strings=_strings(inner),
    )


def _strings(nodes: Iterable[ast.AST]) -> frozenset[str]:
    return frozenset(one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement defines; one that defines none is called by its line."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    plain = isinstance(node, ast.Assign | ast.AnnAssign)
    names = [one.id for target in targets if target for one in ast.walk(target) if isinstance(one, ast.Name)]
    return names if plain and names else [f"line {node.lineno}"]


def _registered(node: ast.stmt, parts: Mapping[str, Part]) -> frozenset[str]:
    """Return the strings among which are the codes that a statement registers as rules."""
    decorators = getattr(node, "decorator_list", [])
    if isinstance(node, ast.FunctionDef):
        calls = [one for one in decorators if isinstance(one, ast.Call) and _is_rule(one.func)]
        return _strings(one.args[0] for one in calls)
    inner = list(ast.walk(node))
    if not any(_is_rule(one) for one in inner):
        return frozenset()
    named = (parts[one.id].strings for one in inner if isinstance(one, ast.Name) and one.id in parts)
    return _strings(inner).union(*named)


def _is_rule(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "rule"


def _imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                yield one.asname or one.name, (inner, None) if _is_module(inner) else (str(node.module), one.name)


@cache
def _is_module(name: str) -> bool:
    try:
        return bool(text_of(name))
    except OSError:
        return False


@cache
def _reached(module: str, name: str) -> frozenset[Place]:
    """Return the definitions that one names, and the rules whose codes stand in it."""
    here, members = module_of(module), module_of(_CASE).parts
    part = here.parts[name]
    named = {_found(module, one) for one in part.names}
    whole = {(here.imports.get(base, ("", ""))[0], one) for base, one in part.pairs if _is_whole(here, base)}
    own = {(_CASE, f"Case.{one}") for one in part.attributes if f"Case.{one}" in members}
    there = {(at, one) for at, one in whole if one in module_of(at).parts}
    before = {_roots()[code] for code in part.strings & _roots().keys()}
    return frozenset({one for one in named if one is not None} | there | own | before)


def _is_whole(here: Module, base: str) -> bool:
    """Tell whether a name is a module that was imported as such."""
    return here.imports.get(base, ("", ""))[1] is None


def _found(module: str, name: str) -> Place | None:
    """Return where a name of a module is defined; None outside this package, and of the parameters."""
    here = module_of(module)
    if name in here.parts:
        return module, name
    at, single = here.imports.get(name, (_PARAMETERS, None))
    return None if at == _PARAMETERS or single is None else _found(at, single)


def _asked(module: str, part: Part) -> Iterator[str]:
    """Yield the parameters that a definition reads."""
    imports = module_of(module).imports
    yield from (attribute for base, attribute in part.pairs if imports.get(base, ("",))[0] == _PARAMETERS)


@cache
def _roots() -> Mapping[str, Place]:
    """Return where the rule of each code is registered."""
    modules = [f"{_PACKS}.{one.stem}" for one in sorted((_FOLDER / "packs").glob("*.py")) if one.stem != "__init__"]
    found = {code: (module, name) for module in modules for code, name in module_of(module).rules.items()}
    return {row.code: found[row.code] for row in rows() if row.code in found}


@cache
def _tables() -> frozenset[str]:
    return frozenset(one.name for one in (_FOLDER / "data").glob("*.csv"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
