"""The chain as tables: custody events, batches with balance, parties; numbers carry their unit (console.md 2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from traceability.web import words
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
              "No custody event names this batch that you may see."),
        table("batches", "Batches of the chain, with their balance in kilograms", BATCH_COLUMNS, batches, "No batch."),
        table("parties", "Parties of the chain", PARTY_COLUMNS, map(_party, chain["parties"]), "No party is named."),
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
    remarks = [] if event["effective"] else ["declared wrong" if event["declares_error"] else "does not count"]
    remarks += [f"disputed signature of {names.get(did) or did}" for did in event["disputed_signers"]]
    remarks += sorted({code for event_id in event["event_ids"] for code in codes.get(event_id, ())})
    remarks += [f"seal {seal}" for seal in event["seals"]] + [f"bag {words.short(bag)}" for bag in event["bags"]]
    values: dict[str, Any] = {
        "index": str(event["index"]),
        "time": words.clock_time(event["time"]),
        "type": words.sentence(event["type"]),
        "place": place(event),
        "by": ", ".join(names.get(did) or did for did in event["acting_parties"]) or "not known",
        "goods": "; ".join(_goods(event)),
        "signature": Cell(words.MARKS[status].word, mark=status),
        "remarks": "; ".join(remarks),
    }
    return Row(cells_of(values), anchor=f"event-{event['index']}")


def _goods(event: Mapping[str, Any]) -> list[str]:
    said = [f"{words.short(one['batch'])} {words.kilograms(one['kg'])}" for one in event["observed"]]
    said += [f"used {words.short(one['batch'])} {words.kilograms(one['kg'])}" for one in event["inputs"]]
    return said + [f"made {words.short(one['batch'])} {words.kilograms(one['kg'])}" for one in event["outputs"]]


def place(where: Mapping[str, Any]) -> str:
    """Return a place as its ISO 3166 code and the end of its site's identifier."""
    code = where["subdivision"] or where["country"]
    site = words.short(where["site"]) if where["site"] else ""
    return " \u00b7 ".join(part for part in (code, site) if part) or "not known"


def _batch(node: Mapping[str, Any], names: Mapping[str, str], current: str) -> Row:
    birth = node["birth"]
    href = None if node["batch"] == current else url_for("web.batch", id=node["batch"])
    values: dict[str, Any] = {
        "batch": Cell(words.short(node["batch"]), href=href, whole=node["batch"]),
        "mineral": node["mineral"] or "not stated",
        "place": place(birth) if birth else "no birth recorded",
        "holders": ", ".join(names.get(did) or did for did in node["holders"]) or "not known",
        "remarks": "; ".join(_unproven(posting, names) for posting in node["unproven"]),
        **{key: words.kilograms(node[f"{key}_kg"]) for key in ("born", "used", "lost", "remaining")},
    }
    return Row(cells_of(values))


def _unproven(posting: Mapping[str, Any], names: Mapping[str, str]) -> str:
    who = ", ".join(names.get(did) or did for did in posting["signers"]) or "somebody unknown"
    booked = f"{words.kilograms(posting['kg'])} {posting['what']} by {who}"
    return f"{booked}, not proved to have had it (entry {posting['index']})"


def _also(party: Mapping[str, Any]) -> str:
    """Return the other records that are read as this party, in words."""
    return "".join(f"; also {one['name']} ({one['did']})" for one in party.get("also", ()))


def _party(party: Mapping[str, Any]) -> Row:
    values: dict[str, Any] = {
        "name": party.get("name", "not known") + _also(party),
        "did": Cell(party["did"]),
        "country": party.get("country"),
        "roles": ", ".join(party.get("roles", ())),
        "registered": "yes" if party["registered"] else "no: could not be screened by name",
    }
    return Row(cells_of(values))
