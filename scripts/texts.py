"""Bring the languages of the pages up to date: new texts are added to each file, those no longer used leave it.

``--check`` changes nothing and leaves with 1 where a file is not what this would write, or a text is not translated.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from phrases import phrases

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "traceability" / "web"
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
#: Calls whose texts are printed; the number is which argument, where it is not the first.
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "N_": None,
    "Column": (2,), "Mark": (1,), "Page": (1,), "table": (2,), "Table": (2,),
}  # fmt: skip
_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{[^{}]+\}")


def main() -> None:
    """Write, or check, each language's file."""
    check, bad = "--check" in sys.argv, []
    template = collected()
    for path in sorted((WEB / "languages").glob("*.po")):
        catalog = updated(path, template)
        written = as_text(catalog)
        if not check:
            path.write_bytes(written)
        elif written != path.read_bytes():
            bad.append(f"{path.name}: the texts of the pages have changed; run `make texts` and translate what is new")
        bad += [f"{path.name}: {why}" for why in problems(catalog)]
    print("\n".join(bad) or f"{len(template)} texts in each language")
    sys.exit(1 if bad and check else 0)


def collected() -> Catalog:
    """Return every text of the pages, and of the rooms below that they print, in a stable order."""
    template = Catalog(project="traceability", charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        WEB, METHODS, OPTIONS, KEYWORDS, comment_tags=("texts:",), strip_comment_tags=True
    ):
        texts = message if isinstance(message, tuple) else (message,)
        if all(texts):
            template.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    for text, name in phrases():
        template.add(text, None, [(name, 0)])
    return _unmarked(template)


def updated(path: Path, template: Catalog) -> Catalog:
    """Return a language's file with the texts of today, and the translations it has of them."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.stem)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return _unmarked(catalog)


def _unmarked(catalog: Catalog) -> Catalog:
    """Take gettext's mark of a form from texts that only look like one: the per cent of "2 % of" is none."""
    for message in catalog:
        if not _PLACEHOLDER.search(str(message.id)):
            message.flags.discard("python-format")
    return catalog


def as_text(catalog: Catalog) -> bytes:
    """Return the file: in the order of the texts, without line numbers, which change with every line of code."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, sort_output=True, include_lineno=False, omit_header=True)
    return header(catalog) + out.getvalue()


def header(catalog: Catalog) -> bytes:
    """Return what gettext needs to know of a file; no dates, which would differ each time."""
    said = {
        "Language": str(catalog.locale),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": catalog.plural_forms,
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in said.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode()


def problems(catalog: Catalog) -> Iterator[str]:
    """Return what is not translated, and translations whose placeholders are not those of the text."""
    for message in catalog:
        if not message.id:
            continue
        said = message.string if isinstance(message.string, tuple | list) else (message.string,)
        told = [one for one in said if one]
        if len(told) < len(said):
            yield f"not translated: {message.id!r}"
            continue
        if isinstance(message.id, str):
            same = _slots(told[0]) == _slots(message.id)
        else:  # "one of" may say the number in a word
            same = len(told) == catalog.num_plurals and all(_slots(one) <= _slots(message.id[-1]) for one in told)
        if not same:
            yield f"other placeholders than the text has: {message.id!r}"


def _slots(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


if __name__ == "__main__":
    main()
