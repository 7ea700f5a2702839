import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from traceability.errors import TraceabilityError
from traceability.ledger import jose
from traceability.ledger.encoding import b64, b64u, digest, from_b64u
from traceability.ledger.jose import (
    Anchor,
    BadSignature,
    SignatureMalformed,
    SignatureMissing,
    read_compact,
    read_detached,
    sign_compact,
    sign_detached,
    verify,
)
from traceability.ledger.keys import PrivateKey

KEY = PrivateKey.generate("EdDSA")
EC_KEY = PrivateKey.generate("ES256")
KID = "did:web:mine.example#key-1"
BODY = b'{"type":"EPCISDocument"}'
HEAD = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": KID}
DETACHED = {"alg": "EdDSA", "kid": KID, "b64": False, "crit": ["b64"]}


def token(header, payload=BODY, key=KEY):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = b64u(text) + "." + b64u(payload)
    return (signing_input + "." + b64u(key.sign(signing_input.encode()))).encode()


def detached(header, body=BODY, key=KEY):
    protected = b64u(json.dumps(header).encode())
    return protected + ".." + b64u(key.sign(protected.encode() + b"." + body))


@pytest.mark.parametrize("key", [KEY, EC_KEY])
def test_compact_there_and_back(key):
    jws = sign_compact(BODY, key, kid=KID).encode()
    signed = read_compact(jws)
    verify(signed, key.public)
    assert (signed.payload, signed.kid, signed.jws, signed.body, signed.detached) == (BODY, KID, jws, jws, False)
    assert (signed.body_hash, signed.jws_hash) == (digest(jws), None)
    assert (signed.log_origin, signed.log_anchor) == (None, None)


@pytest.mark.parametrize("key", [KEY, EC_KEY])
@pytest.mark.parametrize("body", [b"", BODY, b"\xff\x00.\n"])
def test_detached_there_and_back(key, body):
    jws = sign_detached(body, key, kid=KID)
    signed = read_detached(jws, body)
    verify(signed, key.public)
    assert (signed.payload, signed.body, signed.jws, signed.detached) == (body, body, jws.encode(), True)
    assert (signed.body_hash, signed.jws_hash) == (digest(body), digest(jws.encode()))


def test_the_compact_header_is_as_in_the_design():
    head = sign_compact(BODY, KEY, kid="did:web:importer.example#key-1").split(".")[0]
    assert head == (
        "eyJhbGciOiJFZERTQSIsInR5cCI6InZjK2p3dCIsImN0eSI6InZjIiwia2lkIjoiZGlkOndlYjppbXBvcnRlci5leGFtcGxlI2tleS0xIn0"
    )


def test_origin_and_anchor_are_protected_parameters():
    anchor = f"42 {b64(bytes(32))}"
    for signed in (
        read_compact(sign_compact(BODY, KEY, kid=KID, extra={"log_origin": "a/b", "log_anchor": anchor}).encode()),
        read_detached(sign_detached(BODY, KEY, kid=KID, extra={"log_origin": "a/b", "log_anchor": anchor}), BODY),
    ):
        verify(signed, KEY.public)
        assert signed.log_origin == "a/b"
        assert signed.log_anchor == Anchor(42, bytes(32))


def test_ed25519_is_another_name_of_eddsa():
    verify(read_compact(token(HEAD | {"alg": "Ed25519"})), KEY.public)
    with pytest.raises(BadSignature, match="signs with ES256 only"):
        verify(read_compact(token(HEAD | {"alg": "Ed25519"}, key=EC_KEY)), EC_KEY.public)


@pytest.mark.parametrize(("alg", "key"), [("ES256", KEY), ("EdDSA", EC_KEY)])
def test_the_keys_algorithm_counts_not_the_headers(alg, key):
    with pytest.raises(BadSignature, match=f"alg {alg}") as caught:
        verify(read_compact(token(HEAD | {"alg": alg}, key=key)), key.public)
    assert caught.value.status == 403


@pytest.mark.parametrize("change", [{"typ": "JWT"}, {"typ": None}, {"cty": "vp"}, {"typ": "VC+JWT"}])
def test_another_type_is_refused(change):
    with pytest.raises(SignatureMalformed, match="expected"):
        read_compact(token(HEAD | change))
    read_compact(token(HEAD | change), typ=None, cty=None)


@pytest.mark.parametrize(
    "change",
    [
        *({"alg": alg} for alg in ("none", "None", "HS256", "RS256", "PS256", "ES384", "EdDSA ", "", None, 5, ["EdDSA"])),
        *({name: "x"} for name in ("jwk", "jku", "x5u", "x5c")),
        {"kid": ""}, {"kid": None}, {"kid": 5}, {"kid": "k" * 513}, {"log_origin": ""}, {"log_origin": 5},
        {"log_anchor": "5"}, {"log_anchor": 5}, {"log_anchor": "05 " + b64(bytes(32))}, {"log_anchor": "5 " + "=" * 44},
        {"log_anchor": "5 " + b64(bytes(31))}, {"log_anchor": "5 " + b64(bytes(33))}, {"log_anchor": "٥ " + b64(bytes(32))},
    ],
)  # fmt: skip
def test_headers_are_refused_in_both_forms(change):
    with pytest.raises(SignatureMalformed) as caught:
        read_compact(token(HEAD | change))
    assert caught.value.status == 401
    with pytest.raises(SignatureMalformed):
        read_detached(detached(DETACHED | change), BODY)


@pytest.mark.parametrize("missing", ["alg", "kid", "typ", "cty"])
def test_a_missing_member_is_refused(missing):
    with pytest.raises(SignatureMalformed, match=missing):
        read_compact(token({name: value for name, value in HEAD.items() if name != missing}))


