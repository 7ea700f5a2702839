"""Statements that SQLAlchemy has compiled, shared by the engines of one process of the tests.

Each test has engines of its own, and each of them would compile every statement again: much of a test's time.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import util
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect

_PLAIN = (str, int, bool, tuple, type(None))


def _settings(dialect: DefaultDialect) -> dict[str, Any]:
    """Return what dialects of one class may differ in; what is compiled for one holds for every other like it."""
    return {name: value for name, value in vars(dialect).items() if isinstance(value, _PLAIN)}


def _alike(one: DefaultDialect, other: object) -> bool:
    if one is other:
        return True
    return type(one) is type(other) and _settings(one) == _settings(other)  # type: ignore[arg-type]  # of one class


@contextlib.contextmanager
def compiled_once() -> Iterator[None]:
    """Let every engine that is made meanwhile, and every process forked from this one, have what others compiled."""
    shared = util.LRUCache(5000)
    with pytest.MonkeyPatch.context() as patch:
        keep = property(lambda engine: shared, lambda engine, own: None)
        patch.setattr(Engine, "_compiled_cache", keep, raising=False)
        patch.setattr(DefaultDialect, "__eq__", _alike)
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    with compiled_once():
        yield
