"""The console's world, built once in a run; each test works on a copy of it."""

import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
CHROMIUM = Path("/usr/bin/chromium")
_ABSENT = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}: the console was not looked at")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder: it needs a Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(_ABSENT)


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


@pytest.fixture(scope="session")
def open_story(console_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Any]]:
    """``open_story()``: a copy of the world that stays open until the end of the run."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_stories().opened(console_world, tmp_path_factory.mktemp("open") / "copy"))


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_said: object) -> None:
        """Say nothing of a request: what failed is told by the test."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Any], str]]:
    """``serve(app)``: the address at which the application answers until the end of the run."""
    with ExitStack() as stack:

        def start(app: Any) -> str:
            server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            for end in (server.server_close, thread.join, server.shutdown):
                stack.callback(end)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
