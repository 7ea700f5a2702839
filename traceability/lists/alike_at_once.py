"""Many words against many: what `likeness` and `across` say of each two at most, before they judge."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cdist

from traceability.lists.across import ARTICLE, BY_SOUND, SAME_CONSONANTS, sounds_korean
from traceability.lists.likeness import ABBREVIATED, INITIAL, abbreviations
from traceability.lists.skeleton import skeleton

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def alike_at_once(rows: Sequence[str], columns: Sequence[str]) -> "NDArray[np.float32]":
    """Return for each two words the mean of Jaro-Winkler and of the optimal string alignment; more of abbreviations."""
    import numpy as np

    winkler = cdist(rows, columns, scorer=JaroWinkler.similarity, dtype=np.float32)
    winkler += cdist(rows, columns, scorer=OSA.normalized_similarity, dtype=np.float32)
    winkler /= 2
    for row, word in enumerate(rows):
        if others := abbreviations(word):
            for column in [at for at, other in enumerate(columns) if other in others]:
                winkler[row, column] = ABBREVIATED
    return winkler


def alike_across_at_once(rows: Sequence[str], columns: Sequence[str]) -> "NDArray[np.float32]":
    """Return for each two words the most they are alike across scripts: by letters, by sound or by consonants."""
    import numpy as np

    winkler = cdist(rows, columns, scorer=JaroWinkler.similarity, dtype=np.float32)
    here, there = [skeleton(word) for word in rows], [skeleton(word) for word in columns]
    bare = alike_at_once([*here, *map(_without_article, here)], [*there, *map(_without_article, there)])
    bare = np.maximum(bare[: len(rows)], bare[len(rows) :])
    bare = np.maximum(bare[:, : len(columns)], bare[:, len(columns) :])
    korean = _with_initials([sounds_korean(word) for word in rows], [sounds_korean(word) for word in columns])
    most = alike_at_once(rows, columns)
    for other in (BY_SOUND * winkler, BY_SOUND * korean, SAME_CONSONANTS * bare):
        np.maximum(most, other, out=most)
    return most


def _with_initials(rows: Sequence[str], columns: Sequence[str]) -> "NDArray[np.float32]":
    """Return how alike words are, a single letter as the initial of a word; "ee" becomes one in Korean."""
    like = alike_at_once(rows, columns)
    for row, one in enumerate(rows):
        for column, other in enumerate(columns):
            if one[:1] == other[:1] and 1 in {len(one), len(other)}:
                like[row, column] = max(like[row, column], INITIAL)
    return like


def _without_article(bare: str) -> str:
    return bare[1:] if bare[:1] == ARTICLE else bare
