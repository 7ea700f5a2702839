"""Goods x country (screening.md 5): is a good, from a place, on a list of goods; one engine for every such list.

A rule fits a good by the longest prefix of its HS/CN code, by its material, or, only as a hint to a person, by words of
its description. Rules are made of the DoL list (22 USC 7112(b)), CBP's orders on "all X from Y" (19 USC 1307), the
high-priority sectors of the UFLPA strategy and Annex I of Reg. (EU) 2017/821. Which codes a good has is the reviewed
table ``data/goods_codes.csv``; a list that gives codes itself needs none.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Literal

from traceability.lists.entries import ListEntry, ListVersion
from traceability.lists.fold import fold

How = Literal["prefix", "material", "hint"]
Outcome = Literal["listed", "question", "excluded"]

_TABLE: Final = Path(__file__).parent / "data" / "goods_codes.csv"
_ANNEX_I: Final = "eu-2017-821-annex-i"
_SECTORS: Final = "us-uflpa-sectors"
_SECTOR_COUNTRY: Final = "CN"
_MAX_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class Goods:
    """What is asked about.

    ``code`` holds digits of the HS, CN or TARIC code, ``taric`` the 9th and 10th where known; ``materials`` are codes
    of the facts, ``countries`` (ISO 3166-1) where it was produced. ``proved`` says for a material where all of it
    provably comes from; a material that is not in it is of unknown origin.
    """

    code: str = ""
    taric: str | None = None
    materials: frozenset[str] = frozenset()
    description: str = ""
    countries: frozenset[str] = frozenset()
    proved: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a list of goods: ``country`` is None where the list asks for no place.

    ``derived_from`` is the country whose ``inputs`` (material codes) make a derived good a listed one. ``taric`` are
    the digits 9 and 10 an ``ex`` line covers, ``condition`` what else it asks for.
    """

    list_id: str
    version: str
    row: str
    good: str
    prefixes: tuple[str, ...] = ()
    material: str | None = None
    country: str | None = None
    derived_from: str | None = None
    inputs: tuple[str, ...] = ()
    taric: str | None = None
    condition: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Return whether the row is in force on a date."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that a good meets: by which prefix, material or term, and what follows.

    ``listed``: the row covers the good. ``question``: it may, and ``reason`` says what a person has to find out.
    ``excluded``: it would, but the chain proves another origin of what makes the good a listed one.
    """

    rule: Rule
    how: How
    matched: str
    outcome: Outcome
    reason: str = ""


def rules(version: ListVersion, entries: Iterable[ListEntry]) -> list[Rule]:
    """Return the rules that a version of a list makes: of its goods, and of the codes of a table of goods."""
    return [_rule(version, entry) for entry in entries if entry.kind == "goods" or _is_line(entry)]


def match(goods: Goods, made: Iterable[Rule], as_of: date) -> list[Match]:
    """Return every rule in force that a good meets; of one list and country, by code only the longest prefix counts."""
    met = [(rule, met_by) for rule in made if _applies(goods, rule, as_of) if (met_by := _how(goods, rule)) is not None]
    longest: dict[tuple[str, str | None], int] = {}
    for rule, (how, said) in met:
        if how == "prefix":
            key = (rule.list_id, rule.country)
            longest[key] = max(longest.get(key, 0), len(said))
    return [
        Match(rule, how, said, *_outcome(goods, rule, how))
        for rule, (how, said) in met
        if how != "prefix" or len(said) == longest[rule.list_id, rule.country]
    ]


def _applies(goods: Goods, rule: Rule, on: date) -> bool:
    return rule.in_force(on) and (rule.country is None or rule.country in goods.countries)


def _how(goods: Goods, rule: Rule) -> tuple[How, str] | None:
    if goods.taric and rule.taric and goods.taric != rule.taric:
        return None
    fitting = [prefix for prefix in rule.prefixes if goods.code.startswith(prefix)]
    if fitting:
        return "prefix", max(fitting, key=len)
    short = [prefix for prefix in rule.prefixes if goods.code and prefix.startswith(goods.code)]
    if short:
        return "hint", f"{goods.code} is shorter than {short[0]}"
    if rule.material and rule.material in goods.materials and not _is_line_rule(rule):
        return "material", rule.material
    return _term(goods, rule)


def _term(goods: Goods, rule: Rule) -> tuple[How, str] | None:
    """Words only hint, and only where no code says what the good is or the list knows none for its row."""
    if goods.code and rule.prefixes:
        return None
    words = set(fold(goods.description[:_MAX_TEXT]).split())
    wanted = set(fold(rule.good).split())
    return ("hint", rule.good) if wanted and wanted <= words else None


def _outcome(goods: Goods, rule: Rule, how: How) -> tuple[Outcome, str]:
    if how == "hint":
        return "question", "only words or a part of the code fit: state the code of the goods"
    if rule.taric and goods.taric is None:
        return "question", f"covered only in part: state TARIC digits 9 and 10 ({rule.taric} is covered)"
    if rule.condition:
        return "question", f"covered where: {rule.condition}"
    return _derived(goods, rule) if rule.derived_from else ("listed", "")


def _derived(goods: Goods, rule: Rule) -> tuple[Outcome, str]:
    source = rule.derived_from or ""
    if not rule.inputs:
        return "listed", f"listed for what it is made of, from {source}"
    proofs = [goods.proved.get(material, frozenset()) for material in rule.inputs]
    what = ", ".join(rule.inputs)
    if all(proofs) and not any(source in proof for proof in proofs):
        where = ", ".join(sorted(frozenset().union(*proofs)))
        return "excluded", f"the chain proves that its {what} comes from {where}"
    return "listed", f"listed for its {what} from {source}, and the chain does not prove another origin"


def _is_line(entry: ListEntry) -> bool:
    return entry.kind == "code" and entry.list_id in {_SECTORS, _ANNEX_I}


def _is_line_rule(rule: Rule) -> bool:
    """Annex I is a list of codes: gold in goods under another code is not in it."""
    return rule.list_id == _ANNEX_I


def _rule(version: ListVersion, entry: ListEntry) -> Rule:
    known = _codes().get((entry.list_id, fold(entry.name)))
    year = entry.extra.get("added_year", "")
    return Rule(
        list_id=entry.list_id,
        version=version.version,
        row=entry.entry_key,
        good=entry.name,
        prefixes=_prefixes(entry, known),
        material=entry.material,
        country=_SECTOR_COUNTRY if entry.list_id == _SECTORS else entry.country,
        derived_from=entry.extra.get("derived_from"),
        inputs=tuple(filter(None, known["inputs"].split("|"))) if known else (),
        taric=entry.extra.get("taric_sub"),
        condition=entry.extra.get("note", "") if entry.extra.get("ex") and not entry.extra.get("taric_sub") else "",
        valid_from=date(int(year), 1, 1) if year.isdecimal() else entry.valid_from,
        valid_to=entry.valid_to,
    )


def _prefixes(entry: ListEntry, known: Mapping[str, str] | None) -> tuple[str, ...]:
    own = (entry.code or "") if entry.kind == "code" else entry.extra.get("hs", "")
    return tuple(filter(None, (own or (known["prefixes"] if known else "")).split("|")))


@cache
def _codes() -> Mapping[tuple[str, str], Mapping[str, str]]:
    return {(row["list_id"], fold(row["good"])): row for row in _rows()}


def _rows() -> Iterator[Mapping[str, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
