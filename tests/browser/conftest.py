"""The console's world, built once in a run; each test works on a copy of it."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _stories() -> ModuleType:
    """Return console_story.py, loaded once: test folders are no packages."""
    if "console_story" not in sys.modules:
        path = Path(__file__).resolve().parents[1] / "acceptance" / "web" / "console_story.py"
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
