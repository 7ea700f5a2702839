"""The chain as tables: custody events, batches with balance, parties; numbers carry their unit (console.md 2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Row, Table, cells_of, table

EVENT_COLUMNS = (
    Column("index", "Entry", "number"),
    Column("time", "Time", "time"),
    Column("type", "Event"),
    Column("place", "Place"),
    Column("by", "Acting party"),
    Column("goods", "Goods"),
    Column("signature", "Signature"),
    Column("remarks", "Remarks"),
)
BATCH_COLUMNS = (
    Column("batch", "Batch", "id"),
    Column("mineral", "Mineral"),
    Column("place", "Origin"),
    Column("born", "Made", "number"),
    Column("used", "Used", "number"),
    Column("lost", "Lost", "number"),
    Column("remaining", "Remaining", "number"),
    Column("holders", "Held by"),
    Column("remarks", "Remarks"),
)
PARTY_COLUMNS = (
    Column("name", "Party"),
    Column("did", "Identifier", "id"),
    Column("country", "Country"),
    Column("roles", "Roles"),
    Column("registered", "Registered"),
)


def tables(chain: Mapping[str, Any], codes: Mapping[str, Sequence[str]]) -> list[Table]:
    """Return the tables of a chain; ``codes`` are the findings that name an event, by its event id."""
    names = {party["did"]: party.get("name", "") for party in chain["parties"]}
    events = [_event(event, names, codes) for event in chain["events"]]
    batches = [_batch(node, names, chain["batch"]) for node in chain["nodes"]]
    return [
        table("events", "Custody events, in the order in which they follow from each other", EVENT_COLUMNS, events,
              N_("No custody event names this batch that you may see.")),
        table("batches", "Batches of the chain, with their balance in kilograms", BATCH_COLUMNS, batches,
              N_("No batch.")),
        table("parties", "Parties of the chain", PARTY_COLUMNS, map(_party, chain["parties"]),
              N_("No party is named.")),
    ]  # fmt: skip


def unsigned(chain: Mapping[str, Any]) -> int:
    """Return how many events have no good signature of the party that acted."""
    return sum(event["signature_status"] != "valid" for event in chain["events"])


def disputed(chain: Mapping[str, Any]) -> list[str]:
    """Return the parties whose signature of an event of the chain is disputed, by name."""
    names = {party["did"]: party.get("name", "") for party in chain["parties"]}
    dids = {did for event in chain["events"] for did in event["disputed_signers"]}
    return sorted(names.get(did) or did for did in dids)


def anchors(chain: Mapping[str, Any]) -> dict[str, int]:
    """Return the row of each event in the custody table, by each of its event ids."""
    return {event_id: event["index"] for event in chain["events"] for event_id in event["event_ids"]}


def _event(event: Mapping[str, Any], names: Mapping[str, str], codes: Mapping[str, Sequence[str]]) -> Row:
    status = event["signature_status"]
    remarks = [] if event["effective"] else [_ineffective(event)]
    remarks += [
        gettext("disputed signature of %(party)s", party=names.get(did) or did) for did in event["disputed_signers"]
    ]
    remarks += sorted({code for event_id in event["event_ids"] for code in codes.get(event_id, ())})
    remarks += [gettext("seal %(number)s", number=seal) for seal in event["seals"]]
    remarks += [gettext("bag %(name)s", name=words.short(bag)) for bag in event["bags"]]
    values: dict[str, Any] = {
        "index": str(event["index"]),
        "time": words.clock_time(event["time"]),
        "type": words.sentence(event["type"]),
        "place": place(event),
        "by": ", ".join(names.get(did) or did for did in event["acting_parties"]) or gettext("not known"),
        "goods": "; ".join(_goods(event)),
        "signature": Cell(words.MARKS[status].word, mark=status),
        "remarks": "; ".join(remarks),
    }
    return Row(cells_of(values), anchor=f"event-{event['index']}")


def _ineffective(event: Mapping[str, Any]) -> str:
    return gettext("declared wrong") if event["declares_error"] else gettext("does not count")


def _goods(event: Mapping[str, Any]) -> list[str]:
    said = [_amount(one) for one in event["observed"]]
    said += [gettext("used %(amount)s", amount=_amount(one)) for one in event["inputs"]]
    return said + [gettext("made %(amount)s", amount=_amount(one)) for one in event["outputs"]]


def _amount(one: Mapping[str, Any]) -> str:
    return f"{words.short(one['batch'])} {words.kilograms(one['kg'])}"


def place(where: Mapping[str, Any]) -> str:
    """Return a place as its ISO 3166 code and the end of its site's identifier."""
    code = where["subdivision"] or where["country"]
    site = words.short(where["site"]) if where["site"] else ""
    return " \u00b7 ".join(part for part in (code, site) if part) or gettext("not known")


def _batch(node: Mapping[str, Any], names: Mapping[str, str], current: str) -> Row:
    birth = node["birth"]
    href = None if node["batch"] == current else url_for("web.batch", id=node["batch"])
    values: dict[str, Any] = {
        "batch": Cell(words.short(node["batch"]), href=href, whole=node["batch"]),
        "mineral": node["mineral"] or gettext("not stated"),
        "place": place(birth) if birth else gettext("no birth recorded"),
        "holders": ", ".join(names.get(did) or did for did in node["holders"]) or gettext("not known"),
        "remarks": "; ".join(_unproven(posting, names) for posting in node["unproven"]),
        **{key: words.kilograms(node[f"{key}_kg"]) for key in ("born", "used", "lost", "remaining")},
    }
    return Row(cells_of(values))


def _unproven(posting: Mapping[str, Any], names: Mapping[str, str]) -> str:
    who = ", ".join(names.get(did) or did for did in posting["signers"]) or gettext("somebody unknown")
    booked = posting["what"]
    return gettext(
        "%(kg)s %(booked)s by %(who)s, not proved to have had it (entry %(entry)s)",
        kg=words.kilograms(posting["kg"]), booked=gettext(booked), who=who, entry=posting["index"],
    )  # fmt: skip


def _also(party: Mapping[str, Any]) -> str:
    """Return the other records that are read as this party, in words."""
    return "".join(
        gettext("; also %(name)s (%(did)s)", name=one["name"], did=one["did"]) for one in party.get("also", ())
    )


def _party(party: Mapping[str, Any]) -> Row:
    values: dict[str, Any] = {
        "name": party.get("name", gettext("not known")) + _also(party),
        "did": Cell(party["did"]),
        "country": party.get("country"),
        "roles": ", ".join(map(words.sentence, party.get("roles", ()))),
        "registered": gettext("yes") if party["registered"] else gettext("no: could not be screened by name"),
    }
    return Row(cells_of(values))
