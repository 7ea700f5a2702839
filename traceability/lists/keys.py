"""The keys by which names that may be the same meet: few enough to look up, many enough that a typo breaks only some.

Of each token its whole (``t:``), its first four letters (``p:``) and its last four (``s:``); of the name the first
seven letters of the joined tokens (``j:``) and the first ten of the tokens joined in order of the alphabet (``J:``).
"""

from typing import Final

from traceability.lists.nameform import NameForm

_PART: Final = 4
_JOINED: Final = 7
_SORTED: Final = 10


def keys_of(form: NameForm) -> tuple[str, ...]:
    """Return the keys of one form of a name, each once; of a name too short to be searched none but its tokens."""
    found = [f"t:{token}" for token in form.core]
    if form.searchable:
        long = [token for token in form.core if len(token) >= _PART]
        found += [f"p:{token[:_PART]}" for token in long] + [f"s:{token[-_PART:]}" for token in long]
        found += [f"j:{form.joined[:_JOINED]}", f"J:{''.join(sorted(form.core))[:_SORTED]}"]
    return tuple(dict.fromkeys(found))
