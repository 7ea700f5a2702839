"""How the figures of name matching are counted and held to their floors."""

import pytest

from bench.names import FLOOR_COLUMNS, Cell, below, floors, measure, report, reported, write_floors
from bench.public_pairs import f1, recall_at
from traceability.documents.evaluation import Rate


def pair(identifier, kind="typo", *, same=True, script="latin", shown=True):
    return {"id": identifier, "kind": kind, "is_match": str(int(same)), "script": script, "shown": shown}


def told(row):
    return row["shown"]


# SHA-256 of "a" begins with c (even), of "b" with 3 (odd), of "c" with 2, of "d" with 1, of "e" with 3.
def test_the_half_is_the_first_digit_of_the_hash():
    assert [reported(name) for name in "abcde"] == [False, True, False, True, True]


def test_only_the_reported_half_is_measured():
    rates = measure([pair("a", shown=False), pair("b"), pair("d", shown=False)], told)
    assert rates[Cell("latin", "typo", is_match=True)] == Rate(1, 2)


def test_pairs_across_scripts_are_summed_apart():
    rates = measure([pair("b", script="greek-latin", same=False), pair("d", same=False, shown=False)], told)
    assert rates[Cell("across scripts", "all", is_match=False)] == Rate(1, 1)
    assert rates[Cell("in one script", "all", is_match=False)] == Rate(0, 1)
    assert rates[Cell("all", "all", is_match=False)] == Rate(1, 2)
    assert report(rates)["across scripts"]["different, shown falsely"]["right"] == 1


def test_homonyms_are_printed_and_in_no_sum():
    rates = measure([pair("b", "homonym-other-country", same=False)], told)
    assert rates == {Cell("latin", "homonym-other-country", is_match=False): Rate(1, 1)}


def test_floors_leave_a_little_room_and_no_more(tmp_path):
    path = tmp_path / "floors.csv"
    cells = [Cell("latin", "typo", is_match=True), Cell("latin", "sister-ship", is_match=False)]
    write_floors({cells[0]: Rate(20, 20), cells[1]: Rate(2, 20)}, path)
    assert path.read_text("utf-8").splitlines()[0] == ",".join(FLOOR_COLUMNS)
    assert below({cells[0]: Rate(19, 20), cells[1]: Rate(3, 20)}, path) == []
    assert len(below({cells[0]: Rate(18, 20), cells[1]: Rate(4, 20)}, path)) == 2


@pytest.mark.parametrize("rates", [{}, {Cell("latin", "typo", is_match=True): Rate(21, 21)}])
def test_a_floor_set_for_other_pairs_is_no_floor(tmp_path, rates):
    path = tmp_path / "floors.csv"
    write_floors({Cell("latin", "typo", is_match=True): Rate(20, 20)}, path)
    assert len(below(rates, path)) == 1


def test_no_floor_is_below_nothing_or_above_everything():
    cells = {Cell("latin", "a", is_match=True): Rate(0, 5), Cell("latin", "b", is_match=False): Rate(5, 5)}
    assert [row[-1] for row in floors(cells)] == ["0", "5"]


def test_f1_and_recall_at_a_precision():
    verdicts = [(True, True, 0.9), (False, True, 0.8), (True, True, 0.8), (True, False, 0.1)]
    assert f1(verdicts) == pytest.approx(2 * 2 / (3 + 3))
    assert recall_at(0.9, verdicts) == pytest.approx(1 / 3)
    assert recall_at(0.6, verdicts) == pytest.approx(1)
    assert (f1([]), recall_at(0.9, [])) == (0.0, 0.0)
