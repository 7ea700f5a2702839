"""The map of sites and legs, drawn on the server from the same rows as its tables (page 5); nothing is fetched for it.

Hatched is a country that the area list names, or names a part of: which part, and whether a site lies in it, the table
says. The picture is inline SVG of classes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import atan2, degrees
from typing import TYPE_CHECKING, Any

from flask import url_for

from traceability.diligence.reports.model import Point
from traceability.services.map_view import WIDTH, View, together
from traceability.services.site_map import Area, Leg, SiteMap, Spot
from traceability.web import words
from traceability.web.language import N_, country_name, gettext, ngettext
from traceability.web.page import Cell, Column, Table, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GRAIN = 2.5  # pixels
MAX_SPOTS = 200  # as the picture of a chain
_SHOWN = 20  # entries of a place that are named
_SITES = (
    Column("number", "No.", "number"), Column("site", "Site", "id"), Column("country", "Country"),
    Column("part", "Part of it"), Column("area", "Conflict-affected or high-risk area"),
    Column("latitude", "Latitude", "number"), Column("longitude", "Longitude", "number"),
    Column("entries", "Entries of its events"),
)  # fmt: skip
_LEGS = (
    Column("leg", "Leg"), Column("start", "From"), Column("end", "To"), Column("left", "Last seen there", "time"),
    Column("arrived", "Seen here", "time"), Column("batches", "Batches", "id"),
)  # fmt: skip
_AREAS: Mapping[Area, tuple[str, str]] = {
    "listed": (N_("listed"), "major"), "part_unknown": (N_("may be: a part is listed, the part is not stated"), "gap"),
    "not_listed": (N_("not on the list"), "in_force"), "not_known": (N_("not known"), "waiting"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark with the numbers of its places; ``listed`` where one of them is, or may be."""

    x: float
    y: float
    numbers: str
    listed: bool


@dataclass(frozen=True, slots=True)
class MapPicture:
    """What the template draws: paths of land, with the listed countries apart, legs as path and arrow, and marks."""

    width: int
    height: int
    land: str
    hatched: str
    legs: Sequence[tuple[str, str]]
    marks: Sequence[Mark]


def context(found: SiteMap) -> dict[str, Any]:
    """Return what ``_map.html`` needs beside the tables."""
    too_many = len(found.spots) > MAX_SPOTS
    said = {"map_words": summary(found), "map_source": source(found)}
    return {"map_picture": None if too_many else picture(found), "map_too_large": too_many, **said}


def tables(found: SiteMap, *, legs: bool = True) -> list[Table]:
    """Return the places, and the legs between them where the goods of a chain moved."""
    empty = N_("No event says where it was.") if legs else N_("It has registered no site.")
    caption = N_("Sites, in the order of the chain") if legs else N_("Registered sites")
    made = [table("sites", caption, _SITES, map(_site, found.spots), empty)]
    if not legs:
        return made
    names = {one.number: _name(one) for one in found.spots}
    rows = [_leg(one, names) for one in found.legs]
    return [*made, table("legs", "Legs between the sites", _LEGS, rows, N_("No goods were seen at two places."))]


def _site(one: Spot) -> dict[str, Any]:
    place, (said, mark) = one.place, _AREAS[one.area]
    return {
        "number": one.number, "site": Cell(_name(one), whole=place.site), "area": Cell(gettext(said), mark=mark),
        "country": f"{country_name(place.country)} ({place.country})" if place.country else gettext("not stated"),
        "part": place.subdivision or gettext("not stated"), "latitude": _degrees(place.latitude),
        "longitude": _degrees(place.longitude),
        "entries": Cell(_entries(one.entries), href=url_for("web.log", upto=max(one.entries))),
    }  # fmt: skip


def _entries(entries: Sequence[int]) -> str:
    """Return the entries of the events at a place, the first twenty by number."""
    first, more = ", ".join(map(str, entries[:_SHOWN])), len(entries) - _SHOWN
    return gettext("%(first)s and %(num)s more", first=first, num=more) if more > 0 else first


