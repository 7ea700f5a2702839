"""Words inside names do not count: "Emirates Gold", "Gold member", "Gold standard" (labels guide, rule 4)."""

from typing import Any

from traceability.documents.matching import Match

COMPANY_FORMS = frozenset(
    {
        "ltd", "limited", "inc", "llc", "llp", "plc", "gmbh", "ag", "kg", "sa", "sarl", "sas", "bv", "nv", "spa", "srl",
        "corp", "corporation", "company", "co", "group", "holding", "holdings", "refinery", "refineries", "refining",
        "refiners", "smelter", "smelters", "smelting", "raffinerie", "metals", "mining", "mines", "resources",
        "trading",
        "traders", "initiative", "council", "association", "coast", "bank", "works", "industries", "international",
        "institute", "exchange", "capital", "minerals", "jewellery", "jewelry", "b.v", "n.v", "s.a", "verde", "ltda",
        "b.v.", "n.v.", "s.a.", "ltd.", "inc.", "co.", "corp.", "s.a.r.l.", "s.a.c.", "sac", "exports",
        "export",
        "comptoir",
    }
)  # fmt: skip
_AWARDS = frozenset(
    {
        "standard", "medal", "member", "members", "membership", "award", "awards", "status", "accreditation", "level",
        "rating", "partner", "sponsor", "card", "coast", "rush", "-plated", "coloured", "colored", "anniversary",
        "lining", "by",
        "service", "tier", "package", "edition", "supplier", "lid", "mitglied", "kunde",
    }
)  # fmt: skip
_ADDRESSES = frozenset({"street", "road", "avenue", "lane", "square", "hill", "house", "park"})
CAPITALISING = frozenset({"de"})
"""Languages that write every noun with a capital."""
# Words before a mineral or a smelter that name nobody.
_PLAIN = frozenset(
    {
        "the", "a", "an", "our", "all", "no", "some", "this", "these", "recycled", "raw", "refined", "crude", "mined",
        "artisanal", "fine", "pure", "scrap", "natural", "metallic", "tin", "gold", "tungsten", "tantalum", "cobalt",
        "silver", "copper", "name", "country", "address", "status", "smelter", "refiner", "refinery", "smelters",
        "refiners", "refineries", "of", "is", "responsible", "conformant", "unknown", "any", "each", "if", "le", "la",
        "les", "l", "l'", "d'",
        "der", "die", "das", "de", "het", "el", "los", "o", "os", "il", "lo", "i", "id", "no.", "rmi",
    }
)  # fmt: skip
_MIN_RUN = 2
_MOST_BETWEEN = 4
_BEFORE_NAME = frozenset(
    {":", "|", "	", "(", '"', "l'", "d'", "of", "van", "von", "de", "des", "du", "di", "del", "della", "da", "do"}
)  # fmt: skip


def is_inside_name(match: Match, doc: Any, lang: str) -> bool:
    """Whether the match is part of a company's name, an award or an address rather than a word."""
    following = doc[match.end].lower_ if match.end < len(doc) else ""
    if following in _AWARDS and doc[match.start].lower_ in {"gold", "silver", "platinum", "goud", "diamond"}:
        return True
    first = doc[match.start]
    if (
        following in {"&", "+"}
        and first.text[:1].isupper()
        and doc[min(match.end + 1, len(doc) - 1)].text[:1].isupper()
    ):
        return True
    if lang == "zh" or not first.text[:1].isupper() or match.end - match.start > 3:  # noqa: PLR2004 - names of minerals are short
        return False
    start, end = _run(doc, match)
    around = [doc[index] for index in range(start, end) if not match.start <= index < match.end]
    if not around or all(doc[index].is_upper and len(doc[index]) > 1 for index in range(start, end)):
        return False
    if any(token.lower_ in COMPANY_FORMS or token.lower_ in _ADDRESSES for token in around):
        return True
    return lang not in CAPITALISING and (_is_proper(doc, start, match) or _is_short_name(doc, start, match))


def is_named(match: Match, doc: Any) -> bool:
    """Whether a word such as "refinery" is part of a name, or a name stands right after it."""
    start, _ = _run(doc, match)
    before = any(
        _is_title(doc[index]) for index in range(start, match.start) if index > 0 and not doc[index].is_sent_start
    )
    after = _name_after(doc, match.end)
    return before or any(_is_title(doc[index]) for index in range(after, min(_run_end(doc, after), after + 3)))


def _name_after(doc: Any, at: int) -> int:
    """Return where a name may begin after a word such as "refinery": behind "of", a colon or the metal it makes."""
    metal = False
    for index in range(at, min(len(doc), at + _MOST_BETWEEN)):
        opens = doc[index].lower_ in _BEFORE_NAME
        if not opens and not (metal and doc[index].text.islower()):
            return index
        metal = opens  # "fonderie d'étain X": one small word behind "of"
    return at


def _is_title(token: Any) -> bool:
    return bool(token.text[:1].isupper() and len(token) > 1 and token.lower_ not in _PLAIN)


def _is_short_name(doc: Any, start: int, match: Match) -> bool:
    """Whether only the first word of a sentence stands before the match, both with a capital: "Emirates Gold paid"."""
    first = doc[start]
    alone = (
        match.end - match.start == 1 == match.start - start
        and match.end < len(doc)
        and doc[match.end].text[:1].islower()
    )
    return alone and first.is_title and first.lower_ not in _PLAIN and doc[match.start].is_title


def _run(doc: Any, match: Match) -> tuple[int, int]:
    """Return the run of capitalised words around the match."""
    start, end = match.start, match.end
    while start > 0 and _is_name_word(doc[start - 1]) and match.start - start < 5:  # noqa: PLR2004 - names are short
        start -= 1
    return start, _run_end(doc, end)


def _run_end(doc: Any, at: int) -> int:
    """Return the end of the run of capitalised words that begins at ``at``."""
    end = at
    while end < len(doc) and _is_name_word(doc[end]) and end - at < 5:  # noqa: PLR2004 - names are short
        end += 1
    return end


def _is_name_word(token: Any) -> bool:
    return bool(token.text[:1].isupper() or token.lower_ in {"&", "b.v", "s.a"}) and not token.is_space


def _is_proper(doc: Any, start: int, match: Match) -> bool:
    # The first word of a sentence or of a cell says nothing by its capital; a name needs another capital before it.
    before = doc[start - 1] if start > 0 else None
    opens = before is None or before.is_punct or before.is_space
    others = match.start - start - (1 if opens else 0)
    return others >= 1 and match.end - start >= _MIN_RUN
