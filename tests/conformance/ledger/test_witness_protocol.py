"""C2SP tlog-witness, section "add-checkpoint", sentence by sentence: each MUST, asked of our witness over its own face."""

import pytest

from traceability.cli.witness_app import create_witness_app
from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.cosignature import ML_DSA_44, CosigningKey, cosignatures
from traceability.ledger.encoding import b64
from traceability.ledger.merkle import EMPTY_ROOT, leaf_hash
from traceability.ledger.note import sign_note
from traceability.ledger.tiles import TileTree
from traceability.ledger.witness import AddCheckpoint
from traceability.services.witness_host import WitnessHost
from traceability.storage.witness_files import WitnessFiles

LOG = LogKey.generate("log.example/a")
ROTATED = LogKey.generate("log.example/a")
STRANGER = LogKey.generate("log.example/a")
TREE = TileTree(lambda _level, _index: None)
TREE.append([leaf_hash(b"%d" % n) for n in range(40)])
EXAMPLE = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n"
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
)


def note(size, *keys, root=None):
    head = Checkpoint(LOG.name, size, root or (TREE.root(size) if size else EMPTY_ROOT))
    return sign_checkpoint(head, *(keys or (LOG,)))


def body(old, size, *keys, proof=None, root=None):
    path = proof if proof is not None else TREE.consistency(old, size) if 0 < old <= size else ()
    return AddCheckpoint(old, tuple(path), note(size, *keys, root=root)).to_bytes()


@pytest.fixture
def keys():
    return CosigningKey.generate("witness.example/w1"), CosigningKey.generate("witness.example/w1", ML_DSA_44)


@pytest.fixture
def host(keys, tmp_path, clock):
    return WitnessHost(keys, {LOG.name: [LOG.verifier, ROTATED.verifier]}, WitnessFiles(tmp_path / "w"), clock)


@pytest.fixture
def post(host):
    client = create_witness_app(host).test_client()
    return lambda data: client.post("/add-checkpoint", data=data)


def remembered(host):
    found = host.files.latest(LOG.name)
    return None if found is None else found.size


def test_the_request_must_be_a_post(host):
    client = create_witness_app(host).test_client()
    assert [client.open("/add-checkpoint", method=method).status_code for method in ("GET", "PUT", "DELETE")] == [
        405
    ] * 3