def _name(one: Spot) -> str:
    if one.name:
        return one.name
    return words.short(one.place.site) if one.place.site else gettext("no site stated")


def _degrees(value: float | None) -> str:
    return gettext("not stated") if value is None else f"{value:.4f}\u00b0"


def _leg(one: Leg, names: Mapping[int, str]) -> dict[str, Any]:
    batches = ", ".join(map(words.short, one.batches))
    return {
        "leg": f"{one.start} \u2192 {one.end}", "start": names[one.start], "end": names[one.end],
        "left": words.clock_time(one.left), "arrived": words.clock_time(one.arrived),
        "batches": Cell(batches, whole=", ".join(one.batches)),
    }  # fmt: skip


def summary(found: SiteMap) -> str:
    """Return the map in words: how many places and legs, which lie in a listed area, and what is not known."""
    places, legs = len(found.spots), len(found.legs)
    said = [ngettext("%(num)s site", "%(num)s sites", places), ngettext("%(num)s leg", "%(num)s legs", legs)]
    for area, text in (
        ("listed", N_("%(num)s in a listed conflict-affected or high-risk area")),
        ("part_unknown", N_("%(num)s in a country of which a part is listed, without saying which part")),
        ("not_known", N_("of %(num)s it is not known whether it lies in a listed area")),
    ):
        count = sum(one.area == area for one in found.spots)
        said += [gettext(text, num=count)] if count else []
    bare = sum(one.place.latitude is None for one in found.spots)
    said += [gettext("%(num)s without coordinates, so not on the map", num=bare)] if bare else []
    said += (
        [ngettext("%(num)s event without a place", "%(num)s events without a place", found.unplaced)]
        if found.unplaced
        else []
    )
    return ", ".join(said)


def source(found: SiteMap) -> str:
    """Return by which list the areas are told."""
    if found.version is None:
        return gettext("The list of conflict-affected and high-risk areas is not loaded, so no area can be told.")
    return gettext(
        "Areas by the list of conflict-affected and high-risk areas, version %(version)s, on the days of the events. "
        "Hatched: countries of these sites that it names, or of which it names a part.", version=found.version[:80],
    )  # fmt: skip


def picture(found: SiteMap) -> MapPicture | None:
    """Return the picture; None where no place has coordinates."""
    points = tuple(
        Point(one.number, "", one.place.latitude, one.place.longitude)
        for one in found.spots
        if one.place.latitude is not None and one.place.longitude is not None
    )
    if not points:
        return None
    view = View(points)
    at = {one.number: view.at(one.latitude, one.longitude) for one in points}
    warned = {one.number for one in found.spots if one.area in ("listed", "part_unknown")}
    land, hatched = _land(points, found.countries)
    marks = [Mark(x, y, ", ".join(map(str, numbers)), bool(warned & set(numbers))) for x, y, numbers in together(at)]
    legs = [_arrow(at[one.start], at[one.end]) for one in found.legs if one.start in at and one.end in at]
    return MapPicture(int(WIDTH), round(view.height), land, hatched, legs, marks)


@lru_cache(maxsize=64)
def _land(points: tuple[Point, ...], listed: frozenset[str]) -> tuple[str, str]:
    """Return the outlines as one path, and those of listed countries as another; the same chain is drawn once."""
    land: list[str] = []
    hatched: list[str] = []
    for country, line in View(points).lines(coarse=True, grain=_GRAIN):
        (hatched if country in listed else land).append(_path(line))
    return "".join(land), "".join(hatched)


def _path(line: "NDArray[np.float64]") -> str:
    """Return a closed line as a path of whole pixels from point to point."""
    points = line.round().astype(int).tolist()
    steps = " ".join(f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(points))
    return f"M{points[0][0]} {points[0][1]}l{steps}z"


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> tuple[str, str]:
    """Return a leg's line, and where the arrow in its middle stands and points."""
    (x0, y0), (x1, y1) = start, end
    turned = degrees(atan2(y1 - y0, x1 - x0))
    middle = f"translate({(x0 + x1) / 2:.1f} {(y0 + y1) / 2:.1f}) rotate({turned:.1f})"
    return f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}", middle
