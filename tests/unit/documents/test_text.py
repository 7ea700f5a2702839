from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from traceability.documents.sentences import sentence_spans
from traceability.documents.text import collapse, lowered, normalise

TEXTS = st.text(
    alphabet=st.sampled_from("aB é\u0301\u00ad\n\t -\u2019\ufb01\u0130\u4e2d.1\u00a0\ufeff"), max_size=60
) | st.text(max_size=60)


@given(TEXTS)
def test_every_normalised_character_knows_where_it_comes_from(text):
    normal = normalise(text)
    assert len(normal.text) == len(normal.lower) == len(normal.starts) == len(normal.ends)
    for start, end in zip(normal.starts, normal.ends, strict=True):
        assert 0 <= start < end <= len(text)
    assert list(normal.starts) == sorted(normal.starts)


@given(TEXTS)
def test_sentences_are_ordered_and_lose_nothing_but_space(text):
    plain = normalise(text).text
    spans = sentence_spans(plain)
    assert "".join(plain[start:end] for start, end in spans).replace(" ", "").replace("\t", "") == "".join(
        plain.split()
    )
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_ligatures_hyphens_and_quotes():
    text = "the con\ufb01dently veri\ufb01\u00ad\ncation of child-\nlabour and verifi-\ncation \u201cx\u201d"
    normal = normalise(text)
    assert normal.text == 'the confidently verification of child-labour and verification "x"'
    start = normal.text.index("verification of")
    first, last = normal.original(start, start + len("verification"))
    assert text[first:last] == "veri\ufb01\u00ad\ncation"
    assert normal.position(first) == start


def test_a_cell_border_stays_visible():
    assert normalise("a \t b").text == "a\tb"


def test_empty_spans_have_a_place():
    assert normalise("").original(0, 0) == (0, 0)
    assert normalise("ab").original(1, 1) == (1, 1)
    assert normalise("ab").original(2, 2) == (2, 2)


def test_lower_case_keeps_the_length():
    assert lowered("\u0130x") == "\u0130x"
    assert collapse("a\n b\u00ad\nc\u00add") == "a bcd"


def test_abbreviations_end_no_sentence():
    text = "Shipped by Acme Co. Ltd. to the U.S. Customs. See No. 4. Was it found? The answer is no. It rains; p. 3."
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "Shipped by Acme Co. Ltd. to the U.S. Customs.",
        "See No. 4.",
        "Was it found?",
        "The answer is no.",
        "It rains; p. 3.",
    ]
