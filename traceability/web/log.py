"""The log: entries and signed heads, who else signed them, what the last audits found, how to check it (page 11)."""

from datetime import datetime
from typing import Any

from flask import request, url_for

from traceability.errors import InvalidQuery, Unavailable
from traceability.ledger.encoding import b64
from traceability.ledger.entry import KINDS, Entry
from traceability.services import log_keys, log_overview
from traceability.services.context import Service
from traceability.services.log_overview import Follower, SignedHead, Slice
from traceability.services.receipts import Head
from traceability.storage.audits import DEPTHS
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_ENTRIES = (
    Column("index", "Entry", "number"), Column("kind", "Kind"), Column("at", "Taken in", "time"),
    Column("refs", "Concerns entries"), Column("body", "SHA-256 of the body", "id"),
    Column("key", "Signer's key", "id"), Column("who", "Party, by pseudonym", "id"),
)  # fmt: skip
_HEADS = (
    Column("size", "Entries", "number"), Column("at", "Signed", "time"), Column("second", "Second signature"),
    Column("witnesses", "Cosigned by"), Column("stamps", "Time-stamped by"), Column("root", "Root", "id"),
)  # fmt: skip
_WITNESSES = (
    Column("name", "Witness", "id"), Column("state", "State"), Column("size", "Cosigned last", "number"),
    Column("at", "When", "time"), Column("told", "What it says against the ledger"),
)  # fmt: skip
_AUDITS = (
    Column("depth", "Audit"), Column("verdict", "Outcome"), Column("at", "Made", "time"),
    Column("entries", "Entries", "number"), Column("problems", "Problems", "number"),
    Column("first", "First bad entry"),
)  # fmt: skip
_DEPTHS = {
    "sample": N_("a sample, every hour"), "full": N_("all of the ledger, every day"),
    "deep": N_("all that was derived from it, every week"),
}  # fmt: skip
_NO_ENTRY = N_("No entry of this kind: the ledger has none, or none so early.")
_NO_WITNESS = N_(
    "No witness is named by the operator, so nobody outside tells whether everybody is shown the same log. Compare the "
    "signed head with one that somebody else was given."
)
_NOT_AUDITED = N_("No audit is recorded here yet, which says nothing for the ledger. The service makes one every hour.")
_QUORUM = {
    None: N_("No quorum of witnesses is asked for."),
    True: N_("The quorum of witnesses has cosigned the newest head."),
    False: N_("The quorum of witnesses has not cosigned the newest head yet: until it has, it is one claim alone."),
}


@page("/log")
def log() -> Page:
    """Entries, heads, witnesses and audits of the log; hashes and codes alone, as everybody may see them."""
    actor()
    kind = request.args.get("kind") or None
    head = log_overview.newest(service())
    found = log_overview.entries(service(), head, _upto(), kind)
    seen = log_overview.witnessed(service(), head)
    audits = service().audits.outcomes()
    tables = [
        table("audits", "What the last audits found", _AUDITS,
              [_audit(one, audits[one]) for one in reversed(DEPTHS) if one in audits], _NOT_AUDITED),
        table("witnesses", "Witnesses", _WITNESSES, map(_witness, seen.followers), _NO_WITNESS),
        table("heads", "Signed heads, newest first", _HEADS, map(_signed, log_overview.heads(service())),
              N_("Nothing is signed yet.")),
        table("entries", "Entries, newest first", _ENTRIES, map(_entry, found.entries), _NO_ENTRY),
    ]  # fmt: skip
    data = {"log": _about(service(), head), "quorum": gettext(_QUORUM[seen.quorum])}
    ways = {"older": _turned(found, kind, older=True), "newer": _turned(found, kind, older=False)}
    return Page("Ledger", "log.html", tables, data, {
        "head": head, "broken": seen.problem, "bad": _bad(audits), "kind": kind, "kinds": KINDS,
        "contradicted": any(one.told for one in seen.followers), **ways,
    })  # fmt: skip


