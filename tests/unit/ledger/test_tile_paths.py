"""Addresses and bundles of tlog-tiles: one address for each tile, and none for anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.tile_paths import TilePlace, make_bundle, parse_place, places, read_bundle


def test_the_worked_example_of_the_specification():
    assert TilePlace(0, 1234067).path == "tile/0/x001/x234/067"
    assert parse_place("0", "x001/x234/067") == TilePlace(0, 1234067)


@pytest.mark.parametrize(
    ("level", "place"),
    [
        ("00", "000"), ("64", "000"), ("-1", "000"), ("1x", "000"), ("", "000"), ("Entries", "000"), ("entries ", "000"),
        ("0", "0"), ("0", "0000"), ("0", "x000/000"), ("0", "001/000"), ("0", "x001/x002"), ("0", "x1/000"), ("0", ""),
        ("0", "000.p/0"), ("0", "000.p/256"), ("0", "000.p/300"), ("0", "000.p/01"), ("0", "000.p/"), ("0", "000.p"),
        ("0", "000/5"), ("0", "٠٠٠"), ("0", "000\n"), ("0", "/".join(["x999"] * 7 + ["999"])), ("٠", "000"),
    ],
)  # fmt: skip
def test_what_is_no_address(level, place):
    assert parse_place(level, place) is None


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 10**21 - 1), st.integers(1, 256))
def test_every_place_has_one_address_that_leads_back(level, index, width):
    place = TilePlace(level, index, width)
    _, shown, rest = place.path.split("/", 2)
    assert parse_place(shown, rest) == place


def test_the_tiles_of_a_log_of_70000():
    """As the specification counts them."""
    shown = {level: list(places(level, 70_000)) for level in (0, 1, 2, 3)}
    assert [(len(found), found[-1].width if found else 0) for found in shown.values()] == [
        (274, 112), (2, 17), (1, 1), (0, 0),
    ]  # fmt: skip
    assert all(
        place.exists_at(70_000) and not place.exists_at(69_888 if place.index == 273 else 0) for place in shown[0]
    )
    assert list(places(None, 70_000, start=273)) == [TilePlace(None, 273, 112)]
    assert list(places(1, 256)) == [TilePlace(1, 0, 1)]


@pytest.mark.parametrize("place", [TilePlace(0, 1, 45), TilePlace(None, 1, 45), TilePlace(1, 0, 2), TilePlace(0, 1)])
def test_what_lies_beyond_the_size_does_not_exist(place):
    assert not place.exists_at(300)
    assert place.exists_at(512)


def test_where_a_tile_begins():
    assert [TilePlace(level, 3).first for level in (None, 0, 1, 2)] == [768, 768, 3 << 16, 3 << 24]


@given(st.lists(st.binary(max_size=400), max_size=256))
def test_a_bundle_is_read_as_it_was_made(entries):
    data = make_bundle(entries)
    assert len(data) == sum(len(entry) + 2 for entry in entries)
    assert read_bundle(data) == entries


def test_lengths_are_two_bytes_big_endian():
    assert make_bundle([b"a" * 258, b""]) == b"\x01\x02" + b"a" * 258 + b"\x00\x00"


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x01a\x01"])
def test_a_cut_bundle_is_refused(data):
    with pytest.raises(InvalidInput, match="ends in the middle"):
        read_bundle(data)


def test_too_many_and_too_long():
    with pytest.raises(InvalidInput, match="at most 256"):
        read_bundle(b"\x00\x00" * 257)
    with pytest.raises(InvalidInput, match="65535"):
        make_bundle([bytes(65_536)])
