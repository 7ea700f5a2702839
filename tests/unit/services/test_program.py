"""The version of the program that assembles facts: it changes with every module and table that this rests on."""

import ast

import pytest

from traceability.services import worker
from traceability.services.facts import program

EVERY = program.modules()


@pytest.fixture
def changed(monkeypatch):
    """``changed(name)`` is the version of a program in which one module has another text."""

    def run(name):
        read = program._text
        monkeypatch.setattr(program, "_text", lambda one: read(one) + ("# changed" if one == name else ""))
        found = program.program_version.__wrapped__()
        monkeypatch.setattr(program, "_text", read)
        return found

    return run


def imports(node):
    """Yield the modules of this package that a statement imports."""
    for one in node.names:
        base = getattr(node, "module", "")
        inner = f"{base}.{one.name}".strip(".")
        name = inner if program._path(inner) else base
        if name.split(".")[0] == program._PACKAGE.name:
            yield name


def test_every_module_that_one_of_them_imports_is_among_them():
    assert all(map(program._path, EVERY))
    for name, text in EVERY.items():
        nodes = (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Import | ast.ImportFrom))
        assert {module for node in nodes for module in imports(node)} <= EVERY.keys(), name


@pytest.mark.parametrize(
    "name",
    [
        "services.facts.assemble", "services.facts.importer", "services.assess", "custody.balances", "events.reading",
        "services.same", "services.screening", "lists.score", "storage.tables.events", "documents.report",
    ],
)  # fmt: skip
def test_a_change_of_what_assembles_is_another_version(changed, name):
    assert changed(f"traceability.{name}") != program.program_version()


@pytest.mark.parametrize("name", ["diligence.engine", "diligence.packs.custody", "web.queue", "services.backup"])
def test_rules_and_what_no_fact_comes_from_change_nothing(changed, name):
    assert changed(f"traceability.{name}") == program.program_version()


def test_tables_count_too(monkeypatch):
    named = {path.name for path in program.data(EVERY)}
    assert {"borders.json.gz", "iso_3166.csv", "annex_i_2017_821.csv", "org_forms.csv"} <= named
    assert not named & {"rule-catalogue.csv", "packs.csv", "terms.csv"}, "these are the rules"
    monkeypatch.setattr(program, "data", lambda _texts: [])
    assert program.program_version.__wrapped__() != program.program_version()


def test_it_is_read_before_a_worker_works(monkeypatch):
    """An upgrade may replace the files of a process that runs: it goes on being the program that it began as."""
    monkeypatch.setattr(worker.pkgutil, "iter_modules", lambda *_: [])
    program.program_version.cache_clear()
    worker.load_handlers()
    assert program.program_version.cache_info().currsize == 1
