"""The migrations lead to exactly the tables of the program, on both databases."""

import hashlib
import importlib.util
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from traceability.errors import InvalidInput, Unavailable
from traceability.ledger.encoding import digest
from traceability.ledger.merkle import EMPTY_ROOT
from traceability.storage import migrate as m
from traceability.storage.tables import ListVersionRow, LogHead

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_migrated_database_equals_the_tables(database_url):
    assert m.check(database_url) == []
    assert m.current(database_url) == m.head()


def test_the_log_starts_empty(service):
    with service.store.read() as session:
        head = session.get(LogHead, 1)
    assert (head.size, head.root) == (0, EMPTY_ROOT)


def test_factories_leave_a_key_in_the_ledger(service, make_party, make_user, make_api_key):
    party = make_party("Smelter Nine", roles=("smelter",))
    assert party.key_row.added_index == 0
    assert make_user("importer", party=party).actor.party_id == party.id
    assert make_api_key(party).actor.party_id == party.id
    with service.store.read() as session:
        assert session.get(LogHead, 1).size == 1


def test_next_migration_is_the_difference_to_the_tables(tmp_path):
    """Written for SQLite from the tables, with plain SQLAlchemy types only; it leads to the same tables."""
    path = m.write_revision("every table", tmp_path)
    text = path.read_text()
    assert path.name == "0001_every_table.py"
    assert 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")' in text
    assert "traceability" not in text
    assert "AutoString" not in text
    with pytest.raises(InvalidInput, match="nothing to write"):
        m.write_revision("again", tmp_path)


