"""After a change: who had which batch, which subjects it concerns, and asking for their assessment (jobs)."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.services import assess, list_delta, matching, rejudging, rules_delta
from traceability.services.context import Service
from traceability.services.holdings import derive_holdings
from traceability.services.list_order import parent_of
from traceability.services.mentions import items_naming
from traceability.services.name_postings import keep_list, keep_screened, versions_of
from traceability.services.shipments import latest
from traceability.services.worker import handler
from traceability.storage.ids import id_set
from traceability.storage.store import Transaction
from traceability.storage.tables import (
    BatchEdge,
    CounterSignature,
    Event,
    EventItem,
    Holding,
    Item,
    ListVersionRow,
    Party,
    ShipmentBatch,
)


@handler("touched")
def touched(service: Service, args: Mapping[str, Any]) -> None:
    """Events, or what is known of them, have changed for some items: derive holdings, then ask for assessments."""
    items = set(args["items"])

    def change(tx: Transaction) -> None:
        batches = _batches(tx.session, items)
        derive_holdings(tx, sorted(batches))
        downstream = _downstream(tx.session, batches)
        keys = _keys(tx.session, downstream)
        for item_id, owners in owners_of(tx.session, downstream).items():
            for owner_id in sorted(owners):
                assess.ask_for_batch(tx, owner_id, keys[item_id])

    service.store.write(change)


@handler("places_changed")
def places_changed(service: Service, args: Mapping[str, Any]) -> None:
    """Sites or parties were registered: events that mention them read differently now."""
    with service.store.read() as session:
        items = items_naming(session, args["uris"])
    if items:
        touched(service, {"items": sorted(items)})


@handler("list_changed")
def list_changed(service: Service, args: Mapping[str, Any]) -> None:
    """A list version was loaded: what it changes the outcome for is assessed again.

    An assessment that was under way finds out for itself that a list came meanwhile, and asks for another.
    """
    if "version_id" not in args:
        _assess_everything(service)
        return
    version_id = args["version_id"]
    with service.store.read() as session:
        version = session.get_one(ListVersionRow, version_id)
        parent = parent_of(session, version)
    if parent is not None:
        keep_screened(service)
    asked = latest_date(service.clock()), service.settings.review_from
    with service.store.read() as session:
        delta, found = list_delta.concerned(session, version, parent, *asked)

    def change(tx: Transaction) -> None:
        tx.session.get_one(ListVersionRow, version_id).delta = delta.as_dict()
        assess.ask_each(tx, found)

    service.store.write(change)


def index_lists(service: Service) -> int:
    """Take the names of every version of the lists of parties into the tables; return how many were new.

    Apart from the load itself and from assessments, which wait for neither: until it is done, memory answers.
    """
    with service.store.read() as session:
        book = service.books.at(session, latest_date(service.clock()))
        versions = versions_of(session, [name for name in book.entries if book.parties(name)])
    return sum(keep_list(service, version_id) for version_id in versions)


def _assess_everything(service: Service) -> None:
    """Ask for everything: a list is more complete than it was, and no version says which names that concerns."""
    with service.store.read() as session:
        found = assess.subjects(session)
    service.store.write(lambda tx: assess.ask_each(tx, found))


@handler("assess")
def assess_job(service: Service, args: Mapping[str, Any]) -> None:
    """Assess one subject for one owner; a record that is not there, or was erased, is not assessed.

    A shipment record asks for it itself once it is posted. What was erased stays pending.
    """
    owner_id, kind, subject = args["owner_id"], args["kind"], args["subject"]
    with service.store.read() as session:
        record = latest(session, owner_id, subject) if kind == "shipment" else None
    gone = kind == "shipment" and (record is None or record.erased_index is not None)
    if not gone:
        assess.assess_subject(service, owner_id, kind, subject)


def sweep(service: Service) -> int:
    """Ask for everything last assessed for an earlier date, screened by another matcher, or judged otherwise today.

    Law, lists and mandates change with the calendar, matcher, threshold and rules with a new program. What was screened
    and judged before stays in the record. What only the rules say otherwise, of facts that still are those of the
    store, is recorded at once (`rejudging`); the rest waits for its job.
    """
    with service.store.read() as session:
        old = assess.subjects(session, before=latest_date(service.clock()))
        screened = list_delta.screened_otherwise(session, matching.settings_hash(service.settings.review_from))
        again = screened and [one for one in assess.subjects(session) if one.who in screened]
        besides = {one.who for one in old} | screened | assess.in_records(session)
        kept = {run: who for run, who in rules_delta.by_other_rules(session).items() if who not in besides}
    rejudged = rejudging.rejudge(service, kept, rules_delta.differ)
    left = {one.who: None for one in [*old, *again]} | dict.fromkeys(sorted(rejudged.left))

    def change(tx: Transaction) -> None:
        for who in left:
            assess.ask(tx, *who)

    if left:
        service.store.write(change)
    return len(left) + len(rejudged.done)


def _batches(session: Session, items: set[int]) -> set[int]:
    """Return the batches among the items, and those packed in the bags among them, containers followed inwards."""
    dialect = session.get_bind().dialect.name
    every, frontier = set(items), set(items)
    while frontier:
        packings = select(EventItem.event_index).where(
            col(EventItem.item_id).in_(id_set(frontier, dialect)), EventItem.role == "parent"
        )
        packed = select(EventItem.item_id).where(col(EventItem.event_index).in_(packings), EventItem.role == "child")
        frontier = set(session.exec(packed.distinct())) - every
        every |= frontier
    query = select(Item.id).where(col(Item.id).in_(id_set(every, dialect)), col(Item.is_batch).is_(True))
    return {item for item in session.exec(query) if item is not None}


def _downstream(session: Session, items: set[int]) -> set[int]:
    """Return these batches and every one made of them, also where a bag of one was used."""
    dialect = session.get_bind().dialect.name
    seen, frontier = set(items), set(items)
    while frontier:
        here = id_set(frontier, dialect)
        packings = select(EventItem.event_index).where(col(EventItem.item_id).in_(here), EventItem.role == "child")
        bags = select(EventItem.item_id).where(col(EventItem.event_index).in_(packings), EventItem.role == "parent")
        made = select(BatchEdge.child_id).where(col(BatchEdge.parent_id).in_(here)).distinct()
        frontier = {*session.exec(made), *session.exec(bags.distinct())} - seen
        seen |= frontier
    batches = select(Item.id).where(col(Item.id).in_(id_set(seen, dialect)), col(Item.is_batch).is_(True))
    return {item for item in session.exec(batches) if item is not None}


def _keys(session: Session, items: Iterable[int]) -> dict[int, str]:
    query = select(Item.id, Item.key).where(col(Item.id).in_(id_set(items, session.get_bind().dialect.name)))
    return {item: key for item, key in session.exec(query) if item is not None}


def owners_of(session: Session, items: set[int]) -> dict[int, set[str]]:
    """Return for whom each batch is assessed.

    These are the importers that had the batch, captured events about it or name it in a shipment record; where there
    is none, the parties that captured the events, so that no batch is without a state.
    """
    dialect = session.get_bind().dialect.name
    importers = {party.id for party in session.exec(select(Party)) if "importer" in party.roles}
    held = session.exec(
        select(Holding.item_id, Holding.party_id).where(col(Holding.item_id).in_(id_set(items, dialect)))
    )
    signed = session.exec(
        select(EventItem.item_id, Event.signer_id)
        .join(Event, col(Event.index) == col(EventItem.event_index))
        .where(col(EventItem.item_id).in_(id_set(items, dialect)))
        .distinct()
    )
    besides = session.exec(
        select(EventItem.item_id, CounterSignature.signer_id)
        .join(CounterSignature, col(CounterSignature.event_index) == col(EventItem.event_index))
        .where(col(EventItem.item_id).in_(id_set(items, dialect)))
        .distinct()
    )
    found: dict[int, set[str]] = {item: set() for item in items}
    makers: dict[int, set[str]] = {item: set() for item in items}
    named = session.exec(
        select(Item.id, ShipmentBatch.importer_id)
        .join(ShipmentBatch, col(ShipmentBatch.batch_key) == col(Item.key))
        .where(col(Item.id).in_(id_set(items, dialect)))
    )
    for item, importer_id in named:
        found[item or 0].add(importer_id)
    for item, party_id in [*held, *signed, *besides]:
        if party_id is not None:
            makers[item].add(party_id)
            found[item] |= {party_id} & importers
    return {item: found[item] or makers[item] for item in items}


__all__ = ["index_lists", "owners_of", "sweep", "touched"]
