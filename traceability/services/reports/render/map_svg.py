"""A map in SVG: outlines of countries, numbered places, and journeys between them; nothing is fetched for it.

A picture, not a survey: what a place is and where it lies stands in the table under its number.
"""

from math import atan2, degrees
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from traceability.diligence.reports.model import Map
from traceability.services.map_view import WIDTH, View, together
from traceability.services.reports.render import said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def as_map_svg(one: Map) -> str:
    """Return the map; raises ValueError where it has no place."""
    if not one.points:
        raise ValueError("a map without a place has nothing to show")
    view = View(one.points)
    places = {point.number: view.at(point.latitude, point.longitude) for point in one.points}
    land = "".join(_path(line) for _, line in view.lines())
    legs = "".join(_leg(places[start], places[end]) for start, end in one.journeys)
    marks = "".join(_mark(x, y, ", ".join(map(str, numbers))) for x, y, numbers in together(places))
    size = f'width="{WIDTH:.0f}" height="{view.height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} viewBox="0 0 {WIDTH:.0f} {view.height:.0f}">'
        f"<title>{escape(said.visible(said.on_map(one)))}</title>"
        f'<rect {size} fill="#eaf1f6"/><path d="{land}" fill="#f8f6ef" stroke="#8a8f94" stroke-width="0.7" '
        f'fill-rule="evenodd"/>{legs}{marks}<rect {size} fill="none" stroke="#5b6770"/></svg>'
    )


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


def _mark(x: float, y: float, numbers: str) -> str:
    said_at = f'x="{x + 7:.1f}" y="{y - 6:.1f}"'
    font = 'font-family="DejaVu Sans Mono, monospace" font-size="13" font-weight="bold"'
    halo = 'stroke="#ffffff" stroke-width="3" paint-order="stroke"'
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#1d4f8b" stroke="#ffffff" stroke-width="1.5"/>'
        f'<text {said_at} {font} {halo} fill="#12304f">{numbers}</text>'
    )
