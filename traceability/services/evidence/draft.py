"""What a pack's report is made of: everything gathered from the database, bound to one checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceability.custody.closure import Closure
from traceability.custody.graph import chain_graph
from traceability.custody.model import Recorded
from traceability.events.identifiers import normalise
from traceability.ledger.pack import Manifest
from traceability.services.evidence.private import Layer, Records
from traceability.services.facts.chain import People


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack about to be written; ``manifest`` lacks only the files."""

    manifest: Manifest
    key: str
    upstream: Sequence[str]
    downstream: Sequence[str]
    graph: Mapping[str, Any]
    """Nodes, edges and events as the chain query gives them (`chain_graph`)."""
    parties: Mapping[str, Mapping[str, Any]]
    """By normalised DID: name, country and roles of each registered party of the chain; others are missing."""
    records: Sequence[Records]
    lists: Sequence[Mapping[str, Any]]
    events: int
    """Events of the pack, those that only declare or explain others included."""
    private: bool
    """Whether the reader may see private records at all."""

    @classmethod
    def of(  # what a pack consists of
        cls, manifest: Manifest, key: str, closures: tuple[Closure, Closure], recorded: Mapping[int, Recorded],
        known: People, layer: Layer, *, private: bool,
    ) -> "Draft":  # fmt: skip
        """Put a draft together from the two closures of the batch."""
        up, down = closures
        graph = chain_graph(list(recorded.values()), up.batches | down.batches, known.world).as_dict()
        others = sorted(up.batches - {key}), sorted(down.batches - {key})
        return cls(
            manifest, key, *others, graph, _parties(known, graph), layer.records, layer.lists, len(recorded), private
        )


def _parties(known: People, graph: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    named = {did for event in graph["events"] for did in (*event["parties"], *event["signers"])}
    named |= {did for node in graph["nodes"] for did in node["holders"]}
    found = {}
    for did in sorted(named):
        party = known.by_did.get(normalise(did))
        if party is not None:
            found[did] = {"name": party.name, "country": party.country, "roles": party.roles, "also": known.also(party)}
    return found
