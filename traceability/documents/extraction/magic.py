"""What a file is, by its first bytes and, for ZIP containers, by the names in its directory."""

import codecs
import io
import zipfile
from pathlib import PurePosixPath

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
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_EXTENSIONS = {
    "pdf": {".pdf"},
    "docx": {".docx", ".docm", ".dotx"},
    "txt": {".txt", ".text", ".md", ".csv", ".log", ""},
    "xlsx": {".xlsx", ".xlsm"},
    "pptx": {".pptx"},
    "html": {".html", ".htm", ".xhtml"},
    "eml": {".eml"},
}
_MAIL_HEADERS = (b"from:", b"to:", b"subject:", b"date:", b"received:", b"mime-version:", b"message-id:")


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
    if head.startswith(_BOMS):
        return "txt"
    if not head.strip() or b"\x00" in head:
        return None
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        return "html"
    lines = start.splitlines()[:6]
    if sum(line.startswith(_MAIL_HEADERS) for line in lines) >= 2:  # noqa: PLR2004 - one such line may start a letter
        return "eml"
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)  # noqa: PLR2004 - ASCII control characters
    return "txt" if control * 50 < len(head) else None
