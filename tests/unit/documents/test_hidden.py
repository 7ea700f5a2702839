import pytest

from traceability.documents.extraction import extract
from traceability.documents.hidden import folded
from traceability.documents.text import normalise

CONFESSION = "Auditors found that miners were beaten at the pit in Kolwezi."


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("f\u043erced l\u0430bour", "forced labour"),
        ("\u041engoing", "Ongoing"),
        ("принудительный труд", "принудительный труд"),
        ("αβγ and 5\u03bcm or Ω-x", "αβγ and 5\u03bcm or Ω-x"),
        ("plain", "plain"),
    ],
)
def test_only_words_that_mix_scripts_are_folded(text, plain):
    assert folded(text) == plain


def test_marks_of_direction_fall_out_and_quotes_keep_their_place():
    text = "for\u202eced\u202c \u2066labour\u2069 he\u200fre"
    normal = normalise(text)
    assert normal.text == "forced labour here"
    start, end = normal.original(0, 6)
    assert text[start:end] == "for\u202eced"


@pytest.mark.parametrize(
    ("disguised", "code"),
    [
        (CONFESSION.replace("bea", "b\u0435a"), "confusable_letters"),
        (CONFESSION.replace("bea", "be\u202ea"), "direction_marks"),
    ],
)
def test_a_disguised_confession_is_found_and_the_disguise_said(sandbox, disguised, code):
    plain, found = sandbox.screen(CONFESSION.encode(), "a.txt"), sandbox.screen(disguised.encode(), "a.txt")
    assert [each.topic for each in found.findings] == [each.topic for each in plain.findings] == ["ILO-05"]
    assert [(note.code, note.page) for note in found.notes] == [(code, 1)]
    assert plain.notes == ()


def test_a_mark_for_a_script_written_from_right_to_left_is_nothing_to_say():
    assert extract("Arabic \u200fword, Persian \u200cjoin".encode(), "a.txt").notes == ()
    assert len(extract(("b\u0435aten " * 9 + "\f").encode() * 3, "a.txt").notes) == 1
