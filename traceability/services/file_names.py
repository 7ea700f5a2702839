"""The name a document is downloaded under: the sender's own, made harmless (RFC 6266, RFC 8187)."""

import re
import unicodedata
from urllib.parse import quote

_LONGEST = 120
#: What a desktop opens in a viewer; under any other ending a download gets one that opens nothing.
_KNOWN = frozenset(
    {
        "csv", "doc", "docx", "eml", "jpeg", "jpg", "json", "odp", "ods", "odt", "pdf", "png", "ppt", "pptx", "rtf",
        "tif", "tiff", "txt", "xls", "xlsx", "xml", "zip",
    }
)  # fmt: skip
_NOT_ASCII_NAME = re.compile(r"[^A-Za-z0-9._ ()-]")


def attachment(name: str) -> str:
    """Return the Content-Disposition of a download: always an attachment, under the sender's name made harmless."""
    harmless = file_name(name)
    plain = _NOT_ASCII_NAME.sub("_", unicodedata.normalize("NFKD", harmless).encode("ascii", "ignore").decode())
    if not plain.partition(".")[0].strip(" _"):
        plain = f"document.{harmless.rpartition('.')[2]}" if "." in harmless else "document"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(harmless, safe='')}"


def file_name(name: str) -> str:
    """Return a file name without path, control or direction characters, whose ending starts no program."""
    last = re.split(r"[\\/:]", name)[-1]
    kept = "".join(one if unicodedata.category(one)[0] != "C" else "" for one in last)
    kept = re.sub(r'[<>"|?*%;]', "_", kept).strip(" .") or "document"
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:_LONGEST]
    if ending.lower() not in _KNOWN:
        return f"{kept[:_LONGEST]}.bin"
    return f"{stem[:_LONGEST]}.{ending}"
