"""Numbers of lots and tags in their normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.services.contradictions.names import Lots, covers, parts, tag_numbers, tail


@pytest.mark.parametrize(
    ("identifier", "lot"),
    [
        ("https://mine.example/lot/CT-2026-014", "CT-2026-014"),
        ("https://id.gs1.org/01/09521141123454/10/CT%2F14", "CT/14"),
        ("urn:epc:class:lgtin:4012345.012345.CT.14", "CT.14"),
        ("CT-14", "CT-14"),
    ],
)
def test_the_part_of_an_identifier_that_names_the_lot(identifier, lot):
    assert tail(identifier) == lot


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("ct 2026/014", True), ("CT2026-14", True), ("Lot no. CT-2026-014", True), ("CT-2026-014-B", True),
        ("2026-014", True), ("RW-CT-2026-014", True),
        ("CT-2026-015", False), ("CT-2026-141", False), ("014", False), ("CT-2025-014", False), ("", False),
    ],
)  # fmt: skip
def test_a_lot_is_found_by_a_papers_spelling(written, known):
    assert bool(Lots(["CT-2026-014", "LOT-7"]).find(written)) is known


def test_short_numbers_are_told_apart():
    lots = Lots(["LOT-1", "LOT-12"])
    assert lots.find("1") == {"LOT-1"}
    assert lots.find("lot 12") == {"LOT-12"}
    assert lots.find("AB-1") == set()


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("0099871", True), ("99871", True), ("0099801 to 0099900", True), ("0099801-0099870; 0099871", True),
        ("0099801 - 0099870", False), ("0099872", False), ("0099900 bis 0099801", True), ("871", False),
    ],
)  # fmt: skip
def test_tags_are_found_by_number_and_in_ranges(written, held):
    assert covers(written, tag_numbers(["https://mine.example/tag/TAG-0099871"])) is held


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=5))
def test_any_text_is_compared(text, numbers):
    lots = Lots(numbers)
    assert all(number in lots.find(number) for number in numbers)
    assert parts(text) == parts(text.upper().lower()) or not text.isascii()
    lots.find(text)
