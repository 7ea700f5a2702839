"""Every component in every state, made of the macros that pages are made of (page 13); all of it is invented."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from traceability.diligence.status import PENDING, STATES
from traceability.diligence.tables import annex_rows
from traceability.errors import InvalidInput, Problem
from traceability.services.reports.volumes import RowVolume
from traceability.services.site_map import Area, Leg, Place, SiteMap, Spot
from traceability.services.volumes import RowYear, state_of
from traceability.web import concentration, graph, site_map, volumes, words
from traceability.web.concentration import Beside, Share
from traceability.web.language import N_, Verbatim
from traceability.web.page import PER_PAGE, Cell, Column, Page, Pick, Row, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor

_NOTHING: Final = N_("Nothing here yet.")
_BATCH: Final = "https://id.invented.example/lot/A-1"
_COLUMNS = (Column("state", "State"), Column("id", "Identifier", "id"), Column("kg", "Kilograms", "number"),
            Column("at", "When", "time"), Column("text", "Note"))  # fmt: skip
_STATES = (Column("state", "State"), Column("code", "Code", "id"))


@page("/-/patterns")
def patterns() -> Page:
    """The components, for whoever builds or checks pages; nothing in it is a record."""
    actor()
    marks = [{"state": Cell(mark.word, mark=name), "code": name} for name, mark in words.MARKS.items()]
    events = list(_events())
    anchored = [Row(cells_of({"event": str(one["index"])}), anchor=f"event-{one['index']}") for one in events]
    places = _places()
    tables = [
        table("marks", "Every state, severity and outcome", _STATES, marks, _NOTHING),
        table("rows", "Cells of every kind", _COLUMNS, _rows(), _NOTHING),
        table("nothing", "A table without rows", _COLUMNS, [], N_("Nothing is here, and this says what to do next.")),
        table("many", "A table of several pages", _STATES,
              [{"state": "row", "code": str(number)} for number in range(1, PER_PAGE + 2)], _NOTHING),
        table("events", "What the picture is drawn from", (Column("event", "Event", "number"),), anchored, _NOTHING),
        *site_map.tables(places),
    ]  # fmt: skip
    return Page("Components", "patterns.html", tables, {}, {
        "verdicts": [_verdict(state) for state in STATES], "found": _findings(), "notes": list(_notes()),
        "tones": ("hold", "pending", "review", "info"), "mistake": _mistake(),
        "chain": graph.picture(events, {"e3": ["COC-GAP"]}), "volumes": [volumes.bar_of(one) for one in _years()],
        "shares": [concentration.bar(one) for one in _shares()], **site_map.context(places),
    })  # fmt: skip


def _verdict(state: str) -> dict[str, Any]:
    """Return a verdict: pending says why, and no other state is said to be more than it is."""
    mark = words.MARKS[state]
    said = "Pending: the document certificate.pdf is not read yet." if state == PENDING else f"{mark.word}."
    basis = ["Assessed 2026-11-23 09:00 UTC as of 2026-11-23, rules sha256:0123456789ab; 7 lists asked."]
    return {"state": state, "sentence": said, "basis": basis, "actions": ["Read the document and say so"]}


def _finding(severity: str, places: int = 1, **more: Any) -> dict[str, Any]:
    place = {"kind": "document", "machine": "read by machine", "href": None, "text": "letter.txt", "quote": "From Goma"}
    return {
        "id": "none", "code": "INVENTED-1", "severity": severity, "title": "A rule that was made up",
        "message": "It says in one sentence what is wrong, and with what.", "law_ref": "Reg. (EU) 2017/821 Art. 4",
        "applicable_from": None, "advisory": False, "covered": False, "shown": [place] * places, "importer": None,
        **more,
    }  # fmt: skip


def _findings() -> list[dict[str, Any]]:
    """Return a finding of each severity, one with many places, an advisory one, and one that a decision covers."""
    each = [_finding(severity) for severity in ("critical", "gap", "minor", "info")]
    later = _finding("gap", advisory=True, applicable_from="2027-12-14")
    return [*each, _finding("major", 7), later, _finding("major", covered=True)]


def _notes() -> Iterator[dict[str, Any]]:
    yield {
        "kind": "seal_differs",
        "message": "The seal of the receipt is another than that of the dispatch.",
        "review": True,
    }
    for number in range(4):
        yield {"kind": "place_unknown", "message": f"Event {number} does not say where it was.", "review": False}


def _mistake() -> InvalidInput:
    return InvalidInput("two fields have to be mended", problems=[
        Problem("bad-field", "expected a date such as 2027-01-31; got tomorrow"),
        Problem("bad-choice", "choose one of them"),
    ])  # fmt: skip


def _rows() -> list[Row]:
    marked = {
        "state": Cell(words.MARKS["major"].word, mark="major"),
        "at": "2026-11-23 09:00 UTC",
        "kg": words.kilograms("1250.5"),
    }
    linked = Cell("A-1", href="#marks", whole=_BATCH)
    gap = Cell(words.MARKS["gap"].word, mark="gap")
    copied, hostile = Cell("A-1", whole=_BATCH), Verbatim('<script>alert("=1+1")</script>')
    return [
        Row(cells_of({**marked, "id": linked, "text": "a link"}), pick=Pick("picks", "1", "A-1")),
        Row(cells_of({**marked, "id": copied, "text": hostile}), pick=Pick("picks", "2", "A-1")),
        Row(cells_of({"state": gap, "id": _BATCH, "kg": words.kilograms(None), "at": "", "text": None})),
    ]


def _events() -> Iterator[Mapping[str, Any]]:
    """Yield a chain of three events, of which the last is neither signed nor without a finding."""
    amount, who = {"batch": "A", "kg": "1250.5"}, ["did:web:a.example"]
    for number, (kind, status) in enumerate(
        (("extraction", "valid"), ("dispatch", "valid"), ("receipt", "unsigned")), 1
    ):
        yield {
            "index": number, "event_ids": [f"e{number}"], "type": kind, "time": f"2026-09-0{number}T08:00:00Z",
            "signature_status": status, "effective": True, "declares_error": False, "parties": who, "signers": who,
            "acting_parties": who, "country": "CD", "subdivision": None, "inputs": [],
            "observed": [amount] if number > 1 else [], "outputs": [amount] if number == 1 else [],
        }  # fmt: skip


def _places() -> SiteMap:
    """Return a site of each kind of area, one of them without coordinates."""
    given: tuple[tuple[Area, float | None, float | None], ...] = (
        ("listed", -1.55, 28.88), ("part_unknown", -6.8, 39.3), ("not_listed", 53.5, 10.0), ("not_known", None, None),
    )  # fmt: skip
    spots = [
        Spot(
            number, Place(f"https://id.invented.example/site-{number}", "CD", None, north, east), None, (number,), area
        )
        for number, (area, north, east) in enumerate(given, start=1)
    ]
    days = [f"2026-09-0{day}T08:00:00Z" for day in (1, 3, 9)]
    legs = [Leg(number, number + 1, days[number - 1], days[number], (_BATCH,)) for number in (1, 2)]
    return SiteMap(spots, legs, 1, "an invented list", frozenset({"CD"}))


def _years() -> Iterator[RowYear]:
    row = annex_rows()[0]
    for kilograms in ("100", "4500", "9000", None):
        known = Decimal(kilograms or 0)
        one = RowVolume(row, Decimal(5000), 1, known, Decimal(0), Decimal(0) if kilograms else None, 0)
        yield RowYear(one, one.total, one.percent, state_of(one.total, one.threshold), None, ())


def _shares() -> Iterator[Share]:
    given: tuple[tuple[str | None, int, Beside], ...] = (
        ("CD", 70, "above"), ("ZM", 20, "not_above"), ("ID", 60, "cannot_tell"), ("FI", 10, "in_union"),
        (None, 10, "unknown"),
    )  # fmt: skip
    for country, percent, beside in given:
        kg, union = Decimal(percent * 10), beside == "in_union"
        yield Share("cobalt", True, "extraction", country, union, kg, Decimal(percent), beside)  # noqa: FBT003  # a row's
