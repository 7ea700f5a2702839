"""The section of a report about the chain: what the batch is, what it was made of, every step with who signed it."""

from collections.abc import Mapping
from typing import Any, Final

from traceability.services.evidence import words
from traceability.services.evidence.blocks import Block, Column, heading, items, rows, table, text
from traceability.services.evidence.draft import Draft

MOST_STEPS: Final = 1000
"""Steps printed: setting 1,000 of them takes about half a second and 120 MB, ten times as many ten times that."""

_BAGS: Final = 8  # that are named in a step
_STEPS = (
    Column("Entry", 2, "end"), Column("When", 4), Column("What", 4), Column("Where", 3),
    Column("Batches and kg", 9), Column("From, to", 7), Column("Signed by", 7),
)  # fmt: skip
_BALANCES = (
    Column("Batch", 8), Column("Mineral", 3), Column("Made", 3, "end"), Column("Used", 3, "end"),
    Column("Lost", 3, "end"), Column("Left", 3, "end"),
)  # fmt: skip
_PARTIES = (Column("Party", 6), Column("Country", 2), Column("Roles", 3), Column("Identifier", 6))


def traceability(draft: Draft) -> list[Block]:
    """Return the section."""
    events = draft.graph["events"]
    shown = _chosen(events)
    blocks = [
        *_batch(draft), heading("Balances"),
        table(_BALANCES, [_balance(node) for node in draft.graph["nodes"][:MOST_STEPS]]),
        heading("Parties"), table(_PARTIES, _parties(draft)), heading("Steps, in the order in which they happened"),
    ]  # fmt: skip
    if len(shown) < len(events):
        blocks.append(text(
            f"{len(shown)} of {len(events)} steps are printed: those without a valid signature first, then those "
            "nearest to the batch. The full chain stands in events.jsonl in the pack, and in evidence.json, attached."
        ))  # fmt: skip
    return [
        *blocks,
        table(_STEPS, [_step(draft, event) for event in shown]),
        heading("What this does not show"),
        _limits(draft),
    ]


def _chosen(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps that are printed: all, or those that matter most and the last ones, in their order."""
    if len(events) <= MOST_STEPS:
        return events
    odd = [one for one in events if one["signature_status"] != "valid"][:MOST_STEPS]
    kept = {one["event_id"] for one in odd}
    rest = [one for one in events if one["event_id"] not in kept]
    kept |= {one["event_id"] for one in rest[len(rest) - (MOST_STEPS - len(odd)) :]}
    return [one for one in events if one["event_id"] in kept]


def _batch(draft: Draft) -> list[Block]:
    node = next((one for one in draft.graph["nodes"] if one["batch"] == draft.key), None)
    birth = (node or {}).get("birth")
    made = f"{words.moment(birth['time'])}, {birth['type']}, {_place(birth)}" if birth else None
    return [
        rows([
            ("Batch", draft.manifest.batch), ("Mineral", node and node["mineral"]), ("Made", made),
            ("Quantity made", words.kilograms(node["born_kg"]) if node else None),
            ("Left", words.kilograms(node["remaining_kg"]) if node else None),
            ("Held by", [_party(draft, did) for did in (node or {}).get("holders", [])]),
            ("Made of (batches upstream)", str(len(draft.upstream))),
            ("Went into (batches downstream)", str(len(draft.downstream))),
        ])
    ]  # fmt: skip


def _place(said: Mapping[str, Any]) -> str:
    return said["subdivision"] or said["country"] or "place not known"


def _balance(node: Mapping[str, Any]) -> list[str]:
    kilograms = [words.kilograms(node[name]) for name in ("born_kg", "used_kg", "lost_kg", "remaining_kg")]
    return [node["batch"], node["mineral"] or "not stated", *kilograms]


def _parties(draft: Draft) -> list[list[str]]:
    events = draft.graph["events"]
    named = sorted({did for one in events for did in (*one["parties"], *one["signers"])})
    return [
        [_called(party), party["country"], ", ".join(party["roles"]), did]
        if (party := draft.parties.get(did))
        else ["not registered", "", "", did]
        for did in named
    ]


def _called(party: Mapping[str, Any]) -> str:
    """Return the name of a party, with those of the other records that are read as it."""
    return "; also ".join([party["name"], *(f"{one['name']} ({one['did']})" for one in party.get("also", ()))])


def _party(draft: Draft, did: str | None) -> str:
    if did is None:
        return "not stated"
    return draft.parties[did]["name"] if did in draft.parties else did


def _step(draft: Draft, event: Mapping[str, Any]) -> list[str]:
    kind = event["biz_step"] if event["type"] == "other" and event["biz_step"] else event["type"]
    what = words.words(kind) + ("" if event["effective"] else " (corrected, does not count)")
    moved = [f"{sign}{line['batch']} {words.kilograms(line['kg'])}" for name, sign in _MOVES for line in event[name]]
    moved += _bags(event)
    parties = [_party(draft, event[name]) for name in ("source_party", "destination_party")]
    if parties[0] == parties[1]:
        parties.pop()
    signers = ", ".join(_party(draft, did) for did in event["signers"]) or "nobody"
    place = _place(event) + (f", {_end(event['site'])}" if event["site"] else "")
    return [
        str(event["index"]), words.moment(event["time"]), what, place, "\n".join(moved) or "none named",
        " → ".join(parties), f"{signers}: {words.SIGNATURES[event['signature_status']]}",
    ]  # fmt: skip


def _bags(event: Mapping[str, Any]) -> list[str]:
    names = [_end(one) for one in (*event["bags"], *event["seals"])]
    more = f" and {len(names) - _BAGS} more" if len(names) > _BAGS else ""
    return [f"bags and seals: {', '.join(names[:_BAGS])}{more}"] if names else []


def _end(identifier: str) -> str:
    """Return the telling end of an identifier; the whole stands in the attached data."""
    return identifier.rstrip("/").rpartition("/")[2]


_MOVES = (("inputs", "− "), ("outputs", "+ "), ("observed", ""))


def _limits(draft: Draft) -> Block:
    said = [
        "A pack proves that what it holds stood in the log; it cannot prove that nothing was left out.",
        "verify.py says where a chain begins without an event that made its first batch.",
    ]
    if draft.manifest.view != "everything":
        said.append(
            "Events that this reader may not see are not in it; captures that hold such events stand as hashes."
        )
    outside = [node["batch"] for node in draft.graph["nodes"] if node["birth"] is None]
    said += [f"No event that this reader may see made {batch}." for batch in outside[:20]]
    said += [f"And {len(outside) - 20} batches more."] if len(outside) > 20 else []  # noqa: PLR2004  # the ones printed
    return items(said)
