"""Small checks that compose: each looks at one value and adds a Problem for every departure from the expected form."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from traceability.errors import Problem
from traceability.events import formats
from traceability.events.equality import comparable

MAX_PROBLEMS = 100
"""A document with more is not read further: nobody mends the hundred-and-first before the first."""

_LINE = 80
_LITERALS: dict[bool | None, str] = {None: "null", True: "true", False: "false"}

Check = Callable[[Any, str, list[Problem]], None]


class Others(Enum):
    """What an object may hold besides its named fields."""

    NONE = "none"
    URI_NAMED = "named by a URI or prefix:name"
    ANY = "anything"


def curtailed(problems: list[Problem]) -> list[Problem]:
    """Return at most MAX_PROBLEMS; where the rest was not looked for, the last says that the whole body is in doubt.

    Without it a caller who takes the events that are in order would take those nobody has looked at.
    """
    if len(problems) < MAX_PROBLEMS:
        return problems
    rest = Problem("$", f"there are {MAX_PROBLEMS} problems or more: the rest was not read; mend these first")
    return [*problems[: MAX_PROBLEMS - 1], rest]


def shown(value: Any) -> str:
    """Return the value as a person may be shown it: JSON kinds by name, scalars shortened."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return _LITERALS[value]
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LINE else f"{text[: _LINE - 3]}..."


def scalar(test: Callable[[Any], bool], expected: str) -> Check:
    """Return a check that a value passes ``test``."""

    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if not test(value):
            problems.append(Problem(path, f"expected {expected}, got {shown(value)}"))

    return check


def array(item: Check, *, least: int = 0, unique: bool = False) -> Check:
    """Return a check that a value is a list of at least ``least`` items, each passing ``item``."""

    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if type(value) is not list:
            problems.append(Problem(path, f"expected a list, got {shown(value)}"))
            return
        if len(value) < least:
            problems.append(Problem(path, f"expected at least {least} entry, got none"))
        for index, entry in enumerate(value):
            item(entry, f"{path}[{index}]", problems)
            if len(problems) >= MAX_PROBLEMS:
                return
        if unique and len(set(map(comparable, value))) != len(value):
            problems.append(Problem(path, "expected no entry twice: remove the repetition"))

    return check


def record(fields: Mapping[str, Check], *, required: tuple[str, ...] = (), others: Others = Others.NONE) -> Check:
    """Return a check that a value is an object with these fields, the required ones present, and no strange others."""
    needed = frozenset(required)

    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if type(value) is not dict:
            problems.append(Problem(path, f"expected an object, got {shown(value)}"))
            return
        if not needed <= value.keys():
            absent = (name for name in required if name not in value)
            problems.extend(Problem(f"{path}.{name}", "is required and absent") for name in absent)
        for name, member in value.items():
            if field := fields.get(name):
                field(member, f"{path}.{name}", problems)
            elif others is not Others.ANY and (others is Others.NONE or not formats.is_uri(name)):
                problems.append(_strange(name, path, others))
            if len(problems) >= MAX_PROBLEMS:
                return

    return check


def _strange(name: str, path: str, others: Others) -> Problem:
    mend = "remove it" if others is Others.NONE else "write an extension as prefix:name, or correct the spelling"
    return Problem(f"{path}.{name[:80]}", f"is no field of EPCIS 2.0 here: {mend}")


def either(first: Check, *alternatives: Check, expected: str) -> Check:
    """Return a check that passes when one of several does."""

    def check(value: Any, path: str, problems: list[Problem]) -> None:
        for alternative in (first, *alternatives):
            found: list[Problem] = []
            alternative(value, path, found)
            if not found:
                return
        problems.append(Problem(path, f"expected {expected}, got {shown(value)}"))

    return check


def both(first: Check, second: Check) -> Check:
    """Return a check that makes two others, the second only where the first found nothing."""

    def check(value: Any, path: str, problems: list[Problem]) -> None:
        before = len(problems)
        first(value, path, problems)
        if len(problems) == before:
            second(value, path, problems)

    return check


URI = scalar(formats.is_uri, "a URI")
TIME = scalar(formats.is_date_time, "a date and time with its zone, such as 2026-02-01T09:00:00+02:00")
NUMBER = scalar(formats.is_number, "a number")
TEXT = scalar(formats.is_text, "a string")
