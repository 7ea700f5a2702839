"""The pairs of the other scripts: native against native, native against Latin, and two Latin spellings of one name."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gate_tables.alterations import slip
from gate_tables.latin import SAME_WORD, alike
from gate_tables.rows import Pair, Party, altered, differ, draw, match, read_base

SCRIPTS = ("cyrillic", "greek", "arabic", "hebrew", "han", "hangul", "kana")
_FAMILY_FIRST = frozenset({"cyrillic", "han", "hangul", "kana"})
_ALPHABETS = {
    "cyrillic": "абвгдезиклмнопрстуя",
    "greek": "αβγδεικλμνοπρστυω",
    "arabic": "ابتجحدرسعفقكلمنهوي",
    "hebrew": "אבגדהוזטילמנפקרשת",
    "kana": "アイカキサタテナハマヤラン",
}
_COMPOUND = ("欧阳", "诸葛", "司徒", "남궁", "선우")
_ARABIC_SWAPS = (
    ("أ", "ا"),
    ("إ", "ا"),
    ("ة", "ه"),
    ("ي ", "ى "),
    ("ی", "ي"),
    ("ک", "ك"),
    ("عبد ال", "عبدال"),
    ("ال", "الـ"),
)
_HEBREW_POINTS = "\u05b7\u05b8\u05b0\u05b4\u05b6"
_LEAST = 4  # letters of a word that may be mistyped
_FULL_NAME = 3  # family name, given name, patronymic
_TASHKEEL = "\u064e\u064f\u0650\u0652"


@dataclass(frozen=True, slots=True)
class Native:
    """A party's native name with its company form and two Latin spellings; ``alt`` is another native spelling."""

    party: Party
    latin_a: str
    latin_b: str
    alt: str


_SPELLINGS: tuple[Callable[[Native], str], ...] = (lambda row: row.latin_a, lambda row: row.latin_b)


def natives(script: str) -> list[Native]:
    """Return the hand-written names of one script."""
    rows = []
    for row in read_base(script):
        whole = row["native"]
        if row["form"] and row["form"] not in whole:
            whole = f"{row['form']} «{whole}»" if script == "cyrillic" else f"{whole} {row['form']}"
        core = whole.replace(row["form"], "").strip(" «»") if row["form"] else whole
        party = Party(whole, row["schema"], row["country"], core=core, form=row["form"])
        rows.append(Native(party, row["latin_a"], row["latin_b"], row.get("native_alt") or ""))
    return rows


def same_script(script: str) -> list[Pair]:
    """Return the pairs with the same script on both sides."""
    rows = natives(script)
    parties = [row.party for row in rows]
    people = [party for party in parties if party.schema == "Person"]
    alts = {row.party.name: row.alt for row in rows}
    pairs = altered("written-otherwise", parties, lambda party: alts[party.name] or _otherwise(script, party), 99)
    pairs += altered("word-order", people, lambda party: _swapped(script, party.name))
    pairs += altered("form-dropped", [party for party in parties if party.form], lambda party: party.core)
    if letters := _ALPHABETS.get(script):
        for kind in ("typo-substitution", "typo-deletion", "typo-transposition"):
            pairs += altered(kind, parties, partial(_mistyped, kind, letters))
    if script in {"cyrillic", "greek"}:
        pairs += altered("case-and-stops", parties, lambda party: _capitals(party.name))
    return pairs + _different_native(script, rows)


def _mistyped(kind: str, letters: str, party: Party) -> str:
    return slip(party.name, kind, letters, least=_LEAST)


def against_latin(script: str) -> list[Pair]:
    """Return the pairs of a native name and a Latin spelling."""
    rows = natives(script)
    people = [row for row in rows if row.party.schema == "Person"]
    pairs = [_match(row.party.name, row.latin_a, row, "romanised", turn) for turn, row in enumerate(rows)]
    pairs += [_match(row.party.name, row.latin_b, row, _second(row), turn) for turn, row in enumerate(rows)]
    for turn, row in enumerate(people):
        pairs.append(_match(row.party.name, _comma(script, row.latin_a), row, "romanised-last-first", turn))
        mistyped = slip(row.latin_b, "typo-substitution", least=_LEAST)
        if mistyped != row.latin_b:
            pairs.append(_match(row.party.name, mistyped, row, "romanised-typo", turn))
    return pairs + _different_latin(script, rows)


def two_spellings(script: str) -> list[Pair]:
    """Return the pairs of two Latin spellings of one native name."""
    kinds = {"Person": f"romanisation-{script}", "Company": "translated-name"}
    rows = natives(script)
    return [_match(row.latin_a, row.latin_b, row, kinds[row.party.schema], turn) for turn, row in enumerate(rows)]


def _match(one: str, two: str, row: Native, kind: str, turn: int) -> Pair:
    return match(replace(row.party, name=one), two, kind, turn)


def _second(row: Native) -> str:
    return "alternative-romanisation" if row.party.schema == "Person" else "translated"


def _parts(script: str, name: str) -> tuple[str, str]:
    """Return family name and given names."""
    if " " not in name:
        cut = 2 if name.startswith(_COMPOUND) else 1
        return name[:cut], name[cut:]
    first, _, rest = name.partition(" ")
    front, _, last = name.rpartition(" ")
    return (first, rest) if script in _FAMILY_FIRST else (last, front)


