"""A share as a bar in SVG: hatched, so that colour is never alone; its words stand beside it.

One beyond 100 % fills the bar, and the line it is held against moves: the picture never ends before its number.
"""

from decimal import Decimal
from xml.sax.saxutils import escape

from traceability.diligence.reports.model import Bar
from traceability.services.reports.render import said

_WIDTH, _HEIGHT = 300, 18
_FULL = Decimal(100)


def as_svg(bar: Bar, *, titled: bool = True) -> str:
    """Return the bar: an outline of the whole, the share hatched in it, the line it is held against dashed.

    Its words are in it if ``titled``.
    """
    whole = max(_FULL, bar.percent)
    title = f"<title>{escape(said.bar(bar))}</title>" if titled else ""
    filled = _at(bar.percent, whole)
    line = "" if bar.line is None else _line(_at(bar.line, whole))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{title}'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" fill="#cfdcec"/><path d="M0 6 6 0" stroke="#1d4f8b" stroke-width="1.5"/>'
        f'</pattern></defs><rect x="1" y="3" width="{filled}" height="12" fill="url(#hatch)"/>'
        f'<rect x="1" y="3" width="{_WIDTH - 2}" height="12" fill="none" stroke="#1d4f8b"/>{line}</svg>'
    )


def _at(percent: Decimal, whole: Decimal) -> str:
    share = max(Decimal(0), min(percent, whole)) / whole
    return f"{(share * (_WIDTH - 2)).quantize(Decimal('0.1')):f}"


def _line(x: str) -> str:
    return f'<path d="M{x} 0V{_HEIGHT}" stroke="#8b1d1d" stroke-width="2" stroke-dasharray="4 2"/>'
