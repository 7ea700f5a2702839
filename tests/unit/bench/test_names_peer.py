"""The peer of name matching: absent it is not judged, broken it is said, and its answers become verdicts."""

from pathlib import Path

from bench import names_peer, public_pairs
from bench.lines import Lines
from bench.names_peer import Scored, run, score


def test_a_peer_that_is_not_installed_scores_nothing(tmp_path):
    assert score([("Person", "a", "b")], tmp_path / "absent") is None


def test_a_peer_that_does_not_start_is_said_and_scores_nothing(tmp_path, capsys):
    (tmp_path / ".ready").touch()
    (tmp_path / "followthemoney.py").write_text("raise ImportError('no ICU here')")
    assert score([("Person", "a", "b")], tmp_path) is None
    assert "no ICU here" in capsys.readouterr().out


def test_scores_become_verdicts_at_the_default_threshold():
    scored = Scored("1", [0.69, 0.7], 1.0)
    assert scored.verdicts([True, False]) == [(True, False, 0.69), (False, True, 0.7)]


def test_without_the_peer_our_figures_stand_alone_and_the_rest_is_not_judged(monkeypatch, capsys):
    row = {"schema": "Organization", "name1": "Siemens AG", "name2": "Siemens Aktiengesellschaft", "is_match": "true"}
    gate = {"id": "b", "kind": "typo", "is_match": "1", "script": "latin"} | row | {"is_match": "1"}
    monkeypatch.setattr(public_pairs, "read_pairs", lambda: [row])
    monkeypatch.setattr(names_peer.names, "read_sets", lambda: [gate])
    monkeypatch.setattr(names_peer, "score", lambda _pairs: None)
    lines = Lines()
    run(lines.say)
    assert [verdict for _, verdict in lines.verdicts] == [
        "met",
        "not judged: nomenklatura is not installed here",
        "met",
    ]
    assert "same party found, in one script (1 gate pairs)" in capsys.readouterr().out


def test_the_peer_is_set_beside_us(monkeypatch, capsys):
    row = {"schema": "Person", "name1": "Aa Bb", "name2": "Cc Dd", "is_match": "false"}
    monkeypatch.setattr(public_pairs, "read_pairs", lambda: [row])
    monkeypatch.setattr(names_peer.names, "read_sets", list)
    monkeypatch.setattr(names_peer, "score", lambda pairs: Scored("9", [0.9] * len(pairs), 0.5))
    lines = Lines()
    run(lines.say)
    assert "nomenklatura 9 logic-v2 at 0.7 (2)" in capsys.readouterr().out
    assert [verdict for _, verdict in lines.verdicts][1] == "met"


def test_nothing_but_the_bench_asks_for_the_peer():
    lines = (Path(__file__).parents[3] / "Makefile").read_text("utf-8").splitlines()
    targets = [line.partition(":")[0] for line in lines if ":" in line and "names-peer" in line.partition("##")[0]]
    users, target = set(), ""
    for line in lines:
        if not line.startswith("\t"):
            target = line.partition(":")[0]
        elif "names-peer" in line:
            users.add(target)
    assert targets == [".names-peer/.ready"]
    assert users == {".names-peer/.ready", "bench", "lock", "clean"}
