"""The steps of a chain as reports tell them: events of the graph with the names of their sites and parties."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from traceability.custody.closure import Closure
from traceability.custody.parties import owners
from traceability.diligence.reports.tracing import Actor, Amounts, Spot, Step
from traceability.events.identifiers import normalise
from traceability.events.model import CustodyEvent
from traceability.services.facts.chain import People
from traceability.storage import tables as t


def steps_of(session: Session, known: People, closure: Closure, events: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return graph events as steps, with the names of sites and parties."""
    names = _site_names(session, events)
    stated = {one.event_id: one.event for one in closure.recorded}
    return [_step(known, names, event, stated[event["event_id"]]) for event in events]


def _step(known: People, names: Mapping[str, str | None], event: Mapping[str, Any], stated: CustodyEvent) -> Step:
    kind = (event["biz_step"] if event["type"] == "other" else None) or event["type"]
    site, (seller, buyer) = event["site"], owners(stated, known.world)
    spot = Spot(
        site, names.get(normalise(site)) if site else None, event["country"], event["subdivision"], event["latitude"],
        event["longitude"],
    )  # fmt: skip
    return Step(
        event["index"], stated.event_time, kind.replace("_", " "), spot, _name(known, event["source_party"] or seller),
        _name(known, event["destination_party"] or buyer), tuple(_name(known, one) or one for one in event["signers"]),
        event["signature_status"], _amounts(event["inputs"]), _amounts(event["outputs"]), _amounts(event["observed"]),
        tuple((_kind(one.type), one.id) for one in stated.transactions),
    )  # fmt: skip


def _kind(stated: str | None) -> str:
    """Return the last word of a transaction's type, however it is spelled: inv, bol, customsDeclaration."""
    return re.split("[:/#]", stated or "unnamed")[-1].removeprefix("BTT-")


def _site_names(session: Session, events: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    keys = sorted({normalise(event["site"]) for event in events if event["site"]})
    rows = session.exec(select(t.Site.key, t.Site.name).where(col(t.Site.key).in_(keys)).order_by(col(t.Site.id)))
    return dict(rows.all())


def _name(known: People, did: str | None) -> str | None:
    party = known.by_did.get(normalise(did)) if did else None
    return party.name if party else did


def _amounts(listed: Iterable[Mapping[str, Any]]) -> Amounts:
    return tuple((one["batch"], None if one["kg"] is None else Decimal(one["kg"])) for one in listed)


def actors_of(known: People, events: Iterable[Mapping[str, Any]]) -> list[Actor]:
    """Return every party that events name or that signed them."""
    named_ = sorted({did for event in events for did in (*event["parties"], *event["signers"])})
    rows = [(did, known.by_did.get(normalise(did))) for did in named_]
    return [
        Actor(did, row.name, row.country, row.address, tuple(row.roles)) if row else Actor(did, None, None, None, ())
        for did, row in rows
    ]
