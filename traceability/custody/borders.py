"""Which country a point lies in, by the borders of Natural Earth at 1:10,000,000 (``scripts/borders.py``).

A wrong country is a false accusation or a missed risk, so a point says nothing where the map is not sure: nearer than
10 km to another country (lines of this scale are off by up to 2 km), in an area that states contest, or at sea. Which
part of a country a point lies in is never read off it.
"""

import gzip
import json
from functools import cached_property, lru_cache
from math import cos, inf, radians
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TABLE: Final = Path(__file__).parent / "data" / "borders.json.gz"
SURE_KM: Final = 10.0
"""A point nearer than this to another country is in neither."""
COAST_KM: Final = 5.0
"""A quay or a bank that the map leaves in the water is in the only country nearer than this."""
_GRID: Final = 0.25  # degrees, of coarse outlines
_SEEN: Final = 0.6  # degrees: an island of less is no more than a dot on such a picture
_POLE: Final = 0.01  # the cosine of a latitude where meridians have met
_KM_PER_DEGREE: Final = 111.195  # of the mean Earth radius (6371 km)
# The map draws one side's line here: south, north, west, east (degrees).
_CONTESTED: Final = (
    ("Crimea", 44.2, 46.3, 32.3, 36.8),
    ("Kashmir and Aksai Chin", 32.2, 37.2, 72.4, 80.5),
    ("Arunachal Pradesh", 26.6, 29.6, 91.5, 97.5),
    ("the West Bank", 31.3, 32.6, 34.85, 35.6),
    ("the Golan Heights", 32.6, 33.5, 35.55, 36.0),
    ("Abkhazia and South Ossetia", 41.8, 43.7, 39.9, 44.6),
    ("Nagorno-Karabakh", 39.0, 40.4, 46.0, 47.4),
    ("Transnistria", 46.6, 48.2, 28.8, 30.1),
    ("Western Sahara", 20.7, 27.8, -17.2, -8.6),
    ("the Hala'ib Triangle", 21.9, 23.3, 33.1, 37.0),
    ("Abyei", 9.2, 10.3, 27.7, 29.1),
    ("the Ilemi Triangle", 4.2, 5.4, 34.3, 36.0),
    ("the east of Ukraine", 45.9, 50.2, 32.0, 40.3),
)


class Found(NamedTuple):
    """A country (ISO 3166-1 alpha-2), or None and why there is none."""

    country: str | None
    why: str = ""


class _Ring(NamedTuple):
    country: str
    longitudes: "NDArray[np.float64]"
    latitudes: "NDArray[np.float64]"
    box: tuple[float, float, float, float]  # south, north, west, east

    def around(self, latitude: float, longitude: float, up: float, side: float) -> bool:
        """Tell whether a point lies in the box, or so many degrees beside it."""
        south, north, west, east = self.box
        return south - up <= latitude <= north + up and west - side <= longitude <= east + side


class Outline(NamedTuple):
    """A line around a country, or a part of it: ISO 3166-1 alpha-2 (empty where contested), longitude and latitude."""

    country: str
    line: "NDArray[np.float64]"


def outlines(south: float, north: float, west: float, east: float, *, coarse: bool = False) -> list[Outline]:
    """Return the outlines of countries that meet a box (WGS 84, degrees): rows of longitude and latitude each.

    They are to be looked at only: where states contest a line, it is drawn as the map has it. ``coarse`` ones have a
    point in a quarter of a degree, and no small islands: for a picture of much of the world.
    """
    import numpy as np

    found = _borders().within(south, north, west, east, coarse=coarse)
    return [Outline(ring.country, np.column_stack((ring.longitudes, ring.latitudes))) for ring in found]


def country_at(latitude: float, longitude: float) -> Found:
    """Return the country of a point (WGS 84, degrees), where the map is sure of it."""
    contested = [name for name, south, north, west, east in _CONTESTED
                 if south <= latitude <= north and west <= longitude <= east]  # fmt: skip
    if contested:
        return Found(None, f"states do not agree whose {contested[0]} is")
    inside, near = _around(latitude, longitude)
    if inside is None:
        coast = [code for code, km in near.items() if km < COAST_KM]
        if len(coast) != 1:
            return Found(None, "it lies at sea")
        inside = coast[0]
    others = {code for code, km in near.items() if km < SURE_KM and code != inside}
    if "" in {inside, *others}:
        return Found(None, "states do not agree whose it is")
    if others:
        said = " and ".join(sorted({inside, *others}))
        return Found(None, f"it lies within {SURE_KM:g} km of the border of {said}, where the map is not exact")
    return Found(inside)


