"""No tree is timed that does something else than prove what was appended."""

import pytest

from bench import merkle
from bench.lines import Lines
from bench.trees import PEERS, Ours, is_installed, new_tree


class Lying(Ours):
    """Proves the entry before."""

    def prove(self, index, size):
        return super().prove(max(0, index - 1), size)


class Idle(Ours):
    """Keeps the root it had."""

    def root(self):
        return bytes(32)


@pytest.mark.parametrize("tree", [Lying, Idle])
def test_a_tree_that_proves_nothing_has_no_figure(tree):
    batches = list(merkle._batches(64, 640))
    merkle._check(Ours(), Ours(), batches)
    with pytest.raises(Exception, match=r"root|inclusion"):
        merkle._check(tree(), Ours(), batches)


@pytest.mark.parametrize("name", PEERS)
def test_a_reference_gives_our_roots_and_proofs(name):
    if not is_installed(name):
        pytest.skip(f"{name} is not installed here")
    with new_tree(name) as tree:
        merkle._check(tree, Ours(), list(merkle._batches(50, 200)))


def test_never_slower_is_not_said_of_references_that_are_missing(monkeypatch, capsys):
    monkeypatch.setattr(merkle, "is_installed", lambda _name: False)
    monkeypatch.setattr(merkle, "_ENTRIES", 128)
    monkeypatch.setattr(merkle, "_MANY", 128)
    lines = Lines()
    merkle.run(lines.say)
    assert not lines.tell()
    assert capsys.readouterr().out.count("not judged: without pymerkle and tlog-scales") == 6
