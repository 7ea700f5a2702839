from bench.passage_floors import AT_LEAST, AT_MOST, raised


def row(low, high):
    return {"lang": "en", "passages": "9", **dict.fromkeys(AT_LEAST, low), **dict.fromkeys(AT_MOST, high)}


def test_bounds_are_only_raised():
    assert list(raised([row("0.50", "0.20")], {"en": row("0.60", "0.10")})) == [row("0.60", "0.10")]
    assert list(raised([row("0.70", "0.05")], {"en": row("0.60", "0.10")})) == [row("0.70", "0.05")]


def test_a_language_without_bounds_gets_those_measured():
    assert list(raised([row("0.50", "0.20")], {})) == [row("0.50", "0.20")]
