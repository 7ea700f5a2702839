"""A restored older database or a fork is read and never written, on both databases (ledger.md 9 and 10: 13 and 14)."""

import shutil

import pytest

from traceability import strict_json
from traceability.app import create_app
from traceability.errors import Unavailable
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.jose import sign_detached
from traceability.services.backup import backup, restore
from traceability.storage.log import LedgerInconsistent
from traceability.storage.quarantine import Quarantined
from traceability.storage.tables import LogHead


def append(service, about=b"x", count=1):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="rule-set", body=digest(about + b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def size_of(service):
    with service.store.read() as session:
        return session.get_one(LogHead, 1).size


def remember(service, settings):
    for path in service.settings.state_dir.glob("heads*"):
        shutil.copy(path, settings.state_dir / path.name)


@pytest.fixture
def take_copy(service, database, make_database, make_settings, tmp_path):
    """``take_copy()`` copies the log as it is now, and returns a function that puts it back elsewhere.

    That gives the settings of the place, with the memory of the original unless told otherwise.
    """

    def take():
        backup(service, tmp_path / "copy")

        def put_back(*, remembering=True):
            settings = make_settings(make_database(database, empty=True))
            restore(settings, tmp_path / "copy")
            if remembering:
                remember(service, settings)
            return settings

        return put_back

    return take


@pytest.fixture
def grown(service, take_copy):
    """Some entries, a copy, and more entries after it; returns what puts the copy back."""
    append(service, b"first", 300)
    append(service)
    put_back = take_copy()
    append(service, b"later", 5)
    return put_back


def test_a_restored_older_copy_is_not_written(grown, open_at, clock):
    older = open_at(grown(), clock)
    before = size_of(older)
    for _ in range(2):
        with pytest.raises(Quarantined, match="301 entries, and its key has signed 306"):
            append(older)
    assert size_of(older) == before == 301
    assert older.store.quarantine is not None


def test_use_cases_without_an_entry_are_refused_too(grown, open_at, clock):
    older = open_at(grown(), clock)
    with pytest.raises(Quarantined):
        older.store.write(lambda tx: tx.session.connection())


def test_a_fork_is_not_written(service, grown, open_at, clock):
    settings = grown(remembering=False)
    other = open_at(settings, clock)
    append(other, b"another history", 8)
    remember(service, settings)
    again = open_at(settings, clock)
    with pytest.raises(Quarantined, match="the first 306 entries"):
        append(again)


@pytest.mark.usefixtures("grown")
def test_the_newest_state_goes_on(service, open_at, clock):
    again = open_at(service.settings, clock)
    append(again)
    assert (size_of(again), again.store.quarantine) == (307, None)


def test_a_copy_without_a_memory_goes_on(grown, open_at, clock):
    """Nobody here knows better: that is what witnesses are for."""
    older = open_at(grown(remembering=False), clock)
    append(older)
    assert size_of(older) == 302


def test_reading_works_and_health_says_so(grown, open_at, clock):
    older = open_at(grown(), clock)
    client = create_app(service=older).test_client()
    assert client.get("/health").json["status"] == "ok", "nobody has tried to write yet"
    with pytest.raises(Quarantined):
        older.store.check()
    health = client.get("/health").json
    assert (health["status"], "an older copy" in health["quarantine"]) == ("degraded", True)
    for path in ("checkpoint", "tile/0/000", "tile/entries/000"):
        assert client.get(f"/ledger/{path}").status_code == 200


def test_a_capture_is_answered_503_and_loses_nothing(
    service, take_copy, open_at, clock, make_party, make_api_key, story
):
    party = make_party("Mine One")
    key = make_api_key(party)
    put_back = take_copy()
    append(service)
    settings = put_back()
    client = create_app(service=open_at(settings, clock)).test_client()
    body = strict_json.dumps(story.document(story.born("A")))
    sent = {"Content-Type": "application/json", "X-JWS-Signature": sign_detached(body, party.key, kid=party.key.kid)}
    answer = client.post("/epcis/capture", data=body, headers=dict(key.headers) | sent)
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert (answer.json["title"], answer.json["type"]) == ("Ledger quarantined", "about:blank#quarantined")
    assert "newest copy" in answer.json["detail"]
    assert str(settings.state_dir) not in answer.text
    assert client.get("/epcis/events", headers=key.headers).status_code == 200
    assert client.get("/v1/parties/" + party.id, headers=key.headers).status_code == 200


def test_a_memory_that_cannot_be_read_stops_writing(service, open_at, clock):
    append(service)
    memory = service.settings.state_dir / "heads"
    kept = memory.read_bytes()
    memory.unlink()
    memory.mkdir()
    again = open_at(service.settings, clock)
    with pytest.raises(Unavailable, match="remembered checkpoints cannot be read"):
        append(again)
    memory.rmdir()
    memory.write_bytes(kept)
    append(again)
    assert size_of(again) == 2, "it is no quarantine: what passes is tried again"


def test_a_log_under_another_key_is_not_continued(service, open_at, clock, make_settings):
    """A STATE_DIR that is not its own has another log key; the log would go on under a stranger's."""
    settings = make_settings(service.settings.database_url)
    stranger = open_at(settings, clock)  # before anything is recorded, so that it makes a key
    append(service)
    with pytest.raises(LedgerInconsistent, match="STATE_DIR"):
        append(stranger)
    assert size_of(service) == 1


def test_each_commit_is_remembered_before_its_answer(service):
    for n in range(3):
        append(service, b"%d" % n)
        assert service.store._log._heads.remembered()[-1].size == n + 1
    service.store.write(lambda tx: tx.now)
    assert len(service.store._log._heads.remembered()) == 3


def test_what_was_rolled_back_is_not_remembered(service):
    def broken(tx):
        tx.log.append(Entry(kind="rule-set", body=digest(b"x"), at=milliseconds(tx.now)))
        raise Unavailable("no")

    with pytest.raises(Unavailable):
        service.store.write(broken)
    assert service.store._log._heads.remembered() == []
