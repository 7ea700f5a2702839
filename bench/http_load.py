"""Loads a running server with 64 clients over kept-alive connections; bounded in count and time."""

import http.client
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

CLIENTS = 64


def load(
    url: str, secret: str, bodies: Sequence[tuple[bytes, str]], clients: int = CLIENTS
) -> tuple[float, list[float]]:
    """Post every (body, signature) once; return the seconds it took and each request's own time."""
    work = iter(bodies)
    lock = threading.Lock()
    times: list[float] = []
    failures: list[str] = []

    def client() -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=60)
        while True:
            with lock:
                item = next(work, None)
            if item is None or failures:
                connection.close()
                return
            begun = time.perf_counter()
            headers = {
                "Authorization": f"Bearer {secret}",
                "Content-Type": "application/json",
                "X-JWS-Signature": item[1],
            }
            connection.request("POST", "/epcis/capture", item[0], headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 202:
                failures.append(f"{answer.status}: {text[:300]!r}")
            times.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return time.perf_counter() - begun, sorted(times)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lie."""
    return values[min(len(values) - 1, int(len(values) * share))]
