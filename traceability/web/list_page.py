"""One risk list: how old it is, its versions, and what the newest changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import request

from traceability.services import list_history as history_service
from traceability.web import words
from traceability.web.language import N_, gettext, ngettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service
from traceability.web.spoken import spoken

_VERSIONS = (
    Column("number", "Number", "number"),
    Column("speaks_for", "Speaks for", "time"),
    Column("version", "Version"),
    Column("coverage", "Coverage when loaded"),
    Column("rows", "Entries", "number"),
    Column("loaded", "Loaded", "time"),
    Column("assessed", "Assessed again"),
    Column("sha256", "Source file (sha256)", "id"),
)
_CHANGES = (
    Column("what", "What"),
    Column("key", "Entry", "id"),
    Column("name", "Name"),
    Column("fields", "Changed fields"),
    Column("valid", "In force"),
)
_SAME = N_("Nothing: both versions say the same.")
_WHAT = {"added": N_("added"), "removed": N_("removed"), "changed": N_("changed")}
_SHOWN = 200  # characters of what a field said


@page("/lists/<string:list_id>")
def list_page(list_id: str) -> Page:
    """The versions of a list and, for who may read entries, what changed: in the newest, or from and to others."""
    who = actor()
    shown = history_service.history_shown(service(), who, list_id)
    columns = [one for one in _VERSIONS if one.key != "assessed" or who.may("count_everybody")]
    made = [table("versions", "Versions, the newest first", columns, map(_version, shown["versions"]), "")]
    data = {name: shown[name] for name in ("list_id", "sentence", "level", "age_days", "max_age_days")}
    if who.may("read_entries"):
        old, new, after = (request.args.get(name, "") for name in ("from", "to", "after"))
        found = history_service.delta_shown(
            history_service.delta(service(), who, list_id, old[:120], new[:120], after=after[:200]), who
        )
        made.append(table("changes", _caption(found), _CHANGES, _changes(found), _SAME))
        data |= {"counts": found["counts"], "next_after": found["next_after"]}
    data["guard"] = gettext(
        "A table that leaves out more than a tenth of the %(count)s entries in force is refused unless an admin names "
        "the list: a list that was cut short would clear whoever was on it.",
        count=shown["versions"][0]["rows"],
    )
    return Page(
        spoken(shown["name"]), "list_page.html", made, data, {"title": shown["title"], "publisher": shown["publisher"]}
    )


def _version(row: Mapping[str, Any]) -> Row:
    name = row["version"]
    values: dict[str, Any] = {
        "number": str(row["id"]),
        "speaks_for": row["speaks_for"],
        "version": Cell(name[:19], whole=name) if name.startswith("sha256:") else name,
        "coverage": Cell(words.MARKS[row["coverage"]].word, mark=row["coverage"]),
        "rows": str(row["rows"]),
        "loaded": row["loaded_at"][:10],
        **({"assessed": _assessed(row["delta"])} if "delta" in row else {}),
        "sha256": Cell(row["source_sha256"][:16], whole=f"{row['source_sha256']} {row['source_url']}"),
    }
    return Row(cells_of(values))


def _assessed(delta: Mapping[str, Any] | None) -> str:
    """Return what a version's coming led to, once the worker has looked."""
    if delta is None:
        return gettext("not looked at yet")
    asked = ngettext("%(num)s assessment", "%(num)s assessments", delta["assessments"])
    if delta["everything"]:
        return gettext("%(assessments)s, all there were: %(why)s", assessments=asked, why=delta["everything"])
    return gettext(
        "%(assessments)s; of %(compared)s names compared, the outcome differs for %(changed)s",
        assessments=asked,
        compared=delta["subjects_asked"],
        changed=delta["outcomes_changed"],
    )


def _caption(found: Mapping[str, Any]) -> str:
    """Return between which versions, and how much; a version's own name may be long."""
    if found["from"] is None:
        return gettext("Version %(number)s: the first, so all of its entries are new", number=found["to"]["id"])
    counts = ", ".join(f"{count} {gettext(_WHAT[what])}" for what, count in found["counts"].items())
    versions = {"old": found["from"]["id"], "new": found["to"]["id"]}
    return gettext("From version %(old)s to %(new)s: %(counts)s", counts=counts, **versions)


def _changes(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for what in ("added", "removed"):
        said = gettext(_WHAT[what])
        for row in found[what]:
            yield {"what": said, "key": row["entry_key"], "name": _name(row), "fields": "", "valid": _valid(row)}
    for row in found["changed"]:
        said = "; ".join(
            f"{words.sentence(one['field'])}: {_said(one['before'])} → {_said(one['after'])}" for one in row["fields"]
        )
        what = gettext(_WHAT["changed"])
        yield {"what": what, "key": row["entry_key"], "name": row["name"], "fields": said, "valid": ""}


def _name(row: Mapping[str, Any]) -> str:
    names = row.get("names", [])
    return str(names[0]["text"] if names else row.get("code", ""))


def _valid(row: Mapping[str, Any]) -> str:
    parts = [gettext("from %(day)s", day=row["valid_from"])] if "valid_from" in row else []
    parts += [gettext("until %(day)s", day=row["valid_to"])] if "valid_to" in row else []
    return " ".join(parts) or gettext("no date given")


def _said(value: Any) -> str:
    """Return what a field said, short: names by their text."""
    if value is None:
        return gettext("nothing")
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)[:_SHOWN]
    if isinstance(value, dict):
        return str(value.get("text") or value)[:_SHOWN]
    return str(value)[:_SHOWN]