def test_the_example_request_is_read_and_written_byte_for_byte():
    """The signatures in the text's example are for its form; both its proof and its lines must survive."""
    asked = AddCheckpoint.parse(EXAMPLE.encode())
    assert (asked.old_size, len(asked.proof)) == (20852014, 4)
    assert asked.to_bytes() == EXAMPLE.encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: b"new 0\n\n" + note(3).encode(), "the string `old`"),
        (lambda: b"old  0\n\n" + note(3).encode(), "a single space"),
        (lambda: b"old\t0\n\n" + note(3).encode(), "a single space (0x20)"),
        (lambda: b"old 00\n\n" + note(3).encode(), "no leading zeroes"),
        (lambda: b"old 03\n\n" + note(3).encode(), "no leading zeroes"),
        (lambda: b"old +3\n\n" + note(3).encode(), "ASCII decimal"),
        (lambda: "old \N{ARABIC-INDIC DIGIT THREE}\n\n".encode() + note(3).encode(), "ASCII decimal"),
        (lambda: b"old 0\r\n\r\n" + note(3).encode(), "each line terminates in U+000A"),
        (lambda: b"old 0\n" + note(3).encode(), "an empty line"),
        (lambda: b"old 0\n\n" + note(3).encode()[:-1], "each line terminates in a newline"),
        (lambda: body(0, 3) + b"\xe2\x80\x94 \xff\xfe AAAAAAAA\n", "signed notes MUST be valid UTF-8"),
        (lambda: body(0, 3) + "— a+b AAAAAAAA\n".encode(), "key names MUST NOT contain plus"),
        (lambda: b"old 1\n" + b64(bytes(31)).encode() + b"\n\n" + note(3).encode(), "a single hash"),
        (lambda: b"old 1\n" + b64(bytes(32))[:-1].encode() + b"\n\n" + note(3).encode(), "base64"),
        (lambda: b"old 1\n" + (b64(bytes(32)) + "\n").encode() * 64 + b"\n" + note(3).encode(), "63 lines at most"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_form_of_request_is_a_bad_request(post, host, data, why):
    assert post(data()).status_code == 400, why
    assert remembered(host) is None


def test_sixty_three_proof_lines_are_read(post):
    post(body(0, 3))
    assert post(b"old 3\n" + (b64(bytes(32)) + "\n").encode() * 63 + b"\n" + note(9).encode()).status_code == 422


@pytest.mark.parametrize("signers", [(LOG,), (ROTATED,), (LOG, ROTATED), (STRANGER, LOG), (LOG, STRANGER)])
def test_it_must_verify_with_its_trusted_keys_and_ignore_unknown_ones(post, signers):
    assert post(body(0, 3, *signers)).status_code == 200


def test_an_unknown_origin_is_not_found(post):
    other = LogKey.generate("log.example/b")
    asked = AddCheckpoint(0, (), sign_checkpoint(Checkpoint(other.name, 3, TREE.root(3)), other)).to_bytes()
    assert post(asked).status_code == 404


def test_no_signature_of_a_trusted_key_is_forbidden(post, host):
    assert post(body(0, 3, STRANGER)).status_code == 403
    spoilt = bytearray(body(0, 3))
    spoilt[-6] ^= 1
    assert post(bytes(spoilt)).status_code in (400, 403)
    foreign_name = sign_note(Checkpoint(LOG.name, 3, TREE.root(3)).to_text(), LogKey.generate("log.example/b"))
    assert post(AddCheckpoint(0, (), foreign_name).to_bytes()).status_code == 403
    assert remembered(host) is None


def test_an_old_size_above_the_checkpoints_is_a_bad_request(post):
    post(body(0, 9))
    assert post(body(9, 7, proof=())).status_code == 400
    assert post(body(3, 2, proof=())).status_code == 400


@pytest.mark.parametrize("old", [0, 3, 6, 8])
def test_another_old_size_conflicts_with_the_size_alone_in_its_own_type(post, host, old):
    post(body(0, 5))
    answer = post(body(old, 9))
    assert (answer.status_code, answer.data, answer.headers["Content-Type"]) == (409, b"5\n", "text/x.tlog.size")
    assert remembered(host) == 5


def test_zero_where_it_never_cosigned_one(post):
    answer = post(body(3, 5))
    assert (answer.status_code, answer.data) == (409, b"0\n")


def test_a_client_may_ask_with_zero_to_hear_the_size_and_go_on(post):
    post(body(0, 5))
    said = int(post(body(0, 20)).data)
    assert post(body(said, 20)).status_code == 200


def test_the_proof_must_be_empty_from_zero(post, host):
    assert post(body(0, 9, proof=[bytes(32)])).status_code == 422
    assert remembered(host) is None


@pytest.mark.parametrize(
    "spoil",
    [lambda path: path[:-1], lambda path: [*path, bytes(32)], lambda path: [bytes(32), *path[1:]], lambda _path: []],
)
def test_a_proof_that_does_not_verify_is_unprocessable_and_never_cosigned(post, host, spoil):
    post(body(0, 5))
    answer = post(body(5, 9, proof=spoil(TREE.consistency(5, 9))))
    assert answer.status_code == 422
    assert not answer.text.startswith("—")
    assert remembered(host) == 5
    assert len(list(host.files.folder.glob("*.evidence"))) == 1  # it MAY log what can be proof of misbehaviour


def test_a_proof_between_equal_sizes_is_empty(post):
    post(body(0, 5))
    assert post(body(5, 5, proof=[bytes(32)])).status_code == 422
    assert post(body(5, 5)).status_code == 200


def test_two_roots_of_one_size_conflict(post, host):
    post(body(0, 5))
    answer = post(body(5, 5, root=bytes(32)))
    assert (answer.status_code, answer.data) == (409, b"5\n")
    assert host.files.latest(LOG.name).root == TREE.root(5)
    assert len(list(host.files.folder.glob("*.evidence"))) == 1


def test_an_empty_tree_has_one_root(post):
    assert post(body(0, 0, root=bytes(32))).status_code == 409
    assert post(body(0, 0)).status_code == 200
    assert post(body(0, 3)).status_code == 200


def test_success_is_a_line_of_each_key_with_cosignatures_and_a_record(post, host, keys):
    answer = post(body(0, 5))
    assert answer.status_code == 200
    lines = answer.text.splitlines(keepends=True)
    assert len(lines) == 2
    assert all(line.startswith("— ") and line.endswith("\n") for line in lines)
    found = cosignatures(note(5) + answer.text, [key.public for key in keys])
    assert [one.key for one in found] == [key.public for key in keys]
    assert remembered(host) == 5


def test_the_new_checkpoint_is_stored_before_the_answer(post, host, monkeypatch):
    """Whatever goes wrong after the record, the cosignature can be asked for again; before it, nothing is cosigned."""
    post(body(0, 5))
    real = CosigningKey.cosign
    monkeypatch.setattr(CosigningKey, "cosign", lambda *_args: (_ for _ in ()).throw(RuntimeError("lost")))
    with pytest.raises(RuntimeError):
        host.add_checkpoint(body(5, 9))
    assert remembered(host) == 9
    monkeypatch.setattr(CosigningKey, "cosign", real)
    assert post(body(5, 9)).data == b"9\n"
    assert post(body(9, 9)).status_code == 200

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    monkeypatch.setattr(CosigningKey, "cosign", lambda *_args: pytest.fail("cosigned what was not stored"))
    assert post(body(9, 12)).status_code == 503
    assert remembered(host) == 9


def test_a_record_that_cannot_be_read_is_never_taken_for_none(post, host):
    post(body(0, 5))
    (path,) = host.files.folder.glob("*.checkpoint")
    path.write_text("torn")
    assert post(body(0, 9)).status_code == 503
    assert path.read_text() == "torn"
