"""How names come to be written otherwise: slips of the hand, of the eye, of the machine, and habits of clerks."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from gate_tables.rows import Party, draw, read_base

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_OCR = (("rn", "m"), ("m", "rn"), ("O", "0"), ("o", "0"), ("l", "1"), ("I", "l"), ("S", "5"), ("B", "8"), ("cl", "d"))
_CONFUSABLE = dict(zip("aeopcxyiKMHTBP", "аеорсхуіКМНТВР", strict=True)) | {"v": "ν", "A": "Α", "E": "Ε", "N": "Ν"}
_WRITTEN_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"}
_LEFT_OUT = {"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ı": "i", "Ø": "O", "Ł": "L", "Đ": "D", "Æ": "Ae"}
_ANDS = (" and ", " und ", " et ", " y ", " e ", " ve ")
_TITLES = ("Dr.", "Mr", "Hon.", "Eng.", "Gen.", "Prof.", "Alhaji", "Mme", "Sr.", "Col.", "Chief", "Ing.")
_PREFIXES = ("MV ", "M/V ", "MT ", "M/T ", "M.V. ", "SS ", "M.T. ", "Vessel ", "MS ", "FV ")
_NUMBERS = ("No {}", "#{}", "Number {}", "Nr. {}", "№ {}", "No.{}", "{}", "N° {}", "ROMAN")
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")
_PAYMENT = 35  # characters of a name in a payment message
_LONG = 8  # letters of a word that may be cut in two


def slip(name: str, kind: str, letters: str = "abcdefghiklmnoprstuvz", *, salt: str = "", least: int = 6) -> str:
    """Return the name with one slip in a word of ``least`` letters or more, never in the word's first letter."""
    words = [word for word in re.finditer(rf"[^\W\d_]{{{least},}}", name) if not word.group().isupper()]
    if not words:
        return name
    word = words[draw(f"{kind}{salt}{name}w", len(words))]
    at = word.start() + 1 + draw(f"{kind}{salt}{name}p", len(word.group()) - 2)
    return (
        name[:at] + _SLIPS[kind](name[at], name[at + 1], letters[draw(f"{name}{salt}l", len(letters))]) + name[at + 2 :]
    )


def _neighbour(letter: str, following: str, _any: str) -> str:
    for row in _KEYS:
        if letter in row:
            place = row.index(letter)
            return row[place + 1 if place + 1 < len(row) else place - 1] + following
    return letter + following


_SLIPS: Mapping[str, Callable[[str, str, str], str]] = {
    "typo-substitution": lambda _letter, following, other: other + following,
    "typo-deletion": lambda _letter, following, _other: following,
    "typo-insertion": lambda letter, following, other: letter + other + following,
    "typo-transposition": lambda letter, following, _other: following + letter,
    "typo-doubling": lambda letter, following, _other: letter * 2 + following,
    "keyboard-neighbour": _neighbour,
}
SLIPS = tuple(_SLIPS)


def slipped(kind: str) -> Callable[[Party], str]:
    """Return the alteration that makes one slip of a kind."""
    return lambda party: slip(party.name, kind)


def two_slips(party: Party) -> str:
    """Return the name with two slips of different sorts."""
    names = ("typo-substitution", "typo-deletion", "typo-insertion", "typo-transposition")
    first = draw(f"{party.name}2", 4)
    return slip(slip(party.name, names[first]), names[(first + 1) % 4], salt="second")


def misread(party: Party) -> str:
    """Return the name as a scanner may read it: rn for m, 0 for O, 1 for l."""
    possible = [(old, new) for old, new in _OCR if old in party.name]
    if not possible:
        return party.name
    old, new = possible[draw(f"{party.name}ocr", len(possible))]
    return party.name.replace(old, new, 1)


def confused(party: Party) -> str:
    """Return the name with one to three letters of another script that look the same."""
    places = [at for at, letter in enumerate(party.name) if letter in _CONFUSABLE]
    text = list(party.name)
    for turn in range(min(len(places), 1 + draw(f"{party.name}c", 3))):
        at = places[draw(f"{party.name}{turn}", len(places))]
        text[at] = _CONFUSABLE.get(text[at], text[at])
    return "".join(text)


