"""An explanation of a finding as text for a terminal: what the JSON says, in the order in which a person asks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traceability.cli.output import dumped, plain

_MOST_FACTS = 40
_LONGEST = 2000
Explained = Mapping[str, Any]


def told(found: Explained) -> str:
    """Return an explanation as text; of many facts the first 40, those of the evidence before the others."""
    parts = (_head(found), _law(found), _rule(found), _facts(found), _clears(found), _words(found))
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _head(found: Explained) -> list[str]:
    about = found["about"]
    advisory = "; advisory: its law does not apply yet" if found["advisory"] else ""
    return [
        f"{found['id']}: {found['title']}",
        plain(found["message"], _LONGEST),
        f"severity: {found['severity']} ({found['severity_words']}){advisory}",
        f"about: {about['kind']} {plain(about['subject'])} of {about['importer'] or 'no party'}",
        f"assessed: {about['at']} as of {about['as_of']}, ledger entry {about['entry_index']}",
        *(f"note: {plain(note, _LONGEST)}" for note in found["notes"]),
    ]


def _law(found: Explained) -> list[str]:
    law = found["law"]
    what = "design of this service, no article" if law["law_ref"] == "design" else law["law_ref"]
    since = law["applicable_from"] or "no date of its own"
    return [
        f"law: {what}",
        f"applicable from: {since}, to: {law['applicable_to'] or 'open'}",
        f"provenance: {law['provenance']}",
        f"  {law['provenance_words']}",
    ]


def _rule(found: Explained) -> list[str]:
    rule = found["rule"]
    entry = "in no ledger entry" if rule["entry_index"] is None else f"ledger entry {rule['entry_index']}"
    changes = [f"severity changes: {rule['severity_changes']}"] if rule["severity_changes"] else []
    pack = f"rule pack: {rule['pack']}, version {rule['pack_version'] or 'not recorded then'}"
    return [pack, f"of the rules: version {rule['version']} ({entry})", f"logic: {rule['logic']}", *changes]


def _facts(found: Explained) -> list[str]:
    facts = found["facts"]
    lines = ["the facts it looked at:" if facts else "the facts it looked at: none that can be shown"]
    lines += [f"  {'*' if fact['evidence'] else ' '} {fact['at']}: {_value(fact)}" for fact in facts[:_MOST_FACTS]]
    if len(facts) > _MOST_FACTS:
        lines.append(f"    and {len(facts) - _MOST_FACTS} more; --json has all")
    lines += ["  * the finding rests on it"] if any(fact["evidence"] for fact in facts) else []
    return lines + list(_others(found))


def _value(fact: Mapping[str, Any]) -> str:
    if not fact["stated"]:
        return "not stated"
    value = fact["value"]
    return plain(value if isinstance(value, str) else dumped(value))


def _others(found: Explained) -> Iterator[str]:
    for said, codes in (("raised", found["raised"]), ("not raised", found["not_raised"])):
        if codes:
            yield f"other findings it asked for, {said}: {', '.join(codes)}"


def _clears(found: Explained) -> list[str]:
    clears = found["clears"]
    options: Sequence[str] = clears["options"]
    lines = ["what would clear it:", f"  {clears['said']}", *(f"    - {one}" for one in clears["conditions"])]
    lines += [f"    {clears['remarks']}"] if clears["remarks"] else []
    lines.append("  The facts are corrected or completed where they are recorded, and assessed again.")
    lines += ["  It is critical: whatever makes it disappear needs two persons."] if clears["two_persons"] else []
    return lines + [f"  a person may: {'; '.join(options)}"] * bool(options)


def _words(found: Explained) -> list[str]:
    terms = found["rule"]["terms"]
    return ["what the words of the logic mean:", *(f"  {one['term']}: {one['meaning']}" for one in terms)] * bool(terms)
