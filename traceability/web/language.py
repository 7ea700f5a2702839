"""The reader's language: the texts of the pages (gettext), and how days, moments and numbers are written.

English is in the code. Every other language is one file, ``languages/CODE.po``: whoever adds one adds a language.
"""

import io
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol
from babel.support import Translations
from flask import Flask, g, has_request_context, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

ENGLISH: Final = "en"
COOKIE: Final = "language"
FOLDER: Final = Path(__file__).with_name("languages")
_YEAR = 365 * 24 * 3600
_ISO = re.compile(r"(?<![\w:/.-])(\d{4}-\d\d-\d\d)(?: (\d\d):(\d\d) (UTC|[+-]\d\d:\d\d))?(?![\w:/-])")


class Verbatim(str):
    """What somebody wrote, such as the name of a file: printed as it is, though it read like a text of ours."""

    __slots__ = ()


@cache
def languages() -> Mapping[str, str]:
    """Return the languages there are, by their code (ISO 639-1), each by its own name."""
    codes = [ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po"))]
    return {code: str(Locale(code).get_language_name(code)).capitalize() for code in codes}


def install(app: Flask) -> None:
    """Give templates ``gettext``, ``ngettext`` and ``trans``."""
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_found, _found_of_many, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it


def current() -> str:
    """Return the language of the answer: what the reader chose, else the first of the browser's that is there."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, "")
        known = list(languages())
        g.language = chosen if chosen in known else request.accept_languages.best_match(known, ENGLISH)
    return str(g.language)


def remember(answer: AnyResponse, code: str) -> None:
    """Keep a choice for a year, in this browser."""
    answer.set_cookie(COOKIE, code, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)


def gettext(text: str, **values: Any) -> str:
    """Return a text in the reader's language; ``%(name)s`` stands for the value of that name."""
    found = _found(text)
    return found % values if values else found


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """Return the form of a text that goes with a number, which stands in it as ``%(num)s``."""
    return _found_of_many(one, many, num) % {"num": num, **values}


@cache
def texts(code: str) -> Mapping[str, str]:
    """Return every text of a language that goes with no number, by the English one; of English none."""
    if code == ENGLISH:
        return {}
    said = ((one.id, one.string) for one in _catalog(code))
    return {text: told for text, told in said if text and told and isinstance(text, str) and isinstance(told, str)}


def N_(text: str) -> str:  # noqa: N802  # gettext's own name for what is translated where it is printed
    """Return a text as it is: it is collected here for the files of languages, and translated where it is printed."""
    return text


def with_days(text: str) -> Markup:
    """Return a text whose days and moments (ISO 8601) are as the reader writes them; titles tell them exactly."""
    pieces, done = [], 0
    for found in _ISO.finditer(text):
        pieces += [escape(text[done : found.start()]), _printed(found)]
        done = found.end()
    return Markup("").join([*pieces, escape(text[done:])])


def _printed(found: re.Match[str]) -> Markup:
    exact, day, hour, minute, zone = found.group(0, 1, 2, 3, 4)
    try:
        when = datetime.fromisoformat(f"{day}T{hour or '00'}:{minute or '00'}")
    except ValueError:  # a number that looks like a day
        return escape(exact)
    said = format_date(when, "d MMM y", locale=_locale()) + (f", {hour}:{minute} {zone}" if hour else "")
    machine = f"{day}T{hour}:{minute}{zone.replace('UTC', 'Z')}" if hour else day
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, exact, said)


def decimal(text: str) -> str:
    """Return a decimal number with the reader's decimal sign, thousands apart by a narrow space; never rounded."""
    whole, dot, rest = text.partition(".")
    grouped = f"{int(whole):,}".replace(",", "\u202f")
    return f"{grouped}{get_decimal_symbol(_locale()) if dot else ''}{rest}"


def country_name(code: str) -> str:
    """Return the name of a country (ISO 3166-1 alpha-2); one that CLDR does not know stays its code."""
    return str(Locale.parse(_locale()).territories.get(code, code))


def _locale() -> str:
    code = current()
    return "en_GB" if code == ENGLISH else code  # the day before the month, as everywhere in Europe


def _found(text: str) -> str:
    if not text or isinstance(text, Verbatim):  # of no text gettext tells about its file
        return text
    return str(_translations(current()).gettext(text))


def _found_of_many(one: str, many: str, num: int) -> str:
    return str(_translations(current()).ngettext(one, many, num))


@cache
def _translations(code: str) -> Any:
    """Return the texts of a language, read once: what its file says, put into gettext's own form."""
    if code == ENGLISH:
        return Translations()
    compiled = io.BytesIO()
    write_mo(compiled, _catalog(code))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _catalog(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)
