"""What every adapter of `lists.candidates.Candidates` has to do, with names given as lists of keys."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from traceability.lists.candidates import MOST_BORNE, Candidates

#: Builds an adapter of names in their order; number n stands for the n-th.
Build = Callable[[Sequence[Sequence[str]]], Candidates]

#: Words of which some are one or two edits apart.
WORDS = ("cobalt", "kobalt", "cobalts", "haq", "hq", "haqq", "antimony", "antimnoy", "antmnoy")
KEYS = st.sampled_from([*[f"{kind}:{letter}" for kind in "tpsjJ" for letter in "ab"], *[f"t:{w}" for w in WORDS]])
NAMES = st.lists(st.lists(KEYS, max_size=6, unique=True), max_size=20)
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


def a_word_that_few_bear_finds_what_it_may_be_misspelt_for(build: Build) -> None:
    names = [["t:abdul", "t:haq"], *[["t:abdul", f"t:{word}"] for word in ("sabalan", "hidayatullah", "of", "ore")]]
    found = build(names)
    for asked, place in (("hq", 0), ("sabala", 1), ("sbaalan", 1), ("sabolan", 1), ("hiayatullha", 2)):
        assert list(found.nearest([f"t:{asked}"])) == [place], asked
        assert found.nearest(["t:abdul", f"t:{asked}"])[0] == place, asked
    for asked in ("sbalnn", "hiayatolha", "h", "5", "haqqi", "ores7"):
        assert list(found.nearest([f"t:{asked}"])) == [], asked
    assert list(found.nearest(["t:oref"])) == [4], "one edit from 'ore', two from 'of'"


def a_word_that_many_bear_is_taken_as_it_is_spelt(build: Build) -> None:
    others = [["t:other"]] * 50
    six = build([["t:sabalan"], *[["t:sabalin"]] * 6, *others])
    assert list(six.nearest(["t:sabalin"])) == [1, 2, 3, 4, 5, 6]
    five = build([["t:sabalan"], *[["t:sabalin"]] * 5, *others])
    assert list(five.nearest(["t:sabalin"])) == [1, 2, 3, 4, 5, 0]


def plain(names: Sequence[Sequence[str]], asked: Sequence[str], kept: int, sure_from: int = 6) -> list[int]:
    """The definition, written down without any of what makes an adapter quick; for few names."""
    from math import log

    def borne(key: str) -> int:
        return sum(key in name for name in names)

    unsure = [key for key in asked if borne(key) < sure_from]
    meant = {key for name in names for key in name if any(may_be_meant(one, key) for one in unsure)} - set(asked)
    worth = {
        key: round(1000 * log(1 + len(names) / count) / (2 if key[0] in "psbkK" or key in meant else 1))
        for key in (*asked, *meant)
        if (count := borne(key))
    }
    sums = {number: sum(worth.get(key, 0) for key in name) for number, name in enumerate(names)}
    return sorted((number for number, value in sums.items() if value), key=lambda number: (-sums[number], number))[
        :kept
    ]


def may_be_meant(asked: str, key: str) -> bool:
    from rapidfuzz.distance import OSA

    one, other = asked[2:], key[2:]
    if {asked[:2], key[:2]} != {"t:"} or min(len(one), len(other)) < 2:
        return False
    begins, ends = one[:2] == other[:2], one[-2:] == other[-2:]
    if max(len(one), len(other)) <= 4:
        begins, ends = one[0] == other[0], one[-1] == other[-1]
    most = 2 if min(len(one), len(other)) >= 8 else 1
    return (begins or ends) and 0 < OSA.distance(one, other) <= most


CONTRACT = (
    who_shares_most_comes_first,
    rare_keys_weigh_more_and_parts_half,
    a_key_that_everybody_bears_is_not_asked,
    what_nobody_bears_finds_nobody,
    a_word_that_few_bear_finds_what_it_may_be_misspelt_for,
    a_word_that_many_bear_is_taken_as_it_is_spelt,
)
