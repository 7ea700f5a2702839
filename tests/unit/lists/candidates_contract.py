"""What every adapter of `lists.candidates.Candidates` has to do, with names given as lists of keys."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from traceability.lists.candidates import MOST_BORNE, Candidates

#: Builds an adapter of names in their order; number n stands for the n-th.
Build = Callable[[Sequence[Sequence[str]]], Candidates]

KEYS = st.sampled_from([f"{kind}:{letter}" for kind in "tpsjJ" for letter in "abcd"])
NAMES = st.lists(st.lists(KEYS, max_size=8, unique=True), max_size=25)
ASKED = st.lists(KEYS, max_size=8, unique=True)


def who_shares_most_comes_first(build: Build) -> None:
    found = build([["t:tin", "t:gold"], ["t:gold", "t:mine"], ["t:tin", "t:gold", "t:mine"]])
    assert list(found.nearest(["t:tin", "t:mine", "t:gold"])) == [2, 0, 1]
    assert list(found.nearest(["t:tin"])) == [0, 2]
    assert list(found.nearest(["t:tin", "t:mine", "t:gold"], 1)) == [2]


def rare_keys_weigh_more_and_parts_half(build: Build) -> None:
    names = [["t:rare"], ["t:common"], *[["t:common"]] * 9, ["p:rare"], ["t:other"]]
    found = build(names)
    assert found.nearest(["t:common", "t:rare"])[0] == 0
    assert list(found.nearest(["p:rare", "t:other"])) == [12, 11]


def a_key_that_everybody_bears_is_not_asked(build: Build) -> None:
    names = [["t:mining"]] * (MOST_BORNE + 1) + [["t:mining", "t:kivu"]]
    found = build(names)
    assert list(found.nearest(["t:mining"])) == []
    assert list(found.nearest(["t:mining", "t:kivu"])) == [MOST_BORNE + 1]


def what_nobody_bears_finds_nobody(build: Build) -> None:
    assert list(build([]).nearest(["t:a"])) == []
    assert list(build([["t:a"], []]).nearest(["t:b"])) == []
    assert list(build([["t:a"], []]).nearest([])) == []


def plain(names: Sequence[Sequence[str]], asked: Sequence[str], kept: int) -> list[int]:
    """The definition, written down without any of what makes an adapter quick; for few names."""
    from math import log

    borne = {key: sum(key in name for name in names) for key in asked}
    worth = {
        key: round(1000 * log(1 + len(names) / count) / (2 if key[0] in "psbkK" else 1))
        for key, count in borne.items()
        if count
    }
    sums = {number: sum(worth.get(key, 0) for key in name) for number, name in enumerate(names)}
    return sorted((number for number, value in sums.items() if value), key=lambda number: (-sums[number], number))[
        :kept
    ]


CONTRACT = (
    who_shares_most_comes_first,
    rare_keys_weigh_more_and_parts_half,
    a_key_that_everybody_bears_is_not_asked,
    what_nobody_bears_finds_nobody,
)
