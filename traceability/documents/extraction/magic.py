"""What a file is, by its first bytes and, for ZIP containers, by the names in its directory."""

import codecs
import io
import re
import zipfile
from pathlib import PurePosixPath

from traceability.documents.extraction.plain import utf16_without_mark

_STARTS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"GIF8", "image"),
    (b"{\\rtf", "rtf"),
    (b"%!PS", "postscript"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)
_PARTS = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_MARKUP = (
    b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml", b"<!--", b"<meta", b"<table", b"<div", b"<p>",
    b"<script",
)  # fmt: skip
_EXTENSIONS = {
    "pdf": {".pdf"},
    "docx": {".docx", ".docm", ".dotx"},
    "txt": {".txt", ".text", ".tsv", ".md", ".csv", ".log", ""},
    "xlsx": {".xlsx", ".xlsm"},
    "pptx": {".pptx"},
    "html": {".html", ".htm", ".xhtml"},
    "eml": {".eml"},
}
_MAIL_HEADERS = (b"from:", b"to:", b"subject:", b"date:", b"received:", b"mime-version:", b"message-id:")
_MAIL_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|$")


def detect(data: bytes) -> str | None:
    """Return the type (pdf, docx, txt; xlsx, pptx, html, eml and others by name so that a refusal can say it)."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _container(data)
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    return _textual(data)


def extension_clash(name: str, kind: str) -> str | None:
    """Return a sentence when the file's extension names another type than its bytes."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()[:20]
    expected = _EXTENSIONS.get(kind)
    if expected is None or not suffix or suffix in expected:
        return None
    return f"The extension {suffix} does not fit the content, which is {kind}."


def _container(data: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            names = [name.lower() for name in opened.namelist()[:5_000]]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "zip"
    for start, kind in _PARTS:
        if any(name.startswith(start) for name in names):
            return kind
    return "zip"


def _textual(data: bytes) -> str | None:
    head = data[:4_096]
    if head.startswith(_WIDE) or utf16_without_mark(data) is not None:
        # Marks and NULs aside, what is left of Latin letters is ASCII.
        return "html" if head.replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n").lower().startswith(_MARKUP) else "txt"
    head = head.removeprefix(codecs.BOM_UTF8)
    if not head.strip() or b"\x00" in head or _is_binary(head):
        return None
    start = head.lstrip().lower()
    if start.startswith(_MARKUP):
        return "html"
    return "eml" if _is_mail(start) else "txt"


def _is_binary(head: bytes) -> bool:
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)  # noqa: PLR2004 - ASCII control characters
    return control * 50 >= len(head)


def _is_mail(start: bytes) -> bool:
    """Whether the text begins with a head of RFC 5322 up to an empty line, with two fields that mails have."""
    head, empty, _ = start.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.split(b"\n")
    if not empty and len(lines) > 1:
        lines.pop()  # cut off where the sample ends
    known = sum(line.startswith(_MAIL_HEADERS) for line in lines)
    return known >= 2 and all(_MAIL_LINE.match(line) for line in lines)  # noqa: PLR2004 - one such line may start a letter
