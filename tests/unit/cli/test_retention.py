"""The dpo's commands and personal data over --url: what they print, and what they refuse."""

import json
import stat

import pytest

from traceability.services import touched  # noqa: F401  # its jobs
from traceability.services.retention import files, reports  # noqa: F401  # their jobs

REASON = "the terms are over, nothing is pending, file 12"


@pytest.fixture
def at(run, server):
    """``at(token, "retention", ...)`` runs a command with ``--url`` and ``--token``."""
    return lambda token, *arguments, **named: run(*arguments, "--url", server, "--token", token, **named)


@pytest.fixture
def document(story, tmp_path):
    """An EPCIS document of one event with a readable name in it."""
    event = story.born("LOT-1", **{"crm:personal": {"miner": "Jean-Bosco Mutombo"}})
    path = tmp_path / "events.json"
    path.write_text(json.dumps(story.document(event)))
    return path, event["eventID"]


def test_a_report_is_made_and_shown_and_a_hold_placed_and_lifted(at, make_session, work):
    dpo = make_session(None, role="dpo").secret
    asked = at(dpo, "retention", "report", "--wait", "0")
    assert (asked.code, "not made yet" in asked.err) == (3, True)
    work()
    listed = at(dpo, "retention", "list", "--json").json["reports"]
    shown = at(dpo, "retention", "show", listed[0]["id"], "--json").json
    assert shown["lines"] == []
    both = at(dpo, "retention", "approve", listed[0]["id"], "--all", "--line", "1", "--reason", REASON)
    assert (both.code, "or give --all" in both.err) == (2, True)
    done = at(dpo, "retention", "approve", listed[0]["id"], "--all", "--reason", REASON, "--json")
    assert done.json == {"report": listed[0]["id"], "erased": [], "already_erased": [], "kept": []}
    held = at(dpo, "retention", "hold", "all", "--reason", "an audit is announced, file 3", "--json").json
    assert at(dpo, "retention", "holds", "--json").json["holds"][0]["id"] == held["id"]
    assert at(dpo, "retention", "lift", held["id"], "--reason", "the audit is over, file 3 closed").code == 0
    other = make_session(None, role="admin").secret
    assert at(other, "retention", "list").code == 2


def test_a_name_is_committed_captured_shown_and_erased(
    run, at, make_party, make_api_key, make_session, tmp_path, document
):
    path, event_id = document
    mine = make_party("Mine One")
    key = tmp_path / "mine.key"
    mine.key.save(key)
    token, dpo = make_api_key(mine).secret, make_session(mine, role="dpo").secret
    refused = run("sign", path, "--key", key)
    assert (refused.code, "committed before it is signed" in refused.err) == (2, True)
    signed, kept = tmp_path / "sign.json", tmp_path / "keep.json"
    assert run("personal", "commit", path, "--out", signed, "--openings", kept).code == 0
    assert "Mutombo" not in signed.read_text()
    assert "Mutombo" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert run("personal", "commit", path, "--out", signed, "--openings", kept).code == 2, "no file is overwritten"
    captured = at(token, "capture", signed, "--key", key, "--openings", kept, "--json")
    assert captured.code == 0, captured.err
    shown = at(token, "personal", "show", event_id)
    assert shown.out.strip() == "miner: Jean-Bosco Mutombo"
    again = at(token, "personal", "deposit", captured.json[0]["capture_id"], "--openings", kept)
    assert "0 openings deposited, 1 were there already" in again.out
    erased = at(dpo, "personal", "erase", event_id, "--reason", REASON)
    assert (erased.code, "1 values erased" in erased.out) == (0, True)
    assert at(token, "personal", "show", event_id).out.strip() == "miner: erased"
    kept.write_text(kept.read_text().replace("Mutombo", "Kabila"))
    assert at(token, "personal", "deposit", captured.json[0]["capture_id"], "--openings", kept).code == 2
