"""Kilograms that a party booked on a batch it is not proved to have had: recorded, counted, and marked as such.

Anybody can post an event that names a foreign batch. It is evidence and stays in the balance; who reads the balance has
to see whose word it is.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlmodel import Session

from traceability.custody.model import Recorded
from traceability.events.identifiers import normalise
from traceability.services.bag_contents import keys_of
from traceability.services.facts.chain import People, item_ids
from traceability.services.holdings import holders_of

_BOOKED = (("used", "inputs"), ("born", "outputs"), ("born", "observed"))


def mark(session: Session, known: People, graph: Mapping[str, Any], recorded: Iterable[Recorded]) -> None:
    """Add ``unproven`` to every node of a chain graph: each posting that no party proved to have had the batch signed.

    A posting is event_id, index, signers, what (used, born) and kg; used includes what was taken away.
    """
    nodes = {node["batch"]: node for node in graph["nodes"]}
    had = _holders(session, known, nodes)
    vouched: dict[str, set[str]] = {}
    for entry in recorded:
        # a disputed key vouches for nothing: whoever has it may have booked the kilograms
        sender = {entry.signer} if entry.verdict == "key_revoked" else set()
        vouched.setdefault(entry.event_id, set()).update(normalise(one) for one in {*entry.signers} - sender)
    for node in nodes.values():
        node["unproven"] = []
    for event in graph["events"]:
        signers = set().union(*(vouched.get(event_id, set()) for event_id in event["event_ids"]))
        for what, line in _booked(event):
            if line["batch"] in nodes and signers.isdisjoint(had.get(line["batch"], ())):
                nodes[line["batch"]]["unproven"].append(
                    {"event_id": event["event_id"], "index": event["index"], "signers": event["signers"]}
                    | {"what": what, "kg": line["kg"]}
                )


def _booked(event: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if event["effective"]:
        for what, name in _BOOKED:
            if name != "observed" or event["type"] == "extraction":
                yield from ((what, line) for line in event[name])


def _holders(session: Session, known: People, batches: Collection[str]) -> dict[str, set[str]]:
    """Return by batch the normalised DIDs of those proved to have had it."""
    ids = sorted(item_ids(session, batches))
    keys = keys_of(session, ids)
    return {
        keys[item]: {normalise(known.read_as(known.by_id[party]).did) for party in parties if party in known.by_id}
        for item, parties in holders_of(session, ids).items()
    }
