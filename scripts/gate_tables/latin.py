"""The pairs in Latin letters on both sides: same parties by kind of alteration, and different ones that look alike."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise

from gate_tables import alterations as alter
from gate_tables.rows import PER_KIND, Pair, Party, altered, differ, draw, read_base, shuffled

_MANY = 300
# Words more alike than this may be two spellings of one word, and names more alike two forms of one name.
SAME_WORD = 0.75
_SAME_NAME = 0.8


def latin_pairs() -> list[Pair]:
    """Return every pair of the Latin table."""
    firms, people = organisations(), persons()
    return [
        *_written(),
        *_slips(firms, people),
        *_firms(firms),
        *_people(people),
        *_things(),
        *_different(firms, people),
    ]


def organisations() -> list[Party]:
    """Return the companies; braces in the base table mark what tells a company from others of its trade."""
    rows = []
    for row in read_base("organisations"):
        core = re.sub(r"[{}]", "", row["core"])
        distinct = row["core"].partition("{")[2].partition("}")[0]
        name = f"{core} {row['form']}".strip()
        rows.append(Party(name, "Company", row["country"], core=core, form=row["form"], distinct=distinct))
    return rows


def persons() -> list[Party]:
    """Return the persons, with given, middle and family name."""
    rows = []
    for row in read_base("persons"):
        parts = {key: row[key] for key in ("given", "middle", "family")}
        rows.append(Party(" ".join(parts.values()), "Person", row["country"], **parts))
    return rows


def _written() -> list[Pair]:
    pairs = []
    for row in read_base("written") + read_base("different"):
        same = row in read_base("written")
        sides = (row["name1"], row["name2"], row["schema"], row["country1"], row["country2"])
        pairs.append(Pair(*sides, is_match=same, kind=row["kind"], note="hand-written"))
    for row in read_base("translated"):
        sides = (row["name1"], row["name2"], "Company", row["country1"], row["country2"])
        pairs.append(Pair(*sides, is_match=True, kind="translated", note="hand-written"))
    return pairs


def _slips(firms: Sequence[Party], people: Sequence[Party]) -> list[Pair]:
    both = [*firms, *people]
    pairs = []
    for kind in alter.SLIPS:
        pairs += altered(kind, both, alter.slipped(kind))
    pairs += altered("two-typos", both, alter.two_slips)
    pairs += altered("ocr", both, alter.misread)
    pairs += altered("confusable-letters", both, alter.confused)
    pairs += altered("diacritics-left-out", both, alter.without_marks)
    pairs += altered("diacritics-written-out", both, alter.written_out)
    return pairs + altered("case-and-stops", both, alter.recased)


def _firms(firms: Sequence[Party]) -> list[Pair]:
    formed = [firm for firm in firms if firm.form]
    bare = [replace(firm, name=firm.core) for firm in formed]
    return [
        *altered("form-dropped", formed, lambda party: party.core),
        *altered("form-added", bare, alter.other_form("same")),
        *altered("form-abbreviated", formed, alter.other_form("same")),
        *altered("form-translated", formed, alter.other_form("translated")),
        *altered("word-order", firms, alter.rotated),
        *altered("joined-or-split", firms, alter.joined_or_split),
        *altered("and-ampersand", firms, alter.ampersand),
        *altered("cut-at-35", formed, alter.cut_at_35),
    ]


def _people(people: Sequence[Party]) -> list[Pair]:
    return [
        *altered("last-first", people, alter.last_first),
        *altered("transposed-names", people, alter.transposed),
        *altered("initials", people, alter.initials),
        *altered("middle-name-missing", people, lambda party: f"{party.given} {party.family}"),
        *altered("title-added", people, alter.titled),
    ]


def _things() -> list[Pair]:
    return [
        *altered("vessel-prefix", named("vessels", "Vessel"), alter.vessel_prefix),
        *altered("site-number", named("sites", "Site"), alter.numbered),
    ]


def named(base: str, schema: str) -> list[Party]:
    """Return vessels or sites."""
    return [Party(row["name"], schema, row["country"]) for row in read_base(base)]


def _different(firms: Sequence[Party], people: Sequence[Party]) -> list[Pair]:
    return [
        *_other_number(),
        *_sister_ships(),
        *_other_word(firms),
        *_other_given(people),
        *_other_family(people),
        *_homonyms([*firms, *people]),
        *_unrelated([*firms, *people]),
    ]


@cache
def alike(one: str, two: str) -> float:
    """Return how alike two words look, 0 to 1 (longest common blocks)."""
    return SequenceMatcher(None, one.lower(), two.lower(), autojunk=False).ratio()


def nearest(name: str, others: Iterable[str], below: float, wanted: int = 1) -> list[str]:
    """Return the names most alike among those that are less alike than ``below``."""
    matcher = SequenceMatcher(None, "", name.lower(), autojunk=False)
    bounds = []
    for other in set(others):
        matcher.set_seq1(other.lower())
        bounds.append((matcher.quick_ratio(), other))
    near: list[tuple[float, str]] = []
    for bound, other in sorted(bounds, reverse=True):
        if len(near) == wanted and bound < near[-1][0]:
            break
        ratio = alike(other, name)
        near = sorted([*near, (ratio, other)], reverse=True)[:wanted] if ratio < below else near
    return [other for _, other in near]


def _other_number() -> list[Pair]:
    pairs = []
    for site in named("sites", "Site"):
        number = int(re.sub(r"\D", "", site.name))
        others = (number + 1 + draw(site.name, 3), number + 10)
        pairs += [differ(site, re.sub(r"\d+", str(other), site.name), "other-number") for other in others]
    return pairs


def _sister_ships() -> list[Pair]:
    ships = named("vessels", "Vessel")
    pairs = []
    for one, two in zip(ships[::2], ships[1::2], strict=True):
        pairs.append(differ(one, two.name, "sister-ship"))
        prefixed = replace(one, name=alter.vessel_prefix(one))
        pairs.append(differ(prefixed, alter.vessel_prefix(two), "sister-ship"))
    return pairs


def _other_word(firms: Sequence[Party]) -> list[Pair]:
    """Put the two most alike of the other companies' distinctive words in place of the party's own."""
    words = sorted({firm.distinct for firm in firms})
    pairs = []
    for firm in firms:
        near = nearest(firm.distinct, words, SAME_WORD, 2)
        pairs += [differ(firm, firm.name.replace(firm.distinct, word), "other-distinctive-word") for word in near]
    return pairs


def _other_given(people: Sequence[Party]) -> list[Pair]:
    """Give the same family name the most alike other first name of the country, or of all; with and without middle."""
    pairs = []
    for one in people:
        pool = [two for two in people if two.country == one.country and two.given != one.given] or people
        near = nearest(one.given, [two.given for two in pool], _SAME_NAME)[0]
        pairs.append(differ(one, f"{near} {one.middle} {one.family}", "other-first-name"))
        short = replace(one, name=f"{one.given} {one.family}")
        pairs.append(differ(short, f"{near} {one.family}", "other-first-name"))
    return pairs


def _other_family(people: Sequence[Party]) -> list[Pair]:
    pairs = []
    for one in people:
        near = nearest(one.family, [two.family for two in people], 1)[0]
        pairs.append(differ(one, f"{one.given} {one.middle} {near}", "other-family-name"))
    return pairs


def _homonyms(parties: Sequence[Party]) -> list[Pair]:
    """The same name in another country is another party: the country is all that tells them apart."""
    chosen = shuffled(parties, "homonym")[: 2 * PER_KIND]
    places = sorted({party.country for party in parties})
    pairs = []
    for one in chosen:
        elsewhere = [place for place in places if place != one.country]
        pairs.append(differ(one, one.name, "homonym-other-country", elsewhere[draw(one.name, len(elsewhere))]))
    return pairs


def _unrelated(parties: Sequence[Party]) -> list[Pair]:
    lined = shuffled(parties, "unrelated")
    pairs = pairwise(lined)
    return [differ(one, two.name, "unrelated", two.country) for one, two in pairs if one.schema == two.schema][:_MANY]
