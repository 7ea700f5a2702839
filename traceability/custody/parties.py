"""Who held, who acted, and whether the one who acted also signed (facts.md 6)."""

from collections.abc import Iterable, Mapping

from traceability.custody.model import Recorded, World
from traceability.custody.places import Place
from traceability.custody.steps import Step
from traceability.events.model import CustodyEvent, Endpoint

Parties = frozenset[str]
_NOBODY: Parties = frozenset()
_STATUSES = ("invalid", "key_revoked", "unsigned", "valid")  # worst first


def _only(ends: Iterable[Endpoint], kind: str) -> str | None:
    """Return the one identifier of this type; two different ones say nothing certain."""
    found = {end.id for end in ends if end.type == kind}
    return found.pop() if len(found) == 1 else None


def literal_possessors(event: CustodyEvent) -> tuple[str | None, str | None]:
    """Return the possessing parties before and after the event as they are spelled in it."""
    return _only(event.sources, "possessing_party"), _only(event.destinations, "possessing_party")


def possessors(event: CustodyEvent, world: World) -> tuple[str | None, str | None]:
    """Return the possessing parties before and after the event; goods that came back (void_shipping) name none."""
    if event.biz_step == "void_shipping":
        return None, None
    source, destination = literal_possessors(event)
    return (world.party(source) if source else None, world.party(destination) if destination else None)


def owners(event: CustodyEvent, world: World) -> tuple[str | None, str | None]:
    """Return the owning parties before and after the event."""
    source, destination = _only(event.sources, "owning_party"), _only(event.destinations, "owning_party")
    return (world.party(source) if source else None, world.party(destination) if destination else None)


def named(event: CustodyEvent, world: World) -> Parties:
    """Return every possessor and owner an event names."""
    ends = (*event.sources, *event.destinations)
    return frozenset(world.party(end.id) for end in ends if end.type in {"possessing_party", "owning_party"})


def acting(step: Step, member: Recorded, place: Place, holders: Parties, world: World) -> Parties:
    """Return the parties any of whom may sign for this event; empty where nobody can be named.

    Creation and receipt: destination possessor. Dispatch: source possessor. Transport: possessor. Import: destination
    owner. Export: source owner. Transfer: either owner. All else: the party of the registered site, else the holders
    of the batches at that point.
    """
    event = member.event
    ends = _ends_that_act(step, event)
    if ends is not None:
        return frozenset(world.party(end.id) for end in ends)
    if place.site is not None:
        return frozenset({world.party(place.site.party)})
    return holders


_SOURCE, _DESTINATION = frozenset({"source"}), frozenset({"destination"})
_ACTING_ENDS = {
    "birth": (_DESTINATION, "possessing_party"),
    "receipt": (_DESTINATION, "possessing_party"),
    "returned": (_SOURCE, "possessing_party"),
    "dispatch": (_SOURCE, "possessing_party"),
    "transport": (_SOURCE | _DESTINATION, "possessing_party"),
    "import": (_DESTINATION, "owning_party"),
    "export": (_SOURCE, "owning_party"),
    "transfer": (_SOURCE | _DESTINATION, "owning_party"),
}


def _ends_that_act(step: Step, event: CustodyEvent) -> list[Endpoint] | None:
    """Return the endpoints among which the acting party is, or None where the place decides."""
    act = step.type
    if event.type == "ObjectEvent" and event.action == "ADD":
        act = "birth"
    elif event.biz_step == "void_shipping":
        act = "returned"
    if act not in _ACTING_ENDS:
        return None
    sides, kind = _ACTING_ENDS[act]
    ends = (*(event.sources if "source" in sides else ()), *(event.destinations if "destination" in sides else ()))
    return [end for end in ends if end.type == kind]


def signature_status(member: Recorded, actors: Parties, world: World) -> str:
    """Return invalid, key_revoked, valid or unsigned, the first that applies.

    A signature of anybody but the acting party vouches for the sender only: the event itself counts as unsigned. Where
    the acting party counter-signed it, it holds whatever became of the sender's key.
    """
    if member.verdict == "invalid":
        return "invalid"
    if actors.intersection(map(world.party, member.counter_signers)):
        return "valid"
    if member.verdict != "ok":
        return member.verdict
    return "valid" if actors.intersection(map(world.party, member.signers)) else "unsigned"


def worst(statuses: Iterable[str]) -> str:
    """Return the worst of some signature statuses."""
    return min(statuses, key=_STATUSES.index)


class Possession:
    """Who holds each batch, replayed in the order of the facts; a batch in parts has several holders."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._holders: dict[str, Parties] = {}

    def holders(self, batches: Iterable[str]) -> Parties:
        """Return the parties that hold all of these batches; those of unknown holder are left out."""
        known = [self._holders[batch] for batch in batches if self._holders.get(batch)]
        return frozenset.intersection(*known) if known else _NOBODY

    def of(self, batch: str) -> Parties:
        """Return the holders of one batch; empty where nobody is known."""
        return self._holders.get(batch, _NOBODY)

    def apply(self, step: Step, received: Mapping[str, bool], actors: Parties) -> None:
        """Hand over: ``received`` are the batches observed, with whether only a part of each is meant.

        A dispatch changes nothing: who sent goods off holds them until somebody confirms.
        """
        _, destination = possessors(step.event, self._world)
        for batch in step.creates:
            self._holders[batch] = frozenset({destination}) if destination else actors
        if step.type in {"receipt", "import"} and destination:
            for batch, is_part in received.items():
                before = self._holders.get(batch, _NOBODY) if is_part else _NOBODY
                self._holders[batch] = before | {destination}
