"""Settings from the environment: what cannot be used is told in words, with the setting's name."""

from dataclasses import fields
from pathlib import Path

import pytest

from traceability.config import Settings, load_settings
from traceability.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PORT", "abc", "expected a whole number from 1 to 65535; got 'abc'"),
        ("PORT", "99999", "expected a whole number from 1 to 65535; got '99999'"),
        ("THREADS", "0", "expected a whole number from 1 to 1000000; got '0'"),
        ("SESSION_HOURS", "9" * 20, f"expected a whole number from 1 to 1000000; got '{'9' * 20}'"),
        ("CLOCK_GAP_DAYS", "1000000001", "expected a whole number from 1 to 1000000; got '1000000001'"),
        ("TRUSTED_PROXIES", "-1", "expected a whole number from 0 to 1000000; got '-1'"),
        ("SECURE_COOKIES", "maybe", "expected true or false; got 'maybe'"),
        ("NOW", "2026-11-23", "expected a moment with its offset, such as 2026-11-23T09:00:00Z; got '2026-11-23'"),
        ("NOW", "soon", "expected a moment with its offset"),
        ("LOG_FORMAT", "xml", "expected one of json, text; got 'xml'"),
        ("LOG_FORMAT", "', '", "expected one of json, text"),
        ("STATE_DIR", "", "expected a path; got ''"),
        (
            "DATABASE_URL",
            "mysql://me:secret@host/x",
            "expected sqlite:///PATH or postgresql://HOST/NAME; got one of 'mysql'",
        ),
        ("DATABASE_URL", "sqlite://", "expected sqlite:///PATH or postgresql://HOST/NAME; got one of 'sqlite'"),
        ("DATABASE_URL", "sqlite:///:memory:", "expected sqlite:///PATH or"),
        ("DATABASE_URL", "", "expected sqlite:///PATH or"),
        ("REPLICA_URL", "sqlite:///x.db", "expected postgresql://HOST/NAME; got one of 'sqlite'"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_in_words(name, text, expected):
    with pytest.raises(InvalidInput) as told:
        load_settings({f"TRACEABILITY_{name}": text})
    assert f"TRACEABILITY_{name}: {expected}" in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("url", ["sqlite:///x.db", "sqlite:////var/x.db", "postgresql://me:secret@host/x", "postgres://h/x",
                                 "postgresql+psycopg:///x?host=/run"])  # fmt: skip
def test_addresses_of_databases_are_taken_as_they_are(url):
    assert load_settings({"TRACEABILITY_DATABASE_URL": url}).database_url == url


def test_values_are_read_by_the_type_of_their_setting():
    given = {"PORT": "81", "TRUSTED_PROXIES": "0", "EMBEDDED_WORKER": "no", "SECURE_COOKIES": "TRUE", "STATE_DIR": "x",
             "FILES_DIR": "y", "NOW": "2026-11-23T09:00:00Z", "LOG_FORMAT": "text", "LOG_ORIGIN": "o"}  # fmt: skip
    found = load_settings({f"TRACEABILITY_{name}": text for name, text in given.items()})
    assert (found.port, found.trusted_proxies, found.embedded_worker, found.secure_cookies) == (81, 0, False, True)
    assert (found.state_dir, found.files, found.log_format, found.log_origin) == (Path("x"), Path("y"), "text", "o")
    assert found.now is not None
    assert found.now.isoformat() == "2026-11-23T09:00:00+00:00"


def test_an_unknown_setting_is_an_error():
    with pytest.raises(InvalidInput, match="TRACEABILITY_PROT"):
        load_settings({"TRACEABILITY_PROT": "1"})


def test_every_setting_has_a_meaning():
    assert all(item.metadata["meaning"] for item in fields(Settings))