def without_marks(party: Party) -> str:
    """Return the name as a keyboard without accents writes it."""
    plain = "".join(_LEFT_OUT.get(letter, letter) for letter in party.name)
    return "".join(mark for mark in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(mark))


def written_out(party: Party) -> str:
    """Return the name with ö as oe, ß as ss, å as aa."""
    swaps = _WRITTEN_OUT | {key.upper(): value.title() for key, value in _WRITTEN_OUT.items() if key != "ß"}
    return "".join(swaps.get(letter, letter) for letter in party.name)


def joined_or_split(party: Party) -> str:
    """Return the name with its first two words joined, or its longest word cut in two."""
    words = party.name.split()
    if draw(f"{party.name}j", 2) and words[2:] and words[1][0].isalpha():
        return " ".join([words[0] + words[1].lower(), *words[2:]])
    longest = max(words, key=len)
    cut = len(longest) // 2
    return (
        party.name.replace(longest, f"{longest[:cut]} {longest[cut:].title()}", 1)
        if len(longest) >= _LONG
        else party.name
    )


def ampersand(party: Party) -> str:
    """Return the name with & for the word, whatever the language."""
    for word in _ANDS:
        if word in party.name:
            return party.name.replace(word, " & " if draw(f"{party.name}&", 3) else " + ", 1)
    return party.name


def cut_at_35(party: Party) -> str:
    """Return the first 35 characters of the name with its form spelt out: a payment message has no room for more."""
    whole = spelt_out(party)
    return whole[:_PAYMENT].strip() if len(whole) > _PAYMENT else party.name


def spelt_out(party: Party) -> str:
    """Return the name with the longest of its form's spellings."""
    return f"{party.core} {max([party.form, *forms('same').get(party.form, [])], key=len)}"


def forms(column: str) -> dict[str, list[str]]:
    """Return the company forms and their other spellings of one column of the hand-written table."""
    return {row["form"]: row[column].split(";") for row in read_base("forms")}


def other_form(column: str) -> Callable[[Party], str]:
    """Return the alteration that writes the party's company form otherwise."""
    known = forms(column)

    def alter(party: Party) -> str:
        others = known.get(party.form, [])
        return f"{party.core} {others[draw(party.name + column, len(others))]}" if others else party.name

    return alter


def last_first(party: Party) -> str:
    """Return "LAST, First Middle"."""
    return f"{party.family.upper()}, {party.given} {party.middle}".rstrip() if party.family else party.name


def transposed(party: Party) -> str:
    """Return the family name first, without a comma."""
    return f"{party.family} {party.given} {party.middle}".rstrip() if party.family else party.name


def initials(party: Party) -> str:
    """Return the given names, or only the middle one, as initials."""
    if not party.family:
        return party.name
    first = party.given if draw(f"{party.name}i", 3) == 0 else f"{party.given[0]}."
    return f"{first} {party.middle[0]}. {party.family}"


def titled(party: Party) -> str:
    """Return the name with a title or an honorific before it."""
    return f"{_TITLES[draw(party.name + 't', len(_TITLES))]} {party.name}"


def rotated(party: Party) -> str:
    """Return a company's words in another order: the form first, or the last word first."""
    if party.form and draw(f"{party.name}o", 2):
        return f"{party.form} {party.core}"
    words = party.core.split()
    return " ".join([words[-1], *words[:-1], party.form]).rstrip()


def recased(party: Party) -> str:
    """Return the name in capitals or small letters, or with its stops and hyphens changed."""
    styles = (party.name.upper(), party.name.lower(), re.sub(r"[.,]", "", party.name).replace("-", " ").upper())
    return styles[draw(f"{party.name}u", 3)]


def vessel_prefix(party: Party) -> str:
    """Return the vessel's name with a prefix such as MV or M/T."""
    return _PREFIXES[draw(party.name + "v", len(_PREFIXES))] + party.name


def numbered(party: Party) -> str:
    """Return a site's name with its number written otherwise: No 7, #7, VII."""
    found = re.search(r"No\. (\d+)", party.name)
    if not found:
        return party.name
    style = _NUMBERS[draw(f"{party.name}n", len(_NUMBERS))]
    value = int(found.group(1))
    number = _ROMAN[value] if style == "ROMAN" and value < len(_ROMAN) else style.replace("ROMAN", "{}").format(value)
    return party.name.replace(found.group(), number)
