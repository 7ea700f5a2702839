"""Documents' files, which are outside the snapshot that an audit reads: what an erasure takes meanwhile is not lost."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from traceability.errors import Gone, NotFound, Unavailable
from traceability.services import documents
from traceability.services.access import Actor
from traceability.services.auditing import audit
from traceability.services.fsck import fsck, fsck_session
from traceability.services.retention import erase, files  # noqa: F401  # the job that deletes files
from traceability.storage.tables import Document


@pytest.fixture
def paper(world):
    """A document that was read."""
    row = world.paper(b"letter", [])
    world.work()
    return row


def erase_it(world, row):
    dpo = Actor("dora", "dora", "dpo", world.importer.id)

    def gone(tx):
        body = erase.document_body(world.service, tx.session, row.id)
        erase.erase(world.service, tx, dpo, "a report", [body])

    world.service.store.write(gone)
    world.work()


def problems(report):
    return [(one.table, one.what) for one in report.problems]


def test_a_file_that_an_erasure_takes_while_an_audit_reads_is_not_missed(world, paper):
    with world.service.store.read() as session:
        assert session.get_one(Document, paper.id).erased_index is None, "the snapshot is taken"
        erase_it(world, paper)
        with pytest.raises(NotFound):
            world.service.files.get(paper.sha256)
        assert problems(fsck_session(world.service, session, deep=True)) == []
    assert problems(fsck(world.service, deep=True)) == []


def test_one_that_is_missing_without_an_erasure_is(world, paper):
    world.service.files.delete(paper.sha256)
    assert problems(fsck(world.service, deep=True)) == [
        ("document", f"the file sha256:{paper.sha256} is not in the store")
    ]


def test_a_row_that_was_marked_meanwhile_without_an_entry_excuses_nothing(world, paper):
    """Whoever can write into the database, and not sign, cannot take a file away unseen."""
    with world.service.store.read() as session:
        assert session.exec(select(Document.erased_index)).all() == [None]
        world.sql(Document, Document.id == paper.id, erased_index=0)
        world.service.files.delete(paper.sha256)
        assert problems(fsck_session(world.service, session, deep=True)) != []


def test_the_log_goes_on_after_such_an_audit(world, paper, monkeypatch):
    """From the first page of documents to their files an audit may take hours: the erasure comes in between."""
    taken = world.service.files.get

    def late(digest):
        monkeypatch.setattr(world.service.files, "get", taken)
        erase_it(world, paper)
        return taken(digest)

    monkeypatch.setattr(world.service.files, "get", late)
    assert audit(world.service, "deep").verdict == "ok"
    assert world.service.store.quarantine is None


def test_bytes_that_go_while_they_are_asked_for_are_gone_and_not_lost(world, paper, monkeypatch):
    taken = world.service.files.get

    def late(digest):
        monkeypatch.setattr(world.service.files, "get", taken)
        erase_it(world, paper)
        return taken(digest)

    monkeypatch.setattr(world.service.files, "get", late)
    with pytest.raises(Gone, match="erased"):
        documents.content(world.service, world.importer.actor("importer"), paper.id)


def test_what_cannot_be_asked_now_is_no_finding(world, paper, monkeypatch):
    """A passing failure of database or state folder ends the audit with its message, and nothing is remembered."""
    world.service.files.delete(paper.sha256)
    calls = iter([world.service.store.read])

    def once():
        read = next(calls, None)
        if read is None:
            raise sa.exc.OperationalError("SELECT 1", {}, Exception("the server closed the connection"))
        return read()

    with monkeypatch.context() as patch:
        patch.setattr(world.service.store, "read", once)
        with pytest.raises(sa.exc.OperationalError):
            audit(world.service, "deep")

    def unavailable():
        raise Unavailable("the database could not be used")

    with monkeypatch.context() as patch:
        patch.setattr(world.service.log_keys, "verifiers", unavailable)
        for depth in ("sample", "full", "deep"):
            with pytest.raises(Unavailable):
                audit(world.service, depth)
    assert world.service.audits.outcomes() == {}
