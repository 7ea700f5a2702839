"""The log's page: slices of entries that never overlap, heads with who signed them, and how far each witness came."""

import dataclasses
from datetime import UTC, datetime

import pytest

from traceability.errors import InvalidQuery
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services import log_overview
from traceability.storage.tables import Cosignature

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def append(service, count, kind="evidence-pack"):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind=kind, body=digest(b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def indices(found):
    return [index for index, _ in found.entries]


def test_slices_follow_each_other_and_miss_no_entry(service):
    assert log_overview.newest(service) is None
    assert log_overview.entries(service, None).entries == []
    append(service, 150)
    append(service, 3, "document")
    append(service, 97)
    head = log_overview.newest(service)
    seen, upto = [], None
    while True:
        found = log_overview.entries(service, head, upto)
        seen += indices(found)
        if found.older is None:
            break
        upto = found.older
    assert seen == list(range(head.size - 1, -1, -1))
    assert found.newer == found.entries[0][0] + 100, "back from the oldest slice leads a slice up"
    assert log_overview.entries(service, head, 10**15).newer is None
    documents = log_overview.entries(service, head, kind="document")
    assert (indices(documents), documents.older, documents.newer) == ([152, 151, 150], None, None)
    with pytest.raises(InvalidQuery, match="kind of entry"):
        log_overview.entries(service, head, kind="rumour")


def test_an_entry_beyond_the_head_a_reader_was_given_is_not_shown(service):
    append(service, 2)
    head = log_overview.newest(service)
    append(service, 5)
    assert indices(log_overview.entries(service, head)) == [1, 0]


def test_a_witness_is_told_by_what_it_cosigned_and_the_quorum_by_the_newest_head_alone(service, tmp_path):
    names = ("ahead", "behind", "never", "angry")
    keys = {name: CosigningKey.generate(f"{name}.example/w") for name in names}
    lines = [f"witness {name} {key.public.vkey} https://{name}.example" for name, key in keys.items()]
    path = tmp_path / "witnesses"
    path.write_text("\n".join([*lines, "group two 2 ahead behind", "quorum two", ""]))
    asked = dataclasses.replace(service, settings=dataclasses.replace(service.settings, witnesses=path))
    append(service, 1)
    cosign(service, keys, "ahead", "behind", "angry")
    append(service, 1)
    head = log_overview.newest(service)
    cosign(service, keys, "ahead", "angry")
    service.contradictions.change(lambda _: ({"angry": "it has seen 9 entries"}, False))

    found = log_overview.witnessed(asked, head)
    assert {one.name: (one.state, one.size) for one in found.followers} == {
        "ahead": ("newest", head.size), "behind": ("behind", head.size - 1), "never": ("never", None),
        "angry": ("contradicts", head.size),
    }  # fmt: skip
    assert found.quorum is False
    cosign(service, keys, "behind")
    assert log_overview.witnessed(asked, head).quorum is True
    newest = log_overview.heads(service)[0]
    assert newest.witnesses == ["ahead.example/w", "angry.example/w", "behind.example/w"]
    assert (newest.head.size, newest.second) == (head.size, False)


def cosign(service, keys, *names):
    size = log_overview.newest(service).size

    def write(tx):
        for name in names:
            tx.session.add(Cosignature(size=size, witness=keys[name].public.vkey, line=f"\u2014 {name}", at=AT))

    service.store.write(write)


def test_a_broken_file_of_witnesses_is_told_and_is_no_quorum(service, tmp_path):
    path = tmp_path / "witnesses"
    path.write_text("rubbish\n")
    broken = dataclasses.replace(service, settings=dataclasses.replace(service.settings, witnesses=path))
    found = log_overview.witnessed(broken, None)
    assert (found.followers, found.quorum) == ((), None)
    assert "rubbish" in found.problem
    assert log_overview.witnessed(service, None) == log_overview.Witnessed([], None)
