"""Which facts a rule looks at: the facts document in containers that remember what is asked of them.

Rules are plain functions of a mapping, so nothing in them has to say what they read. A container is a dict or list
that hands out its members in such containers too. What is remembered are the deepest places: of an object that was
only asked for, the object; of one that was looked into, what was looked at in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Read:
    """One place a rule looked at: its JSON Pointer (RFC 6901), whether anything stands there, and what."""

    at: str
    stated: bool
    value: Any = None


class Reads:
    """What has been asked of one facts document, in the order in which it was asked."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts
        self._asked: dict[str, None] = {}
        self.facts: Mapping[str, Any] = _Object(dict(facts), self, "")

    def note(self, at: str) -> None:
        """Remember that a place was looked at."""
        self._asked.setdefault(at)

    def forget(self) -> None:
        """Begin anew: what was looked at so far was not the rule's."""
        self._asked.clear()

    def found(self) -> tuple[Read, ...]:
        """Return the deepest places looked at; of what is missing, the first part of its pointer that is."""
        reads = list(dict.fromkeys(_existing(self._facts, at) for at in self._asked))
        above = {at[:end] for at, _ in reads for end in range(len(at)) if at[end] == "/"}
        return tuple(
            Read(at, stated, value_at(self._facts, at) if stated else None) for at, stated in reads if at not in above
        )


class _Object(dict[str, Any]):
    """An object of the facts. Spreading it (``{**object}``), as rules do for the words of a message, is no look."""

    def __init__(self, plain: dict[str, Any], reads: Reads, at: str) -> None:
        super().__init__(plain)
        self._reads, self._at = reads, at

    def __getitem__(self, key: str) -> Any:
        return _watched(super().__getitem__(key), self._reads, self._asked(key))

    def __contains__(self, key: object) -> bool:
        self._asked(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the member, watched; so is the empty object that stands for a missing one."""
        return _watched(super().get(key, default), self._reads, self._asked(key))

    def items(self) -> Any:
        """Yield the members, each looked at."""
        return [(key, self[key]) for key in self]

    def values(self) -> Any:
        """Yield the members, each looked at."""
        return [self[key] for key in self]

    def _asked(self, key: str) -> str:
        at = f"{self._at}/{_escaped(key)}"
        self._reads.note(at)
        return at


class _List(list[Any]):
    """An array of the facts; one of plain values is looked at as a whole."""

    def __init__(self, plain: list[Any], reads: Reads, at: str) -> None:
        super().__init__(plain)
        self._reads, self._at = reads, at

    def __iter__(self) -> Iterator[Any]:
        self._reads.note(self._at)
        return (
            _member(member, self._reads, f"{self._at}/{number}") for number, member in enumerate(super().__iter__())
        )

    def __getitem__(self, index: Any) -> Any:
        self._reads.note(self._at)
        found = super().__getitem__(index)
        return found if isinstance(index, slice) else _member(found, self._reads, f"{self._at}/{index % len(self)}")

    def __contains__(self, member: object) -> bool:
        self._reads.note(self._at)
        return super().__contains__(member)

    def __len__(self) -> int:
        self._reads.note(self._at)
        return super().__len__()


def _member(value: Any, reads: Reads, at: str) -> Any:
    if isinstance(value, (dict, list)):
        reads.note(at)
    return _watched(value, reads, at)


def _watched(value: Any, reads: Reads, at: str) -> Any:
    if isinstance(value, dict):
        return _Object(value, reads, at)
    return _List(value, reads, at) if isinstance(value, list) else value


def value_at(facts: Any, pointer: str) -> Any:
    """Return what stands at a JSON Pointer.

    Raises:
        KeyError, IndexError: nothing does.

    """
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        facts = facts[int(name)] if isinstance(facts, list) else facts[name]
    return facts


def _existing(facts: Any, pointer: str) -> tuple[str, bool]:
    """Return the pointer where it leads somewhere, else as far as its first missing part; and which of the two."""
    at = ""
    for part in pointer.split("/")[1:]:
        at += f"/{part}"
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(facts, Mapping) and name not in facts:
            return at, False
        facts = facts[int(name)] if isinstance(facts, list) else facts[name]
    return at, True


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
