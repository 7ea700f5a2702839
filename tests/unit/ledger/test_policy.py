import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.errors import InvalidKey
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy

# Their texts name test cases, which must be the same in every process.
A, B = (
    LogKey._of(f"log.example/{name}", Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
    for name, seed in (("a", 1), ("b", 2))
)
W1, W2, W3 = (CosigningKey._of(f"witness.example/{seed}", 4, bytes([seed]) * 32).public.vkey for seed in (3, 4, 5))


def test_a_quorum_of_two_levels():
    text = (
        f"log {A.vkey}\nwitness X1 {W1} https://x1.example/\nwitness X2 {W2}\nwitness Y {W3}\ngroup X any X1 X2\n"
        "group XY all X Y\nquorum XY\n"
    )
    policy = Policy.parse(text.encode())
    assert policy.witnesses["X1"].url == "https://x1.example/"
    assert [policy.witnessed(names) for names in (["X1", "Y"], ["X2", "X1"], ["Y"], [], ["X1", "X2", "Y"])] == [
        True, False, False, False, True,
    ]  # fmt: skip


def test_a_policy_of_witnesses_alone():
    policy = Policy.parse(f"witness W {W1}\nquorum W\n".encode(), logs_needed=False)
    assert (policy.logs, list(policy.witnesses)) == ((), ["W"])


def test_a_pinned_key():
    assert Policy.pin(A.vkey).logs == (A.verifier,)
    with pytest.raises(InvalidKey):
        Policy.pin("log.example/a")


def test_a_policy_file():
    text = f"# our logs\n\n\tlog {A.vkey}\n  log   {B.vkey}\thttps://log.example/b  \n# end\nquorum none"
    assert Policy.parse(text.encode()).logs == (A.verifier, B.verifier)


def test_comments_may_hold_any_octets():
    assert Policy.parse(b"# \xff\xc3\n" + f"log {A.vkey}\nquorum none\n".encode()).logs == (A.verifier,)


def test_thirty_two_logs_are_read():
    logs = [LogKey.generate(f"log.example/{number}").vkey for number in range(32)]
    assert len(Policy.parse("".join(f"log {vkey}\n" for vkey in logs).encode() + b"quorum none\n").logs) == 32


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "got 0, 0"), ("quorum none\n", "got 0, 1"), (f"log {A.vkey}\n", "got 1, 0"),
        (f"log {A.vkey}\nquorum none\nquorum none\n", "got 1, 2"), (f"log {A.vkey}\nlog {A.vkey}\nquorum none\n", "twice"),
        (f"log {A.vkey}\nwitness W {B.vkey}\nquorum W\n", "expected signature type 0x04"),
        (f"log {A.vkey}\nquorum W\n", "line 2: no earlier line defines 'W'"),
        (f"log {A.vkey}\ngroup G any W\nquorum none\n", "line 2: no earlier line defines 'W'"),
        (f"log {A.vkey}\nwitness none {W1}\nquorum none\n", "'none' is taken"),
        (f"log {A.vkey}\nwitness W {W1}\nwitness W {W2}\nquorum W\n", "line 3: the name 'W' is taken"),
        (f"log {A.vkey}\nwitness V {W1}\nwitness W {W1}\nquorum W\n", "same witness key twice"),
        (f"log {A.vkey}\nwitness W {W1}\ngroup G 2 W\nquorum G\n", "number from 1 to 1"),
        (f"log {A.vkey}\nwitness W {W1}\ngroup G any W W\nquorum G\n", "member already"),
        (f"log {A.vkey}\nwitness W {W1}\ngroup G any W\ngroup H any W\nquorum G\n", "line 4: 'W' is a member already"),
        (f"log {A.vkey}\nwitness W {W1}\ngroup G any\nquorum W\n", "line 3: expected 'group"),
        (f"log {A.vkey}\nwitness W\nquorum none\n", "line 2: expected 'witness"),
        ("log\nquorum none\n", "line 1"), (f"log {A.vkey} a b\nquorum none\n", "line 1"), ("trust me\n", "line 1"),
        (f"log {A.vkey}\r\nquorum none\r\n", "control characters"), (f"log {A.vkey}\x00\n", "control characters"),
        (f"log {A.vkey}x\nquorum none\n", "verifier key"), ("#" * 1_000_001, "policy file"),
        (f"log {A.vkey}\nquorum none extra\n", "expected 'quorum <name>'"),
    ],
)  # fmt: skip
def test_policies_in_another_form_are_refused(text, why):
    with pytest.raises(InvalidInput, match=why):
        Policy.parse(text.encode())


def test_one_key_under_two_names_is_a_duplicate():
    raw = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    keys = [VerifierKey.make(name, raw) for name in ("a", "b")]
    with pytest.raises(InvalidInput, match="twice"):
        Policy.parse(f"log {keys[0].vkey}\nlog {keys[1].vkey}\nquorum none\n".encode())


@given(st.binary(max_size=60))
def test_hostile_bytes_are_refused(data):
    with pytest.raises(InvalidInput):
        Policy.parse(data)
