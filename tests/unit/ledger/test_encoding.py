import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.ledger.encoding import b64, b64u, digest, from_b64, from_b64u


@given(st.binary(max_size=100))
def test_one_text_for_given_bytes_and_back(data):
    assert from_b64(b64(data)) == data
    assert from_b64u(b64u(data)) == data


@given(st.text(max_size=12))
def test_any_text_that_is_read_is_written_the_same(text):
    for read, write in ((from_b64, b64), (from_b64u, b64u)):
        try:
            data = read(text)
        except ValueError:
            continue
        assert write(data) == text


@pytest.mark.parametrize(
    "text",
    ["Zg==", "Zg=", " Zg", "Zg ", "Zg\n", "Z g", "Zh", "Zm9", "Zm9v+A", "Zm9v/A", "A", "Zm9vé", "Zg.", "=", "Zg\u200b"],
)
def test_sloppy_base64url_is_refused(text):
    with pytest.raises(ValueError, match=r"base64|ASCII"):
        from_b64u(text)


@pytest.mark.parametrize("text", ["Zg", "Zg=", "Zh==", " Zg==", "Zg==\n", "Zm9v-A==", "Zg==Zg==", "é"])
def test_sloppy_base64_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        from_b64(text)


def test_digest_is_sha256_in_base64url():
    assert digest(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
