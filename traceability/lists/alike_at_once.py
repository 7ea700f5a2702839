"""Many words against many: what `likeness.alike` says of each two by their letters, before it judges."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cdist

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def alike_at_once(rows: Sequence[str], columns: Sequence[str]) -> "NDArray[np.float32]":
    """Return for each two words the mean of Jaro-Winkler and of the optimal string alignment."""
    import numpy as np

    winkler = cdist(rows, columns, scorer=JaroWinkler.similarity, dtype=np.float32)
    winkler += cdist(rows, columns, scorer=OSA.normalized_similarity, dtype=np.float32)
    winkler /= 2
    return winkler
