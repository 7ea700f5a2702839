"""What changed between two versions of a list: the work of re-screening follows it (screening.md 7)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from traceability.lists.entries import ListEntry


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that both versions hold, with other content."""

    before: ListEntry
    after: ListEntry

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """Return what differs, by its name in the entry's payload: before and after, None where it is absent.

        The file an entry was read from is not what it says.
        """
        old, new = said(self.before), said(self.after)
        return {name: (old.get(name), new.get(name)) for name in sorted({*old, *new}) if old.get(name) != new.get(name)}


@dataclass(frozen=True, slots=True)
class ListDiff:
    """Entries by what happened to them, each in order of entry_key."""

    added: tuple[ListEntry, ...]
    removed: tuple[ListEntry, ...]
    changed: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        """Return whether the two versions say the same."""
        return not (self.added or self.removed or self.changed)


def said(entry: ListEntry) -> dict[str, Any]:
    """Return what an entry says as JSON values, without the file it was read from."""
    return {name: value for name, value in entry.payload().items() if name != "source_key"}


def payload_hash(entry: ListEntry) -> str:
    """Return the SHA-256 (hex) of what an entry says, the same for the same content in any version and any file."""
    return _hash(said(entry))


def identity_hash(entry: ListEntry) -> str:
    """Return the SHA-256 (hex) of what tells who an entry is: names, identifiers, countries, dates of birth.

    In whatever order the publisher gives them. A person's word on who is meant holds while this is the same.
    """
    born = {name: value for name, value in entry.extra.items() if name.startswith("birth")}
    return _hash(
        {
            "names": sorted({(name.text, name.quality) for name in entry.names}),
            "identifiers": sorted({(one.scheme, one.value, one.country or "") for one in entry.identifiers}),
            "countries": sorted(entry.countries),
            "born": born,
        }
    )


def _hash(said: Mapping[str, Any]) -> str:
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def diff(before: Iterable[ListEntry], after: Iterable[ListEntry]) -> ListDiff:
    """Return what was added, removed and changed between two versions, told apart by entry_key."""
    old = {entry.entry_key: entry for entry in before}
    new = {entry.entry_key: entry for entry in after}
    both = sorted(old.keys() & new.keys())
    changes = (Change(old[key], new[key]) for key in both)
    return ListDiff(
        added=tuple(new[key] for key in sorted(new.keys() - old.keys())),
        removed=tuple(old[key] for key in sorted(old.keys() - new.keys())),
        changed=tuple(change for change in changes if payload_hash(change.before) != payload_hash(change.after)),
    )
