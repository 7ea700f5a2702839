"""Loads a running server over kept-alive connections: 64 clients that post, or one that asks; all bounded."""

import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bench.serving import Server

CLIENTS = 64
_REST = 0.001  # seconds


def load(
    url: str, secret: str, bodies: Sequence[tuple[bytes, str]], clients: int = CLIENTS
) -> tuple[float, list[float]]:
    """Post every (body, signature) once; return the seconds it took and each request's own time, sorted.

    Raises:
        RuntimeError: one was not answered with 202, so that there is no figure.

    """
    work = iter(bodies)
    lock = threading.Lock()
    times: list[float] = []
    failures: list[str] = []

    def client() -> None:
        try:
            with contextlib.closing(_connect(url)) as connection:
                while not failures:
                    with lock:
                        item = next(work, None)
                    if item is None:
                        break
                    times.append(_post(connection, secret, item))
        except (OSError, http.client.HTTPException, RuntimeError) as error:
            failures.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if failures or len(times) != len(bodies):
        raise RuntimeError(failures[0] if failures else f"{len(times)} answers to {len(bodies)} requests")
    return took, sorted(times)


def _connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=60)


def _post(connection: http.client.HTTPConnection, secret: str, item: tuple[bytes, str]) -> float:
    body, signature = item
    begun = time.perf_counter()
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "X-JWS-Signature": signature,
    }
    connection.request("POST", "/epcis/capture", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 202:
        raise RuntimeError(f"{answer.status}: {text[:300]!r}")
    return time.perf_counter() - begun


def ask(
    server: "Server", paths: Sequence[str], check: Callable[[str, int, bytes], None], warm: int = 50
) -> tuple[list[float], list[float]]:
    """Ask for one path after another and check each answer; ``warm`` of them do not count.

    Returns:
        For each the processor time of the server, whatever it did between two questions, and the wait; both sorted.

    """
    connection = _connect(server.address)
    spent, waited = [], []
    for path in paths:
        used, begun = server.thread_seconds(), time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        waited.append(time.perf_counter() - begun)
        check(path, answer.status, body)
        time.sleep(_REST)  # what the server does after its answer counts too
        spent.append(server.thread_seconds() - used)
    connection.close()
    return sorted(spent[warm:]), sorted(waited[warm:])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lie."""
    return values[min(len(values) - 1, int(len(values) * share))]
