from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.cosignature import (
    ED25519,
    ML_DSA_44,
    CosignerKey,
    CosigningKey,
    cosignatures,
    cosigned_message,
)
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.errors import BadSignature, InvalidKey

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEAD = Checkpoint("log.example/a", 7, bytes(range(32)))
KINDS = pytest.mark.parametrize("kind", [ED25519, ML_DSA_44], ids=["Ed25519", "ML-DSA-44"])


def noted(*keys, at=AT):
    note = sign_checkpoint(HEAD, LogKey.generate(HEAD.origin))
    return note + "".join(key.cosign(HEAD.to_text(), at) for key in keys)


@KINDS
def test_a_cosignature_says_who_and_when(kind):
    key = CosigningKey.generate("witness.example/w1", kind)
    note = noted(key)
    (found,) = cosignatures(note, [key.public])
    assert (found.key, found.at) == (key.public, int(AT.timestamp()))
    assert note.endswith(found.line)


@KINDS
def test_keys_have_a_text_form_and_a_file(kind, tmp_path):
    key = CosigningKey.generate("witness.example/w1", kind)
    assert CosignerKey.parse(key.public.vkey) == key.public
    key.save(tmp_path / "k")
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600
    assert cosignatures(noted(CosigningKey.load(tmp_path / "k")), [key.public])[0].key == key.public


def test_the_message_is_that_of_the_specification():
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned_message("w", ED25519, text, 1679315147) == f"cosignature/v1\ntime 1679315147\n{text}".encode()
    built = cosigned_message("w1", ML_DSA_44, text, 1679315147)
    assert built[:12] == b"subtree/v1\n\x00"
    assert built[12:15] == b"\x02w1"
    assert built[15:23] == (1679315147).to_bytes(8)
    assert built[23:51] == b"\x1bexample.com/behind-the-sofa"
    assert built[51:67] == bytes(8) + (20852163).to_bytes(8)
    assert built[67:] == from_b64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")


@KINDS
def test_unknown_witnesses_are_passed_over_and_bad_signatures_are_not(kind):
    known, other = CosigningKey.generate("w.example/1", kind), CosigningKey.generate("w.example/2", kind)
    assert cosignatures(noted(other), [known.public]) == []
    line = known.cosign(Checkpoint(HEAD.origin, 8, HEAD.root).to_text(), AT)
    with pytest.raises(BadSignature):
        cosignatures(noted() + line, [known.public])


@KINDS
def test_another_time_is_another_statement(kind):
    key = CosigningKey.generate("w.example/1", kind)
    name, data = key.cosign(HEAD.to_text(), AT).split()[1:]
    moved = bytearray(from_b64(data))
    moved[11] ^= 1
    with pytest.raises(BadSignature):
        cosignatures(noted() + f"— {name} {b64(bytes(moved))}\n", [key.public])


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-1], lambda d: d + b"\x00", lambda d: d[:4], lambda d: d[:4] + b"\xff" * 8 + d[12:]]
)
def test_damaged_cosignatures_are_refused(damage):
    key = CosigningKey.generate("w.example/1")
    name, data = key.cosign(HEAD.to_text(), AT).split()[1:]
    with pytest.raises((BadSignature, InvalidInput)):
        cosignatures(noted() + f"— {name} {b64(damage(from_b64(data)))}\n", [key.public])


@pytest.mark.parametrize(
    ("vkey", "why"),
    [
        ("w", "name\\+hash\\+key"), ("w+00000000+!", "witness key w"), ("w+00000000+AQ==", "signature type 0x04"),
        ("w+00000000+" + b64(b"\x04" + bytes(32)), "."), ("w+00000000+" + b64(b"\x04" + b"\xd7" * 31), "0x04"),
        ("w+00000000+" + b64(b"\x06" + b"\xd7" * 1312), "expected the hash"),
    ],
)  # fmt: skip
def test_keys_in_another_form_are_refused(vkey, why):
    with pytest.raises(InvalidKey, match=why):
        CosignerKey.parse(vkey)


def test_a_name_with_blanks_is_none():
    for name in ("", "a b", "a+b", "a\n"):
        with pytest.raises(InvalidKey):
            CosigningKey.generate(name)


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+w+00000000+AQ==\n", "x"])
def test_another_file_is_no_key(tmp_path, text):
    path = tmp_path / "k"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(InvalidKey, match="no cosigning key"):
        CosigningKey.load(path)


@given(st.binary(max_size=200))
def test_no_bytes_pass_for_a_cosignature(data):
    key = CosigningKey.generate("w.example/1")
    with pytest.raises(BadSignature):
        key.public.verify(HEAD.to_text(), data)
