"""Every text of the templates goes through gettext: what stands outside is English for every reader."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from traceability.web.language import FOLDER

TEMPLATES = FOLDER.parent / "templates"
ENGINE = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
#: The same in every language: our name, a format, an algorithm.
NAMES = {"traceability", "CSV", "SHA-256"}
SAID_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "label"}
UNSAID_TAGS = {"style", "script", "code"}
#: Which arguments of the form macros are printed, by position; the names are printed in all of them.
SAID_ARGUMENTS = {"field": (1,), "area": (1,), "choice": (1,), "reason": (1, 2)}
SAID_NAMES = {"label", "hint", "empty"}
TRANSLATED = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
BLOCK = re.compile(r"{%.*?%}", re.DOTALL)
EXPRESSION = re.compile(r"{{.*?}}", re.DOTALL)
#: Attributes that a macro returns for a tag of its caller: identifiers and a truth.
FRAGMENT = re.compile(r'\saria-(?:describedby|invalid)="[^"]*"')
WORD = re.compile(r"[^\W\d_]{2,}")


class Said(HTMLParser):
    """What a reader sees or hears of a page: its text, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unsaid = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if name in SAID_ATTRIBUTES and value]
        self._unsaid += tag in UNSAID_TAGS

    def handle_endtag(self, tag: str) -> None:
        self._unsaid -= tag in UNSAID_TAGS

    def handle_data(self, data: str) -> None:
        if not self._unsaid:
            self.texts.append(data)


def untranslated(source: str) -> list[str]:
    """Return the texts of a template that do not go through gettext."""
    page = BLOCK.sub("", TRANSLATED.sub("", COMMENT.sub("", source)))
    said = Said()
    said.feed(FRAGMENT.sub("", EXPRESSION.sub(lambda found: " ".join(printed(found.group())), page)))
    said.close()
    texts = [*said.texts, *arguments(ENGINE.parse(source))]
    return [text.strip() for text in texts if any(word not in NAMES for word in words(text))]


def words(text: str) -> list[str]:
    """Return the words of two letters or more, the names that stand in ``NAMES`` whole."""
    return [word for piece in text.split() for word in ([piece] if piece in NAMES else WORD.findall(piece))]


def printed(expression: str) -> Iterator[str]:
    """Return the texts that an expression prints itself: ``{{ "waits" if one else "wait" }}``."""
    for output in ENGINE.parse(expression).find_all(nodes.Output):
        for node in output.nodes:
            yield from literals(node)


def literals(node: nodes.Node) -> Iterator[str]:
    """Return the texts among what an expression may come to."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr | nodes.Concat | nodes.Or | nodes.And | nodes.Add):
        for child in node.iter_child_nodes(exclude=("test",)):
            yield from literals(child)


def arguments(template: nodes.Template) -> Iterator[str]:
    """Return labels and hints that a form macro is given as they are."""
    for call in template.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in SAID_ARGUMENTS:
            continue
        places = SAID_ARGUMENTS[call.node.name]
        given = [value for place, value in enumerate(call.args) if place in places]
        for node in given + [pair.value for pair in call.kwargs if pair.key in SAID_NAMES]:
            yield from literals(node)


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_every_text_goes_through_gettext(path: Path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<p>Plain words</p>", ["Plain words"]),
        ('<p>{{ _("Plain words") }}</p>', []),
        ("{% trans url=one %}Plain <a href='{{ url }}'>words</a>{% endtrans %}", []),
        ('<p>{{ "one waits" if count == 1 else "several wait" }}</p>', ["one waits several wait"]),
        ('<p class="{{ "review" if late else "info" }}">{{ said }}</p>', []),
        ('<nav aria-label="Pages"></nav>', ["Pages"]),
        ('<nav aria-label="{{ _("Pages") }}"></nav>', []),
        ('{{ field("name", "Name", error, hint=_("Yours")) }}', ["Name"]),
        ('{{ field("name", _("Name"), error, hint="Yours") }}', ["Yours"]),
        ('<a href="{{ url_for("web.users") }}"{% if one %} class="plain"{% endif %}>{{ one }}</a> &middot; 80 %', []),
        ("<p>SHA-256 <code>traceability verify</code></p>", []),
    ],
)
def test_a_text_outside_gettext_is_found(source, texts):
    assert untranslated(source) == texts
