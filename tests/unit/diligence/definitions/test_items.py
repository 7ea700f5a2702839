import pytest

from traceability.diligence.definitions.items import Item, items, nearest


def test_items_carry_their_pointer():
    assert items({"a": [{"x": 1}, {"x": 2}]}, "a", "/top") == [Item("/top/a/0", {"x": 1}), Item("/top/a/1", {"x": 2})]


def test_absent_is_empty():
    assert items({}, "a") == []


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/a/b/c", "/a/b/c"),
        ("/a/b/missing", "/a/b"),
        ("/a/missing/c", "/a"),
        ("/missing/b", ""),
        ("/a/list/0", "/a/list"),
    ],
)
def test_nearest_is_the_longest_existing_part(pointer, expected):
    assert nearest({"a": {"b": {"c": 1}, "list": [1]}}, pointer) == expected
