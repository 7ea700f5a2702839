"""The picture of a chain, drawn from the rows of the custody table: layers of events, links with their kilograms.

A layered drawing after Sugiyama: longest path for the layer, stand-ins where a link passes a layer, barycentres for the
order. The table is the truth; above 200 events there is no picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from traceability.web import words
from traceability.web.language import gettext

MAX_NODES = 200
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 224, 62, 40, 58, 16
_SWEEPS = 6


@dataclass(slots=True)
class Node:
    """An event's box, or the stand-in where a link passes a layer (``event`` is None); x and y are its middle."""

    event: Mapping[str, Any] | None
    layer: int = 0
    x: float = 0.0
    y: float = 0.0
    above: list["Node"] = field(default_factory=list)
    below: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Link:
    """Goods of one batch on their way from one event to the next; ``flaw`` says why it is dashed, or is empty."""

    source: int
    target: int
    label: str
    flaw: str


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn link: an SVG path, where its label stands, and its words."""

    path: str
    x: float
    y: float
    link: Link


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the template draws, and the same in one sentence."""

    width: int
    height: int
    nodes: Sequence[Node]
    lines: Sequence[Line]
    summary: str


def picture(events: Sequence[Mapping[str, Any]], codes: Mapping[str, Sequence[str]]) -> Picture | None:
    """Return the picture of the events of a chain in their order; None for none and for more than 200.

    ``codes`` are the findings whose evidence names an event, by its event id: they contradict the links into it.
    """
    shown = [event for event in events if event["effective"] and not event["declares_error"] and moves(event)]
    if not 0 < len(shown) <= MAX_NODES:
        return None
    links = links_of(shown, codes)
    nodes = [Node(event) for event in shown]
    paths = _layers(nodes, links)
    layers = _ordered(nodes, paths)
    width, height = _placed(layers)
    lines = [_line(path, link) for path, link in zip(paths, links, strict=True)]
    return Picture(width, height, nodes, lines, summary(events, codes))


def moves(event: Mapping[str, Any]) -> bool:
    """Return whether an event weighs, makes or uses a batch; filling and opening bags does not."""
    return any(event[name] for name in ("observed", "inputs", "outputs"))


def links_of(events: Sequence[Mapping[str, Any]], codes: Mapping[str, Sequence[str]]) -> list[Link]:
    """Return a link from the last event that held a batch to the next one that names it, each pair once."""
    last: dict[str, int] = {}
    between: dict[tuple[int, int], list[str]] = {}
    for number, event in enumerate(events):
        used, seen = event["inputs"], event["observed"]
        for amount in (*used, *(one for one in seen if one["batch"] not in {u["batch"] for u in used})):
            if last.get(amount["batch"], number) != number:
                between.setdefault((last[amount["batch"]], number), []).append(_amount(amount))
        last.update({amount["batch"]: number for amount in (*seen, *event["outputs"])})
    return [Link(a, b, _label(said), flaw(events[b], codes)) for (a, b), said in between.items()]


def _amount(amount: Mapping[str, Any]) -> str:
    return words.kilograms(amount["kg"]) if amount["kg"] is not None else gettext("kg not stated")


def _label(said: Sequence[str]) -> str:
    more = len(said) - 1
    return gettext("%(first)s and %(num)s more", first=said[0], num=more) if more else said[0]


def flaw(event: Mapping[str, Any], codes: Mapping[str, Sequence[str]]) -> str:
    """Return what is wrong with an event's link, in words: its signature, and the findings that name it."""
    status = event["signature_status"]
    said = [words.MARKS[status].word] if status != "valid" else []
    found = sorted({code for one in event["event_ids"] for code in codes.get(one, ())} - {"INT-UNSIGNED"})
    return ", ".join([*said, *found])


