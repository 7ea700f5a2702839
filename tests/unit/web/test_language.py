"""The reader's language: chosen, read from its file, and kept away from what readers and documents wrote."""

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from traceability.web import language, words

TEMPLATES = sorted((Path(language.__file__).parent / "templates").glob("*.html"))


@pytest.fixture(scope="module")
def app():
    made = Flask(__name__)
    language.install(made)
    made.jinja_env.filters["translated"] = language.gettext
    return made


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        (None, "nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        (None, "fr,de", "en"),
        (None, "", "en"),
        ("nl", "en", "nl"),
        ("en", "nl", "en"),
        ("../../etc/passwd", "nl", "nl"),
        ("xx", "", "en"),
    ],
)
def test_the_reader_chooses_and_else_the_browser(app, cookie, accepted, expected):
    headers = {"Accept-Language": accepted} | ({"Cookie": f"language={cookie}"} if cookie else {})
    with app.test_request_context(headers=headers):
        assert language.current() == expected


def test_outside_a_request_it_is_english():
    assert language.current() == "en"
    assert language.gettext("Sign out") == "Sign out"


def test_the_languages_tell_their_own_names():
    assert language.languages() == {"en": "English", "nl": "Nederlands"}


def test_texts_and_numbers_are_the_reader_s(app):
    with app.test_request_context(headers={"Cookie": "language=nl"}):
        assert language.gettext("Sign out") == "Afmelden"
        assert language.gettext("Request %(id)s. Nothing was changed.", id="r1") == "Verzoek r1. Er is niets gewijzigd."
        assert words.plural(1, "finding") == "1 bevinding"
        assert words.plural(2, "finding") == "2 bevindingen"
        assert words.kilograms("1250.50") == "1\u202f250,50 kg"
        assert words.MARKS["critical"].word == "kritiek"
    with app.test_request_context():
        assert words.kilograms("1250.50") == "1\u202f250.50 kg"


def test_what_somebody_wrote_is_never_translated(app):
    with app.test_request_context(headers={"Cookie": "language=nl"}):
        assert language.gettext(language.Verbatim("Documents")) == "Documents"


def test_no_text_is_no_header_of_a_file(app):
    with app.test_request_context(headers={"Cookie": "language=nl"}):
        assert language.gettext("") == ""


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "due 2026-11-05", 'due <time datetime="2026-11-05" title="2026-11-05">5 Nov 2026</time>'),
        ("nl", "2026-03-05 by ann", '<time datetime="2026-03-05" title="2026-03-05">5 mrt 2026</time> by ann'),
        ("nl", "2026-03-05 09:07 UTC",
         '<time datetime="2026-03-05T09:07Z" title="2026-03-05 09:07 UTC">5 mrt 2026, 09:07 UTC</time>'),
        ("en", "2026-03-05 09:07 +02:00",
         '<time datetime="2026-03-05T09:07+02:00" title="2026-03-05 09:07 +02:00">5 Mar 2026, 09:07 +02:00</time>'),
        ("en", "lot-2026-03-05", "lot-2026-03-05"),
        ("en", "2026-02-31", "2026-02-31"),
        ("en", "<b>2026</b>", "&lt;b&gt;2026&lt;/b&gt;"),
        ("en", "", ""),
    ],
)  # fmt: skip
def test_days_are_the_reader_s_and_their_titles_exact(app, code, text, expected):
    with app.test_request_context(headers={"Cookie": f"language={code}"}):
        assert language.with_days(text) == expected


def test_what_is_put_into_a_text_is_escaped(app):
    page = '{{ _("Request %(id)s. Nothing was changed.", id=given) }}{{ given | translated }}'
    with app.test_request_context(headers={"Cookie": "language=nl"}):
        told = render_template_string(page, given="<b>100 %s</b>")
    assert told == "Verzoek &lt;b&gt;100 %s&lt;/b&gt;. Er is niets gewijzigd.&lt;b&gt;100 %s&lt;/b&gt;"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_texts_of_ours_go_through_gettext(path):
    """What ``_`` is given is not escaped: of anything but a literal that would be a hole (``translated`` is for those)."""
    assert not re.findall(r"\b(?:_|gettext)\(\s*[^\s\"']", path.read_text())
