"""What the custody room is given and what it says: recorded events, the registered world, notes (epcis.md 4 and 9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from traceability.custody.names import name_of
from traceability.events.identifiers import covers
from traceability.events.model import CustodyEvent

Verdict = Literal["ok", "invalid", "key_revoked"]
Position = tuple[datetime, int]

REVIEW_KINDS = frozenset(
    {
        "unknown_input", "no_birth", "impossible_distance", "cycle", "signer_not_actor", "disputed_signature",
        "disputed_site",
    }
)  # fmt: skip
"""The kinds in bold in epcis.md 9: each raises the state of the batch to at least REVIEW."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A custody event as the service holds it.

    index is its place in the ledger; received_at is the server's time (UTC); signer is the party whose key signed the
    capture, credential_by a party whose own relayed credential verifies and equals the event; verdict is what checking
    the stored signature says today. counter_signers are other parties whose own signatures of it still hold; disputed
    are those whose signature of it, in a credential or besides, is by a key reported as compromised: it counts no more.
    """

    event: CustodyEvent
    index: int
    received_at: datetime
    signer: str | None = None
    credential_by: str | None = None
    verdict: Verdict = "ok"
    counter_signers: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()

    @property
    def signers(self) -> tuple[str, ...]:
        """Return everybody whose signature of the event is known, the sender of the capture first."""
        return tuple(filter(None, (self.signer, self.credential_by, *self.counter_signers)))

    @property
    def event_id(self) -> str:
        """Return the eventID; a recorded event always has one, filled in by the server where the sender gave none."""
        return self.event.event_id or f"urn:x-ledger-index:{self.index}"

    @property
    def position(self) -> Position:
        """Return what orders events that nothing else orders: the instant, then the ledger index."""
        return (self.event.event_time, self.index)


@dataclass(frozen=True, slots=True)
class Site:
    """A registered place of a party: ISO 3166-1 and 3166-2 codes, WGS 84 degrees, first and last day it is valid.

    registered is the ledger index of the registration: an event after it was recorded in the knowledge of it. disputed:
    the key that signed the registration is reported as compromised, so nobody vouches for where the place is.
    """

    uri: str
    party: str
    country: str
    subdivision: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    registered: int = -1
    disputed: bool = False

    def is_valid(self, on: date) -> bool:
        """Tell whether the registration covers this day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class World:
    """The registered parties, sites and prefix claims that events are read against; nothing in it is guessed.

    sites: by normalised URI, every registration of it by its owner, in their order (``by_uri``). aliases: any
    identifier of a party (LEI, EORI, former DID) to its registered one. parties: the registered identifiers. prefixes:
    approved URI prefix to the party that owns it.
    service: the identifier under which this service signs its own events, whose holds are no custody.
    """

    sites: Mapping[str, tuple[Site, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    parties: frozenset[str] = frozenset()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    service: str | None = None

    def site(self, uri: str, on: date, index: int) -> Site | None:
        """Return the registration of a site that counts on this day for an event recorded at this ledger index.

        It is the last one known at that index; one with the same first day as an earlier one replaces it. Where none
        was known, the first to come counts. So a registration never changes the place of an event recorded before it.
        """
        said = self.sites.get(name_of(uri), ())
        known = [site for site in said if site.registered <= index]
        last = {site.valid_from: site for site in known}
        counted = [site for site in known if last[site.valid_from] is site and site.is_valid(on)]
        later = (site for site in said if site.registered > index and site.is_valid(on))
        return counted[-1] if counted else next(later, None)

    def contradictions(self, site: Site, on: date) -> list[Site]:
        """Return later registrations of a site for this day that name another country or part of it."""
        here = (site.country, site.subdivision)
        later = (other for other in self.sites.get(name_of(site.uri), ()) if other.registered > site.registered)
        return [other for other in later if other.is_valid(on) and (other.country, other.subdivision) != here]

    def confirmed(self, site: Site, on: date) -> bool:
        """Tell whether its party said the same of a site again, for this day, with a key that is not disputed."""
        here = (site.country, site.subdivision)
        later = (other for other in self.sites.get(name_of(site.uri), ()) if other.registered > site.registered)
        return any(not o.disputed and o.is_valid(on) and (o.country, o.subdivision) == here for o in later)

    def sites_by_party(self, on: date) -> dict[str, list[Site]]:
        """Return the sites valid on this day, by party, each list by URI.

        Where registrations of one site name several places they all stand: a party works in each that it ever stated.
        """
        said = (site for sites in self.sites.values() for site in sites)
        last = {(name_of(site.uri), site.valid_from, site.country, site.subdivision): site for site in said}
        table: dict[str, list[Site]] = {}
        for site in sorted(last.values(), key=lambda site: site.uri):
            if site.is_valid(on):
                table.setdefault(self.party(site.party), []).append(site)
        return table

    def party(self, uri: str) -> str:
        """Return the registered identifier of a party, or the text as it stands where nothing is registered."""
        key = name_of(uri)
        return key if key in self.parties else self.aliases.get(key, uri)

    def known_party(self, uri: str) -> bool:
        """Tell whether the identifier belongs to a registered party."""
        return self.party(uri) in self.parties

    def is_service(self, party: str | None) -> bool:
        """Tell whether a party is this service itself."""
        return party is not None and party == self.service

    def prefix_owner(self, uri: str) -> str | None:
        """Return the party with the longest approved prefix of this URI; a prefix ends where a part of the URI ends."""
        key = name_of(uri)
        for length in sorted({len(prefix) for prefix in self.prefixes}, reverse=True):
            owner = self.prefixes.get(key[:length])
            if owner is not None and covers(key[:length], key):
                return self.party(owner)
        return None


def by_uri(sites: Iterable[Site]) -> dict[str, tuple[Site, ...]]:
    """Return sites, given in the order of their registration, as ``World.sites`` holds them.

    A place belongs to the party that registered it first, however it is spelled; what others say of it is left out.
    """
    table: dict[str, tuple[Site, ...]] = {}
    for site in sites:
        key = name_of(site.uri)
        earlier = table.get(key, ())
        if not earlier or earlier[0].party == site.party:
            table[key] = (*earlier, site)
    return table


@dataclass(frozen=True, slots=True)
class Note:
    """Something an officer should know that is no finding of the rule packs; it refuses nothing (epcis.md 9).

    event_id and index name the event it stands at, where there is one; review is true for the kinds in bold there.
    """

    kind: str
    message: str
    event_id: str | None = None
    index: int | None = None
    batches: tuple[str, ...] = ()

    @property
    def review(self) -> bool:
        """Tell whether a note of this kind raises the state to at least REVIEW."""
        return self.kind in REVIEW_KINDS
