"""Pages that are pictures, read by tesseract where it is installed: their text gives findings, never a clean paper.

What a machine recognises in a picture may be wrong or wanting. The outcome therefore stays ``needs_ocr`` with the
pages listed until a person has read them; the text is there for them, searched like any other.
"""

import base64
import shutil
import subprocess
import sys
from typing import Any

from traceability.documents.extraction.extracted import Builder, Extracted
from traceability.documents.extraction.lines import blocks_of_lines
from traceability.documents.report import PAGE_BREAK

MAX_PAGES = 20
TOTAL_SECONDS = 60.0
_SECONDS = 20.0
_WANTED = ("eng", "fra", "deu", "nld", "spa", "por", "ita", "chi_sim")
_MAX_TEXT = 200_000


def program() -> str | None:
    """Return where tesseract is, None where it is not installed."""
    return shutil.which("tesseract")


def languages(tesseract: str) -> str:
    """Return those of the languages with rules that this tesseract knows, joined as it takes them."""
    listed = _run(tesseract, ["--list-langs"], b"").split()
    return "+".join(name for name in _WANTED if name in listed) or "eng"


def read(tesseract: str, known: str, picture: str) -> str:
    """Return the text recognised in a picture given as base64 of a PGM; "" where there is none or it took too long."""
    return _run(tesseract, ["stdin", "stdout", "-l", known], base64.b64decode(picture))


def with_text(extracted: dict[str, Any], recognised: dict[int, str]) -> dict[str, Any]:
    """Return what was extracted with the recognised text on its pages, which stay unread, and a note for each."""
    found = Extracted.from_dict(extracted)
    builder = Builder(found.format or "unknown", list(found.notes), list(found.unread))
    at = 0
    for number, text in found.pages:
        if recognised.get(number, "").strip():
            whole = f"{text}\n{recognised[number]}".strip()
            builder.page(whole, blocks_of_lines(whole, wrapped=True))
            builder.note("ocr", "The text of this page was recognised in a picture and may be wrong.", number)
        else:
            builder.page(text, [block.moved(-at) for block in found.blocks if block.page == number])
        at += len(text) + len(PAGE_BREAK)
    return builder.finish().to_dict()


def _run(tesseract: str, arguments: list[str], data: bytes) -> str:
    command = [sys.executable, "-I", "-B", "-m", "traceability.documents.ocr_start", tesseract, *arguments]
    environment = {"LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell; the file is on stdin
            command, input=data, capture_output=True, timeout=_SECONDS, env=environment, check=False, cwd="/"
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return (
        done.stdout.decode("utf-8", "replace")[:_MAX_TEXT].replace("\f", "\n").rstrip() if not done.returncode else ""
    )
