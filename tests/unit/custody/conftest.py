"""Builders of custody events, so that a test reads like the story it tells."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from traceability.custody.closure import RecordedEvents, upstream
from traceability.custody.facts import custody_facts
from traceability.custody.graph import chain_graph
from traceability.custody.model import Recorded, Site, World, by_uri
from traceability.events.model import CustodyEvent, Endpoint, ErrorDeclaration, Quantity, Transaction

MINE, TRADER, SMELTER, IMPORTER = (f"did:web:{name}.example" for name in ("mine", "trader", "smelter", "importer"))
PIT, DEPOT, PLANT, PORT = (f"https://id.{name}.example/site" for name in ("mine", "trader", "smelter", "port"))
START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def lot(name):
    return f"https://id.mine.example/lot/{name}"


def bag(name):
    return f"https://id.mine.example/bag/{name}"


def kgm(goods):
    return tuple(Quantity(lot(name), Decimal(str(kg)), "KGM") for name, kg in goods.items())


def possessing(*names):
    return tuple(Endpoint("possessing_party", name) for name in names if name)


def owning(*names):
    return tuple(Endpoint("owning_party", name) for name in names if name)


class Story:
    """Writes events one after the other; ``hours`` is the time since the start, by default one more than before."""

    def __init__(self):
        self.events = []

    def add(self, kind, action, step, *, hours=None, event_id=None, text=None, **fields):
        hours = len(self.events) if hours is None else hours
        when = START + timedelta(hours=hours)
        event = CustodyEvent(
            event_id=event_id or f"urn:uuid:00000000-0000-4000-8000-{len(self.events):012d}",
            type=kind,
            action=action,
            biz_step=step,
            disposition=None,
            event_time=when,
            event_time_text=text or when.isoformat(),
            event_time_zone="+00:00",
            **fields,
        )
        self.events.append(event)
        return event

    def born(self, name, kg, party=MINE, site=PIT, **more):
        more.setdefault("ilmd", {"crm:mineral": "cassiterite"})
        more.setdefault("quantities", kgm({name: kg}))
        return self.add("ObjectEvent", "ADD", "commissioning", destinations=possessing(party), read_point=site, **more)

    def pack(self, name, goods, inner=(), seal=None, **more):
        children = kgm(goods)
        more.setdefault("action", "ADD")
        more.setdefault("read_point", PIT)
        action = more.pop("action")
        epcs = tuple(map(bag, inner))
        extensions = {"crm:sealNumber": seal} if seal else {}
        return self.add(
            "AggregationEvent",
            action,
            "packing" if action == "ADD" else "unpacking",
            parent_id=bag(name),
            quantities=children,
            child_quantities=children,
            epcs=epcs,
            child_epcs=epcs,
            extensions=extensions,
            **more,
        )

    def unpack(self, name, goods=None, inner=(), **more):
        return self.pack(name, goods or {}, inner, action="DELETE", **more)

    def observe(self, step, goods=None, bags=(), source=None, destination=None, papers=(), **more):
        more.setdefault("kind", "ObjectEvent")
        more.setdefault("action", "OBSERVE")
        more.setdefault("sources", possessing(source))
        more.setdefault("destinations", possessing(destination))
        return self.add(
            more.pop("kind"),
            more.pop("action"),
            step,
            quantities=kgm(goods or {}),
            epcs=tuple(map(bag, bags)),
            transactions=tuple(Transaction(kind, f"https://paper.example/{name}") for kind, name in papers),
            **more,
        )

    def send(self, goods=None, source=MINE, destination=TRADER, **more):
        more.setdefault("read_point", PIT)
        return self.observe("shipping", goods, source=source, destination=destination, **more)

    def take(self, goods=None, source=MINE, destination=TRADER, **more):
        more.setdefault("read_point", DEPOT)
        return self.observe("receiving", goods, source=source, destination=destination, **more)

    def make(self, inputs, outputs, process=None, bags=(), site=DEPOT, **more):
        ilmd = more.pop("ilmd", {})
        if process:
            ilmd = ilmd | {"crm:processType": process}
        return self.add(
            "TransformationEvent",
            None,
            "creating_class_instance",
            inputs=kgm(inputs),
            outputs=kgm(outputs),
            input_epcs=tuple(map(bag, bags)),
            read_point=site,
            ilmd=ilmd,
            **more,
        )

    def lose(self, goods=None, step="sampling", **more):
        return self.observe(step, goods, action="DELETE", **more)

    def declare_wrong(self, event, *corrective_ids):
        declaration = ErrorDeclaration(START, "incorrect_data", corrective_ids)
        fields = {name: getattr(event, name) for name in CustodyEvent.__dataclass_fields__}
        repetition = CustodyEvent(**(fields | {"error_declaration": declaration}))
        self.events.append(repetition)
        return repetition


def recorded(events, signer=None, **more):
    """Record events in their order, each received a minute after it happened."""
    return [
        Recorded(event, index, event.event_time + timedelta(minutes=1), signer, **more)
        for index, event in enumerate(events)
    ]


WORLD = World(
    sites=by_uri(
        [
            Site(PIT, MINE, "CD", "CD-NK", -1.56, 28.88),
            Site(DEPOT, TRADER, "RW", None, -1.95, 30.06),
            Site(PLANT, SMELTER, "MY", None, 5.4, 100.4),
            Site(PORT, IMPORTER, "NL", None, 51.9, 4.4),
        ]
    ),
    parties=frozenset({MINE, TRADER, SMELTER, IMPORTER}),
    aliases={"https://lei.example/TRADER": TRADER},
    prefixes={"https://id.mine.example/": MINE},
)


def facts(source, *names, world=WORLD, as_of=date(2026, 6, 1), **more):
    entries = recorded(source.events) if isinstance(source, Story) else source
    return custody_facts(entries, [lot(name) for name in names], world, as_of=as_of, **more)


def kinds(source, *names, **more):
    """Return the kinds of the notes, each with how often it occurs."""
    found = {}
    for note in facts(source, *names, **more).notes:
        found[note.kind] = found.get(note.kind, 0) + 1
    return found


def closure(source, *names):
    entries = recorded(source.events) if isinstance(source, Story) else source
    return upstream(RecordedEvents(entries), [lot(name) for name in names])


def graph(entries, batches):
    return chain_graph(entries, batches, WORLD)


@pytest.fixture(scope="session")
def kit():
    names = {name: value for name, value in globals().items() if not name.startswith("__")}
    return SimpleNamespace(**names)
