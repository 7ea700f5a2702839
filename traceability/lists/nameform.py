"""The forms in which one published name is compared: as it stands, and with what publishers add to it left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern

from traceability.lists import fold
from traceability.lists.orgforms import OrgForms, Split

# Trap of screening.md 9: acronyms and other short names are compared exactly or not at all.
SHORTEST_SEARCHED = 5
_BRACKETED = re.compile(r"[(\[（][^()\[\]（）]*[)\]）]")
_TWO_PARTIES = " ; "
# Chinese, Japanese and Korean write the legal form onto the name.
_WRITTEN_ON = re.compile(
    "股份有限公司|有限责任公司|有限責任公司|有限公司|公司|有限会社|株式会社|合同会社|주식회사|유한회사"
)


@dataclass(frozen=True, slots=True)
class NameForm:
    """One form of a name: ``folded`` for equality, ``core`` without legal forms, ``native`` where it is not Latin.

    ``joined`` is the core without spaces, so that ``AERO-CARIBBEAN`` meets ``AEROCARIBBEAN``; ``shortened`` says that
    something in brackets was left out, ``aside`` holds its words. ``schema`` is the kind of party it is read as.
    """

    folded: str
    core: tuple[str, ...]
    legal_forms: tuple[str, ...]
    joined: str
    native: str
    shortened: bool
    aside: tuple[str, ...] = ()
    schema: str = ""

    @property
    def searchable(self) -> bool:
        """Return whether the core is long enough to be compared otherwise than exactly."""
        return len(self.joined) >= SHORTEST_SEARCHED


def forms_of(name: str, schema: str, org_forms: OrgForms) -> Iterator[NameForm]:
    """Yield the forms of a name: whole; each party of ``A ; B``; without brackets; ``LAST, First`` turned round."""
    for part in name[: fold.MAX_CHARS].split(_TWO_PARTIES):
        yield from _forms(part, schema, org_forms)


def _forms(name: str, schema: str, org_forms: OrgForms) -> Iterator[NameForm]:
    native = "" if fold.is_latin(name) else fold.native(name)
    if native:
        name = _WRITTEN_ON.sub(r" \g<0> ", name)
    whole = fold.tokens(name)
    if not whole:
        return
    yield _form(whole, schema, org_forms, native, shortened=False)
    if schema != "Organization" and name.count(",") == 1:
        last, first = name.split(",")
        turned = (*fold.tokens(first), *fold.tokens(last))
        yield _form(turned, schema, org_forms, native, shortened=False)
    if "(" in name or "[" in name or "（" in name:
        rest = fold.tokens(_BRACKETED.sub(" ", name))
        if rest and rest != whole:
            aside = tuple(word for word in whole if word not in rest)
            yield _form(rest, schema, org_forms, native, shortened=True, aside=aside)


def form_of_words(words: tuple[str, ...], schema: str, forms: OrgForms) -> NameForm:
    """Return the form of a name in Latin letters without brackets, given by its folded words."""
    return _form(words, schema, forms, "", shortened=False)


def _form(
    words: tuple[str, ...], schema: str, forms: OrgForms, native: str, *, shortened: bool, aside: tuple[str, ...] = ()
) -> NameForm:
    split = Split(words, ()) if schema in {"Person", "Vessel", "Aircraft"} else forms.split(words)
    core = split.core[1:] if split.core[0] == "the" and len(split.core) > 1 else split.core
    core = tuple(map(intern, core))  # one string for all names that bear the word: a third of an index is words
    return NameForm(" ".join(words), core, split.forms, "".join(core), native, shortened, aside, schema)
