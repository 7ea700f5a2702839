"""The few static files: read once, addressed by the hash of their content, so a browser may keep each for ever."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Response, url_for

from traceability.errors import NotFound
from traceability.web.routes import bp

_FOLDER = Path(__file__).with_name("static")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def _assets() -> dict[str, tuple[str, bytes]]:
    files = sorted(path for path in _FOLDER.iterdir() if path.suffix in _TYPES)
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest()[:16], path.read_bytes()) for path in files}


def address(name: str) -> str:
    """Return the address of a static file; raises KeyError for one that is not there."""
    return url_for("web.asset", digest=_assets()[name][0], name=name)


@bp.get("/static/<digest>/<name>")
def asset(digest: str, name: str) -> Response:
    """Serve a static file under the hash of its content, and under no other."""
    found = _assets().get(name)
    if found is None or found[0] != digest:
        raise NotFound("there is no such file")
    answer = Response(found[1], content_type=f"{_TYPES[Path(name).suffix]}; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
