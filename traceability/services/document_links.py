"""What a document is about: batches and parties its owner sees, and shipment records, also those still to come.

A shipment record names its proofs by their hash, so its papers are handed over first: such a link waits, it is shown to
wait, and the record's arrival asks for the assessment. Batches and parties exist before their papers, so one that the
owner does not see is a slip, and is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from traceability.errors import NotFound, Problem, Unprocessable
from traceability.events.formats import is_uri
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.batches import require_visible
from traceability.services.shipments import latest
from traceability.services.visible import parties_seen, view_of
from traceability.storage.bounds import wrong_with
from traceability.storage.tables import DocumentLink, Party, Shipment

KINDS = ("batch", "shipment", "party")
LONGEST = 500  # the column's length
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Link:
    """What a document is attached to; ``waits`` for a shipment record that has not been posted yet."""

    kind: str
    target: str
    waits: bool = False


def resolve(session: Session, actor: Actor, links: Sequence[tuple[str, str]]) -> list[Link]:
    """Return the links with their identifiers as they are compared, each once.

    Raises:
        Unprocessable: a kind is unknown, or a target is no identifier of its kind.
        NotFound: a batch or party is none the actor sees, or a supplier names a shipment record.

    """
    found = [_resolved(session, actor, kind, target.strip()) for kind, target in links]
    return list(dict.fromkeys(found))


def sees(session: Session, actor: Actor, kind: str, target: str) -> bool:
    """Tell whether the actor sees a batch, party or shipment record, which is there already."""
    try:
        (link,) = resolve(session, actor, [(kind, target)])
    except (NotFound, Unprocessable):
        return False
    return not link.waits


def links_of(session: Session, document_id: str, owner_id: str) -> list[Link]:
    """Return what a document is attached to."""
    rows = session.exec(select(DocumentLink).where(DocumentLink.document_id == document_id))
    named = sorted((row.kind, row.target) for row in rows)
    return [Link(kind, target, kind == "shipment" and _waits(session, owner_id, target)) for kind, target in named]


def _resolved(session: Session, actor: Actor, kind: str, target: str) -> Link:
    if kind not in KINDS or not 0 < len(target) <= LONGEST:
        said = f"a document is linked to a {', '.join(KINDS)} by an identifier of 1 to {LONGEST} characters"
        raise Unprocessable(f"{said}; got {kind[:20]!r} and {len(target)} characters", problems=[Problem(kind, said)])
    if unfit := wrong_with(kind, target):
        raise Unprocessable(f"{kind}: {unfit.message}", problems=[unfit])
    if kind == "shipment":
        return _shipment(session, actor, target)
    if not is_uri(target):
        said = f"expected the {'URI of a batch' if kind == 'batch' else 'DID of a party'}; got {target[:_SHOWN]!r}"
        raise Unprocessable(said, problems=[Problem(kind, said)])
    return _batch(session, actor, target) if kind == "batch" else _party(session, actor, target)


def _shipment(session: Session, actor: Actor, target: str) -> Link:
    if not actor.may("read_shipments"):
        raise _nothing("shipment", "shipment records are an importer's own: name the batch the paper is about instead")
    return Link("shipment", target, _waits(session, actor.own_party(), target))


def _batch(session: Session, actor: Actor, target: str) -> Link:
    try:
        require_visible(session, actor, target)
    except NotFound as error:
        said = f"{error.detail}; a batch can be named once an event that leads it to you is recorded"
        raise _nothing("batch", said) from error
    return Link("batch", normalise(target))


def _party(session: Session, actor: Actor, target: str) -> Link:
    did = normalise(target)
    row = session.exec(select(Party).where(Party.did == did, Party.state == "active")).one_or_none()
    if row is None or not _sees(session, actor, row):
        said = f"there is no party {target[:_SHOWN]} in your chain or shipment records: name a batch, or hand it over "
        raise _nothing("party", said + "without a link")
    return Link("party", did)


def _sees(session: Session, actor: Actor, party: Party) -> bool:
    return (
        party.id == actor.party_id
        or party.did in _stated(session, actor.own_party())
        or party.id in parties_seen(session, view_of(session, actor))
    )


def _stated(session: Session, owner_id: str) -> set[str]:
    """Return the parties that an importer's shipment records name."""
    query = select(Shipment).where(Shipment.importer_id == owner_id, col(Shipment.latest).is_(True))
    return {one for row in session.exec(query) for one in stated_in(row.record)}


def stated_in(record: dict[str, object]) -> Iterable[str]:
    """Yield the parties that a shipment record names, as they are compared."""
    several = record.get("product_suppliers")
    one = [record.get("supplier"), record.get("manufacturer")]
    for party in [*one, *(several if isinstance(several, list) else [])]:
        if isinstance(party, dict) and isinstance(party.get("party_id"), str):
            yield normalise(party["party_id"])


def _waits(session: Session, owner_id: str, shipment_id: str) -> bool:
    return latest(session, owner_id, shipment_id) is None


def _nothing(kind: str, said: str) -> NotFound:
    return NotFound(said, problems=[Problem(kind, said)])
