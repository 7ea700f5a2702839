"""The part of the world that a map shows: where its places lie on the page, the outlines around them, shared marks.

Longitude and latitude are drawn as they are, narrowed by the cosine of the middle latitude.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import cos, hypot, radians
from typing import TYPE_CHECKING, Final

from traceability.custody.borders import Outline, outlines, thinned
from traceability.diligence.reports.model import Point

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH: Final = 640.0
_LOWEST, _HIGHEST = 240.0, 560.0
_AROUND: Final = 0.15  # of the places' own box, on each side
_LEAST: Final = 4.0  # degrees that are shown at least
_TOGETHER: Final = 14.0  # pixels: places nearer than this share one mark
_BESIDE: Final = 8.0  # pixels: what lies farther outside is drawn there
_HALF: Final = 180.0
_GRAIN: Final = 1.6  # pixels: outlines are drawn no finer
_CORNERS: Final = 3  # what has no more of them left is too small to be seen
_WIDE: Final = 30.0  # degrees from which coarse outlines are as good: a quarter of one is no more than a line's width


class View:
    """The part of the world that is drawn, and where a point of it lies on the page."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.shift = _shift([point.longitude for point in points])
        longitudes = [self.east(point.longitude) for point in points]
        latitudes = [point.latitude for point in points]
        squeeze = max(0.2, cos(radians((min(latitudes) + max(latitudes)) / 2)))
        wide, high = _span(longitudes), _span(latitudes)
        self.scale = min(WIDTH / (wide * squeeze), _HIGHEST / high)
        self.height = min(_HIGHEST, max(_LOWEST, high * self.scale))
        self._x, self._y = self.scale * squeeze, self.scale
        self._middle = ((min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2)

    def east(self, longitude: float) -> float:
        """Return a longitude on the side of the date line that is drawn."""
        return longitude + 360 if longitude < self.shift else longitude

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a point lies, in pixels from the upper left."""
        x = WIDTH / 2 + (self.east(longitude) - self._middle[0]) * self._x
        return x, self.height / 2 - (latitude - self._middle[1]) * self._y

    def lines(self, *, coarse: bool = False, grain: float = _GRAIN) -> Iterator[Outline]:
        """Yield the outlines that are to be seen, in pixels, without what is too small or too far to be.

        They are on a grid of ``grain`` pixels, or, if ``coarse``, have one point in each of its cells; then much of the
        world is drawn from coarser lines, in a tenth of the time.
        """
        side, up = WIDTH / 2 / self._x, self.height / 2 / self._y
        west, east = self._middle[0] - side, self._middle[0] + side
        south, north = self._middle[1] - up, self._middle[1] + up
        rough = coarse and east - west > _WIDE
        for turn in (-360.0, 0.0, 360.0):
            for country, line in outlines(south, north, west - turn, east - turn, coarse=rough):
                placed = self._placed(line, turn)
                seen = thinned(placed, grain) if coarse else _on_grid(placed, grain)
                if len(seen) > _CORNERS:
                    yield Outline(country, seen)

    def _placed(self, line: "NDArray[np.float64]", turn: float) -> "NDArray[np.float64]":
        """Return a line in pixels; what lies far outside is drawn just outside."""
        import numpy as np

        around = np.unwrap(line[:, 0], period=360)  # some lie on both sides of the date line
        x = WIDTH / 2 + (around + turn - self._middle[0]) * self._x
        y = self.height / 2 - (line[:, 1] - self._middle[1]) * self._y
        return np.column_stack((x.clip(-_BESIDE, WIDTH + _BESIDE), y.clip(-_BESIDE, self.height + _BESIDE)))


def _on_grid(line: "NDArray[np.float64]", grain: float) -> "NDArray[np.float64]":
    import numpy as np

    near: NDArray[np.float64] = (line / grain).round() * grain
    return near[np.any(np.diff(near, axis=0, prepend=np.inf), axis=1)]


def _span(values: Sequence[float]) -> float:
    return max(_LEAST, (max(values) - min(values)) * (1 + 2 * _AROUND))


def _shift(longitudes: Sequence[float]) -> float:
    """Return the longitude west of which the world is turned once around, so that the places lie the closest."""
    turned = [longitude + 360 if longitude < 0 else longitude for longitude in longitudes]
    return 0.0 if max(turned) - min(turned) < max(longitudes) - min(longitudes) else -_HALF


def together(places: Mapping[int, tuple[float, float]]) -> list[tuple[float, float, list[int]]]:
    """Return where marks stand, with their numbers: places that would cover each other share one."""
    marks: list[tuple[float, float, list[int]]] = []
    for number, (x, y) in places.items():
        near = next((mark for mark in marks if hypot(mark[0] - x, mark[1] - y) < _TOGETHER), None)
        if near is None:
            marks.append((x, y, [number]))
        else:
            near[2].append(number)
    return marks
