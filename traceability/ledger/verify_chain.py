"""Is the chain in a pack whole? Read from the signed events alone: no input without an event that made it.

A plain reading of EPCIS 2.0 JSON, so that it can be checked without the service; the custody room knows more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from traceability.ledger.verify import Item


def items(events: Sequence[tuple[int, Any]], batch: str) -> Iterator[Item]:
    """Yield whether the batch of the pack is in its events, and whether every input was made by one of them."""
    batch = _normalised(batch)
    read = [event for _, event in events if isinstance(event, Mapping)]
    made, used = _named(read, _made), _named(read, _used)
    if batch not in made | used | _named(read, _all):
        yield Item("chain", "failed", f"no event of the pack names the batch {batch}")
        return
    loose = sorted(used - made)
    if loose:
        more = f" (and {len(loose) - 1} more)" if len(loose) > 1 else ""
        yield Item("chain", "not checked", f"no event in the pack made {loose[0]}{more}: the chain begins there")
    else:
        yield Item("chain", "ok", f"{len(read)} events; every input was made by one of them")


def _named(events: Sequence[Mapping[str, Any]], which: Callable[[Mapping[str, Any]], Iterator[str]]) -> set[str]:
    return {name for event in events for name in which(event)}


def _made(event: Mapping[str, Any]) -> Iterator[str]:
    if event.get("type") == "TransformationEvent":
        yield from _classes(event, "outputQuantityList")
    elif event.get("type") == "ObjectEvent" and event.get("action") == "ADD":
        yield from _classes(event, "quantityList")


def _used(event: Mapping[str, Any]) -> Iterator[str]:
    yield from _classes(event, "inputQuantityList")


def _all(event: Mapping[str, Any]) -> Iterator[str]:
    for name in ("quantityList", "childQuantityList", "outputQuantityList", "inputQuantityList"):
        yield from _classes(event, name)


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