def _together(script: str, family: str, given: str, *, spaced: bool) -> str:
    parts = (family, given) if script in _FAMILY_FIRST else (given, family)
    return (" " if spaced else "").join(parts)


def _swapped(script: str, name: str) -> str:
    family, given = _parts(script, name)
    if script in {"han", "hangul"}:
        return f"{family} {given}"
    return f"{given} {family}" if script in _FAMILY_FIRST else f"{family} {given}"


def _comma(script: str, latin: str) -> str:
    family, given = _parts(script, latin)
    return f"{family.upper()}, {given}"


def _capitals(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.upper())
    return unicodedata.normalize("NFC", plain.replace("\u0301", "")).replace("«", '"').replace("»", '"')


def _otherwise(script: str, party: Party) -> str:
    return _OTHERWISE[script](party.name) if script in _OTHERWISE else party.name


def _cyrillic(name: str) -> str:
    if "ё" in name:
        return name.replace("ё", "е")
    words = name.split()
    if len(words) == _FULL_NAME and "«" not in name:
        return f"{words[0]} {words[1][0]}. {words[2][0]}."
    return re.sub("[«»]", "", name).replace("о", "o", 1).replace("а", "a", 1)


def _greek(name: str) -> str:
    bare = unicodedata.normalize("NFD", name).replace("\u0301", "")
    return unicodedata.normalize("NFC", bare)


def _arabic(name: str) -> str:
    swaps = [pair for pair in _ARABIC_SWAPS if pair[0] in name]
    if swaps and draw(name, 4):
        return name.replace(*swaps[draw(name + "s", len(swaps))])
    return _pointed(name, _TASHKEEL)


def _hebrew(name: str) -> str:
    style = draw(name, 3)
    if style == 0 and re.search("(?<=[א-ת])[וי](?=[א-ת])", name):
        return re.sub("(?<=[א-ת])[וי](?=[א-ת])", "", name, count=1)
    if "־" in name:
        return name.replace("־", "-")
    return _pointed(name, _HEBREW_POINTS)


def _pointed(name: str, points: str) -> str:
    """Return the name with vowel points after some letters."""
    out = ""
    for at, letter in enumerate(name):
        out += letter
        if letter.isalpha() and draw(f"{name}{at}", 2):
            out += points[draw(f"{name}{at}p", len(points))]
    return out


def _hangul(name: str) -> str:
    return unicodedata.normalize("NFD", name)


_OTHERWISE: dict[str, Callable[[str], str]] = {
    "cyrillic": _cyrillic,
    "greek": _greek,
    "arabic": _arabic,
    "hebrew": _hebrew,
    "hangul": _hangul,
}


# Only a person of the same country and gender: Oleksii and Aleksei are one name in two languages.
def _relative(script: str, row: Native, rows: Sequence[Native], latin: Callable[[Native], str]) -> Native | None:
    """Return a made-up relative of a person: the family name with the most alike given names of another person."""
    family, given = _parts(script, row.party.name)
    latin_family, latin_given = _parts(script, latin(row))
    people = [other for other in rows if other.party.schema == "Person" and other.party.country == row.party.country]
    pool = [other for other in people if _like_gender(family, _parts(script, other.party.name)[0])]
    givens = {_parts(script, latin(other))[1]: _parts(script, other.party.name)[1] for other in pool}
    near = {key: value for key, value in givens.items() if value != given and alike(key, latin_given) < SAME_WORD}
    if not near:
        return None
    chosen = max(near, key=lambda text: alike(text, latin_given))
    native = _together(script, family, near[chosen], spaced=" " in row.party.name)
    other = _together(script, latin_family, chosen, spaced=True)
    return Native(replace(row.party, name=native), other, other, "")


def _like_gender(one: str, two: str) -> bool:
    return one.endswith(("а", "я")) == two.endswith(("а", "я"))


def _nearest(row: Native, rows: Sequence[Native]) -> list[Native]:
    """Return the three other parties of the kind whose Latin spelling is most alike."""
    others = [other for other in rows if other != row and other.party.schema == row.party.schema]
    return sorted(others, key=lambda other: -alike(other.latin_b, row.latin_b))[:3]


def _different_native(script: str, rows: Sequence[Native]) -> list[Pair]:
    pairs = []
    for row in rows:
        near = [other.party for other in _nearest(row, rows)]
        pairs += [differ(row.party, other.name, "nearest-other", other.country) for other in near]
        if row.party.schema == "Person" and (kin := _relative(script, row, rows, lambda one: one.latin_a)):
            pairs.append(differ(row.party, kin.party.name, "other-first-name", row.party.country))
    return pairs


def _different_latin(script: str, rows: Sequence[Native]) -> list[Pair]:
    pairs = []
    for at, row in enumerate(rows):
        near = _nearest(row, rows)
        pairs += [differ(row.party, other.latin_b, "nearest-other", other.party.country) for other in near]
        for step in (7, 19):
            other = rows[(at + step) % len(rows)]
            if other.party.schema == row.party.schema:
                pairs.append(differ(row.party, other.latin_a, "unrelated", other.party.country))
        kin = [_relative(script, row, rows, latin) for latin in _SPELLINGS if row.party.schema == "Person"]
        pairs += [differ(row.party, one.latin_a, "other-first-name") for one in kin if one]
    return pairs
