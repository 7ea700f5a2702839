"""Settings that only a web process or a later request would have met are told at the start, each by its name."""

import pytest

from traceability.errors import InvalidInput
from traceability.services.settings_check import check_settings

BAD = [
    ("key_algorithms", "RS256", "expected EdDSA, ES256 or both"),
    ("key_algorithms", "", "expected EdDSA, ES256 or both"),
    ("key_algorithms", "EdDSA:soon", "expected EdDSA, ES256 or both"),
    ("refusal_rate", "60 per fortnight", "expected a rate of one or more"),
    ("rate_storage", "elsewhere://host", "expected memory:// or the address of a store"),
    ("host", "no such host", "expected an address or name of this machine"),
    ("host", "a" * 80, "expected an address or name of this machine"),
    ("public_url", "traceability.example", "expected https://host or http://host"),
    ("public_url", "ftp://traceability.example", "expected https://host or http://host"),
    ("public_url", "https://", "expected https://host or http://host"),
    ("public_url", "https://me:word@host", "expected https://host or http://host"),
    ("public_url", "https://host:99999", "expected https://host or http://host"),
    ("public_url", "https://[::1", "expected https://host or http://host"),
    ("log_origin", "two words", "expected a name without blanks and plus signs"),
    ("log_origin", "a+b", "expected a name without blanks and plus signs"),
    ("log_origin", "", "expected a name without blanks and plus signs"),
    ("replica_url", "postgresql://host/x", "expected none on SQLite"),
    ("smtp_url", "http://mail.example", "expected smtp://USER@HOST:PORT"),
    ("webhook_url", "https://hook.example/", "expected together with"),
]


@pytest.mark.parametrize(("name", "value", "expected"), BAD)
def test_what_cannot_be_used_is_named_with_what_was_expected(name, value, expected, make_settings):
    with pytest.raises(InvalidInput) as refused:
        check_settings(make_settings("sqlite:///x.db", **{name: value}))
    assert f"TRACEABILITY_{name.upper()}: {expected}" in refused.value.detail
    if name not in ("rate_storage", "replica_url", "smtp_url", "webhook_url"):  # they may hold a password
        assert repr(value)[:60].rstrip("'") in refused.value.detail


@pytest.mark.parametrize("name", ["state_dir", "files_dir"])
def test_a_folder_that_cannot_be_one(name, make_settings, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    for path in (file, file / "below", tmp_path / "nowhere"):
        settings = make_settings("sqlite:///x.db", **{name: path})
        if path.name == "nowhere":
            check_settings(settings)
            assert not path.exists(), "checking makes nothing"
            continue
        with pytest.raises(InvalidInput) as refused:
            check_settings(settings)
        told = f"TRACEABILITY_{name.upper()}: expected a folder that may be written, or a place where one may be made"
        assert refused.value.detail == f"{told}; got {str(path)!r}"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("witnesses", None, "cannot be read"), ("witnesses", "witness W\n", "witness"),
     ("witnesses", "what is this\n", "what"), ("timestamp_authorities", None, "cannot be read"),
     ("timestamp_authorities", "authority A\n", "line 1: expected 'authority NAME URL CERTIFICATES [POLICY]'")],
)  # fmt: skip
def test_a_file_that_a_setting_names(name, text, told, make_settings, tmp_path):
    """A file that is not read means no witness, and nobody would notice."""
    path = tmp_path / "named"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidInput) as refused:
        check_settings(make_settings("sqlite:///x.db", **{name: path}))
    assert refused.value.detail.startswith(f"TRACEABILITY_{name.upper()}: ")
    assert told in refused.value.detail


@pytest.mark.parametrize("named", [{}, {"host": "::1"}, {"host": "localhost", "public_url": "https://host:8443/a/b"},
                                   {"key_algorithms": "EdDSA, ES256:2030-12-31"}])  # fmt: skip
def test_what_is_well_said_passes(named, make_settings):
    check_settings(make_settings("sqlite:///x.db", **named))
