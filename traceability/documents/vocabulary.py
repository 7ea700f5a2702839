"""Words that name places and minerals, from the lists, in the shape of entity rules (ISO 3166, HS names of metals)."""

import csv
from functools import lru_cache

from traceability.documents.rulefiles import ANY_LANGUAGE, FOLDER, Rule, read_list

ADJECTIVE = ".adjective"
"""How the id of a rule of adjectives ends ("Congolese"); they are written small in most languages."""


@lru_cache(maxsize=1)
def place_rules() -> tuple[Rule, ...]:
    """Return one entity rule per place and way of writing; ``value`` is its ISO code."""
    rules = []
    for code, forms in read_list("places.list.yml").items():
        rules.append(_entity(f"xx.place.{code}", ANY_LANGUAGE, "place", str(code), forms["names"]))
        if "exact" in forms:
            name = f"xx.place.{code}.exact"
            rules.append(_entity(name, ANY_LANGUAGE, "place", str(code), forms["exact"], exact=True))
        if "adjectives" in forms:
            name = f"xx.place.{code}{ADJECTIVE}"
            rules.append(_entity(name, ANY_LANGUAGE, "place", str(code), forms["adjectives"]))
        if "covered" in forms:
            rules.append(_entity(f"xx.place.{code}.covered", ANY_LANGUAGE, "place_words", str(code), forms["covered"]))
    rules += [
        _entity(f"xx.country.{code}", ANY_LANGUAGE, "place", code, names) for code, names in _country_names().items()
    ]
    return tuple(rules)


@lru_cache(maxsize=1)
def _country_names() -> dict[str, list[str]]:
    """Return the names of countries that the hand-written list does not have, by ISO 3166-1 code."""
    found: dict[str, list[str]] = {}
    with (FOLDER / "countries.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found.setdefault(row["country"], []).append(row["name"])
    return found


@lru_cache(maxsize=1)
def mineral_rules() -> tuple[Rule, ...]:
    """Return one entity rule per mineral and language; ``value`` is the word of the facts, ``ore`` for no named one."""
    lists = read_list("minerals.list.yml")
    return tuple(
        _entity(f"{lang}.mineral.{mineral}", lang, "mineral", mineral, names)
        for lang, minerals in lists.items()
        for mineral, names in minerals.items()
    )


@lru_cache(maxsize=1)
def place_names() -> dict[str, str]:
    """Return place codes by name in lower case, abbreviations included: for labelled fields."""
    found: dict[str, str] = {}
    for code, forms in read_list("places.list.yml").items():
        for name in [*forms["names"], *forms.get("exact", ())]:
            found.setdefault(str(name).lower(), str(code))
    for code, names in _country_names().items():
        for name in names:
            found.setdefault(name.lower(), code)
    return found


@lru_cache(maxsize=1)
def mineral_names() -> dict[str, dict[str, str]]:
    """Return minerals by language and name in lower case: for labelled fields."""
    lists = read_list("minerals.list.yml")
    return {
        lang: {str(name).lower(): mineral for mineral, names in minerals.items() for name in names}
        for lang, minerals in lists.items()
    }


def _entity(name: str, lang: str, topic: str, value: str, words: list[str], *, exact: bool = False) -> Rule:
    literals = tuple(str(word) if exact else str(word).lower() for word in words)
    return Rule(
        id=name, version=1, lang=lang, kind="entity", topic=topic, value=value, assertion=None, direction="both",
        max_scope=0, direct=False, weak=False, exact=exact, flips=False, firm=False, terminated_by=(), allowed=(),
        literals=literals, sequences=(), patterns=(), why="", examples=(),
    )  # fmt: skip
