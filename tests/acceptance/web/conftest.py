"""The console's world, built once in a run; each test works on a copy of it."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _stories() -> ModuleType:
    """Return console_story.py, loaded once: test folders are no packages."""
    if "console_story" not in sys.modules:
        path = Path(__file__).with_name("console_story.py")
        spec = importlib.util.spec_from_file_location("console_story", path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["console_story"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["console_story"])
    return sys.modules["console_story"]


@pytest.fixture(scope="session")
def console_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _stories().built(tmp_path_factory.mktemp("world"))


@pytest.fixture
def story(console_world: Path, tmp_path: Path) -> Iterator[Any]:
    with _stories().opened(console_world, tmp_path / "copy") as story:
        yield story


@pytest.fixture(scope="module")
def read_only(console_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One copy for all tests of a file that change nothing."""
    with _stories().opened(console_world, tmp_path_factory.mktemp("shared") / "copy") as story:
        yield lambda name=None: _stories().Browser(story, name)


@pytest.fixture
def reader(story: Any) -> Callable[..., Any]:
    """``reader("anna")``: a browser in which somebody is signed in."""
    return lambda name=None: _stories().Browser(story, name)