@pytest.mark.parametrize("change", [{"crit": ["b64"], "b64": False}, {"crit": ["exp"]}, {"crit": []}, {"b64": True}])
def test_compact_takes_no_critical_parameter(change):
    with pytest.raises(SignatureMalformed, match="crit"):
        read_compact(token(HEAD | change))


@pytest.mark.parametrize(
    "change",
    [
        {"crit": ["b64", "exp"]},
        {"crit": []},
        {"crit": "b64"},
        {"crit": None},
        {"b64": True},
        {"b64": 0},
        {"b64": "false"},
    ],
)
def test_detached_takes_exactly_one_critical_parameter(change):
    with pytest.raises(SignatureMalformed, match="b64"):
        read_detached(detached(DETACHED | change), BODY)


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"EdDSA","alg":"EdDSA","kid":"k","typ":"vc+jwt","cty":"vc"}', b"[]", b"", b"null", b"{", b"\xff",
        b'\xef\xbb\xbf{"alg":"EdDSA"}', b'{"alg":"EdDSA","kid":NaN}', b'{"alg":"EdDSA","kid":"\\ud800"}',
        b"[[[[[[1]]]]]]",
    ],
)  # fmt: skip
def test_headers_that_are_not_strict_json_are_refused(header):
    with pytest.raises(SignatureMalformed, match="header"):
        read_compact(token(header))


def test_a_huge_header_is_refused_unread():
    with pytest.raises(SignatureMalformed, match="at most 4096"):
        read_compact(token(HEAD | {"note": "x" * 4000}))


@pytest.mark.parametrize("value", [b"", None])
def test_nothing_sent(value):
    with pytest.raises(SignatureMissing) as caught:
        read_compact(value or b"")
    assert caught.value.status == 401
    with pytest.raises(SignatureMissing):
        read_detached(value if value is None else "", BODY)


def test_an_empty_signature_part_is_a_missing_signature():
    with pytest.raises(SignatureMissing, match="empty signature"):
        read_compact(token(HEAD).rpartition(b".")[0] + b".")
    with pytest.raises(SignatureMissing, match="empty signature"):
        read_detached(detached(DETACHED).rpartition(".")[0] + ".", BODY)


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_another_number_of_parts_is_refused(parts):
    text = ".".join(["eyJhIjoxfQ"] * parts)
    with pytest.raises(SignatureMalformed, match="three parts"):
        read_compact(text.encode())
    with pytest.raises(SignatureMalformed, match="detached"):
        read_detached(text, BODY)


def test_a_compact_jws_is_no_detached_one():
    with pytest.raises(SignatureMalformed, match="detached"):
        read_detached(token(HEAD).decode(), BODY)


def test_text_that_is_not_ascii_is_refused():
    with pytest.raises(SignatureMalformed, match="ASCII"):
        read_detached("é..x", BODY)
    with pytest.raises(SignatureMalformed, match="base64url"):
        read_compact("é.x.x".encode())


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("spoil", [b"=", b" ", b"\n", b"+", b"\x00"])
def test_sloppy_base64url_is_refused_in_every_part(part, spoil):
    parts = token(HEAD).split(b".")
    parts[part] += spoil
    with pytest.raises(SignatureMalformed, match="strict base64url"):
        read_compact(b".".join(parts))


def test_stray_bits_are_refused():
    parts = token(HEAD).split(b".")
    last = parts[2][-1:]
    assert len(parts[2]) % 4 == 2
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    parts[2] = parts[2][:-1] + alphabet[alphabet.index(last) + 1 :][:1]
    with pytest.raises(SignatureMalformed, match="strict base64url"):
        read_compact(b".".join(parts))


def test_what_could_not_be_read_is_not_signed():
    with pytest.raises(SignatureMalformed, match="kid"):
        sign_compact(BODY, KEY, kid="")
    with pytest.raises(SignatureMalformed, match="log_anchor"):
        sign_detached(BODY, KEY, kid=KID, extra={"log_anchor": "soon"})


@settings(deadline=None, max_examples=150)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255), form=st.sampled_from(["compact", "detached"]))
def test_any_changed_byte_is_noticed(place, value, form):
    text = sign_compact(BODY, KEY, kid=KID) if form == "compact" else sign_detached(BODY, KEY, kid=KID)
    data = bytearray(text.encode())
    place %= len(data)
    if data[place] == value:
        return
    data[place] = value
    read = {"compact": read_compact, "detached": lambda value: read_detached(value.decode("latin-1"), BODY)}[form]
    with pytest.raises(TraceabilityError) as caught:
        verify(read(bytes(data)), KEY.public)
    assert caught.value.status in (401, 403)


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.binary(max_size=40).map(b64u), max_size=4).map(lambda p: ".".join(p).encode()),
    )
)
@example(b"..")
@example(b"eyJhbGciOiJFZERTQSJ9..")
def test_hostile_bytes_are_an_error_with_a_status(data):
    for read in (lambda: read_compact(data), lambda: read_detached(data.decode("latin-1"), data)):
        with pytest.raises(TraceabilityError) as caught:
            read()
        assert caught.value.status == 401


def test_header_members_this_version_does_not_know_are_passed_over():
    signed = read_compact(token(HEAD | {"iat": 5, "x5t#S256": "x"}))
    verify(signed, KEY.public)
    assert signed.header["iat"] == 5


def test_the_errors_are_reached_through_this_module():
    assert {jose.BadSignature, jose.SignatureMissing, jose.SignatureMalformed} == {
        BadSignature, SignatureMissing, SignatureMalformed,
    }  # fmt: skip
    assert len(from_b64u(sign_compact(BODY, KEY, kid=KID).rpartition(".")[2])) == 64
