"""Two checkpoints: consistent, forked with evidence that others can check, or unknown; nothing is believed unsigned."""

import dataclasses

import pytest

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.compare import Fork, compare
from traceability.ledger.errors import BadSignature
from traceability.ledger.mirror import copy_log
from traceability.ledger.tile_paths import CHECKPOINT, TilePlace, make_bundle, parse_place
from traceability.ledger.tiles import TILE_HEIGHT


class Folder(dict):
    """A copy of a log in memory."""

    def put(self, path, data):
        self[path] = data

    def drop(self, path):
        for name in [name for name in self if name.startswith(path)]:
            del self[name]


class Served:
    """A log as it is served: every tile its size has, of any width."""

    def __init__(self, log, size):
        self.log, self.size = log, size

    def get(self, path):
        if path == CHECKPOINT:
            return note(self.log, self.size).encode()
        _, level, rest = path.split("/", 2)
        place = parse_place(level, rest)
        if place is None or not place.exists_at(self.size):
            return None
        if place.level is None:
            first = place.index * 256
            return make_bundle(self.log.entries[first : first + place.width])
        step = 1 << (TILE_HEIGHT * place.level)
        first = place.index * 256
        return b"".join(_subtree(self.log, (first + n) * step, step) for n in range(place.width))


def _subtree(log, start, width):
    from traceability.ledger.merkle import leaf_hash, node_hash

    layer = [leaf_hash(one) for one in log.entries[start : start + width]]
    while len(layer) > 1:
        layer = [node_hash(*layer[n : n + 2]) for n in range(0, len(layer), 2)]
    return layer[0]


def note(log, size, key=None):
    return sign_checkpoint(Checkpoint(log.key.name, size, log.tree.root(size)), key or log.key)


def mirrored(log, *sizes):
    folder = Folder()
    for size in sizes:
        copy_log(Served(log, size), folder, [log.key.verifier])
    return folder


@pytest.fixture(scope="module")
def logs(make_log, make_entry):
    """Two histories of one log, under one key, that part after 300 entries."""
    one, other = make_log(), make_log()
    other.key = one.key
    for n in range(700):
        one.add(make_entry("rule-set", f"{n}"))
        other.add(make_entry("rule-set", f"{n}" if n < 300 else f"another {n}"))
    return one, other


def run(logs, notes, *sources):
    return compare(notes, [logs[0].key.verifier], sources)


@pytest.mark.parametrize("sizes", [(1, 700), (256, 512), (299, 300), (5, 255), (700, 3)])
@pytest.mark.parametrize("kind", ["served", "copy"])
def test_heads_of_one_history_are_consistent(logs, sizes, kind):
    source = Served(logs[0], 700) if kind == "served" else mirrored(logs[0], 100, 700)
    found = run(logs, [note(logs[0], size) for size in sizes], source)
    assert (found.verdict, found.evidence) == ("consistent", None)
    from traceability.ledger.merkle import verify_consistency

    small, large = sorted(sizes)
    verify_consistency(small, logs[0].tree.root(small), large, logs[0].tree.root(large), found.proof)


def test_one_head_twice(logs):
    found = run(logs, [note(logs[0], 9), note(logs[0], 9)])
    assert (found.verdict, found.proof) == ("consistent", ())


def test_two_roots_of_one_size_are_a_fork_by_themselves(logs):
    found = run(logs, [note(logs[0], 400), note(logs[1], 400)])
    assert (found.verdict, found.proof) == ("fork", None)
    assert "400 entries" in checked(logs, found.evidence)


@pytest.mark.parametrize(("small", "large", "branch"), [(350, 600, 1), (301, 302, 1), (512, 700, 0)])
@pytest.mark.parametrize("served", [0, 1])
def test_a_fork_of_two_sizes_is_proved_by_either_branch(logs, small, large, branch, served):
    notes = [note(logs[1 - branch], small), note(logs[branch], large)]
    found = run(logs, notes, Served(logs[served], 700))
    assert found.verdict == "fork", found
    checked(logs, found.evidence)


def checked(logs, evidence):
    """Check evidence as somebody who has nothing but it and the log's key."""
    return Fork.from_value(evidence.as_dict()).verify([logs[0].key.verifier])


def test_without_the_entries_between_nobody_knows(logs):
    notes = [note(logs[0], 300), note(logs[0], 600)]
    assert run(logs, notes).verdict == "unknown"
    assert run(logs, notes, Folder()).verdict == "unknown"
    assert run(logs, notes, mirrored(logs[0], 400)).verdict == "unknown"
    assert run(logs, notes, mirrored(logs[0], 400), Served(logs[0], 700)).verdict == "consistent"
    assert run(logs, [note(logs[0], 0), note(logs[0], 600)]).verdict == "unknown"


def test_a_source_that_lies_convinces_nobody(logs):
    notes = [note(logs[0], 300), note(logs[0], 600)]
    folder = mirrored(logs[0], 700)
    tile = TilePlace(0, 1).path
    for change in (bytes(len(folder[tile])), b"", folder[tile][:-1]):
        assert run(logs, notes, Folder({**folder, tile: change})).verdict == "unknown"
    stranger = LogKey.generate(logs[0].key.name)
    lying = Folder({**mirrored(logs[1], 700), CHECKPOINT: note(logs[1], 700, stranger).encode()})
    assert run(logs, [note(logs[0], 400), note(logs[0], 600)], lying).verdict == "unknown", "no evidence of this key"


def test_only_heads_that_a_trusted_key_signed_are_compared(logs):
    with pytest.raises(BadSignature):
        run(logs, [note(logs[0], 3), note(logs[0], 5, LogKey.generate(logs[0].key.name))])
    other = LogKey.generate("log.example/other")
    with pytest.raises(InvalidInput, match="two logs"):
        compare(
            [note(logs[0], 3), sign_checkpoint(Checkpoint(other.name, 5, bytes(32)), other)],
            [logs[0].key.verifier, other.verifier], (),
        )  # fmt: skip


def test_evidence_that_shows_no_fork_proves_nothing(logs):
    fork = run(logs, [note(logs[0], 350), note(logs[1], 600)], Served(logs[1], 700)).evidence
    same = logs[0].tree.root(350)
    path = tuple(logs[0].tree.consistency(350, 600))
    for changed in (
        dataclasses.replace(fork, root=None),
        dataclasses.replace(fork, root=same),
        dataclasses.replace(fork, root=bytes(32)),
        dataclasses.replace(fork, consistency=fork.consistency[:-1]),
        dataclasses.replace(fork, larger=note(logs[0], 600)),
        Fork(note(logs[0], 350), note(logs[0], 600), same, path),
        Fork(note(logs[0], 350), note(logs[0], 350)),
        dataclasses.replace(fork, smaller=fork.larger, larger=fork.smaller),
        dataclasses.replace(fork, larger=note(logs[1], 600, LogKey.generate(logs[0].key.name))),
    ):
        with pytest.raises(TraceabilityError):
            checked(logs, changed)


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"format": "x"}, {"format": "traceability-fork@v1", "checkpoints": [1, 2], "root": None,
     "consistency": []}, {"format": "traceability-fork@v1", "checkpoints": ["a"], "root": None, "consistency": []},
     {"format": "traceability-fork@v1", "checkpoints": ["a", "b"], "root": "!", "consistency": []}],
)  # fmt: skip
def test_another_form_is_no_evidence(value):
    with pytest.raises(InvalidInput):
        Fork.from_value(value)
