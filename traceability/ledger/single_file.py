"""One file that verifies without us: the verifier's sources put together, word for word, behind a small importer."""

import ast
from importlib import resources

_ROOT = "traceability"
_START = "traceability.ledger.standalone"
_HEAD = '''#!/usr/bin/env python3
"""Verifies receipts and evidence packs offline: python3 verify.py FILE... --policy POLICY | --pin KEY

It needs Python 3.11 or later and the package cryptography, asks no network, and trusts nothing but the policy or key
you give it: without one the verdict is "failed", "log key not pinned". Exit code: 0 verified, 1 not, 2 wrong call.

Made from the modules of the service's ledger, which follow word for word; the lines after them import them from here.
Licence: Apache-2.0.
"""

SOURCES = {}
'''
_TAIL = """

# From here on: the importer of the modules above, and a stand-in for the one JSON writer they use besides the
# standard library's.
import importlib.abc
import importlib.util
import json
import sys
import types


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name not in SOURCES:
            return None
        package = any(other.startswith(name + ".") for other in SOURCES)
        return importlib.util.spec_from_loader(name, self, is_package=package)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__spec__.name
        exec(compile(SOURCES[name], f"{__file__}/{name}", "exec"), module.__dict__)


def _dumps(value, default=None, option=0):
    compact = json.dumps(
        value, default=default, sort_keys=bool(option & 1), ensure_ascii=False, allow_nan=False,
        indent=2 if option & 2 else None, separators=(",", ": ") if option & 2 else (",", ":"),
    )
    return compact.encode()


_json = types.ModuleType("orjson")
_json.dumps, _json.OPT_SORT_KEYS, _json.OPT_INDENT_2 = _dumps, 1, 2
_json.JSONEncodeError, _json.JSONDecodeError, _json.Fragment = TypeError, ValueError, str
sys.modules["orjson"] = _json
sys.meta_path.insert(0, _Importer())

if __name__ == "__main__":
    from traceability.ledger.standalone import main

    sys.exit(main())
"""


def single_file() -> str:
    """Return the program's text."""
    parts = [_HEAD]
    for name in _needed():
        source = _source(name)
        if "'''" in source:
            raise ValueError(f"{name} has three single quotes in a row, which would end its place in the file")
        parts.append(f"\nSOURCES[{name!r}] = r'''\n{source}'''\n")
    return "".join(parts) + _TAIL


def _needed() -> list[str]:
    """Return the modules of ours the verifier imports, with the packages they stand in, each after what it needs."""
    found: dict[str, None] = {}

    def add(name: str) -> None:
        if name in found:
            return
        for needed in _imports(_source(name)):
            add(needed)
        found[name] = None

    add(_START)
    packages = {name.rpartition(".")[0] for name in found} | {_ROOT}
    return [*sorted(packages - found.keys()), *found]


def _imports(source: str) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == _ROOT:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names += [name for name in inner if _exists(name)] or [node.module]
            names += [node.module] if not all(map(_exists, inner)) else []
    return [name for name in dict.fromkeys(names) if not _is_package(name)]


def _source(name: str) -> str:
    return _file(name).read_text(encoding="utf-8") if not _is_package(name) else ""


def _file(name: str) -> "resources.abc.Traversable":
    return resources.files(_ROOT).joinpath(*name.split(".")[1:-1], f"{name.rpartition('.')[2]}.py")


def _exists(name: str) -> bool:
    return _is_package(name) or _file(name).is_file()


def _is_package(name: str) -> bool:
    return name == _ROOT or resources.files(_ROOT).joinpath(*name.split(".")[1:], "__init__.py").is_file()
