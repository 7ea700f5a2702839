import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.proof import LogProof, make_proof, parse_proof

NOTE = "origin\n1\nroot\n\n— origin sig\n"
HASH = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="


def test_the_form_of_the_specification():
    # The worked example of tlog-proof, without its optional extra line.
    text = f"c2sp.org/tlog-proof@v1\nindex 73894\n{HASH}\n\n{NOTE}"
    proof = parse_proof(text)
    assert (proof.index, len(proof.path), proof.checkpoint) == (73894, 1, NOTE)
    assert proof.to_text() == text


def test_a_log_of_one_entry_has_no_hashes():
    assert parse_proof(f"c2sp.org/tlog-proof@v1\nindex 0\n\n{NOTE}") == LogProof(0, (), NOTE)


@given(
    st.integers(0, 10**17),
    st.lists(st.binary(min_size=32, max_size=32), max_size=64),
    st.none() | st.binary(min_size=1, max_size=100),
)
def test_there_and_back(index, path, extra):
    assert parse_proof(make_proof(index, path, NOTE)) == LogProof(index, tuple(path), NOTE)
    proof = LogProof(index, tuple(path), NOTE, extra)
    assert parse_proof(proof.to_text()) == proof


HEAD = "c2sp.org/tlog-proof@v1\n"


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", HEAD, HEAD + "index 1\n", HEAD + "index 01\n\nx", HEAD + "index -1\n\nx", HEAD + "index ٥\n\nx",
        HEAD + "index  1\n\nx", HEAD + "extra AAA\nindex 1\n\nx", HEAD + f"{HASH}\nindex 1\n\nx", HEAD + "\n\nx",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nx", HEAD + f"index 1\n{HASH[:-1]}\n\nx", HEAD + f"index 1\n {HASH}\n\nx",
        HEAD + "index 1\n" + f"{HASH}\n" * 65 + "\nx", HEAD + f"index {10**18}\n\nx", HEAD + "index 1\r\n\nx",
    ],
)  # fmt: skip
def test_other_forms_are_refused(text):
    with pytest.raises(InvalidInput):
        parse_proof(text)
