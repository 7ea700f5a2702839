"""A map in SVG: outlines of countries, numbered places, and journeys between them; nothing is fetched for it.

Longitude and latitude are drawn as they are, narrowed by the cosine of the middle latitude. A picture, not a survey:
what a place is and where it lies stands in the table under its number.
"""

from collections.abc import Iterator, Sequence
from math import atan2, cos, degrees, hypot, radians
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from traceability.custody.borders import outlines
from traceability.diligence.reports.model import Map, Point
from traceability.services.reports.render import said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDTH: Final = 640.0
_LOWEST, _HIGHEST = 240.0, 560.0
_AROUND: Final = 0.15  # of the places' own box, on each side
_LEAST: Final = 4.0  # degrees that are shown at least
_TOGETHER: Final = 14.0  # pixels: places nearer than this share one mark
_BESIDE: Final = 8.0  # pixels: what lies farther outside is drawn there
_HALF: Final = 180.0
_GRAIN: Final = 1.6  # pixels: outlines are drawn no finer
_CORNERS: Final = 3  # what has no more of them left is too small to be seen


class _View:
    """The part of the world that is drawn, and where a point of it lies on the page."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.shift = _shift([point.longitude for point in points])
        longitudes = [self.east(point.longitude) for point in points]
        latitudes = [point.latitude for point in points]
        squeeze = max(0.2, cos(radians((min(latitudes) + max(latitudes)) / 2)))
        wide, high = _span(longitudes), _span(latitudes)
        self.scale = min(_WIDTH / (wide * squeeze), _HIGHEST / high)
        self.height = min(_HIGHEST, max(_LOWEST, high * self.scale))
        self._x, self._y = self.scale * squeeze, self.scale
        self._middle = ((min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2)

    def east(self, longitude: float) -> float:
        """Return a longitude on the side of the date line that is drawn."""
        return longitude + 360 if longitude < self.shift else longitude

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a point lies, in pixels from the upper left."""
        x = _WIDTH / 2 + (self.east(longitude) - self._middle[0]) * self._x
        return x, self.height / 2 - (latitude - self._middle[1]) * self._y

    def lines(self) -> Iterator["NDArray[np.float64]"]:
        """Yield the outlines that are to be seen, in pixels, without what is too small or too far to be."""
        import numpy as np

        side, up = _WIDTH / 2 / self._x, self.height / 2 / self._y
        west, east = self._middle[0] - side, self._middle[0] + side
        south, north = self._middle[1] - up, self._middle[1] + up
        for turn in (-360.0, 0.0, 360.0):
            for line in outlines(south, north, west - turn, east - turn):
                around = np.unwrap(line[:, 0], period=360)  # some lie on both sides of the date line
                x = _WIDTH / 2 + (around + turn - self._middle[0]) * self._x
                y = self.height / 2 - (line[:, 1] - self._middle[1]) * self._y
                near = np.column_stack((x.clip(-_BESIDE, _WIDTH + _BESIDE), y.clip(-_BESIDE, self.height + _BESIDE)))
                near = (near / _GRAIN).round() * _GRAIN
                moved = np.any(np.diff(near, axis=0, prepend=np.inf), axis=1)
                if moved.sum() > _CORNERS:
                    yield near[moved]


def as_map_svg(one: Map) -> str:
    """Return the map; raises ValueError where it has no place."""
    if not one.points:
        raise ValueError("a map without a place has nothing to show")
    view = _View(one.points)
    places = {point.number: view.at(point.latitude, point.longitude) for point in one.points}
    land = "".join(_path(line) for line in view.lines())
    legs = "".join(_leg(places[start], places[end]) for start, end in one.journeys)
    marks = "".join(_mark(*found) for found in _marks(places))
    size = f'width="{_WIDTH:.0f}" height="{view.height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} viewBox="0 0 {_WIDTH:.0f} {view.height:.0f}">'
        f"<title>{escape(said.visible(said.on_map(one)))}</title>"
        f'<rect {size} fill="#eaf1f6"/><path d="{land}" fill="#f8f6ef" stroke="#8a8f94" stroke-width="0.7" '
        f'fill-rule="evenodd"/>{legs}{marks}<rect {size} fill="none" stroke="#5b6770"/></svg>'
    )


def _span(values: Sequence[float]) -> float:
    return max(_LEAST, (max(values) - min(values)) * (1 + 2 * _AROUND))


def _shift(longitudes: Sequence[float]) -> float:
    """Return the longitude west of which the world is turned once around, so that the places lie the closest."""
    turned = [longitude + 360 if longitude < 0 else longitude for longitude in longitudes]
    return 0.0 if max(turned) - min(turned) < max(longitudes) - min(longitudes) else -_HALF


def _path(line: "NDArray[np.float64]") -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in line.tolist()) + "Z"


def _leg(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return a line with an arrow in its middle, so that its direction is seen without colour."""
    (x0, y0), (x1, y1) = start, end
    turned = degrees(atan2(y1 - y0, x1 - x0))
    path, dashed = f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}", 'stroke-width="1.5" stroke-dasharray="5 3"'
    at = f"translate({(x0 + x1) / 2:.1f} {(y0 + y1) / 2:.1f}) rotate({turned:.1f})"
    line = f'<path d="{path}" stroke="#8b1d1d" {dashed}/>'
    return f'{line}<path d="M6 0L-4 -4.5V4.5Z" transform="{at}" fill="#8b1d1d"/>'


def _marks(places: dict[int, tuple[float, float]]) -> list[tuple[float, float, str]]:
    """Return the marks: places that would cover each other share one, with all their numbers."""
    marks: list[tuple[float, float, list[int]]] = []
    for number, (x, y) in places.items():
        near = next((mark for mark in marks if hypot(mark[0] - x, mark[1] - y) < _TOGETHER), None)
        if near is None:
            marks.append((x, y, [number]))
        else:
            near[2].append(number)
    return [(x, y, ", ".join(map(str, numbers))) for x, y, numbers in marks]


def _mark(x: float, y: float, numbers: str) -> str:
    said_at = f'x="{x + 7:.1f}" y="{y - 6:.1f}"'
    font = 'font-family="DejaVu Sans Mono, monospace" font-size="13" font-weight="bold"'
    halo = 'stroke="#ffffff" stroke-width="3" paint-order="stroke"'
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#1d4f8b" stroke="#ffffff" stroke-width="1.5"/>'
        f'<text {said_at} {font} {halo} fill="#12304f">{numbers}</text>'
    )
