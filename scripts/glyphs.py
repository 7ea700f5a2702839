"""Which characters the fonts that typst brings along can set, as traceability/services/evidence/glyphs.txt holds them.

Asks typst itself: PDF/A refuses a text with a missing glyph, so a run of characters is halved until each part is either
set or refused. Run again after an update of typst: `.venv/bin/python scripts/glyphs.py`.
"""

import sys
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import typst

TARGET = Path(__file__).parents[1] / "traceability" / "services" / "evidence" / "glyphs.txt"
_FONTS = '("Libertinus Serif", "DejaVu Sans Mono")'
#: Scripts these fonts set as their readers write them; CJK, Indic and others are not in them.
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "ARMENIAN", "GEORGIAN")
_PLAIN = ("N", "P", "S")
_MOST = 0x2FFF


def main() -> None:
    """Write the table."""
    found = [chr(one) for one in range(0x20, _MOST) if _asked(chr(one))]
    shown = sorted(ord(one) for one in _shown(found))
    lines = [f"{first:04X}-{last:04X}" for first, last in _ranges(shown)]
    TARGET.write_text("\n".join(lines) + "\n")
    sys.stdout.write(f"{len(shown)} characters in {len(lines)} ranges\n")


def _asked(one: str) -> bool:
    kind, name = unicodedata.category(one), unicodedata.name(one, "")
    return (
        one == " "
        or kind[0] in _PLAIN
        or (kind[0] in "LM" and name.split(" ")[0] in (*_SCRIPTS, "COMBINING", "MODIFIER"))
    )


def _shown(chars: Sequence[str]) -> Iterator[str]:
    if not chars:
        return
    if _set(chars):
        yield from chars
    elif len(chars) > 1:
        middle = len(chars) // 2
        yield from _shown(chars[:middle])
        yield from _shown(chars[middle:])


def _set(chars: Sequence[str]) -> bool:
    """Return whether every one of these can be set alone, in each weight the report uses."""
    source = (
        f'#set document(title: "x")\n#set text(font: {_FONTS}, fallback: false)\n'
        "#let all = json(bytes(sys.inputs.all))\n#for one in all [#one #strong(one)\\ ]\n"
    )
    import json

    inputs = {"all": json.dumps([one if not unicodedata.combining(one) else f"a{one}" for one in chars])}
    try:
        typst.compile(
            source.encode(), format="pdf", ignore_system_fonts=True, sys_inputs=inputs, pdf_standards=["a-3a"]
        )
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return False
    return True


def _ranges(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(places), 1) if b != a + 1), len(places)]
    for start, end in pairwise(breaks):
        yield places[start], places[end - 1]


if __name__ == "__main__":
    main()
