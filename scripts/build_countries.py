"""Build traceability/documents/rules/countries.csv from the CLDR: ``python scripts/build_countries.py``.

Names of countries in the languages with rules, as Babel carries them. Names that the hand-written list of places has
are left out, and the two Congos, which languages tell apart in ways of their own.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel import Locale

from traceability.documents.language import LANGUAGES
from traceability.documents.rulefiles import read_list

RULES = Path(__file__).resolve().parents[1] / "traceability" / "documents" / "rules"
_BY_HAND = frozenset({"CD", "CG"})
# Islands and bases that no paper of this kind is about, and names that are surnames, isles' names or words.
_LEFT_OUT = frozenset(
    {"AC", "AQ", "BV", "CC", "CP", "CQ", "CX", "DG", "EA", "EU", "EZ", "GG", "GS", "HM", "IC", "IM", "IO", "JE", "NF",
     "PN", "QO", "SJ", "TA", "TF", "UM", "UN", "XA", "XB", "ZZ", "CW", "BL", "MF"}
)  # fmt: skip
_FORMS = re.compile(r"[^()]+")
_SHORT = 4


def main() -> None:
    """Write the table."""
    (RULES / "countries.csv").write_text(table(), "utf-8")


def table() -> str:
    """Return the table: one name a row, with the country's ISO 3166-1 code, sorted."""
    taken = {str(name).lower() for forms in read_list("places.list.yml").values() for name in forms["names"]}
    out = io.StringIO()
    out.write(
        "# Names of countries in the languages with rules: CLDR as Babel carries it (Unicode License v3), built by\n"
    )
    out.write("# by scripts/build_countries.py.\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "country"))
    writer.writerows(sorted({(name, code) for name, code in _names() if name.lower() not in taken}))
    return out.getvalue()


def _names() -> Iterator[tuple[str, str]]:
    for lang in LANGUAGES:
        for code, shown in Locale(lang).territories.items():
            if code.isalpha() and code not in _BY_HAND | _LEFT_OUT:
                yield from ((name, code) for name in _forms(shown))


def _forms(shown: str) -> Iterator[str]:
    """Yield the names in "Myanmar (Burma)"; those of administrative regions are not what people write."""
    if re.search(r"SAR\b|RAE\b|RAS\b|R\.A\.S|Sonderverwaltung|\u7279\u522b\u884c\u653f\u533a", shown):
        return
    for form in _FORMS.findall(shown.replace("\u2019", "'")):
        name = form.strip()
        if len(name) >= (_SHORT if name[:1] < "\u2e80" else 2) and not name[:1].islower():
            yield name


if __name__ == "__main__":
    main()
