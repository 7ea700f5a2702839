"""What a party may see of a chain, against a simple reference on random chains; who had what, by random hand-overs."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from traceability.services.visible import View, party_view
from traceability.storage.tables import BatchEdge, CounterSignature, Event, EventItem, Handover, Holding, Item

PARTIES = ("p0", "p1", "p2")
LOTS = range(1, 6)
_numbers = itertools.count(1_000_000, 1_000)


@st.composite
def chains(draw):
    """Draw edges (child, parent, signer), claimed by anybody, and who had what."""
    pair = st.tuples(st.sampled_from(LOTS), st.sampled_from(LOTS), st.sampled_from(PARTIES))
    edges = draw(st.lists(pair.filter(lambda edge: edge[0] != edge[1]), max_size=10, unique=True))
    made = draw(st.dictionaries(st.sampled_from(LOTS), st.sampled_from(PARTIES), max_size=5))
    given = draw(
        st.sets(st.tuples(st.sampled_from(LOTS), st.sampled_from(PARTIES), st.sampled_from(PARTIES)), max_size=8)
    )
    given = {one for one in given if one[1] != one[2]}
    held = {(party, lot) for lot, party in made.items()} | {(taker, lot) for lot, _, taker in given}
    return edges, held, made, given


def has_it_from(party, lot, given):
    """Return the parties that have a lot from a party, itself included."""
    found = {party}
    while more := {taker for name, giver, taker in given if name == lot and giver in found} - found:
        found |= more
    return found


def reference(chain, party):
    """Return (batches seen in full, batch -> signers heard about it), by trying every path there is."""
    edges, held, made, given = chain
    own = {lot for who, lot in held if who == party}
    full, limited = set(own), {}

    def follow(lot, scope, up, path, only=PARTIES):
        for child, parent, signer in edges:
            here, there = (child, parent) if up else (parent, child)
            if here != lot or there in path or (scope is not None and signer != scope) or signer not in only:
                continue
            had = (signer, parent) in held and (up or (signer, child) in held)
            if scope is None and had:
                full.add(there)
                follow(there, None, up, path | {there})
            else:
                limited.setdefault(there, set()).add(signer)
                follow(there, signer, up, path | {there})

    for lot in own:
        follow(lot, None, True, {lot})
        if made.get(lot) == party:
            follow(lot, None, False, {lot})
        else:
            follow(lot, None, False, set(), has_it_from(party, lot, given))
    return full, {lot: signers for lot, signers in limited.items() if lot not in full}


def stored_event(tx, index, signer_id):
    return Event(
        index=index, event_id=f"e:{index}", capture_id="c", position=0, type="T", signer_id=signer_id,
        event_time=tx.now, received_at=tx.now, evidence="signed", content="c", body="{}",
    )  # fmt: skip


def holdings(chain, base, proofs):
    _, held, made, given = chain
    for who, lot in held:
        proof = proofs[who if made.get(lot) == who else "another"]
        made_it = made.get(lot) == who
        yield Holding(party_id=f"{base}{who}", item_id=base + lot, event_index=proof, made=made_it)
    for lot, giver, taker in given:
        yield Handover(item_id=base + lot, giver_id=f"{base}{giver}", receiver_id=f"{base}{taker}")


@pytest.fixture
def rows(service):
    """``rows(chain)`` writes a chain under numbers of its own and returns the first number.

    With ``relay`` everything was sent by that party first, and then counter-signed by its signer.
    """

    def write_all(chain, relay=None):
        edges = chain[0]
        base = next(_numbers)
        makers = [*PARTIES, "another"]  # one event each, to prove a holding: the maker's own, or a hand-over

        def write(tx):
            for lot in LOTS:
                tx.session.add(Item(id=base + lot, key=f"x:{base + lot}", uri=f"x:{base + lot}", is_batch=True))
            for number, signer in enumerate([*(signer for _, _, signer in edges), *makers]):
                index = base + number
                tx.session.add(stored_event(tx, index, relay or f"{base}{signer}"))
                if relay:
                    besides = {"signer_id": f"{base}{signer}", "key_id": "k", "capture_id": "c", "position": 0}
                    tx.session.add(CounterSignature(entry_index=index + 500, event_index=index, **besides))
            for index, (child, parent, _) in enumerate(edges, start=base):
                tx.session.add(BatchEdge(child_id=base + child, parent_id=base + parent, event_index=index))
                for lot, role in ((child, "output"), (parent, "input")):
                    tx.session.add(EventItem(item_id=base + lot, event_index=index, role=role))
            proofs = {maker: base + len(edges) + number for number, maker in enumerate(makers)}
            tx.session.add_all(holdings(chain, base, proofs))

        service.store.write(write)
        return base

    return write_all


@settings(derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=chains())
def test_a_view_is_what_the_reference_says(service, rows, chain):
    base = rows(chain)
    for party in PARTIES:
        full, limited = reference(chain, party)
        with service.store.read() as session:
            view = party_view(session, f"{base}{party}")
            items = {}
            for index, item in session.exec(select(EventItem.event_index, EventItem.item_id)):
                items.setdefault(index, set()).add(item)
            events = list(session.exec(select(Event).where(Event.index >= base)))
            shown = set(
                session.exec(select(Event.index).where(view.condition(service.store.reader_engine.dialect.name)))
            )
        assert {lot - base for lot in view.full} == full
        got = {lot - base: {name.removeprefix(str(base)) for name in names} for lot, names in view.limited.items()}
        assert got == limited
        assert shown == {event.index for event in events if view.sees_event(event, items.get(event.index, ()))}


@settings(derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=chains())
def test_a_relayed_chain_counter_signed_shows_what_the_signed_one_shows(service, rows, chain):
    shown = []
    for relay in (None, "relay"):
        base = rows(chain, relay)
        with service.store.read() as session:
            views = [party_view(session, f"{base}{party}") for party in PARTIES]
        limited = [_of_the_signers(view, base) for view in views]
        shown.append(([{lot - base for lot in view.full} for view in views], limited))
    assert shown[0] == shown[1]


@settings(derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=chains(), claims=st.lists(st.tuples(st.sampled_from(LOTS), st.sampled_from(LOTS)), max_size=5))
def test_claims_of_a_stranger_show_it_nothing_of_others(service, rows, chain, claims):
    edges, held, made, given = chain
    mine = {(who, lot) for who, lot in held if who != "p2"}
    honest = [edge for edge in edges if edge[2] != "p2"]
    lies = [(child, parent, "p2") for child, parent in dict.fromkeys(claims) if child != parent]
    base = rows((honest + lies, mine, made, {one for one in given if "p2" not in one}))
    with service.store.read() as session:
        view = party_view(session, f"{base}p2")
    assert not view.full
    assert not view.limited


def test_a_regulators_view_is_everything_and_an_empty_one_nothing():
    event = Event(index=1, event_id="e", capture_id="c", position=0, type="T", signer_id="p1")
    assert View(None, everything=True).sees_event(event, ())
    assert View(None, everything=True).sees_item(7)
    assert not View("p2").sees_event(event, {7})
    assert not View("p2").sees_item(7)
    assert View("p1").sees_event(event, ())
    assert not View(None).sees_event(Event(index=1, event_id="e", capture_id="c", position=0, type="T"), ())


def _of_the_signers(view, base):
    """Return what a view is limited to, without what the relay, whose own word is heard as well, says of it."""
    limited = {lot - base: {n.removeprefix(str(base)) for n in names} for lot, names in view.limited.items()}
    return {lot: names - {"relay"} for lot, names in limited.items() if names != {"relay"}}
