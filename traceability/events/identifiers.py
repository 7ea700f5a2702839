"""When two identifiers are one: RFC 3986 section 6.2.2 (syntax), RFC 8141 (URN), and GS1 keys in either spelling.

Nothing is ever looked up: an identifier is compared, not dereferenced.
"""

import re
from functools import lru_cache

from traceability.events.formats import is_uri
from traceability.events.gs1_keys import CANONICAL, canonical_link

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HIERARCHY = re.compile(r"//([^/?#]*)([^?#]*)(.*)")
_LOT = re.compile(re.escape(CANONICAL) + r"(?:01|8006)/[0-9]+/10/.+")
_SHORT = 500  # characters
_LOT_URN = "urn:epc:class:lgtin:"


def normalise(uri: str) -> str:
    """Return the one spelling under which an identifier is indexed and compared; text that is no URI as it is.

    Scheme and host become lower case, escapes upper case, needless escapes and dot segments go; a GS1 key becomes its
    canonical Digital Link, whatever domain or URN it came as. Normalising twice changes nothing.
    """
    return _remembered(uri) if len(uri) <= _SHORT else _normalised(uri)


def _normalised(uri: str) -> str:
    if not is_uri(uri):
        return uri
    text = _by_syntax(_ESCAPE.sub(_tidy_escape, uri))
    return canonical_link(text) or text


# One capture asks for the same identifier several times; long texts are not kept, or a caller could fill the memory.
_remembered = lru_cache(maxsize=8192)(_normalised)


def covers(prefix: str, name: str) -> bool:
    """Tell whether a normalised identifier lies under a normalised prefix, which ends where a part of it ends."""
    # https://a.example must not own https://a.example.evil/ or https://a.example:pw@evil/
    length = len(prefix)
    return name.startswith(prefix) and (len(name) == length or prefix[-1] in "/:.#?=" or name[length] in "/#?")


def is_lot(epc_class: str) -> bool:
    """Tell whether an EPC class names a batch: a lot-level GS1 key, or any absolute URI that is no GS1 key.

    Product classes (a GTIN alone) and serial EPCs are recorded, but are not batches (epcis.md 4).
    """
    if not is_uri(epc_class):
        return False
    text = normalise(epc_class)
    if text.startswith(CANONICAL):
        return _LOT.fullmatch(text) is not None
    return text.startswith(_LOT_URN) or not text.startswith("urn:epc:")


def _tidy_escape(match: re.Match[str]) -> str:
    character = chr(int(match[0][1:], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _by_syntax(uri: str) -> str:
    scheme, _, rest = uri.partition(":")
    scheme = scheme.lower()
    if scheme == "urn":
        return _urn(rest)
    parts = _HIERARCHY.fullmatch(rest)
    if parts is None:
        return f"{scheme}:{rest}"
    user, at, host = parts[1].rpartition("@")
    return f"{scheme}://{user}{at}{_lower(host)}{_without_dots(parts[2])}{parts[3]}"


def _lower(host: str) -> str:
    """Return the host in lower case, its remaining escapes in upper case."""
    return _ESCAPE.sub(lambda match: match[0].upper(), host.lower())


def _urn(rest: str) -> str:
    """Return a URN with its name space in lower case (RFC 8141, 3.1); the digits of a UUID are one in either case."""
    space, _, specific = rest.partition(":")
    space = space.lower()
    return f"urn:{space}:{specific.lower() if space == 'uuid' else specific}"


def _without_dots(path: str) -> str:
    """Return a path with . and .. segments resolved (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
