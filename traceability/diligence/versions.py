"""Versions of the rule packs: each pack is the hash of its own rules, tables and texts, all together are one set.

A version changes with what the pack's rules are and read: their rows of the catalogue, the words these define, the
tables of law and parameters they read, the text of the program they can reach, and the rules of other packs of which
they ask whether they were raised. So two findings with one pack version were made by the same rules, and a change of
one pack is a new version of that pack, of those that ask for its findings, and of the set alone.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import rfc8785

from traceability.diligence.catalogue import CATALOGUE, Row, rows
from traceability.diligence.parameters import PARAMETERS
from traceability.diligence.reach import reach, text_of
from traceability.diligence.schema import facts_schema
from traceability.diligence.tables import read_table
from traceability.diligence.terms import terms_of

_COMMON: Final = (
    "engine", "quiet", "catalogue", "messages", "notes", "sources", "status", "facts", "acceptance", "schema", "packs",
    "packs.registry",
)  # fmt: skip
"""Modules that every rule runs in, the order of evaluation among them: they are part of the set's version, and of no
pack's."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One rule pack in one version, and the days between which its law applies.

    ``applicable_from`` is the earliest first day of its rules, None where one of them has no day of its own;
    ``applicable_to`` the last day of all of them, None where one is open. ``codes`` are its findings.
    """

    name: str
    title: str
    law: str
    version: str
    applicable_from: date | None
    applicable_to: date | None
    codes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the pack as JSON data, days as ISO 8601."""
        days = {"applicable_from": self.applicable_from, "applicable_to": self.applicable_to}
        said = {"pack": self.name, "title": self.title, "law": self.law, "version": self.version}
        return said | {name: value and value.isoformat() for name, value in days.items()} | {"codes": list(self.codes)}


@cache
def packs() -> Mapping[str, Pack]:
    """Return every pack by its name, in the order of the catalogue."""
    return {name: _pack(name, content) for name, content in pack_contents().items()}


@cache
def rule_pack_version() -> str:
    """Return the version of the set: ``sha256:`` + hex over the RFC 8785 form of its content."""
    return hash_of(rule_pack_content())


def rule_pack_content() -> dict[str, Any]:
    """Return what the version of the set is the hash of: the content of each pack, and what they have in common."""
    common = {"program": _sha256({name: text_of(f"traceability.diligence.{name}") for name in _COMMON})}
    return {"packs": dict(pack_contents()), "common": common | {"schema": _sha256(facts_schema())}}


@cache
def pack_contents() -> Mapping[str, Mapping[str, Any]]:
    """Return by pack what its version is the hash of."""
    lines = {line["code"]: line for line in read_table(CATALOGUE)}
    named = {line["pack"]: line for line in read_table("packs.csv")}
    return {name: _content(named[name], [lines[row.code] for row in found]) for name, found in _by_pack().items()}


def hash_of(content: Any) -> str:
    """Return the version that a content has: ``sha256:`` + hex over its RFC 8785 form."""
    return f"sha256:{_sha256(content)}"


def _by_pack() -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows():
        found.setdefault(row.pack, []).append(row)
    return found


def _content(said: Mapping[str, str], lines: list[dict[str, str]]) -> dict[str, Any]:
    reached = reach(line["code"] for line in lines)
    days = {line["code"]: line["applicable_to"] for line in read_table(CATALOGUE)}
    others = set(reached.codes).difference(line["code"] for line in lines)
    values, words = asdict(PARAMETERS), terms_of("\n".join(line["logic"] for line in lines))
    return {
        **said,
        "catalogue": lines,
        "terms": {term.term: term.meaning for term in words},
        "tables": {name: read_table(name) for name in reached.tables},
        "parameters": {name: str(values[name]) for name in reached.parameters},
        "program": reached.program,
        # A rule of another pack is raised until its last day.
        "asks_of": {code: days[code] for code in sorted(others)},
    }


def _pack(name: str, content: Mapping[str, Any]) -> Pack:
    found = _by_pack()[name]
    first = [row.applicable_from for row in found if row.applicable_from is not None]
    last = [row.applicable_to for row in found if row.applicable_to is not None]
    return Pack(
        name=name, title=content["title"], law=content["law"], version=hash_of(content),
        applicable_from=min(first) if len(first) == len(found) else None,
        applicable_to=max(last) if len(last) == len(found) else None, codes=tuple(row.code for row in found),
    )  # fmt: skip


def _sha256(content: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
