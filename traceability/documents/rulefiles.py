"""The rule files as data: one YAML stream per language and topic, their hash, and the word sets they share.

Rules are data so that an officer can read them and a change is a new hash: it stands in every report.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from traceability.errors import InvalidInput

FOLDER = Path(__file__).parent / "rules"
ANY_LANGUAGE = "xx"
Slot = tuple[str, ...] | int
"""A sequence is made of slots: alternatives for one place, or a number, the words that may stand between."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its marked target, executed as a test; ``none`` says that the rule must not match."""

    text: str
    start: int
    end: int
    assertion: str | None
    none: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule (documents.md 6).

    Words are in lower case unless ``exact``. ``*`` after a word, or after the last of several, stands for any ending
    ("not paid*"); before a word for the first part of a compound ("*schmelze").
    """

    id: str
    version: int
    lang: str
    kind: str
    topic: str | None
    value: str | None
    assertion: str | None
    direction: str
    max_scope: int
    direct: bool
    weak: bool
    exact: bool
    flips: bool
    firm: bool
    terminated_by: tuple[str, ...]
    allowed: tuple[str, ...]
    literals: tuple[str, ...]
    sequences: tuple[tuple[Slot, ...], ...]
    patterns: tuple[tuple[dict[str, Any], ...], ...]
    why: str
    examples: tuple[Example, ...]
    source: str = field(default="", compare=False)


def ruleset_hash() -> str:
    """Return ``sha256:`` and the hash over the sorted rule files: equal rules, equal hash."""
    return _hash_of(FOLDER)


@lru_cache(maxsize=4)
def _hash_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for name, sha256 in ruleset_content(folder).items():
        digest.update(name.encode() + b"\n" + bytes.fromhex(sha256))
    return "sha256:" + digest.hexdigest()


def ruleset_content(folder: Path = FOLDER) -> dict[str, str]:
    """Return what the hash of the rule set is made of: each file's name and its sha256 (hex), in order."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in rule_paths(folder)}


def rule_paths(folder: Path = FOLDER) -> list[Path]:
    """Return the files of the rule set, sorted by name (rules and word lists alike)."""
    return sorted(path for path in folder.iterdir() if path.suffix in {".yml", ".csv"})


@lru_cache(maxsize=1)
def load_rules() -> tuple[Rule, ...]:
    """Read every rule of the product.

    Raises:
        InvalidInput: a file is no YAML or a rule lacks a field; the message names the file and the rule.

    """
    sets = word_sets(FOLDER)
    return tuple(rule for path in rule_paths() if path.suffix == ".yml" for rule in read_rules(path, sets))


@lru_cache(maxsize=16)
def rules_of(lang: str) -> tuple[Rule, ...]:
    """Read the rules of one language, from its own files alone: a screening child mostly needs one.

    Raises:
        InvalidInput: see ``load_rules``.

    """
    sets = word_sets(FOLDER)
    own = [path for path in rule_paths() if path.suffix == ".yml" and path.name.split(".")[0] in {lang, ANY_LANGUAGE}]
    return tuple(rule for path in own for rule in read_rules(path, sets))


def read_list(name: str) -> dict[Any, Any]:
    """Return a word list of the rule folder (places, minerals, labels, titles)."""
    return _yaml(FOLDER / name)


def _yaml(path: Path) -> dict[Any, Any]:
    value: dict[Any, Any] = yaml.load(path.read_text("utf-8"), Loader=_LOADER) or {}  # noqa: S506 - a safe loader
    return value


@lru_cache(maxsize=4)
def word_sets(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the named word sets of the rule files: ``en.workers`` is written ``$workers`` in an English rule."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.words.yml")):
        lang = path.name.split(".")[0]
        for name, words in _yaml(path).items():
            found[f"{lang}.{name}"] = tuple(str(word) for word in words)
    return found


def read_rules(path: Path, sets: dict[str, tuple[str, ...]]) -> list[Rule]:
    """Read the rules of one file; word lists and vocabularies hold none.

    Raises:
        InvalidInput: see ``load_rules``.

    """
    if path.name.endswith((".words.yml", ".list.yml")):
        return []
    try:
        documents = [each for each in yaml.load_all(path.read_text("utf-8"), Loader=_LOADER) if each]
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise InvalidInput(f"{path.name} is not a readable YAML file: {error}") from error
    return [_rule(value, path.name, sets) for value in documents]


def _rule(value: Any, source: str, sets: dict[str, tuple[str, ...]]) -> Rule:
    if not isinstance(value, dict):
        raise InvalidInput(f"{source}: a rule is a mapping of fields; got {type(value).__name__}")
    unknown = set(value) - _FIELDS
    if unknown:
        raise InvalidInput(f"{source}: rule {value.get('id')} has unknown fields {sorted(unknown)}")
    try:
        lang = str(value["lang"])
        match = value.get("match", [])
        return Rule(
            id=str(value["id"]),
            version=int(value["version"]),
            lang=lang,
            kind=str(value["kind"]),
            topic=value.get("topic"),
            value=value.get("value"),
            assertion=value.get("assertion"),
            direction=value.get("direction", "both"),
            max_scope=int(value.get("max_scope", 60)),
            direct=bool(value.get("direct", False)),
            weak=bool(value.get("weak", False)),
            exact=bool(value.get("exact", False)),
            flips=bool(value.get("flips", False)),
            firm=bool(value.get("firm", False)),
            terminated_by=tuple(value.get("terminated_by", ())),
            allowed=tuple(value.get("allowed_types", ())),
            literals=tuple(str(each) for part in match for each in _expand(part.get("literal", ()), lang, sets)),
            sequences=tuple(each for part in match for each in _sequences(part, lang, sets)),
            patterns=tuple(tuple(part["pattern"]) for part in match if "pattern" in part),
            why=value.get("why", ""),
            examples=tuple(_example(each) for each in value.get("examples", ())),
            source=source,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"{source}: rule {value.get('id')} cannot be read: {error!r}") from error


def _expand(words: Iterable[Any], lang: str, sets: dict[str, tuple[str, ...]]) -> list[str]:
    out: list[str] = []
    for word in words:
        text = str(word)
        out.extend(sets[f"{lang}.{text[1:]}"] if text.startswith("$") else [text])
    return out


def _sequences(part: dict[str, Any], lang: str, sets: dict[str, tuple[str, ...]]) -> list[tuple[Slot, ...]]:
    if "sequence" not in part:
        return []
    slots: list[Slot] = []
    for slot in part["sequence"]:
        if isinstance(slot, int):
            slots.append(slot)
        else:
            slots.append(tuple(_expand([slot] if isinstance(slot, str) else slot, lang, sets)))
    forward = tuple(slots)
    return [forward, forward[::-1]] if part.get("any_order") else [forward]


def _example(value: dict[str, Any]) -> Example:
    text = value["text"]
    start, end = text.find("[["), text.find("]]")
    plain = text.replace("[[", "", 1).replace("]]", "", 1)
    if start < 0:
        return Example(plain, 0, len(plain), value.get("assertion"), bool(value.get("none", False)))
    return Example(plain, start, end - 2, value.get("assertion"), bool(value.get("none", False)))


# The safe loader, in C where it is built in: it makes values, never objects.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FIELDS = {
    "id", "version", "lang", "kind", "topic", "value", "assertion", "direction", "max_scope", "direct", "weak",
    "exact", "flips", "firm", "terminated_by", "allowed_types", "match", "why", "examples",
}  # fmt: skip