def test_migrating_again_changes_nothing_and_a_difference_is_seen(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    assert m.current(url) == ""
    assert m.migrate(url) == m.head()
    assert m.migrate(url) == m.head()
    assert m.check(url) == []
    with m.migration_connection(url) as connection, connection.begin():
        connection.exec_driver_sql("DROP TABLE mandate")
    assert "mandate" in m.check(url)[0]


def test_failing_migration_leaves_nothing(database, make_database, tmp_path):
    (tmp_path / "0001_x.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer()))\n    op.execute('SELECT broken')\n"
    )
    url = make_database(database, empty=True)
    with pytest.raises(m.MigrationFailed, match="broken"):
        m.migrate(url, versions=(tmp_path,))
    with m.migration_connection(url) as connection:
        assert "half" not in sa.inspect(connection).get_table_names()
        assert m.current_of(connection) == ""


def test_sites_of_before_get_their_identity(database, make_database):
    """A place that a second party took over by another spelling keeps both rows; the first of one identity owns it."""
    url = make_database(database, empty=True)
    m.migrate(url, to="0002")
    party = "INSERT INTO party (id, did, name, country, roles, state, applicant, applied_at) VALUES "
    site = "INSERT INTO site (id, uri, party_id, country, body, jws, entry_index, received_at) VALUES "
    with m.migration_connection(url) as connection, connection.begin():
        connection.exec_driver_sql(party + "('p', 'did:web:a.example', 'A', 'CD', '[]', 'active', 'x', '2026-11-23')")
        for row in ("1, 'https://a.example/site'", "2, 'HTTPS://A.example/x/../site'"):
            connection.exec_driver_sql(site + f"({row}, 'p', 'CD', '', '', 1, '2026-11-23')")
    m.migrate(url)
    assert m.check(url) == []
    with m.migration_connection(url) as connection:
        keys = connection.exec_driver_sql("SELECT key FROM site ORDER BY id").scalars().all()
    assert keys == ["https://a.example/site"] * 2


def test_shipment_records_of_before_are_found_by_the_day_that_decides_their_year(database, make_database):
    url = make_database(database, empty=True)
    m.migrate(url, to="0024")
    row = {"importer_id": "i", "version": 1, "latest": True, "body": b"", "media_type": "x", "entry_index": 1}
    with m.migration_connection(url) as connection, connection.begin():
        table = sa.Table("shipment", sa.MetaData(), autoload_with=connection)
        for name, record in (("A", {"released_on": "2026-03-01"}), ("B", {"cn_code": "26090000"})):
            connection.execute(table.insert(), row | {"shipment_id": name, "record": record, "received_at": START})
    m.migrate(url)
    assert m.check(url) == []
    with m.migration_connection(url) as connection:
        days = connection.exec_driver_sql("SELECT released_on FROM shipment ORDER BY shipment_id").scalars().all()
    assert [str(day) for day in days] == ["2026-03-01", "2026-11-23"]


def test_other_text_of_the_queue_schema_is_refused(monkeypatch):
    from procrastinate.schema import SchemaManager

    spec = importlib.util.spec_from_file_location("start", m.VERSIONS / "0002_start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert "CREATE TABLE procrastinate_jobs" in module.queue_schema()
    monkeypatch.setattr(SchemaManager, "get_schema", staticmethod(lambda: "another"))
    with pytest.raises(ValueError, match=r"procrastinate 3\.10"):
        module.queue_schema()


def test_what_was_critical_before_goes_with_its_batches(database, make_database):
    """Criticals stood under the record's id alone; the batches they were about are in the stored facts."""
    url = make_database(database, empty=True)
    m.migrate(url, to="0002")
    held = {"facts": {"shipment": {"batch_ids": ["x:lot", "sha256:long"]}}, "criticals": {"UFLPA-XUAR": 1}}
    with m.migration_connection(url) as connection, connection.begin():
        table = sa.Table("assessment", sa.MetaData(), autoload_with=connection)
        empty = dict.fromkeys(("result", "notes", "pending", "coverage", "batches"), sa.text("'[]'"))
        common = {
            "owner_id": "o",
            "as_of": START.date(),
            "at": START,
            "status": "s",
            "inputs_hash": "h",
            "entry_index": 0,
        }
        for number, (kind, subject, more) in enumerate((
            ("shipment", "S-1", held),
            ("shipment", "S-1", held | {"facts": {"shipment": {}}}),
            ("batch", "y" * 400, {"facts": {}, "criticals": {"INT-CLOCK": 3}}),
            ("batch", "z:lot", {"facts": {}, "criticals": {}}),
        ), start=1):  # fmt: skip
            row = {"id": number, "subject_kind": kind, "subject": subject} | common | more | empty
            connection.execute(sa.insert(table).values(row))
    m.migrate(url)
    with m.migration_connection(url) as connection:
        rows = connection.exec_driver_sql("SELECT batch_key, code, subject, assessment_id FROM batch_critical")
        found = {tuple(row) for row in rows}
    long = f"sha256:{hashlib.sha256(b'y' * 400).hexdigest()}"
    assert found == {
        ("x:lot", "UFLPA-XUAR", "S-1", 1), ("sha256:long", "UFLPA-XUAR", "S-1", 1), (long, "INT-CLOCK", "y" * 400, 3),
    }  # fmt: skip


def test_a_list_version_of_before_keeps_the_file_its_row_names(database, make_database):
    url = make_database(database, empty=True)
    m.migrate(url, to="0002")
    row = {
        "list_id": "un-sc", "version": "1", "title": "T", "publisher": "P", "published_at": "2026-02-27",
        "retrieved_at": "2026-11-23", "loaded_at": "2026-11-23 09:00:00+00:00", "row_count": 1, "expected_min": 1,
        "source_url": "https://list.example/un.xml", "source_sha256": "ab" * 32, "table_sha256": "cd" * 32,
        "expected_max": 2, "coverage": "full", "max_age_days": 30, "terms": "facts", "state": "active",
        "entry_index": 0,
    }  # fmt: skip
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    with m.migration_connection(url) as connection, connection.begin():
        connection.execute(sa.text(f"INSERT INTO list_version ({columns}) VALUES ({values})"), row)  # our own names
    m.migrate(url)
    assert m.check(url) == []
    with m.migration_connection(url) as connection:
        stored = connection.execute(sa.select(ListVersionRow.for_review, ListVersionRow.sources)).one()
    assert stored == (0, [{
        "source_key": "abababab", "file": "un.xml", "source_url": "https://list.example/un.xml",
        "published_at": "2026-02-27", "retrieved_at": "2026-11-23", "sha256": "ab" * 32,
    }])  # fmt: skip


def test_revocations_of_before_are_found_in_their_entries(database, make_database):
    """A record of before is written down where its hash is the entry's; sites get the key that their entry names."""
    url = make_database(database, empty=True)
    m.migrate(url, to="0009")
    at, thumbprint = 1_764_000_000_000, "T" * 43
    records = [f'{{"kid":"did:web:m#k","compromised_since_index":{since},"at":{at}}}' for since in ("null", "2", "1")]
    entries = [(2, "document", "x"), *((3 + n, "key-revoke", record) for n, record in enumerate([*records, "lost"]))]
    with m.migration_connection(url) as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO party (id, did, name, country, roles, state, applicant, applied_at) "
            f"VALUES ('p', 'did:web:m', 'M', 'CD', '[]', 'active', 'a', '{START:%Y-%m-%d %H:%M:%S+00}')"
        )
        connection.exec_driver_sql(
            "INSERT INTO party_key (id, kid, party_id, alg, thumbprint, jwk, proof, state, applicant, applied_at, added_index, "
            f"revoked_index, compromised_since, reason) VALUES ('k', 'did:web:m#k', 'p', 'EdDSA', '{thumbprint}', '{{}}', "
            f"'{{}}', 'revoked', 'a', '{START:%Y-%m-%d %H:%M:%S+00}', 0, 3, 1, 'stolen')"
        )
        connection.exec_driver_sql(
            "INSERT INTO site (id, key, uri, party_id, country, body, jws, entry_index, received_at) "
            f"VALUES (1, 's', 's', 'p', 'CD', '', '', 2, '{START:%Y-%m-%d %H:%M:%S+00}')"
        )
        for index, kind, record in entries:
            body = f'{{"at":{at},"body":"{digest(record.encode())}","key":"{thumbprint}"}}'.encode()
            insert = sa.text('INSERT INTO ledger_entry ("index", kind, body) VALUES (:index, :kind, :body)')
            connection.execute(insert, {"index": index, "kind": kind, "body": body})
    m.migrate(url)
    assert m.check(url) == []
    with m.migration_connection(url) as connection:
        rows = connection.execute(
            sa.text("SELECT entry_index, key_id, compromised_since, body, reason FROM key_revocation ORDER BY 1")
        ).all()
        key_id = connection.execute(sa.text("SELECT key_id FROM site")).scalar_one()
    assert [(r[0], r[1], r[2], bytes(r[3]).decode(), r[4]) for r in rows] == [
        (3, "k", None, records[0], "stolen"), (4, "k", 2, records[1], "stolen"), (5, "k", 1, records[2], "stolen"),
    ]  # fmt: skip
    assert key_id == "k"


def test_links_of_incidents_of_before_are_their_linkers(database, make_database):
    url = make_database(database, empty=True)
    m.migrate(url, to="0017")
    at = f"{START:%Y-%m-%d %H:%M:%S+00}"
    with m.migration_connection(url) as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO party (id, did, name, country, roles, state, applicant, applied_at) "
            f"VALUES ('p', 'did:web:m', 'M', 'CD', '[]', 'active', 'a', '{at}')"
        )
        connection.exec_driver_sql(
            "INSERT INTO app_user (id, name, party_id, role, password_hash, one_time, created_at, created_by, session_epoch) "
            f"VALUES ('u', 'anna', 'p', 'officer', 'x', false, '{at}', 'a', 0)"
        )
        for number, links in enumerate(("'lot', 'anna', 'why'", "'lot', 'who left', 'why'", "NULL, NULL, NULL")):
            connection.exec_driver_sql(
                "INSERT INTO incident (id, at, source, status, reason, media_type, body, linked_batch, linked_by, "
                f"linked_reason) VALUES ('i{number}', '{at}', 's', 401, 'r', 'm', '', {links})"
            )
    m.migrate(url)
    assert m.check(url) == []
    with m.migration_connection(url) as connection:
        query = "SELECT incident_id, owner_id, batch_key, linked_by, reason FROM incident_link ORDER BY id"
        rows = connection.execute(sa.text(query)).all()
    assert [tuple(row) for row in rows] == [("i0", "p", "lot", "anna", "why"), ("i1", None, "lot", "who left", "why")]


