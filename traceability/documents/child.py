"""The child process ``python -I -m traceability.documents.child parse|screen``: reads requests, answers.

A parsing child touches the supplier's bytes under strict limits and is cheap to lose. A screening child holds spaCy
and the rules, sees only extracted text, and is the one that is costly to start: hence two kinds.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from traceability.documents import frames, limits

Work = Callable[[dict[str, Any], bytes], dict[str, Any]]


def _parse_work() -> Work:
    import docx  # noqa: F401 - loaded before the limits are set
    import openpyxl  # noqa: F401 - loaded before the limits are set
    import pypdfium2  # noqa: F401 - loaded before the limits are set

    from traceability.documents.extraction import extract
    from traceability.documents.extraction.boxes import boxes
    from traceability.documents.extraction.pictures import picture

    def work(request: dict[str, Any], data: bytes) -> dict[str, Any]:
        if "spans" in request:
            return {"boxes": boxes(data, [tuple(span) for span in request["spans"]])}
        if "picture" in request:
            return {"picture": picture(data, request["picture"])}
        return extract(data, request["name"]).to_dict()

    return work


def _screen_work() -> Work:
    import traceability.documents.batch as batch  # noqa: PLR0402 - the form the type checker follows in this cycle
    from traceability.documents.extraction.extracted import Extracted
    from traceability.documents.screening import screen_extracted

    jobs: dict[str, Callable[[Any], Any]] = {
        "document": lambda body: screen_extracted(Extracted.from_dict(body)),
        "passages": batch.passages,
        "assertions": batch.assertions,
    }
    batch.warm()

    def work(request: dict[str, Any], data: bytes) -> dict[str, Any]:
        body = json.loads(data.decode("utf-8", "surrogatepass"))
        return {"result": jobs[request["job"]](body)}

    return work


_KINDS: dict[str, tuple[Callable[[], Work], int]] = {
    "parse": (_parse_work, limits.PARSE_BYTES),
    "screen": (_screen_work, limits.SCREEN_BYTES),
}


def _private_stdout() -> BinaryIO:
    # A C library that prints would corrupt the frames: they get a descriptor of their own, stdout the null device.
    own = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return os.fdopen(own, "wb")


def answer(work: Work, request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Run one request; a failure becomes a reason of the closed list, never a traceback."""
    try:
        return work(request, data)
    except (MemoryError, RecursionError):
        return {"error": "limit"}
    except Exception as error:  # noqa: BLE001 - a parser may raise anything on a hostile file; the outcome says so
        return {"error": "broken", "detail": f"{type(error).__name__}: {error}"[:300]}


def main(kind: str) -> None:
    """Serve requests of ``kind`` until stdin ends."""
    out = _private_stdout()
    make, allowance = _KINDS[kind]
    work = make()
    limits.lock_down(allowance)
    frames.write_json(out, {"ready": kind})
    while True:
        request = frames.read_json(sys.stdin.buffer, limits.MAX_OUTPUT_BYTES)
        data = None if request is None else frames.read_frame(sys.stdin.buffer, limits.MAX_OUTPUT_BYTES)
        if request is None or data is None:
            return
        limits.renew_cpu()
        limits.limit_memory(allowance)  # the file before may have had less
        frames.write_json(out, answer(work, request, data))


if __name__ == "__main__":
    main(sys.argv[1])
