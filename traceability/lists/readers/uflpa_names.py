"""One cell of the UFLPA Entity List taken apart: name, aliases, former names, and what is said about subsidiaries.

``A Co., Ltd. (including two aliases: B; and C)``, ``A (formerly known as B (Group) Co.)``, ``A and its eight X-based
subsidiaries, which include B, C, and D``. Commas and brackets inside a name do not split it.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from traceability.lists.fold import fold
from traceability.lists.orgforms import default_forms

# A cell comes with single blanks: patterns that look for runs of them would look again at each.
_RULE: Final = re.compile(
    r",? (?P<rule>and (?:its |all |their )?(?:[\w-]+ ){0,4}?"
    r"(?:subsidiaries|affiliates|affiliated entities|subordinate and affiliated entities)"
    r"(?:,? (?:which include|including|namely):? (?P<named>.+))?)\.?$",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^(?:and\s+|or\s+)*(?:including\s+)?(?:(?:its|the)\s+)?(?:(?P<count>\w+)\s+)?alias(?:es)?:?\s+|"
    r"^(?:and\s+|or\s+)*(?P<former>(?:formerly|previously)\s+known\s+as\s+)|"
    r"^(?:and\s+|or\s+)*(?:also\s+known\s+as\s+|a\.?k\.?a\.?\s+)",
    re.IGNORECASE,
)
_COUNTS: Final = {
    word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)  # noqa: SIM905  # reads as a list
}  # fmt: skip
_CONJUNCTION: Final = re.compile(r"^(?:and|or)\s+", re.IGNORECASE)


@dataclass(slots=True)
class Named:
    """What a cell names; ``rule`` is what it says about companies it does not name, ``questions`` what is unclear."""

    name: str
    aliases: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    subsidiaries: list[str] = field(default_factory=list)
    rule: str = ""
    questions: list[tuple[str, str]] = field(default_factory=list)


def read_names(cell: str) -> Named:
    """Return what one cell of the column "Name of Entity" names."""
    text = " ".join(cell.split())
    rule = _RULE.search(text)
    if rule:
        text = text[: rule.start()].rstrip(" ,")
    name, inside = _bracket(text)
    found = Named(name)
    if rule:
        found.rule = rule["rule"]
        found.subsidiaries = _comma_separated(rule["named"] or "")
    if inside:
        _aliases(inside, found)
    if "alias" in name.lower() or "known as" in name.lower():
        found.questions.append((cell, "an alias in an unknown form"))
    return found


def _bracket(text: str) -> tuple[str, str]:
    """Split off the last bracket where it says other names; any other bracket belongs to the name."""
    if not text.endswith(")"):
        return text, ""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[place], 0)
        if depth == 0:
            inside = text[place + 1 : -1].strip()
            return (text[:place].strip(), inside) if _LEAD.match(inside) else (text, "")
    return text, ""


def _aliases(inside: str, found: Named) -> None:
    """Take the names in a bracket: they are separated by semicolons, and each part may say of what kind it is."""
    target, stated = found.aliases, 0
    for part in inside.split(";"):
        lead = _LEAD.match(part.strip())
        if lead:
            target = found.former if lead["former"] else found.aliases
            stated += _COUNTS.get((lead["count"] or "").lower(), 0)
        name = _CONJUNCTION.sub("", part.strip()[lead.end() if lead else 0 :].strip())
        if len(_comma_separated(name)) > 1:
            found.questions.append((name, "several names may be separated by commas here: taken as one"))
        if name:
            target.append(name)
    if stated and stated != len(found.aliases):
        found.questions.append((inside, f"{stated} aliases are announced, {len(found.aliases)} were read"))


def _comma_separated(text: str) -> list[str]:
    """Return the names of a list with commas; what is a legal form only belongs to the name before it."""
    parts: list[str] = []
    for part in re.split(r",\s+(?:and\s+)?", text.strip()):
        if parts and _is_form(part):
            parts[-1] += f", {part}"
        elif part:
            parts.append(_CONJUNCTION.sub("", part))
    return parts


def _is_form(text: str) -> bool:
    return tuple(fold(text).split()) in default_forms().canonical