def test_the_connection_of_migrations_may_be_idle_and_waits_for_no_lock_without_end(make_database):
    with m.migration_connection(make_database("postgresql")) as connection:
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in
                 ("idle_in_transaction_session_timeout", "lock_timeout")]  # fmt: skip
    assert shown == ["0", "1min"]


def test_a_migration_that_others_lock_out_changes_nothing(make_database, monkeypatch):
    """However the failure is told on the way: here Alembic is in between."""
    monkeypatch.setattr(m, "LOCK_SECONDS", 1)
    url = make_database("postgresql", empty=True)
    other = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with other.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        with pytest.raises(Unavailable, match="has not let go of it for 1 seconds; nothing was changed"):
            m.migrate(url)
        connection.rollback()
    other.dispose()
    assert m.current(url) == ""
    assert m.migrate(url) == m.head()


def test_screenings_of_before_get_their_owner_party_and_entries(database, make_database):
    url = make_database(database, empty=True)
    m.migrate(url, to="0018")
    at, day = f"{START:%Y-%m-%d %H:%M:%S+00}", f"{START:%Y-%m-%d}"
    hits = '[{"list_id": "un-sc", "entry_key": "UN.9"}, {"list_id": "un-sc", "entry_key": "UN.9"}]'
    with m.migration_connection(url) as connection, connection.begin():
        for entry, subject, met in ((4, '{"party_id": "did:web:m"}', hits), (7, '{"party_id": null}', "[]")):
            text = sa.text(
                "INSERT INTO screening (subject_key, subject, as_of, at, versions, matcher, outcome, hits, entry_index) "
                f"VALUES ('k', :subject, '{day}', '{at}', '[]', 'm', 'hits', :hits, {entry})"
            )
            connection.execute(text, {"subject": subject, "hits": met})
        connection.exec_driver_sql(
            "INSERT INTO assessment (owner_id, subject_kind, subject, as_of, at, facts, result, status, notes, pending, "
            f"coverage, batches, criticals, inputs_hash, entry_index) VALUES ('p', 'shipment', 's', '{day}', '{at}', "
            "'{}', '{}', 'REVIEW', '[]', '[]', '[]', '[]', '{}', 'h', 5)"
        )
    m.migrate(url)
    assert m.check(url) == []
    with m.migration_connection(url) as connection:
        rows = connection.execute(sa.text("SELECT owner_id, party_id, status FROM screening ORDER BY id")).all()
        entries = connection.execute(sa.text("SELECT list_id, entry_key FROM screening_hit")).all()
    assert [tuple(row) for row in rows] == [("p", "did:web:m", None), (None, None, None)]
    assert [tuple(row) for row in entries] == [("un-sc", "UN.9")]
