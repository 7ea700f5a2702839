"""Personal fields of an event: ``crm:personal`` on its sender's machine, ``crm:commitment`` once it is signed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from traceability.errors import InvalidInput, Problem
from traceability.events.model import CRM_IRI, CRM_PREFIX

PERSONAL, COMMITMENT = f"{CRM_PREFIX}:personal", f"{CRM_PREFIX}:commitment"
_PERSONAL = frozenset({PERSONAL, f"{CRM_IRI}personal"})
_COMMITMENTS = frozenset({COMMITMENT, f"{CRM_IRI}commitment"})

Commit = Callable[[str, str], str]
"""(what the value is, the value) -> the commitment that takes its place; keeping the opening is the caller's."""


def committed(document: Any, commit: Commit, path: str = "$") -> Any:
    """Return a document in which every ``crm:personal`` ({name: text}) is replaced by ``crm:commitment``.

    Raises:
        InvalidInput: a ``crm:personal`` is no object of texts, or stands beside commitments.

    """
    if isinstance(document, list):
        return [committed(item, commit, f"{path}[{number}]") for number, item in enumerate(document)]
    if not isinstance(document, dict):
        return document
    left = {
        name: committed(value, commit, f"{path}.{name}") for name, value in document.items() if name not in _PERSONAL
    }
    for name in sorted(_PERSONAL & document.keys()):
        if _COMMITMENTS & left.keys():
            raise InvalidInput(f"{path}: expected either {PERSONAL} or {COMMITMENT}; got both")
        left[COMMITMENT] = sorted(commit(what, text) for what, text in _fields(document[name], f"{path}.{name}"))
    return left


def _fields(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict) or not value:
        raise InvalidInput(f'{path}: expected an object such as {{"driver": "name"}}')
    for name, text in value.items():
        if not isinstance(text, str) or not text:
            raise InvalidInput(f"{path}.{name}: expected the value as text")
        yield name, text


def uncommitted(event: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Yield a problem for each personal field that an event or its ilmd states readably; it says where, not what."""
    said = "personal data is committed before it is signed: `traceability personal commit`"
    for holder, where in ((event, path), (event.get("ilmd"), f"{path}.ilmd")):
        if isinstance(holder, Mapping):
            yield from (Problem(f"{where}.{name}", said) for name in sorted(_PERSONAL & holder.keys()))


def readable(value: Any, path: str = "$") -> Iterator[Problem]:
    """Yield the problems of ``uncommitted`` for every object of a document, whatever it is, before it is signed."""
    if isinstance(value, Mapping):
        yield from uncommitted({name: one for name, one in value.items() if name != "ilmd"}, path)
        for name, member in value.items():
            yield from readable(member, f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from readable(item, f"{path}[{number}]")


def commitments(event: Any) -> frozenset[str]:
    """Return every commitment that an event holds, wherever it stands in it."""
    if isinstance(event, Mapping):
        own = {text for name in _COMMITMENTS & event.keys() for text in _listed(event[name]) if isinstance(text, str)}
        return frozenset(own).union(*map(commitments, event.values()))
    return frozenset().union(*map(commitments, event)) if isinstance(event, list) else frozenset()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
