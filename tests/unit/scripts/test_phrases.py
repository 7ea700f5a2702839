"""What the rooms below the pages mark as a text for people is collected, with its values as slots."""

import ast

import phrases
import pytest


def _form(source: str) -> str:
    return phrases.form_of(ast.parse(source, mode="eval").body)


@pytest.mark.parametrize(
    ("source", "form"),
    [
        ("'not assessed yet'", "not assessed yet"),
        ("f'{code} was critical'", "{code} was critical"),
        ("f'last assessed for {row.as_of.isoformat()}'", "last assessed for {as_of}"),
        ("f'entries {\", \".join(sorted(names))}'", "entries {names}"),
        ("f\"due on {record['due_on']}\"", "due on {due_on}"),
        ("f'{name[:200]!r} and {name}'", "{name} and {name_2}"),
        ("f'{a.days} of {b.days}'", "{days} of {days_2}"),
        ('f\'a {record["kind"].replace("_", " ")} case\'', "a {kind} case"),
        ("'one ' f'and {two}'", "one and {two}"),
    ],
)
def test_the_form_of_a_text(source, form):
    assert _form(source) == form


def test_a_text_nobody_can_collect_is_refused():
    with pytest.raises(SystemExit, match="takes a text as it stands"):
        _form("words[kind]")


def test_the_rules_and_what_services_say_are_among_them():
    found = dict(phrases.phrases())
    assert found["not assessed yet"] == "services/states.py"
    assert found["Yearly volume unknown"] == "rule-catalogue.csv"
