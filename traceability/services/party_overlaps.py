"""Whether what a party calls itself or claims is another's already: DIDs, identifiers, prefixes and sites.

Compared after normalisation, each kind with every other: an alias spelled like another party's DID would make its
events ours. What is taken is refused; what only looks like another's is said to the admin who decides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from traceability.errors import Conflict
from traceability.events.formats import is_uri
from traceability.events.gs1_keys import CANONICAL
from traceability.events.identifiers import covers, normalise
from traceability.lists.fold import fold
from traceability.storage.tables import Party, PartyClaim, Site

_HOST = re.compile(r"(?:did:web:|https://)([a-z0-9.-]+)")
_ENDS = ":/#?"


@dataclass(frozen=True, slots=True)
class _Name:
    """A DID, identifier or prefix as it is compared, with whose it is, in words."""

    kind: str
    value: str
    key: str

    @property
    def said(self) -> str:
        """Return kind and spelling, for people."""
        return f"{self.kind} {self.value}"

    @property
    def is_prefix(self) -> bool:
        """Tell whether it covers what begins with it."""
        return self.kind == "prefix"

    @property
    def host(self) -> str | None:
        """Return the host it is of; none of a GS1 key, as all are compared under one host."""
        found = None if self.key.startswith(CANONICAL) else _HOST.match(self.key)
        return found and found[1]


def check_free(session: Session, party: Party, claims: Sequence[PartyClaim]) -> None:
    """Let an active party's name or place be nobody else's.

    Raises:
        Conflict: the DID, an identifier or a prefix is another active party's, covers such a one, or lies under one.

    """
    taken = list(_taken(session, party, claims, "active"))
    if taken:
        raise Conflict("; ".join(taken[:5]))


def overlaps(session: Session, party: Party, claims: Sequence[PartyClaim]) -> list[str]:
    """Return, for the admin who decides, what of a waiting party is another's, applied for by another, or alike."""
    found = [*_taken(session, party, claims, "active"), *_taken(session, party, claims, "waiting")]
    return list(dict.fromkeys([*found, *_alike(session, party, claims)]))


def _taken(session: Session, party: Party, claims: Sequence[PartyClaim], state: str) -> Iterator[str]:
    mine = list(_names(party, claims))
    for other, theirs in _others(session, party, state):
        for one in mine:
            yield from (f"{one.said} overlaps {name.said} of {other.did}" for name in theirs if _meet(one, name))
    if state == "active":
        for one in mine:
            yield from (f"{one.said} overlaps the site {uri} of another party" for uri in _sites(session, party, one))


def _alike(session: Session, party: Party, claims: Sequence[PartyClaim]) -> Iterator[str]:
    mine = list(_names(party, claims))
    for state in ("active", "waiting"):
        for other, theirs in _others(session, party, state):
            if fold(other.name) == fold(party.name):
                yield f"{other.did} ({state}) has the same name, {other.name}"
            for one in mine:
                same = (name for name in theirs if "DID" in (one.kind, name.kind) and _related(one.host, name.host))
                yield from (f"{one.said} is of the host of {name.said} of {other.did} ({state})" for name in same)


def _others(session: Session, party: Party, state: str) -> Iterator[tuple[Party, list[_Name]]]:
    claims: dict[str, list[PartyClaim]] = {}
    for claim in session.exec(select(PartyClaim).where(PartyClaim.state == state)):
        claims.setdefault(claim.party_id, []).append(claim)
    for other in session.exec(select(Party).where(Party.state == state, Party.id != party.id).order_by(col(Party.did))):
        yield other, list(_names(other, claims.get(other.id, ())))


def _names(party: Party, claims: Iterable[PartyClaim]) -> Iterator[_Name]:
    yield _name("DID", party.did)
    yield from (_name(claim.kind, claim.value) for claim in claims)


def _name(kind: str, value: str) -> _Name:
    return _Name(kind, value, normalise(value) if is_uri(value) else value.upper())


def _meet(one: _Name, other: _Name) -> bool:
    """Tell whether two names are one, or one of them covers the other; what lies under a DID is of its party."""
    if one.key == other.key or (one.is_prefix and other.is_prefix and _prefixes_meet(one.key, other.key)):
        return True
    if one.is_prefix != other.is_prefix:
        prefix, name = (one, other) if one.is_prefix else (other, one)
        return covers(prefix.key, name.key) or _is_under(name.key, prefix.key)
    return not one.is_prefix and (_is_did_url(one, other) or _is_did_url(other, one))


def _prefixes_meet(one: str, other: str) -> bool:
    return covers(one, other) or covers(other, one)


def _is_under(name: str, key: str) -> bool:
    return len(key) > len(name) and key.startswith(name) and key[len(name)] in _ENDS


def _is_did_url(did: _Name, name: _Name) -> bool:
    """Tell whether an identifier is a DID URL of a DID; another DID below a did:web host may be its own party."""
    return did.key.startswith("did:") and _is_under(did.key, name.key) and name.kind != "DID"


def _sites(session: Session, party: Party, name: _Name) -> list[str]:
    """Return sites of others that are this name, lie under this prefix, or that it lies under."""
    around = [name.key[:end] for end, sign in enumerate(name.key) if sign in _ENDS and end] + [name.key]
    same = col(Site.key).in_(around if name.is_prefix else [name.key])
    below = col(Site.key).startswith(name.key, autoescape=True)
    rows = session.exec(select(Site).where(Site.party_id != party.id, same | below if name.is_prefix else same))
    return sorted({site.uri for site in rows if not name.is_prefix or _site_meets(name.key, site.key)})


def _site_meets(prefix: str, site: str) -> bool:
    return covers(prefix, site) or _is_under(site, prefix)


def _related(one: str | None, other: str | None) -> bool:
    """Tell whether two hosts are one, or one lies below the other."""
    if one is None or other is None:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
