"""A log that has entries gets no second first key, on both databases."""

import dataclasses

import pytest

from traceability.errors import Unavailable
from traceability.services.context import open_service
from traceability.storage.in_use import has_entries


def test_a_place_where_nothing_was_recorded(make_database, database, tmp_path):
    assert not has_entries(make_database(database, empty=True)), "not migrated yet"
    assert not has_entries(make_database(database)), "migrated, nothing recorded"
    assert not has_entries(f"sqlite:///{tmp_path}/nowhere.db")
    assert not (tmp_path / "nowhere.db").exists()


def test_a_log_with_entries_is_not_opened_beside_a_new_key(service, make_party, tmp_path, clock):
    stranger = dataclasses.replace(service.settings, state_dir=tmp_path / "elsewhere")
    open_service(stranger, clock).close()
    assert (stranger.state_dir / "log.key").exists(), "nothing is recorded yet: whoever comes first makes the key"
    make_party("Mine")
    assert has_entries(service.settings.database_url)
    other = dataclasses.replace(service.settings, state_dir=tmp_path / "third")
    with pytest.raises(Unavailable, match="holds no log key of the log"):
        open_service(other, clock)
    assert not other.state_dir.exists()


def test_a_lost_salt_is_not_made_anew(service, make_party, clock):
    """With another salt every party would go on under a second pseudonym."""
    make_party("Mine")
    (service.settings.state_dir / "ledger.salt").unlink()
    with pytest.raises(Unavailable, match=r"holds no ledger.salt"):
        open_service(service.settings, clock)
    assert not (service.settings.state_dir / "ledger.salt").exists()


def test_a_database_that_cannot_be_read_gets_no_key(tmp_path, make_settings):
    path = tmp_path / "broken.db"
    path.write_bytes(b"no database " * 100)
    settings = make_settings(f"sqlite:///{path}")
    with pytest.raises(Unavailable, match=r"cannot be read \(DatabaseError\)"):
        open_service(settings)
    assert list(settings.state_dir.iterdir()) == []
