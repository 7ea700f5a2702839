"""Parties: applied for with proof of possession of a key, active once an admin who is not the applicant agrees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound
from traceability.events.identifiers import normalise
from traceability.iso import is_country
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import keys
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.party_identifiers import check_claims, check_new_did
from traceability.services.party_overlaps import check_free, overlaps
from traceability.services.whole import party_bytes
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import Party, PartyClaim, PartyKey, Site

PARTY_ROLES = ("mine", "trader", "smelter", "laboratory", "carrier", "importer", "authority", "operator")
_EORI_ONLY = "XI"  # Northern Ireland's EORI numbers; no country of ISO 3166-1
_MIN_REASON = 20


@dataclass(frozen=True, slots=True)
class Application:
    """What an organisation says about itself; identifiers and prefixes are claims until an admin agrees."""

    did: str
    name: str
    country: str
    roles: tuple[str, ...]
    address: str | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()


def apply(service: Service, applicant: str, application: Application, proof: keys.ProofOfPossession) -> Party:
    """Record an application: party, claims and first key, all waiting.

    Raises:
        InvalidInput: a field cannot be used.
        Forbidden: the proof of possession does not hold.
        Conflict: the DID, in whatever spelling, or the key is registered already, or the DID is claimed by another.

    """
    _check(application)
    claims = check_claims(application.did, application.identifiers, application.prefixes)
    kid, key = keys.check_proof(service, application.did, proof)

    def change(tx: Transaction) -> Party:
        now = tx.now  # locks the head: nobody else applies or is approved meanwhile
        _make_room(tx, application.did)
        party = Party(
            id=new_id(), did=application.did, name=application.name.strip(), country=application.country,
            address=application.address, roles=list(application.roles), state="waiting", applicant=applicant,
            applied_at=now,
        )  # fmt: skip
        check_free(tx.session, party, [])
        tx.session.add(party)
        tx.session.flush()
        for kind, value in claims:
            tx.session.add(PartyClaim(party_id=party.id, kind=kind, value=value, state="waiting"))
        keys.add_waiting(tx, party.id, kid, key, proof, applicant)
        return party

    return service.store.write(change)


def _make_room(tx: Transaction, did: str) -> None:
    """Take away a refused application for this DID: who applied in another's name must not keep them out for ever.

    Raises:
        Conflict: the DID is registered, or an application for it waits.

    """
    key = normalise(did)
    earlier = [party for party in tx.session.exec(select(Party)) if normalise(party.did) == key]
    if any(party.state != "refused" for party in earlier):
        raise Conflict(f"{did} is registered already; a new key of it is added with `keys register`")
    for party in earlier:
        for table in (PartyClaim, PartyKey):
            for row in tx.session.exec(select(table).where(table.party_id == party.id)):
                tx.session.delete(row)
        tx.session.flush()
        tx.session.delete(party)
    tx.session.flush()


def approve(service: Service, admin: Actor, party_id: str, *, reason: str | None = None) -> Party:
    """Make a waiting party active, with its claims and its first key.

    Raises:
        Forbidden: the admin is the applicant.
        NotFound: no such party waits.
        Conflict: its DID, a claimed identifier or a prefix is another party's.

    """
    return _decide(service, admin, party_id, "active", reason)


def refuse(service: Service, admin: Actor, party_id: str, reason: str) -> Party:
    """Refuse a waiting party, with a reason the applicant can be told."""
    if len(reason.strip()) < _MIN_REASON:
        raise InvalidInput(f"a refusal needs a reason of at least {_MIN_REASON} characters")
    return _decide(service, admin, party_id, "refused", reason)


def _decide(service: Service, admin: Actor, party_id: str, state: str, reason: str | None) -> Party:
    admin.require("confirm_identity", scope="write")

    def change(tx: Transaction) -> Party:
        now = tx.now  # locks the head: nobody else is approved meanwhile
        party = tx.session.get(Party, party_id)
        if party is None or party.state != "waiting":
            raise NotFound(f"no party {party_id} waits for a decision")
        require_other(admin, party.applicant)
        claims = tx.session.exec(select(PartyClaim).where(PartyClaim.party_id == party_id)).all()
        if state == "active":
            check_free(tx.session, party, claims)
        party.state, party.decided_by, party.decided_at, party.reason = state, admin.person, now, reason
        tx.session.add(party)
        for claim in claims:
            claim.state, claim.decided_by, claim.decided_at = state, admin.person, now
            tx.session.add(claim)
        waiting = select(PartyKey).where(PartyKey.party_id == party_id, PartyKey.state == "waiting")
        for key in (first := tx.session.exec(waiting).all()):
            keys.decide_key(service, tx, key, admin, state)
        if state == "active":
            body = digest(party_bytes(party, claims, service.who))
            places = tuple(key.added_index for key in first if key.added_index is not None)
            entry = Entry(kind="decision", body=body, who=service.who(party.id), at=milliseconds(now), ref=places)
            party.entry_index = tx.log.append(entry)
        if state == "active":
            names = [party.did, *(claim.value for claim in claims if claim.kind != "prefix")]
            enqueue(tx, "places_changed", f"party-{party.id}", uris=names)
        return party

    return service.store.write(change)


SELF_REGISTRATION = "self-registration"
"""Stands for the applicant of an application that came without an account."""


def require_other(admin: Actor, applicant: str) -> None:
    """Let nobody approve what he applied for himself.

    Raises:
        Forbidden: the admin is the applicant.

    """
    if applicant == admin.person:
        raise Forbidden("you applied for this yourself; another admin has to decide it")


def parties(session: Session, *, state: str | None = None) -> Sequence[Party]:
    """Return parties by name, all or in one state."""
    query = select(Party).order_by(col(Party.name))
    return session.exec(query if state is None else query.where(Party.state == state)).all()


def party(service: Service, actor: Actor, party_id: str) -> dict[str, Any]:
    """Return a party with claims, sites and public keys: its own, or any for an admin, with overlaps while it waits.

    Raises:
        NotFound: there is none, or it is not the actor's to see.

    """
    with service.store.read() as session:
        row = session.get(Party, party_id)
        if row is None or (actor.role != "admin" and actor.party_id != party_id):
            raise NotFound(f"there is no party {party_id} that you may see")
        claims = session.exec(select(PartyClaim).where(PartyClaim.party_id == party_id)).all()
        own_keys = session.exec(select(PartyKey).where(PartyKey.party_id == party_id)).all()
        sites = session.exec(select(Site).where(Site.party_id == party_id).order_by(col(Site.id))).all()
        waits = actor.role == "admin" and row.state == "waiting"
        found = overlaps(session, row, claims) if waits else []
        return {"party": row, "claims": claims, "keys": own_keys, "sites": sites, "overlaps": found}


def _check(application: Application) -> None:
    check_new_did(application.did)
    if not 1 <= len(application.name.strip()) <= 300 or not application.name.isprintable():  # noqa: PLR2004  # the column's length
        raise InvalidInput("a party's name has 1 to 300 characters that can be printed, none that turns its direction")
    if application.address is not None and not application.address.isprintable():
        raise InvalidInput("a party's address is one line of characters that can be printed")
    if not is_country(application.country):
        raise InvalidInput(f"expected an ISO 3166-1 alpha-2 country such as CD; got {application.country[:10]!r}")
    eori = application.identifiers.get("eori", "").strip()
    if eori and eori[:2] != _EORI_ONLY and not is_country(eori[:2]):
        raise InvalidInput(
            f"identifier eori: expected a number that begins with its country, such as DE; got {eori[:20]!r}"
        )
    unknown = [role for role in application.roles if role not in PARTY_ROLES]
    if unknown or not application.roles or len(set(application.roles)) != len(application.roles):
        got = ", ".join(unknown or application.roles) or "none"
        raise InvalidInput(f"expected roles of {', '.join(PARTY_ROLES)}, each once; got {got}")
