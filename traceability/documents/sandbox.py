"""Screening in child processes: no supplier's file is parsed where the service's secrets live (documents.md 4).

A crash, a timeout or a limit is an outcome ``rejected`` with a reason of the closed list; nothing a file contains
raises here, and nothing that could not be read is reported as free of findings.
"""

import contextlib
import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from traceability.documents import compose, frames, limits, ocr
from traceability.documents.report import Report
from traceability.errors import Unavailable

_ENVIRONMENT = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


class _Child:
    """One warm child process of a kind, ended and started again as needed."""

    def __init__(self, kind: str, folder: str, wall_seconds: float) -> None:
        self._kind, self._folder, self._wall = kind, folder, wall_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def ask(self, request: dict[str, Any], data: bytes) -> dict[str, Any]:
        """Send one request; the answer, or ``{"error": reason}`` when the child did not survive it."""
        process = self._running()
        reply, late = _within(process, self._wall, lambda: _exchange(process, request, data))
        self._served += 1
        if isinstance(reply, dict):
            if self._served >= limits.DOCUMENTS_PER_CHILD or reply.get("error") == "limit":
                self.stop()
            return reply
        self.stop()
        return {"error": reply if isinstance(reply, str) else _reason(process.returncode, late=late)}

    def stop(self) -> None:
        """End the child, at once."""
        if self._process is not None:
            _end(self._process)
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process, self._served = self._start(), 0
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell, nothing from outside
            [sys.executable, "-I", "-B", "-m", "traceability.documents.child", self._kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=_ENVIRONMENT,
        )
        ready, _ = _within(process, limits.START_SECONDS, lambda: _greeting(process))
        if not isinstance(ready, dict) or ready.get("ready") != self._kind:
            _end(process)
            raise Unavailable(f"the {self._kind} process for documents does not start (exit {process.returncode})")
        return process


class Sandbox:
    """A pool of ``workers`` pairs of warm children; safe to use from several threads. Close it, or use ``with``."""

    def __init__(self, workers: int = 1, *, wall_seconds: float = limits.WALL_SECONDS) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="documents-", ignore_cleanup_errors=True)
        self._slots: queue.LifoQueue[dict[str, _Child]] = queue.LifoQueue()
        self._all = [
            {kind: _Child(kind, self._folder.name, wall_seconds) for kind in ("parse", "screen")}
            for _ in range(max(1, workers))
        ]
        for slot in self._all:
            self._slots.put(slot)

    def screen(self, data: bytes, name: str) -> Report:
        """Extract and screen one document; ``name`` is only compared with what the bytes say.

        Raises:
            Unavailable: a child process cannot be started on this machine (never because of the file).

        """
        if len(data) > limits.MAX_FILE_BYTES:
            return compose.rejected(data, "limit", f"{len(data)} bytes, at most {limits.MAX_FILE_BYTES} are read")
        slot = self._slots.get()
        try:
            return self._screen(slot, data, name)
        finally:
            self._slots.put(slot)

    def lines(self, job: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Run the job ``passages`` or ``assertions`` over rows of text (cli.md) in a screening child.

        Raises:
            Unavailable: the child cannot be started, or did not survive these rows.

        """
        slot = self._slots.get()
        try:
            answer = slot["screen"].ask({"job": job}, json.dumps(list(rows)).encode())
        finally:
            self._slots.put(slot)
        if "error" in answer:
            raise Unavailable(f"screening {len(rows)} lines ended with {answer['error']}: {answer.get('detail', '')}")
        return cast("list[dict[str, Any]]", answer["result"])

    def close(self) -> None:
        """End every child and remove the empty folder they ran in."""
        for slot in self._all:
            for child in slot.values():
                child.stop()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _screen(self, slot: dict[str, _Child], data: bytes, name: str) -> Report:
        extracted = slot["parse"].ask({"name": name}, data)
        if "error" in extracted:
            return compose.rejected(data, extracted["error"], extracted.get("detail", ""))
        if extracted["outcome"] == "rejected" and not extracted["pages"]:
            return compose.refused(data, extracted)
        extracted = _recognised(slot["parse"], data, extracted)
        body = json.dumps(extracted, ensure_ascii=False).encode("utf-8", "surrogatepass")
        screened = slot["screen"].ask({"job": "document"}, body)
        if "error" in screened:
            return compose.rejected(data, screened["error"], f"while screening; {screened.get('detail', '')}")
        _place(slot["parse"], data, extracted, screened["result"]["findings"])
        return compose.report(data, extracted, screened["result"])


def _recognised(child: _Child, data: bytes, extracted: dict[str, Any]) -> dict[str, Any]:
    """Add what tesseract, where it is installed, reads on the pages of a PDF that are pictures."""
    tesseract = ocr.program()
    if tesseract is None or (extracted["format"], extracted["outcome"]) != ("pdf", "needs_ocr"):
        return extracted
    known, until = ocr.languages(tesseract), time.monotonic() + ocr.TOTAL_SECONDS
    found: dict[int, str] = {}
    for page in extracted["unread"][: ocr.MAX_PAGES]:
        picture = child.ask({"picture": page}, data).get("picture")
        if picture and time.monotonic() < until:
            found[page] = ocr.read(tesseract, known, picture)
    return ocr.with_text(extracted, found)


def _place(child: _Child, data: bytes, extracted: dict[str, Any], findings: list[dict[str, Any]]) -> None:
    """Add to the findings of a PDF where its pages show them; a finding without a place is one all the same."""
    damaged = any(note["code"] == "damaged" for note in extracted["notes"])  # by pypdf, which counts otherwise
    if extracted["format"] != "pdf" or damaged or not findings:
        return
    starts = compose.page_starts(extracted)
    spans = [[found["page"], *(found[end] - starts[found["page"]] for end in ("start", "end"))] for found in findings]
    placed = child.ask({"spans": spans}, data).get("boxes", [])
    for found, boxes in zip(findings, placed, strict=False):
        found["boxes"] = boxes


def screen(data: bytes, name: str) -> Report:
    """Screen one document in children of its own: for the command line and for tests (cold start included)."""
    with Sandbox() as sandbox:
        return sandbox.screen(data, name)


def _exchange(process: subprocess.Popen[bytes], request: dict[str, Any], data: bytes) -> Any:
    to_child, from_child = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
    try:
        frames.write_json(to_child, request)
        frames.write_frame(to_child, data)
        return frames.read_json(from_child, limits.MAX_OUTPUT_BYTES)
    except frames.FrameTooLarge:
        return "limit"
    except (OSError, ValueError):
        return None


def _greeting(process: subprocess.Popen[bytes]) -> Any:
    return frames.read_json(cast("BinaryIO", process.stdout), 1_000)


def _within(process: subprocess.Popen[bytes], seconds: float, talk: Any) -> tuple[Any, bool]:
    """Run ``talk``; when it takes longer than ``seconds`` the child is killed, which ends the talk."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        reply = talk()
    finally:
        timer.cancel()
    if reply is None:
        _settle(process)
    return reply, late.is_set()


def _settle(process: subprocess.Popen[bytes]) -> None:
    # Its pipe is closed, so it is dead or dying; what it died of is read from the exit status.
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _reason(code: int | None, *, late: bool) -> str:
    if late or code == -signal.SIGXCPU:
        return "timeout"
    # SIGKILL that we did not send is the kernel's answer to memory; anything else is the parser's own end.
    return "limit" if code == -signal.SIGKILL else "broken"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        # What is still buffered for a dead child cannot be written any more.
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()
