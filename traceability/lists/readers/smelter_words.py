"""The few words of a smelter workbook that are values, not headers: metals, yes and no, and "no smelter named".

Published templates were seen with English values under headers of any language; localised ones are understood where
their words are here. What is not understood is None: unknown, never "no".
"""

from typing import Final

from traceability.lists.fold import fold

_METALS: Final = {
    "gold": "gold or oro ouro goud 金 黄金",
    "tantalum": "tantalum tantal tantale tantalio tântalo tantalio 钽",
    "tin": "tin zinn étain estaño estanho stagno 锡",
    "tungsten": "tungsten wolfram tungstène wolframio tungstênio tungsteno 钨",
    "cobalt": "cobalt kobalt cobalto 钴",
    "mica": "mica glimmer 云母",
    "copper": "copper kupfer cuivre cobre rame koper 铜",
    "graphite": "graphite graphit grafito grafite grafiet 石墨",
    "lithium": "lithium litio lítio 锂",
    "nickel": "nickel níquel niquel nichel nikkel 镍",
}
_BY_WORD: Final = {fold(word): metal for metal, words in _METALS.items() for word in words.split()}
_YES: Final = frozenset(map(fold, "yes ja oui sí sim sì 是".split()))  # noqa: SIM905  # reads as a list
_NO: Final = frozenset(map(fold, "no nein non não nee 否".split()))  # noqa: SIM905  # reads as a list
_NOT_LISTED: Final = frozenset(map(fold, ("smelter not listed", "schmelzhütte nicht aufgeführt")))
_NOT_IDENTIFIED: Final = frozenset(map(fold, ("smelter not yet identified", "schmelzhütte noch nicht identifiziert")))


def metal_of(text: str | None) -> str | None:
    """Return the material code of a metal's name; None where it is not known."""
    return _BY_WORD.get(fold(text)) if text else None


def yes_or_no(text: str | None) -> bool | None:
    """Return an answer; None where there is none, or none that is understood."""
    answer = fold(text) if text else ""
    return True if answer in _YES else False if answer in _NO else None


def pseudo_of(text: str, standard: str | None = None, *, without_id: bool = False) -> str | None:
    """Return not_listed or not_yet_identified where a choice of the look-up stands for no smelter, else None.

    In the look-up a choice ``without_id`` is one of the two in any language: of the second the standard name is
    "Unknown".
    """
    said = fold(text)
    if said in _NOT_IDENTIFIED or (without_id and standard and fold(standard) == "unknown"):
        return "not_yet_identified"
    return "not_listed" if said in _NOT_LISTED or without_id else None
