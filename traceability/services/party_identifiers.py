"""Identifiers and URI prefixes a party claims: their form, before anybody agrees that they are its own."""

import re
from collections.abc import Mapping, Sequence

from traceability.errors import InvalidInput
from traceability.events.identifiers import normalise
from traceability.lists.entries import Identifier
from traceability.lists.identifiers import problem

KINDS = ("lei", "eori", "cid", "national", "alias")
_FORMS = {
    "eori": re.compile(r"[A-Z]{2}[A-Za-z0-9]{1,15}"),
    "cid": re.compile(r"CID[0-9]{6}"),
    "national": re.compile(r"[^\s].{0,99}"),
    "alias": re.compile(r"[a-z][a-z0-9+.-]{0,30}:\S{1,450}"),
}
_PREFIX = re.compile(r"(https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?/\S{0,300}|(urn|did):\S{3,400})")
_BOUNDARY = ("/", ":", "#")


def check_claims(identifiers: Mapping[str, str], prefixes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the claims as (kind, value).

    Raises:
        InvalidInput: an identifier is not of its kind's form, or a prefix does not end where a name ends.

    """
    claims = [(kind, _identifier(kind, value.strip())) for kind, value in identifiers.items()]
    return claims + [("prefix", _prefix(prefix.strip())) for prefix in prefixes]


def _identifier(kind: str, value: str) -> str:
    if kind not in KINDS:
        raise InvalidInput(f"expected identifiers of {', '.join(KINDS)}; got {kind[:40]!r}")
    if kind == "lei":
        if (why := problem(Identifier("lei", value, None))) is not None:
            raise InvalidInput(f"{value[:40]!r} is no LEI (ISO 17442): {why}")
    elif not _FORMS[kind].fullmatch(value):
        raise InvalidInput(f"{value[:60]!r} does not have the form of a {kind} identifier")
    return value


def _prefix(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix) or not prefix.endswith(_BOUNDARY):
        raise InvalidInput(
            f"a prefix is an https, urn or did URI that ends with / : or #, so that it cannot cover another name; "
            f"got {prefix[:100]!r}"
        )
    if normalise(prefix).count("/") < 3 and prefix.startswith("https"):  # noqa: PLR2004  # scheme://host/
        raise InvalidInput(f"the prefix {prefix[:100]!r} names no host")
    return prefix
