"""What a party calls itself and claims: the form of DIDs, identifiers and URI prefixes (epcis.md 4).

Whether they are another's already is the question of ``party_overlaps``; whether they are its own, an admin's.
"""

import re
from collections.abc import Mapping, Sequence

from traceability.errors import InvalidInput
from traceability.events.formats import is_uri
from traceability.events.gs1_keys import CANONICAL
from traceability.events.identifiers import normalise
from traceability.lists.entries import Identifier
from traceability.lists.identifiers import problem

KINDS = ("lei", "eori", "cid", "national", "alias")
_FORMS = {
    "eori": re.compile(r"[A-Z]{2}[A-Za-z0-9]{1,15}"),
    "cid": re.compile(r"CID[0-9]{6}"),
    "national": re.compile(r"\S.{0,99}"),
    "alias": re.compile(r"[a-z][a-z0-9+.-]{0,30}:.{1,450}"),
}
_DID = re.compile(r"did:[a-z0-9]{1,20}:[A-Za-z0-9._:%-]{0,400}[A-Za-z0-9._%-]")  # DID Core 1.0, 3.1
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DID_WEB = re.compile(rf"did:web:{_LABEL}(?:\.{_LABEL})*(?:%3A[0-9]{{1,5}})?(?::[A-Za-z0-9._%-]+)*")
# An https prefix names a host of its own below a top-level domain, which has a letter: no address, no bare name.
_HTTPS = re.compile(rf"https://(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}(?::[0-9]{{1,5}})?/.*")
_GS1 = re.compile(re.escape(CANONICAL) + r"[0-9]{2,4}/[^/]{7,}.*")
_URN = re.compile(r"urn:(?!(?:uuid|epc|epcglobal):)[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:[^/:#]{2,}[/:#].*")
_SCHEMES = ("https", "urn", "did")
_BOUNDARY = ("/", ":", "#")
_LONGEST_PREFIX = 400


def check_did(did: str) -> None:
    """Refuse what is no DID.

    Raises:
        InvalidInput: as it says.

    """
    if not _DID.fullmatch(did):
        raise InvalidInput(f"expected a DID such as did:web:mine.example; got {did[:100]!r}")


def check_new_did(did: str) -> None:
    """Refuse what is no DID, or one that is not spelled the one way it is compared: no second spelling gets a name.

    Raises:
        InvalidInput: as it says.

    """
    check_did(did)
    if did != normalise(did) or not is_uri(did):
        raise InvalidInput(f"expected the DID as it is compared, {normalise(did)[:100]!r}; got {did[:100]!r}")
    if did.startswith("did:web:") and not _DID_WEB.fullmatch(did):
        raise InvalidInput(f"expected did:web with a host in small letters and named path parts; got {did[:100]!r}")


def check_claims(did: str, identifiers: Mapping[str, str], prefixes: Sequence[str]) -> list[tuple[str, str]]:
    """Return what the party with this DID claims, as (kind, value).

    Raises:
        InvalidInput: an identifier is not of its kind's form, or a prefix does not end where a name ends, or covers
            more than names of one owner.

    """
    claims = [(kind, _identifier(kind, value.strip())) for kind, value in identifiers.items()]
    return claims + [("prefix", _prefix(did, prefix.strip())) for prefix in prefixes]


def _identifier(kind: str, value: str) -> str:
    if kind not in KINDS:
        raise InvalidInput(f"expected identifiers of {', '.join(KINDS)}; got {kind[:40]!r}")
    if kind == "lei":
        if (why := problem(Identifier("lei", value, None))) is not None:
            raise InvalidInput(f"{value[:40]!r} is no LEI (ISO 17442): {why}")
    elif not _FORMS[kind].fullmatch(value) or not value.isprintable() or (kind == "alias" and not is_uri(value)):
        raise InvalidInput(f"{value[:60]!r} does not have the form of a {kind} identifier")
    return value


def _prefix(did: str, prefix: str) -> str:
    scheme = prefix.partition(":")[0].lower()
    if scheme not in _SCHEMES or not is_uri(prefix) or not prefix.endswith(_BOUNDARY) or len(prefix) > _LONGEST_PREFIX:
        raise InvalidInput(
            f"a prefix is an https, urn or did URI that ends with / : or #, so that it cannot cover another name; "
            f"got {prefix[:100]!r}"
        )
    if (expected := _owner_expected(did, normalise(prefix))) is not None:
        raise InvalidInput(f"the prefix {prefix[:100]!r} covers names of others; expected {expected}")
    return prefix


def _owner_expected(did: str, prefix: str) -> str | None:
    """Return what a normalised prefix would have to look like to be one owner's; None where it does."""
    scheme = prefix.partition(":")[0]
    if prefix.startswith(CANONICAL):
        return None if _GS1.fullmatch(prefix) else f"a whole GS1 key, such as {CANONICAL}01/09521234543213/"
    if scheme == "https":
        return None if _HTTPS.fullmatch(prefix) else "a host below a top-level domain, such as https://id.mine.example/"
    if scheme == "did":
        own = any(prefix.startswith(did + end) for end in _BOUNDARY)
        return None if own else f"one that begins with the party's own DID, such as {did}:"
    if prefix.startswith("urn:epc:"):
        return f"GS1 keys by their Digital Link, as they are compared, such as {CANONICAL}01/09521234543213/"
    return None if _URN.fullmatch(prefix) else "a name space and a name of one's own in it, such as urn:x-mine:goma:"
