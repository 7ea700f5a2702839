"""Is the chain in a pack whole? Read from the events alone: nothing named that no event made, and why it is missing.

A plain reading of EPCIS 2.0 JSON, so that it can be checked without the service; the custody room knows more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from traceability.ledger.verify import Item
from traceability.ledger.verify_gaps import Gaps

_NAMED = 5  # of what is missing, that are named
_LISTS = ("quantityList", "childQuantityList", "outputQuantityList", "inputQuantityList")
_WHY = {
    "everything": "says the log, whose every chain this reader may see; the chain begins there",
    "own chain": "it was never recorded, or this reader may not see it",
}


def items(events: Sequence[Any], batch: str, view: str, gaps: Gaps, unsigned: int = 0) -> Iterator[Item]:
    """Yield whether the batch is in the events, and whether whatever they name was made by one of them.

    ``view`` is how much of the log's chains the reader of the pack may see, as its manifest says; of ``unsigned``
    events the signed bytes are not in the pack, so what they say is the log's word.
    What is missing is counted in ``gaps``.
    """
    batch = _normalised(batch)
    read = [event for event in events if isinstance(event, Mapping)]
    made, named = _named(read, _made), _named(read, _all)
    if batch not in named:
        yield Item("chain", "failed", f"no event of the pack names the batch {batch}")
        return
    why = _WHY.get(view, _WHY["own chain"])
    if loose := sorted(named - made):
        gaps["origin"] += len(loose)
        yield Item("chain", "not checked", f"no event in the pack made {_several(loose)}: {why}")
    elif unsigned:
        said = f"every batch named was made by an event here, if {unsigned} events are as the log tells them"
        yield Item("chain", "not checked", f"{said}: their signed bytes are not in the pack")
    else:
        yield Item("chain", "ok", f"{len(read)} events; every batch they name was made by one of them")
    if lost := sorted(_named(read, _corrective) - _named(read, _ids)):
        gaps["corrective"] += len(lost)
        yield Item("corrections", "not checked", f"an event is corrected by {_several(lost)}, not in the pack: {why}")


def names_of(event: Mapping[str, Any]) -> set[str]:
    """Return the batches an event names, as the service compares them."""
    return set(_all(event))


def related(events: Sequence[Any], batch: str) -> set[str]:
    """Return the batch, what it was made of, and what was made of it, by the transformations among the events."""
    read = [event for event in events if isinstance(event, Mapping) and event.get("type") == "TransformationEvent"]
    links = [(set(_classes(one, "inputQuantityList")), set(_classes(one, "outputQuantityList"))) for one in read]
    start = {_normalised(batch)}
    return _reached(start, [(made, used) for used, made in links]) | _reached(start, links)


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
            yield _normalised(found)


def _normalised(uri: str) -> str:
    """Return a URI with scheme and host in lower case, as the service compares them."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return uri
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"
