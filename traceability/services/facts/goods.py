"""Goods of a shipment against every list of goods, as notes where the facts' schema has no room (screening.md 5).

The rules of the packs already raise a listed material and country (DOL-TVPRA), sectors by material (UFLPA-SECTOR) and
Annex I. What only a code, a derived good or an order on "all X from Y" tells is said here: an officer has to look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from traceability.custody.facts import ChainFacts, identifier
from traceability.custody.metals import substance_of
from traceability.custody.model import Recorded
from traceability.diligence.definitions.annex_i import annex_row
from traceability.iso import is_country
from traceability.lists.codes import named
from traceability.lists.goods import Goods, Match, match
from traceability.services.lists import ListBook
from traceability.texts import phrase

_LISTS: Final = ("us-dol-tvpra", "us-cbp-wro", "us-uflpa-sectors")
_ONLY_US: Final = frozenset({"us-cbp-wro", "us-uflpa-sectors"})
_UNPROVED: Final = frozenset({"unknown_input", "no_birth", "cycle", "disputed_signature", "disputed_site"})
_WORDS: Final = {"prefix": phrase("by code"), "material": phrase("by material"), "hint": phrase("perhaps")}


@dataclass(frozen=True, slots=True)
class Traded:
    """A shipment record with the custody facts of its batches and the events they were made from."""

    record: Mapping[str, Any]
    custody: ChainFacts
    recorded: Sequence[Recorded]


def goods_notes(book: ListBook, traded: Traded, as_of: date) -> list[dict[str, Any]]:
    """Return a note for every listed good that no rule of the packs raises, naming list, version, row and why."""
    asked = goods_of(traded)
    bound = traded.record.get("destination_country", "")
    us = bound == "US" or not is_country(bound)
    found = [
        one
        for list_id in _LISTS
        if us or list_id not in _ONLY_US
        for one in match(asked, book.goods.get(list_id, ()), as_of)
    ]
    return [_note(one) for one in found if not _raised(one, traded, asked)]


def goods_of(traded: Traded) -> Goods:
    """Return what is asked of the lists: the record's code, materials and words, and every country of production."""
    record = traded.record
    row = annex_row(record)
    materials = record.get("materials", [row.metal] if row else [])
    said = [record.get(name, "") for name in ("product_description", "trade_name", "material_type")]
    maker = record.get("manufacturer", {}).get("country")
    places = _origins(traded) | ({maker} if maker else set())
    return Goods(
        code=record.get("cn_code", ""),
        taric=record.get("taric_subdivision"),
        materials=frozenset(materials),
        description=" ".join(said),
        countries=frozenset(places),
        proved=proved_origins(traded.custody, traded.recorded),
    )


def proved_origins(custody: ChainFacts, recorded: Iterable[Recorded]) -> dict[str, frozenset[str]]:
    """Return where all of a material provably comes from, by the mineral that each birth of the chain states.

    It is proved where every birth of that metal is an extraction in a known country, validly signed by who acted, and
    where nothing in the chain is of unknown origin; else the material is left out.
    """
    births = [entry for entry in recorded if entry.event.type == "ObjectEvent" and entry.event.action == "ADD"]
    minerals = [entry.event.crm("mineral") for entry in births]
    open_ends = custody.pending or any(note.kind in _UNPROVED for note in custody.notes)
    if open_ends or not all(isinstance(mineral, str) and substance_of(mineral) for mineral in minerals):
        return {}
    said = {event["event_id"]: event for event in custody.events}
    found: dict[str | None, set[str | None]] = {}
    for entry, mineral in zip(births, minerals, strict=True):
        event = said.get(identifier(entry.event_id), {})
        sure = event.get("type") == "extraction" and event.get("signature_status") == "valid"
        found.setdefault(substance_of(mineral), set()).add(event.get("country") if sure else None)
    wanted = {material: found.get(substance_of(material)) for material in ("cobalt", "silicon_metal")}
    return {
        material: frozenset(filter(None, places))
        for material, places in wanted.items()
        if places and None not in places
    }


def _origins(traded: Traded) -> set[str]:
    extracted = {e["country"] for e in traded.custody.events if e["type"] == "extraction" and "country" in e}
    return extracted | {origin["country"] for origin in traded.record.get("origins", ())}


def _raised(found: Match, traded: Traded, asked: Goods) -> bool:
    """Tell whether a rule of the packs raises the same row: its material is stated, and its country an origin."""
    rule = found.rule
    if rule.material not in asked.materials:
        return False
    return rule.list_id == "us-uflpa-sectors" or rule.country in _origins(traded)


def _note(found: Match) -> dict[str, Any]:
    rule = found.rule
    good = f"{rule.good} from {rule.country}" if rule.country else rule.good
    how, matched, list_name = _WORDS[found.how], found.matched, named(rule.list_id)
    is_out = found.outcome == "excluded"
    said = (
        phrase(f"{good} is not raised {how} {matched}: {list_name}")
        if is_out
        else phrase(f"{good} is listed {how} {matched}: {list_name}")
    )
    message = f"{said} ({found.reason})" if found.reason else said
    return {
        "kind": "listed_goods", "message": message, "list_id": rule.list_id, "version": rule.version, "row": rule.row,
        "how": found.how, "matched": found.matched, "outcome": found.outcome, "review": found.outcome == "listed",
    }  # fmt: skip