def _upto() -> int | None:
    """Return the index the address asks for, from which entries are shown downwards."""
    asked = request.args.get("upto", "").strip()
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) <= len("1000000000000000")):
        raise InvalidQuery(gettext("expected the index of an entry, such as 1200; got %(got)r", got=asked[:20]))
    return int(asked) if asked else None


def _about(whose: Service, head: Head | None) -> dict[str, str]:
    """Return what the log says of itself, to be compared with what others were told."""
    try:
        key = log_keys.signing(whose)
    except Unavailable:
        key = gettext("not known: the ledger's key is not on this machine")
    found = {N_("origin"): whose.settings.log_origin, N_("verifier key"): key}
    if head is None:
        return found | {N_("entries"): "0"}
    return found | {
        N_("entries"): str(head.size), N_("root"): b64(bytes(head.root)), N_("signed"): words.moment(head.at),
    }  # fmt: skip


def _bad(audits: Any) -> bool:
    return any(one["verdict"] != "ok" for one in audits.values())


def _audit(depth: str, outcome: Any) -> dict[str, Any]:
    is_ok, bad = outcome["verdict"] == "ok", outcome.get("first_bad")
    where = "" if not bad or bad["index"] is None else f"{bad['index']}: "
    said = gettext("nothing bad found") if is_ok else gettext("a problem found")
    return {
        "depth": gettext(_DEPTHS[depth]), "verdict": Cell(said, mark="valid" if is_ok else "invalid"),
        "at": words.moment(datetime.fromisoformat(outcome["at"])), "entries": outcome["entries"],
        "problems": outcome.get("problems", ""), "first": f"{where}{bad['what']}" if bad else gettext("none"),
    }  # fmt: skip


_FOLLOWED = {
    "contradicts": (N_("contradicts this ledger"), "invalid"), "newest": (N_("cosigned the newest head"), "valid"),
    "behind": (N_("has not cosigned the newest head yet"), "waiting"), "never": (N_("has cosigned nothing"), "missing"),
}  # fmt: skip


def _witness(one: Follower) -> dict[str, Any]:
    said, mark = _FOLLOWED[one.state]
    return {
        "name": one.name, "state": Cell(gettext(said), mark=mark), "at": words.moment(one.at),
        "size": gettext("nothing") if one.size is None else one.size, "told": one.told or gettext("nothing"),
    }  # fmt: skip


def _signed(one: SignedHead) -> Row:
    head = one.head
    values: dict[str, Any] = {
        "size": Cell(str(head.size), href=url_for("proofs.get_stored_checkpoint", size=head.size)),
        "at": words.moment(head.at), "second": gettext("yes") if one.second else gettext("none yet"),
        "witnesses": ", ".join(one.witnesses) or gettext("nobody"),
        "stamps": ", ".join(one.authorities) or gettext("nobody"), "root": b64(bytes(head.root)),
    }  # fmt: skip
    return Row(cells_of(values))


def _entry(found: tuple[int, Entry]) -> Row:
    index, entry = found
    values: dict[str, Any] = {
        "index": Cell(str(index), href=url_for("proofs.get_inclusion", index=index)), "kind": entry.kind,
        "at": words.moment(entry.received_at), "refs": ", ".join(map(str, entry.ref)), "body": entry.body,
        "key": _short(entry.key), "who": _short(entry.who),
    }  # fmt: skip
    return Row(cells_of(values), anchor=f"entry-{index}")


def _short(value: str | None) -> Cell:
    """Return a hash by its beginning; the whole of it can be copied."""
    return Cell("") if value is None else Cell(f"{value[:12]}\u2026", whole=value)


def _turned(found: Slice, kind: str | None, *, older: bool) -> str | None:
    """Return the address of the slice before or after; counted in words it would be wrong by the next commit."""
    to = found.older if older else found.newer
    return None if to is None else url_for("web.log", kind=kind, upto=to, _anchor="entries")
