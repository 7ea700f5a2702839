"""The engines keep the promises of ledger.md 9."""

import stat
import threading

import pytest
import sqlalchemy as sa

from traceability.storage.engine import read_engine, sqlite_path, write_engine


def pragma(engine, name):
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.fixture
def engines(make_database):
    url = make_database("sqlite")
    made = write_engine(url), read_engine(url)
    yield made
    for engine in made:
        engine.dispose()


def test_sqlite_writer_flushes_every_commit(engines):
    writer, reader = engines
    assert pragma(writer, "journal_mode") == "wal"
    assert pragma(writer, "synchronous") == 2
    assert pragma(writer, "foreign_keys") == 1
    assert pragma(writer, "busy_timeout") == 10_000
    assert pragma(reader, "wal_autocheckpoint") == 0


def test_sqlite_write_transaction_takes_the_lock_at_once(engines):
    writer, reader = engines
    with writer.begin():
        second = sa.create_engine(writer.url, connect_args={"timeout": 0})
        with second.connect() as connection, pytest.raises(sa.exc.OperationalError, match="locked"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        second.dispose()
        with reader.connect() as connection:  # never waits
            assert connection.exec_driver_sql("SELECT size FROM log_head").scalar() == 0


def test_reader_cannot_write(engines):
    with engines[1].connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM log_head")


def test_postgresql_writer_does_not_depend_on_the_servers_defaults(make_database):
    url = make_database("postgresql")
    engine = write_engine(url)
    with engine.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    engine.dispose()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        connection.rollback()
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "2min"
    engine.dispose()


def test_foreign_keys_hold(database_url):
    engine = write_engine(database_url)
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql(
            "INSERT INTO party_claim (party_id, kind, value, state) VALUES ('nobody', 'lei', 'x', 'waiting')"
        )
    engine.dispose()


def test_many_readers_at_once(database_url):
    engine = read_engine(database_url)
    barrier = threading.Barrier(20)
    sizes = []

    def read():
        with engine.connect() as connection:
            barrier.wait(10)
            sizes.append(connection.exec_driver_sql("SELECT size FROM log_head").scalar())

    threads = [threading.Thread(target=read) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [0] * 20
    engine.dispose()


def test_path_of_a_url():
    assert sqlite_path("sqlite:///var/x.db").as_posix() == "var/x.db"
    assert sqlite_path("sqlite://").name == "traceability.db"


def test_postgresql_url_gets_our_driver():
    assert write_engine("postgresql://u:p%40@h/d").url.drivername == "postgresql+psycopg"
    assert write_engine("postgresql://u:p%40@h/d").url.password == "p@"


def test_a_new_database_is_its_owners_alone(tmp_path):
    path = tmp_path / "new" / "traceability.db"
    engine = write_engine(f"sqlite:///{path}")
    assert not path.exists(), "nothing is made before somebody writes"
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        modes = {each.name.removeprefix(path.name): stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    engine.dispose()
    assert modes == {"": 0o600, "-wal": 0o600, "-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
