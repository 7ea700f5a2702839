import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.checkpoint import Checkpoint, LogKey, read_checkpoint, sign_checkpoint, verify_checkpoint
from traceability.ledger.errors import BadSignature, InvalidKey
from traceability.ledger.note import VerifierKey, note_text, open_note, sign_note


def fixed_key(name, seed):
    # Texts made with these keys name test cases, which must be the same in every process.
    return LogKey._of(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


KEY, OTHER = fixed_key("log.example/main", 1), fixed_key("witness.example/w", 2)
TEXT = "first\n\nthird\n"
NOTE = sign_note(TEXT, KEY)
HEAD = Checkpoint("log.example/main", 5, bytes(range(32)))


def test_signed_and_opened():
    opened = open_note(NOTE, [KEY.verifier])
    assert (opened.text, opened.keys) == (TEXT, (KEY.verifier,))
    assert note_text(NOTE) == TEXT


def test_the_key_id_is_the_hash_of_the_specification():
    raw = base64.b64decode(KEY.vkey.split("+", 2)[2])[1:]
    expected = hashlib.sha256(b"log.example/main\n\x01" + raw).digest()[:4]
    assert KEY.key_id == expected
    assert KEY.verifier.fingerprint == hashlib.sha256(b"\x01" + raw).hexdigest()


def test_unknown_signatures_are_passed_over():
    note = sign_note(TEXT, OTHER, KEY)
    assert open_note(note, [KEY.verifier]).keys == (KEY.verifier,)
    assert open_note(note, [KEY.verifier, OTHER.verifier]).keys == (OTHER.verifier, KEY.verifier)


def test_a_known_key_whose_signature_does_not_fit_spoils_the_note():
    note = sign_note(TEXT, OTHER, KEY).replace("third", "Third")
    with pytest.raises(BadSignature, match="does not fit"):
        open_note(note, [KEY.verifier])
    mixed = NOTE + sign_note("another\n", KEY).rpartition("\n\n")[2]
    with pytest.raises(BadSignature, match="does not fit"):
        open_note(mixed, [KEY.verifier])


def test_a_note_of_unknown_keys_only():
    with pytest.raises(BadSignature, match=r"no trusted key: expected one of witness\.example/w"):
        open_note(NOTE, [OTHER.verifier])
    with pytest.raises(BadSignature, match="expected one of none"):
        open_note(NOTE, [])


def test_the_same_name_with_another_key_is_another_key():
    with pytest.raises(BadSignature, match="no trusted key"):
        open_note(NOTE, [LogKey.generate("log.example/main").verifier])


LINE = NOTE.rpartition("\n\n")[2]


@pytest.mark.parametrize(
    "note",
    [
        "", "\n", "\n\n", TEXT, "text\n\n", "text\n\n" + LINE[:-1], "\n\n" + LINE, LINE, "text\n" + LINE, NOTE + "\n",
        NOTE.replace("—", "-"), NOTE.replace("— ", "—  "), NOTE.replace("\n", "\r\n"), NOTE.replace("first", "fir\tst"),
        NOTE.replace("first", "fir\x00st"), "text\n\n" + LINE * 101, "t" * 1_000_001 + "\n\n" + LINE,
        "text\n\n— a AAAA\n", "text\n\n— a AAAAAA==\n", "text\n\n— a *\n", "text\n\n— a AAAAAAB=\n", "text\n\n— AAAAAAAA\n",
        "text\n\n— a AAAAAAAA\n\n",
    ],
)  # fmt: skip
def test_texts_that_are_no_note_are_refused(note):
    with pytest.raises(InvalidInput):
        open_note(note, [KEY.verifier])


def test_a_hundred_signature_lines_are_read():
    assert open_note(
        "text\n\n" + LINE.replace("log.", "other.") * 99 + sign_note("text\n", KEY).rpartition("\n\n")[2],
        [KEY.verifier],
    )


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "nul\x00\n", "cr\r\n"])
def test_texts_that_cannot_be_signed(text):
    with pytest.raises(InvalidInput, match="newline"):
        sign_note(text, KEY)


def test_verifier_keys_there_and_back():
    assert VerifierKey.parse(KEY.vkey) == KEY.verifier