def summary(events: Sequence[Mapping[str, Any]], codes: Mapping[str, Sequence[str]]) -> str:
    """Return the picture in words: how many events and parties, and which links are unsigned or contradicted."""
    parties = {party for event in events for party in (*event["parties"], *event["signers"])}
    unsigned = sum(event["signature_status"] != "valid" for event in events)
    against = sum(any(codes.get(one) for one in event["event_ids"]) for event in events)
    said = [words.plural(len(events), "event"), words.plural(len(parties), "party")]
    without = gettext("%(num)s without a good signature of the acting party", num=unsigned)
    said.append(without if unsigned else gettext("each signed by who it says acted"))
    alone = _alone(events)
    said += [gettext("%(num)s signed by a party that no other party names", num=alone)] if alone else []
    said += [gettext("%(num)s named by findings", num=against)] if against else []
    packings = sum(not moves(event) for event in events)
    only = gettext("%(packings)s of bags in the table only", packings=words.plural(packings, "packing"))
    said += [only] if packings else []
    return ", ".join(said)


def _alone(events: Sequence[Mapping[str, Any]]) -> int:
    """Count events of signers whom nobody else's event names: in the chain by their own word alone."""
    named: dict[str, set[tuple[str, ...]]] = {}
    for event in events:
        for party in event["parties"]:
            named.setdefault(party, set()).add(tuple(event["signers"]))
    if len({tuple(event["signers"]) for event in events}) < 2:  # noqa: PLR2004  # nobody else could name anybody
        return 0
    own = (tuple(event["signers"]) for event in events)
    return sum(bool(signers) and all(named.get(one, set()) <= {signers} for one in signers) for signers in own)


def _layers(nodes: list[Node], links: Sequence[Link]) -> list[list[Node]]:
    """Put each event below all that lead to it, and return the nodes along each link, stand-ins included."""
    for link in links:  # sources come first, so each layer is final when it is read
        nodes[link.target].layer = max(nodes[link.target].layer, nodes[link.source].layer + 1)
    paths = []
    for link in links:
        start, end = nodes[link.source], nodes[link.target]
        path = [start, *(Node(None, layer) for layer in range(start.layer + 1, end.layer)), end]
        for upper, lower in pairwise(path):
            upper.below.append(lower)
            lower.above.append(upper)
        paths.append(path)
    return paths


def _ordered(nodes: Sequence[Node], paths: Sequence[Sequence[Node]]) -> list[list[Node]]:
    """Return the layers, each ordered so that neighbours stand near each other."""
    everything = list({id(node): node for node in (*nodes, *(node for path in paths for node in path))}.values())
    layers: list[list[Node]] = [[] for _ in range(1 + max(node.layer for node in everything))]
    for node in everything:
        layers[node.layer].append(node)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            _number(layers)
            layer.sort(key=lambda node: _middle(node.above if down else node.below, node.x))
    return layers


def _number(layers: Sequence[Sequence[Node]]) -> None:
    for layer in layers:
        for place, node in enumerate(layer):
            node.x = place - (len(layer) - 1) / 2


def _middle(neighbours: Sequence[Node], otherwise: float) -> float:
    return sum(node.x for node in neighbours) / len(neighbours) if neighbours else otherwise


def _placed(layers: Sequence[Sequence[Node]]) -> tuple[int, int]:
    widths = [sum(_width(node) + GAP_X for node in layer) - GAP_X for layer in layers]
    width = max(widths) + 2 * MARGIN
    for depth, (layer, own) in enumerate(zip(layers, widths, strict=True)):
        left = (width - own) / 2
        for node in layer:
            node.x, node.y = left + _width(node) / 2, MARGIN + HEIGHT / 2 + depth * (HEIGHT + GAP_Y)
            left += _width(node) + GAP_X
    return width, 2 * MARGIN + len(layers) * (HEIGHT + GAP_Y) - GAP_Y


def _width(node: Node) -> int:
    return WIDTH if node.event is not None else 0


def _line(path: Sequence[Node], link: Link) -> Line:
    half = HEIGHT / 2
    said = [f"M{path[0].x:g} {path[0].y + half:g}"]
    for upper, lower in pairwise(path):
        top = upper.y + half
        bottom = lower.y - (half + 5 if lower.event is not None else -half)  # room for the arrow's tip
        bend = (top + lower.y - half) / 2
        said.append(f"C{upper.x:g} {bend:g} {lower.x:g} {bend:g} {lower.x:g} {lower.y - half:g}")
        said.append(f"L{lower.x:g} {bottom:g}" if lower.event is None else "")
    last = path[-2]
    middle = (last.y + half + path[-1].y - half) / 2
    return Line(" ".join(said).strip(), (last.x + path[-1].x) / 2, middle, link)