def _around(latitude: float, longitude: float) -> tuple[str | None, dict[str, float]]:
    """Return the country a point is drawn in, and the distance (km) of the borders of those around it."""
    crossed: dict[str, int] = {}
    near: dict[str, float] = {}
    for ring in _borders().near(latitude, longitude):
        crossings, km = _against(ring, latitude, longitude)
        crossed[ring.country] = crossed.get(ring.country, 0) + crossings
        near[ring.country] = min(near.get(ring.country, inf), km)
    return next((code for code, number in crossed.items() if number % 2), None), near


def _against(ring: _Ring, latitude: float, longitude: float) -> tuple[int, float]:
    """Return how often a ray to the east crosses a ring, and how far (km) the point is from it."""
    import numpy as np

    x = (ring.longitudes - longitude) * _KM_PER_DEGREE * cos(radians(latitude))
    y = (ring.latitudes - latitude) * _KM_PER_DEGREE
    x0, x1, y0, y1 = x[:-1], x[1:], y[:-1], y[1:]
    dx, dy = x1 - x0, y1 - y0
    crosses = (y0 > 0) != (y1 > 0)
    at = x0[crosses] - y0[crosses] * dx[crosses] / dy[crosses]
    length = dx * dx + dy * dy
    along = np.clip(-(x0 * dx + y0 * dy) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    nearest = np.hypot(x0 + along * dx, y0 + along * dy).min()
    return int((at > 0).sum()), float(nearest)


class _Borders:
    """The rings of all countries, put together from their lines when they are first looked at."""

    def __init__(self, said: Any) -> None:
        self._said = said

    def within(self, south: float, north: float, west: float, east: float, *, coarse: bool = False) -> list[_Ring]:
        """Return the rings whose box meets a box (degrees)."""
        return [
            ring
            for ring in (self._coarse if coarse else self._rings)
            if ring.box[0] <= north and ring.box[1] >= south and ring.box[2] <= east and ring.box[3] >= west
        ]

    def near(self, latitude: float, longitude: float) -> list[_Ring]:
        """Return the rings whose box a point lies in or not far from."""
        up = 2 * SURE_KM / _KM_PER_DEGREE
        side = up / max(cos(radians(latitude)), _POLE)
        return [ring for ring in self._rings if ring.around(latitude, longitude, up, side)]

    @cached_property
    def _rings(self) -> list[_Ring]:
        import numpy as np

        scale, translate = np.array(self._said["scale"]), np.array(self._said["translate"])
        lines = [np.cumsum(np.array(line), axis=0) * scale + translate for line in self._said["arcs"]]
        made = []
        for country, rings in self._said["countries"].items():
            for ring in rings:
                points = np.concatenate([lines[number] if number >= 0 else lines[~number][::-1] for number in ring])
                (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
                made.append(_Ring(country, points[:, 0], points[:, 1], (south, north, west, east)))
        return made

    @cached_property
    def _coarse(self) -> list[_Ring]:
        return [_coarser(ring) for ring in self._rings if _reach(ring) >= _SEEN]


def _reach(ring: _Ring) -> float:
    south, north, west, east = ring.box
    return max(north - south, east - west)


def _coarser(ring: _Ring) -> _Ring:
    import numpy as np

    kept = thinned(np.column_stack((ring.longitudes, ring.latitudes)), _GRID)
    return ring._replace(longitudes=kept[:, 0], latitudes=kept[:, 1])


def thinned(line: "NDArray[np.float64]", cell: float) -> "NDArray[np.float64]":
    """Return a line with one point, the middle, for each stretch in one cell of a grid.

    Read backwards it gives the same points, so that neighbours keep one border.
    """
    import numpy as np

    moved = np.any(np.diff((line / cell).round(), axis=0, prepend=np.inf), axis=1)
    starts = np.flatnonzero(moved)
    lengths = np.diff(starts, append=len(line))
    middle: NDArray[np.float64] = np.add.reduceat(line, starts) / lengths[:, None]
    return middle


@lru_cache(maxsize=1)
def _borders() -> _Borders:
    return _Borders(json.loads(gzip.decompress(_TABLE.read_bytes())))
