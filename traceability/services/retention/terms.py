"""Which legal grounds keep what: of each shipment record, and through it of everything its batches rest on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence.retention import Ground, Term, grounds_of, term
from traceability.services.facts.chain import item_ids
from traceability.services.facts.importer import latest_profile
from traceability.services.retention.upstream import rests_on
from traceability.storage.tables import Party, Shipment, ShipmentBatch

Grounds = tuple[Ground, ...] | None


@dataclass(frozen=True, slots=True)
class Consignment:
    """One shipment record with all its versions, the newest first, and how long it is kept."""

    importer_id: str
    shipment_id: str
    versions: tuple[Shipment, ...]
    items: frozenset[int]
    grounds: Grounds
    term: Term

    @property
    def erased(self) -> bool:
        """Return whether its bodies are gone already."""
        return all(row.erased_index is not None for row in self.versions)


def consignments(session: Session) -> list[Consignment]:
    """Return every shipment record with its term: it begins with its last version or the day of its release."""
    rows: dict[tuple[str, str], list[Shipment]] = {}
    for row in session.exec(select(Shipment).order_by(col(Shipment.version).desc())):
        rows.setdefault((row.importer_id, row.shipment_id), []).append(row)
    stated = {importer_id: importer_facts(session, importer_id) for importer_id, _ in rows}
    named = _batches(session)
    return [_consignment(versions, stated[key[0]], named.get(key, frozenset())) for key, versions in rows.items()]


def _consignment(versions: list[Shipment], importer: Mapping[str, Any] | None, items: frozenset[int]) -> Consignment:
    last = versions[0]
    grounds = grounds_of(importer, [last.record])
    released = last.record.get("released_on")
    since = max(last.received_at.date(), date.fromisoformat(released) if released else date.min)
    return Consignment(last.importer_id, last.shipment_id, tuple(versions), items, grounds, term(grounds, since))


def importer_facts(session: Session, importer_id: str) -> Mapping[str, Any] | None:
    """Return what an importer stated about itself, as the grounds read it; None where it never did."""
    profile = latest_profile(session, importer_id)
    return None if profile is None else {"country": session.get_one(Party, importer_id).country, **profile.profile}


def _batches(session: Session) -> dict[tuple[str, str], frozenset[int]]:
    """Return the items that each shipment record names."""
    named: dict[tuple[str, str], list[str]] = {}
    for row in session.exec(select(ShipmentBatch)):
        named.setdefault((row.importer_id, row.shipment_id), []).append(row.batch_key)
    return {key: frozenset(item_ids(session, keys)) for key, keys in named.items()}


def merged(found: Collection[Grounds]) -> Grounds:
    """Return the grounds of several records together; None where those of one are not known."""
    if None in found:
        return None
    return tuple({ground.code: ground for grounds in found for ground in grounds or ()}.values())


class Cover:
    """Which grounds reach an item: those of every shipment record, or batch in stock, that rests on it."""

    def __init__(self, session: Session, records: Iterable[tuple[Grounds, frozenset[int]]]) -> None:
        roots: dict[Grounds, set[int]] = {}
        for grounds, items in records:
            roots.setdefault(grounds, set()).update(items)
        self._reached = [(grounds, rests_on(session, items)) for grounds, items in roots.items()]

    def grounds(self, items: Collection[int]) -> Grounds:
        """Return the grounds that keep what is said of these items; None where one of them is not known."""
        found = [grounds for grounds, reached in self._reached if not reached.isdisjoint(items)]
        return merged(found)
