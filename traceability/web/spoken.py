"""What rules and services say in English, in the reader's language: known again by its form in the languages' files.

Findings, notes and reasons are stored, signed and answered in English, with their values in place. A page prints them
for a reader: a text that is in the file of a language as it is, or fits a form there (``{name}`` stands for a value),
is printed as the file says, with the same values. What fits no form stays English, so nothing is lost or changed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from traceability.web import language
from traceability.web.language import N_

_SLOT: Final = re.compile(r"\{([^{}]+)\}")
_LEAST = 5  # letters of a form beside its slots: one of fewer would know texts it is not the form of
_AT_ONCE = 3  # a finding says its sentence for up to so many places
#: Slots that only ever hold a text of ours: a form fits where that is known, too.
_OURS: Final = frozenset({"text", "said", "how"})
#: Slots that may hold one: it is put in the reader's language where it is known.
_TEXTS: Final = _OURS | {
    "age", "balance", "came", "extent", "got", "kind", "list_id", "list_name", "missed", "most", "progress",
    "read", "reason", "sentence", "status", "unread", "what", "why",
}  # fmt: skip
_WORDS: Final = (N_("not stated"), N_("none"))


def spoken(text: str) -> str:
    """Return a text of the rules or services in the reader's language; one that is not known as it is."""
    code = language.current()
    if code == language.ENGLISH or isinstance(text, language.Verbatim):
        return text
    return _known(code, text) or text


@dataclass(frozen=True, slots=True)
class _Form:
    """A text with slots, as what stands around them, and what a language says instead."""

    names: tuple[str, ...]
    pieces: tuple[str, ...]  # one more than slots
    told: str

    @property
    def counts(self) -> range:
        """Return how often it may be said in a text, the most first; one around another text is said once."""
        return range(_AT_ONCE if _TEXTS.isdisjoint(self.names) else 1, 0, -1)

    def times(self, count: int) -> Sequence[str]:
        """Return what stands around the slots of the form said so many times, a space between."""
        joined = [*self.pieces]
        for _ in range(count - 1):
            joined = [*joined[:-1], f"{joined[-1]} {self.pieces[0]}", *self.pieces[1:]]
        return joined

    def fill(self, code: str, values: Sequence[str]) -> str | None:
        """Return what the language says, with the values that stood in the text; None where they are none of it."""
        by_name = dict[str, list[str]]()
        for name, value in zip(self.names, values, strict=True):
            told = _value(code, name, value)
            if told is None:
                return None
            by_name.setdefault(name, []).append(told)

        def take(slot: re.Match[str]) -> str:
            left = by_name[slot[1]]
            return left.pop(0) if len(left) > 1 else left[0]

        return _SLOT.sub(take, self.told)


def _value(code: str, name: str, value: str) -> str | None:
    if name in _TEXTS:
        return _known(code, value) or (None if name in _OURS else value)
    return language.texts(code).get(value, value) if value in _WORDS else value


@lru_cache(4096)
def _known(code: str, text: str) -> str | None:
    """Return a text in a language; None where its file has neither the text nor its form."""
    whole = language.texts(code).get(text)
    if whole is not None:
        return whole
    found = (_filled(code, form, count, text) for form in _forms(code) for count in form.counts)
    return next((told for told in found if told is not None), None)


def _filled(code: str, form: _Form, count: int, text: str) -> str | None:
    """Return what a form says in a language of a text that was made from it so many times; None of any other."""
    values = _between(form.times(count), text)
    if values is None:
        return None
    size = len(form.names)
    told = [form.fill(code, values[at : at + size]) for at in range(0, len(values), size)]
    return None if None in told else " ".join(filter(None, told))


def _between(pieces: Sequence[str], text: str) -> list[str] | None:
    """Return what stands between pieces of a text, each found as early as it can be; None where it has them not.

    No pattern is tried again at another place: names and quotes of others are in the texts, and may be made to last.
    """
    if not (text.startswith(pieces[0]) and text.endswith(pieces[-1])):
        return None
    values, start, end = [], len(pieces[0]), len(text) - len(pieces[-1])
    for piece in pieces[1:-1]:
        at = text.find(piece, start + 1, end)
        if at < 0:
            return None
        values.append(text[start:at])
        start = at + len(piece)
    return [*values, text[start:end]] if start < end else None


@lru_cache(8)
def _forms(code: str) -> tuple[_Form, ...]:
    """Return the forms a language knows: first those around other texts, then those that say most themselves."""
    forms = _read(language.texts(code))
    return tuple(sorted(forms, key=lambda form: (_TEXTS.isdisjoint(form.names), -sum(map(len, form.pieces)))))


def _read(texts: Mapping[str, str]) -> Iterator[_Form]:
    for text, told in texts.items():
        names, pieces = tuple(_SLOT.findall(text)), tuple(_SLOT.split(text)[::2])
        if names and (sum(map(len, pieces)) >= _LEAST or not _OURS.isdisjoint(names)):
            yield _Form(names, pieces, told)
