"""The manifest of a ZIP of several files: what it is, and the SHA-256 of each."""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from traceability.diligence.reports.model import Report
from traceability.services.reports.render.said import draft

MANIFEST: Final = "manifest.json"


def manifest(main: Report, found: Mapping[str, bytes]) -> bytes:
    """Return the manifest of files, which the report ``main`` opens."""
    hashes = {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in found.items()}
    said = {
        "format": "traceability-bundle@v1", "kind": main.kind, "law": main.law, "party": main.party_id,
        "period": [day.isoformat() for day in main.period], "as_of": main.as_of.isoformat(), "state": draft(main),
        "files": hashes,
    }  # fmt: skip
    return (json.dumps(said, indent=2) + "\n").encode()
