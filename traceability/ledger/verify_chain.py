"""Is the chain in a pack whole? Read from the events alone: nothing named that no event made, but where it may begin.

A plain reading of EPCIS 2.0 JSON, so that it can be checked without the service; the custody room knows more. Where no
event made a batch, the manifest has to say so: otherwise an event is missing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from traceability.ledger.pack import Ends, Manifest
from traceability.ledger.verify import Item
from traceability.ledger.verify_gaps import Gaps

_NAMED = 5  # of what is missing, that are named
_LISTS = ("quantityList", "childQuantityList", "outputQuantityList", "inputQuantityList")
_WHY = {
    "everything": "says the log, whose every chain this reader may see",
    "own chain": "says the log: it was never recorded, or this reader may not see it",
}


def items(events: Sequence[Any], manifest: Manifest, gaps: Gaps, unsigned: int = 0) -> Iterator[Item]:
    """Yield whether the batch is in the events, and whether whatever they name was made by one of them.

    What no event made has to be an end of the chain by the manifest. Of ``unsigned`` events the signed bytes are not in
    the pack, so what they say is the log's word. What is missing is counted in ``gaps``.
    """
    batch, ends = plain(manifest.batch), manifest.ends
    read = [event for event in events if isinstance(event, Mapping)]
    named = _named(read, _all)
    if batch not in named:
        yield Item("chain", "failed", f"no event of the pack names the batch {batch}")
        return
    if odd := _odd(read, batch, ends):
        yield Item("chain", "failed", odd)
        return
    why = _WHY.get(manifest.view, _WHY["own chain"])
    counted = "one event is" if unsigned == 1 else f"{unsigned} events are"
    told = f"if {counted} as the log tells it: the signed bytes are not in the pack"
    if ends.begins:
        gaps["origin"] += len(ends.begins)
        said = f"begins at {_several(ends.begins)}: no event made it, {why}"
        yield Item("chain", "not checked", f"{said}; the rest is whole, {told}" if unsigned else said)
    elif unsigned:
        yield Item("chain", "not checked", f"every batch named was made by an event here, {told}")
    else:
        yield Item("chain", "ok", f"{len(read)} events; every batch of the chain was made by one of them")
    if ends.beside:
        gaps["beside"] += len(ends.beside)
        said = f"{_several(ends.beside)} came into it from others, whose events are not in the pack, says the log"
        yield Item("other chains", "not checked", said)
    if ends.same:
        gaps["same"] += len(ends.same)
        said = ", ".join(f"{one} is {other}" for one, other in sorted(ends.same.items())[:_NAMED])
        yield Item("spellings", "not checked", f"{len(ends.same)} batches go by two names, says the log: {said}")
    if lost := sorted(_named(read, _corrective) - _named(read, _ids)):
        gaps["corrective"] += len(lost)
        yield Item("corrections", "not checked", f"an event is corrected by {_several(lost)}, not in the pack, {why}")


def _odd(read: Sequence[Mapping[str, Any]], batch: str, ends: Ends) -> str | None:
    """Return where the manifest and the events disagree about what no event made; None where they agree."""
    made, loose = made_by(read), loose_in(read)
    told = {*ends.begins, *ends.beside, *ends.same}
    if left := sorted(loose - told):
        return f"no event in the pack made {_several(left)}, and the manifest names no beginning there: it is missing"
    if more := sorted(told - loose):
        return f"by the manifest no event made {_several(more)}, which one here made, or none names"
    if lost := sorted(set(ends.same.values()) - made):
        return f"by the manifest another spelling of a batch is {_several(lost)}, which no event here made"
    if inside := sorted(_upstream(read, batch, ends) & set(ends.beside)):
        return f"the batch was made of {_several(inside)}, and the manifest leaves that to another chain"
    return None


def _upstream(read: Sequence[Mapping[str, Any]], batch: str, ends: Ends) -> set[str]:
    """Return what the batch was made of, a name that stands for another taken as that."""
    links = [
        ({ends.same.get(one, one) for one in made}, {ends.same.get(one, one) for one in used})
        for used, made in _links(read)
    ]
    return _reached({ends.same.get(batch, batch)}, links)


def made_by(events: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the batches that some events made."""
    return _named(events, _made)


def loose_in(events: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the batches that some events name, and none of them made."""
    return _named(events, _all) - made_by(events)


def names_of(event: Mapping[str, Any]) -> set[str]:
    """Return the batches an event names, as the service compares them."""
    return set(_all(event))


def related(events: Sequence[Any], batch: str) -> set[str]:
    """Return the batch, what it was made of, and what was made of it, by the transformations among the events."""
    links = _links([event for event in events if isinstance(event, Mapping)])
    start = {plain(batch)}
    return _reached(start, [(made, used) for used, made in links]) | _reached(start, links)


def _links(read: Sequence[Mapping[str, Any]]) -> list[tuple[set[str], set[str]]]:
    """Return what each transformation used, and what it made."""
    found = [event for event in read if event.get("type") == "TransformationEvent"]
    return [(set(_classes(one, "inputQuantityList")), set(_classes(one, "outputQuantityList"))) for one in found]


def _reached(start: set[str], links: Sequence[tuple[set[str], set[str]]]) -> set[str]:
    found, fresh = set(start), set(start)
    by_name: dict[str, set[str]] = {}
    for these, others in links:
        for name in these:
            by_name.setdefault(name, set()).update(others)
    while fresh:
        fresh = {other for name in fresh for other in by_name.get(name, ())} - found
        found |= fresh
    return found


def _several(names: Sequence[str]) -> str:
    more = f" (and {len(names) - _NAMED} more)" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _named(events: Sequence[Mapping[str, Any]], which: Callable[[Mapping[str, Any]], Iterator[str]]) -> set[str]:
    return {name for event in events for name in which(event)}


def _made(event: Mapping[str, Any]) -> Iterator[str]:
    if event.get("type") == "TransformationEvent":
        yield from _classes(event, "outputQuantityList")
    elif event.get("type") == "ObjectEvent" and event.get("action") == "ADD":
        yield from _classes(event, "quantityList")


def _all(event: Mapping[str, Any]) -> Iterator[str]:
    for name in _LISTS:
        yield from _classes(event, name)


def _ids(event: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(name := event.get("eventID"), str):
        yield name


def _corrective(event: Mapping[str, Any]) -> Iterator[str]:
    declared = event.get("errorDeclaration")
    names = declared.get("correctiveEventIDs") if isinstance(declared, Mapping) else None
    yield from (name for name in (names if isinstance(names, list) else []) if isinstance(name, str))


def _classes(event: Mapping[str, Any], name: str) -> Iterator[str]:
    rows = event.get(name)
    for row in rows if isinstance(rows, list) else []:
        found = row.get("epcClass") if isinstance(row, Mapping) else None
        if isinstance(found, str):
            yield plain(found)


def plain(uri: str) -> str:
    """Return a URI with scheme and host in lower case; the service compares more than that, the manifest says where."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return uri
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"
