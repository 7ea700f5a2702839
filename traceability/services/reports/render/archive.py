"""ZIP files whose bytes depend on their content alone: sorted or given order, fixed times."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping

_TIME = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP can say
_MODIFIED = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*(<)")


def packed(files: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    """Return a ZIP of files in the order given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items() if isinstance(files, Mapping) else files:
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, data)
    return out.getvalue()


def fixed(office: bytes, at: str) -> bytes:
    """Return an office file (DOCX, XLSX) that says ``at`` (RFC 3339) instead of when it was written."""
    with zipfile.ZipFile(io.BytesIO(office)) as source:
        found = [(name, source.read(name)) for name in source.namelist()]
    moment = at.encode()
    return packed(
        (name, _MODIFIED.sub(rb"\g<1>" + moment + rb"\g<2>", data) if name == "docProps/core.xml" else data)
        for name, data in found
    )
