"""Put together the report from what the two children answered; the parent decides, the children only propose."""

import hashlib
from typing import Any

from traceability.documents.report import (
    PAGE_BREAK,
    Declared,
    Note,
    Page,
    Report,
    declared_from_dict,
    finding_from_dict,
)
from traceability.documents.rulefiles import ruleset_hash

_WHY = {
    "encrypted": "The file needs a password; ask the sender for one without.",
    "archive_expansion_limit": "The archive declares far more content than it holds; it was not opened.",
    "limit": "The file is larger than what is read (size, pages, characters, entries or memory).",
    "timeout": "Reading the file took too long and was stopped.",
    "external_content": "The file holds another archive or refers to content outside itself; it was not opened.",
    "type": "Taken are PDF, Word, Excel, PowerPoint, HTML, mail (EML) and plain text; export it to one of these.",
    "broken": "The file is of a supported type and cannot be parsed; ask for a new copy.",
}


def rejected(data: bytes, reason: str, detail: str = "") -> Report:
    """Return the report of a file that was not read; it goes to an officer and is never free of findings."""
    message = f"{_WHY[reason]} ({detail})" if detail else _WHY[reason]
    return _unread(data, reason, (Note("not_read", message),))


def refused(data: bytes, extracted: dict[str, Any]) -> Report:
    """Return the report of a file the extraction refused, with the notes it made on the way."""
    notes = tuple(Note(**note) for note in extracted["notes"])
    return _unread(data, extracted["reason"], (Note("not_read", _WHY[extracted["reason"]]), *notes))


def report(data: bytes, extracted: dict[str, Any], screened: dict[str, Any]) -> Report:
    """Return the report of a file that was read, wholly or but for pages without text and attachments refused."""
    pages = tuple(Page(number, text) for number, text in extracted["pages"])
    text = PAGE_BREAK.join(page.text for page in pages)
    whole = extracted["outcome"] == "parsed"
    notes = [Note(**note) for note in [*extracted["notes"], *screened["notes"]]]
    return Report(
        sha256=_sha256(data),
        outcome=extracted["outcome"],
        reason=extracted["reason"],
        document_type=screened["document_type"],
        # A paper not read to its end never counts as proof (document-labels.md 6).
        facts_type=screened["facts_type"] if whole else "other",
        language=screened["language"],
        pages=pages,
        text_sha256="sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        ruleset=ruleset_hash(),
        facts=declared_from_dict(screened["facts"]) if whole else Declared(),
        findings=tuple(finding_from_dict(finding) for finding in screened["findings"]),
        notes=tuple(notes),
        unread_pages=tuple(extracted["unread"]),
    )


def page_starts(extracted: dict[str, Any]) -> dict[int, int]:
    """Return where in the text of the whole document each page begins."""
    starts, at = {}, 0
    for number, text in extracted["pages"]:
        starts[number] = at
        at += len(text) + len(PAGE_BREAK)
    return starts


def _unread(data: bytes, reason: str, notes: tuple[Note, ...]) -> Report:
    return Report(
        sha256=_sha256(data),
        outcome="rejected",
        reason=reason,
        document_type="unknown",
        facts_type="other",
        language=None,
        pages=(),
        text_sha256=None,
        ruleset=ruleset_hash(),
        notes=notes,
    )


def _sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
