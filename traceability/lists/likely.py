"""A first look at candidates: which of them are alike enough to ask what their words can say (no part of the score).

A candidate shares at least a piece of a word, which is little. Two quick measures over whole names set most of them
aside: words in any order, any of them left out (rapidfuzz's token ratio), and letters in any order, so that a misspelt
word in another place does not hide a name. They are no bound, as `ceiling` is of those that are left: a name of which
nearly every word is shortened in the other may be set aside. What is in another script is never set aside here.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from traceability.lists.nameform import NameForm

_WORDS: Final = 62
_LETTERS: Final = 0.81


class Folded(Protocol):
    """What is looked at of a name: its folded form, and whether it is written in another script than Latin."""

    @property
    def folded(self) -> str:
        """Return the folded name."""
        ...

    @property
    def native(self) -> str | bool:
        """Return something true where the script is another."""
        ...


def worth_comparing(asked: NameForm, listed: Iterable[tuple[int, Folded]]) -> Iterator[int]:
    """Yield the numbers of the names whose words or letters agree enough, of those given with their forms."""
    numbers: list[int] = []
    choices: list[str] = []
    for number, form in listed:
        if bool(form.native) != bool(asked.native):
            yield number
        else:
            numbers.append(number)
            choices.append(form.folded)
    if not choices:
        return
    close = cdist([asked.folded], choices, scorer=fuzz.token_ratio, score_cutoff=_WORDS)[0].tolist()
    letters = sorted(asked.joined)
    for number, folded, words in zip(numbers, choices, close, strict=True):
        if words or _letters_agree(letters, folded):
            yield number


def _letters_agree(letters: list[str], folded: str) -> float:
    many, other = len(letters), folded.replace(" ", "")
    if 2 * min(many, len(other)) < _LETTERS * (many + len(other)):
        return 0.0
    return Indel.normalized_similarity(letters, sorted(other), score_cutoff=_LETTERS)
