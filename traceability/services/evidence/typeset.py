"""Setting a report with typst, in a child process: what it uses of memory goes with it, and a stuck one is ended.

Typst keeps what it has set for later, tens of megabytes a report, and a report may come to hundreds of pages. The child
gets text on its standard input and gives a PDF on its standard output; it reads no file but the template, no font but
those typst brings along, and no network.
"""

import json
import subprocess
import sys
from datetime import datetime
from importlib import resources
from typing import Any

from traceability.errors import Unavailable
from traceability.services.evidence.shown import MARK, shown

_SECONDS = 120
_MEMORY = 3_000_000_000  # bytes of address space; 1,000 printed steps take a tenth of it
_MISSING = 3  # exit code: a glyph is missing


def typeset(content: dict[str, Any], evidence: str, at: datetime) -> bytes:
    """Return a PDF/A-3 of level A (ISO 19005-3), which is PDF/UA-1 too (ISO 14289-1).

    ``evidence`` is attached as evidence.json, or as ``content`` says under ``attached``; ``at`` is its date.

    The same input gives the same bytes. A text that no font can set is transliterated; where a combination of
    characters still cannot be set, everything that is not ASCII is.

    Raises:
        Unavailable: typst does not run here, or did not end in time.

    """
    for plain in (False, True):
        pages = shown(content, plain=plain)
        pages |= {"at": list(at.timetuple()[:6]), "transliterated": MARK in json.dumps(pages)}
        done = _run({"data": json.dumps(pages), "evidence": evidence, "at": int(at.timestamp())})
        if done.returncode != _MISSING:
            break
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Unavailable(f"the report could not be set ({last[:300] or f'exit {done.returncode}'}); try again")
    return done.stdout


def _run(asked: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-B", "-m", "traceability.services.evidence.typeset"]
    environment = {"LANG": "C.UTF-8"}
    try:
        return subprocess.run(  # noqa: S603  # our own interpreter and module, no shell, nothing from outside
            command,
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"the report was not set within {_SECONDS} seconds; try again") from error


def _child() -> int:
    _limit_memory()
    import typst

    asked = json.loads(sys.stdin.buffer.read())
    source = resources.files(__package__).joinpath("report.typ").read_bytes()
    inputs = {"data": asked["data"], "evidence": asked["evidence"]}
    try:
        pdf = typst.compile(
            source, format="pdf", ignore_system_fonts=True, sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"],
            timestamp=asked["at"],
        )  # fmt: skip
    except typst.TypstError as error:
        sys.stderr.write(str(error))
        return _MISSING if "could not be displayed" in str(error) else 1
    sys.stdout.buffer.write(pdf)
    return 0


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    sys.exit(_child())