@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: "", lambda v: v + " ", lambda v: "x" + v, lambda v: v.replace("+", "-", 1), lambda v: v[:-1],
        lambda v: v.split("+")[0], lambda v: v.upper(), lambda v: f"a+00000000+{base64.b64encode(b'').decode()}",
        lambda v: f"a+00000000+{base64.b64encode(bytes([4]) + bytes(32)).decode()}",
        lambda v: f"a+00000000+{base64.b64encode(bytes([1]) + bytes(31)).decode()}",
        lambda v: f"a+00000000+{base64.b64encode(bytes([1]) + bytes(32)).decode()}",
    ],
)  # fmt: skip
def test_verifier_keys_in_another_form_are_refused(spoil):
    with pytest.raises(InvalidKey):
        VerifierKey.parse(spoil(KEY.vkey))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\u2003b", "a\x00b"])
def test_names_that_cannot_stand_in_a_signature_line(name):
    with pytest.raises(InvalidKey, match="key name"):
        LogKey.generate(name)


def test_checkpoints_there_and_back():
    note = sign_checkpoint(HEAD, KEY)
    assert read_checkpoint(note) == HEAD
    assert verify_checkpoint(note, [OTHER.verifier, KEY.verifier]) == (HEAD, KEY.verifier)


def test_a_checkpoint_under_two_keys_while_the_key_is_rotated():
    new = LogKey.generate("log.example/main")
    note = sign_checkpoint(HEAD, KEY, new)
    for key in (KEY, new):
        assert verify_checkpoint(note, [key.verifier]) == (HEAD, key.verifier)


def test_only_the_logs_own_key_signs_and_counts():
    with pytest.raises(InvalidInput, match=r"log key of log\.example/main"):
        sign_checkpoint(HEAD, OTHER)
    with pytest.raises(InvalidKey, match=r"signed by the key of witness\.example/w"):
        verify_checkpoint(sign_note(HEAD.to_text(), OTHER), [OTHER.verifier])


def test_extension_lines_have_no_meaning():
    note = sign_note(HEAD.to_text() + "extension\n", KEY)
    assert verify_checkpoint(note, [KEY.verifier])[0] == HEAD


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "a\n5\n", f"\n5\n{ROOT}\n", f"a\n05\n{ROOT}\n", f"a\n-5\n{ROOT}\n", f"a\n\n{ROOT}\n", f"a\n٥\n{ROOT}\n", f"a\n5 \n{ROOT}\n",
        f"a\n{10**18}\n{ROOT}\n", f"a\n5\n{ROOT}=\n", f"a\n5\n{ROOT[4:]}\n", "a\n5\n\n", f"a\n5\n{ROOT}\n\nx\n", f"a\n5\n{ROOT}",
        "a\n5\n*\n",
    ],
)  # fmt: skip
def test_texts_that_are_no_checkpoint_are_refused(text):
    with pytest.raises(InvalidInput):
        Checkpoint.from_text(text)


def test_log_keys_are_saved_and_loaded(tmp_path):
    path = tmp_path / "log.key"
    KEY.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = LogKey.load(path)
    assert again == KEY
    assert open_note(sign_note(TEXT, again), [KEY.verifier])
    secret = path.read_text().strip().rpartition("+")[2]
    assert secret not in repr(again)
    with pytest.raises(InvalidKey, match="never overwritten"):
        KEY.save(path)
    path.chmod(0o644)
    with pytest.raises(InvalidKey, match="chmod 600"):
        LogKey.load(path)


def _skey(data, name="a", identifier="00000000"):
    return f"PRIVATE+KEY+{name}+{identifier}+{base64.b64encode(data).decode()}\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "PRIVATE"), ("{}", "PRIVATE"), (KEY.vkey, "PRIVATE"), (_skey(b"\x01" + bytes(31)), "32 bytes"),
        (_skey(b"\x04" + bytes(32)), "type 0x01"), (_skey(b"\x01" + bytes(32)), "expected the hash"),
        ("PRIVATE+KEY+a+00000000+AAB=\n", "base64"),
    ],
)  # fmt: skip
def test_files_without_a_log_key_are_refused(tmp_path, content, why):
    path = tmp_path / "log.key"
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(InvalidKey, match=why):
        LogKey.load(path)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_hostile_texts_are_an_error_with_a_status(text):
    for call in (
        lambda: open_note(text, [KEY.verifier]),
        lambda: VerifierKey.parse(text),
        lambda: Checkpoint.from_text("a\n" + text),
    ):
        with pytest.raises(TraceabilityError) as caught:
            call()
        assert caught.value.status in (400, 403)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_any_changed_character_is_noticed(place, character):
    if NOTE[place] == character:
        return
    with pytest.raises(TraceabilityError):
        open_note(NOTE[:place] + character + NOTE[place + 1 :], [KEY.verifier])
