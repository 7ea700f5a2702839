"""Every command that answers JSON has a published shape; the fixture ``run`` checks each answer a test asks for."""

import click
import jsonschema
import pytest

from traceability.cli import COMMANDS, main
from traceability.cli.shapes import ANSWERS, cli_schema


def commands(group, names=()):
    """Return the names of all commands that take ``--json``."""
    context = click.Context(main)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*names, name))
        elif any("--json" in option.opts for option in command.params):
            yield " ".join((*names, name))


def test_every_command_that_answers_json_has_its_shape():
    assert {*commands(main)} == ANSWERS.keys()
    assert {name.split()[0] for name in ANSWERS} <= COMMANDS.keys()


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(cli_schema())


def test_an_answer_of_another_shape_is_seen(run, monkeypatch):
    monkeypatch.setattr("traceability.cli.operate._settings_rows", lambda: [{"name": "X", "value": None}])
    for form in ("--json", "--jsonl"):
        with pytest.raises(jsonschema.ValidationError):
            run("settings", form)
