"""Which events still hold after error declarations (EPCIS 2.0 section 7.4.1.3; epcis.md 8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from traceability.custody.model import Recorded
from traceability.texts import phrase


@dataclass(frozen=True)
class Corrections:
    """What is declared wrong among some recorded events, and which announced correction has not come yet.

    announced: id of an event declared wrong -> the ids of the events that shall replace it; present: all ids here.
    """

    announced: Mapping[str, frozenset[str]]
    present: frozenset[str]

    @classmethod
    def among(cls, recorded: Iterable[Recorded]) -> "Corrections":
        """Read the error declarations among these events."""
        announced: dict[str, frozenset[str]] = {}
        present: set[str] = set()
        for entry in recorded:
            present.add(entry.event_id)
            if declaration := entry.event.error_declaration:
                earlier = announced.get(entry.event_id, frozenset())
                announced[entry.event_id] = earlier | frozenset(declaration.corrective_ids)
        return cls(announced, frozenset(present))

    def is_effective(self, entry: Recorded) -> bool:
        """Tell whether nobody declared this event wrong."""
        return entry.event_id not in self.announced

    def still_counts(self, entry: Recorded) -> bool:
        """Tell whether the event is followed upstream: it is effective, or its correction is still missing."""
        return self.is_effective(entry) or entry.event_id in self.outstanding

    def missing(self, event_id: str) -> list[str]:
        """Return the announced corrective ids of a declared event that are not here, sorted."""
        return sorted(self.announced.get(event_id, frozenset()) - self.present)

    @cached_property
    def outstanding(self) -> frozenset[str]:
        """Return the ids of events declared wrong whose correction is incomplete.

        A correction that is itself declared wrong completes nothing until its own replacement is here; corrections
        that name each other in a circle never do.
        """
        waiting = {event_id: set(ids) for event_id, ids in self.announced.items()}
        awaited_by: dict[str, list[str]] = {}
        for event_id, ids in self.announced.items():
            for corrective in ids:
                awaited_by.setdefault(corrective, []).append(event_id)
        arrived = [corrective for corrective in awaited_by if corrective in self.present - self.announced.keys()]
        arrived += [event_id for event_id, ids in self.announced.items() if not ids]
        while arrived:
            corrective = arrived.pop()
            for event_id in awaited_by.get(corrective, ()):
                waiting[event_id].discard(corrective)
                if not waiting[event_id]:
                    arrived.append(event_id)
        return frozenset(event_id for event_id, ids in waiting.items() if ids)

    def reason(self, event_id: str) -> str:
        """Return for people why an event declared wrong leaves its batches pending."""
        missing = self.missing(event_id)
        came = f"{', '.join(missing)} not recorded" if missing else phrase("its correction is itself declared wrong")
        return phrase(f"event {event_id} is declared wrong; expected the events announced to replace it, {came}")
