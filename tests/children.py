"""The child processes that read documents, shared by the services of one process of the tests."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from traceability.documents.sandbox import Sandbox
from traceability.services.context import Service

_OWN = Service.__dict__["sandbox"]


class SharedSandbox:
    """Stands in for ``Service.sandbox``: opened at first use and left open by a service that closes.

    The children keep nothing of a document, and starting them, with spaCy, takes longer than most tests.
    """

    def __init__(self) -> None:
        self._opened: dict[int, Sandbox] = {}
        self._opening = threading.Lock()

    def __get__(self, service: Service | None, owner: type[Service]) -> Any:
        if service is None:
            return self
        number = service.settings.sandbox_children
        with self._opening:
            if number not in self._opened:
                self._opened[number] = Sandbox(number)
            return self._opened[number]

    def close(self) -> None:
        for one in self._opened.values():
            one.close()


@pytest.fixture(scope="session", autouse=True)
def _children_are_shared() -> Iterator[None]:
    shared = SharedSandbox()
    Service.sandbox = shared  # type: ignore[assignment,method-assign]
    yield
    Service.sandbox = _OWN  # type: ignore[method-assign]
    shared.close()


@pytest.fixture
def own_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each service of a test children of its own, as outside the tests."""
    monkeypatch.setattr(Service, "sandbox", _OWN)
