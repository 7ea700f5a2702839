"""Names as an attacker or a broken file sends them, and what has to come of each: an answer, or a refusal that helps."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

#: The party on the list that the hostile names are set against.
LISTED = "Machanga Great Lakes Trading"

#: found: the disguise does not hide the listed party; none: answered, nothing alike; refused: said what is wrong with
#: it, and never answered with "none" (what is not compared whole is not clear); answered: whatever it is, not a failure.
Outcome = Literal["found", "none", "refused", "answered"]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A name, and what a screening does with it."""

    what: str
    name: str
    outcome: tuple[Outcome, ...]


FOUND: tuple[Outcome, ...] = ("found",)
REFUSED: tuple[Outcome, ...] = ("refused",)
NOTHING: tuple[Outcome, ...] = ("none", "refused")
HOSTILE = (
    Hostile("empty", "", REFUSED),
    Hostile("only spaces", "   ", REFUSED),
    Hostile("only wide and narrow spaces", "\u2003\u00a0\u202f\u3000", REFUSED),
    Hostile("only line breaks", "\r\n\n\r", REFUSED),
    Hostile("only a zero-width space", "\u200b", REFUSED),
    Hostile("only combining marks", "\u0301\u0302\u0303", REFUSED),
    Hostile("only punctuation", "-.,;:!?()", REFUSED),
    Hostile("only a NUL", "\x00", REFUSED),
    Hostile("only control characters", "\x01\x02\x1b[31m\x7f", NOTHING),
    Hostile("only emoji", "\U0001f600\U0001f3ed", NOTHING),
    Hostile("only a joined emoji", "\U0001f468\u200d\U0001f469\u200d\U0001f467", NOTHING),
    Hostile("only legal forms", "Ltd SARL GmbH", NOTHING),
    Hostile("NUL inside", "Machanga\x00 Great Lakes Trading", FOUND),
    Hostile("control characters inside", "Mach\x07anga Great\x1b Lakes Trading", FOUND),
    Hostile("a line break inside", "Machanga Great\nLakes Trading", FOUND),
    Hostile("tabs for spaces", "Machanga\tGreat\tLakes\tTrading", FOUND),
    Hostile("zero-width spaces in words", "Mach\u200banga Gr\u200beat Lakes Trading", FOUND),
    Hostile("zero-width joiners in words", "Mach\u200danga Gr\u200ceat Lakes Trading", FOUND),
    Hostile("soft hyphens in words", "Macha\u00adnga Great La\u00adkes Trading", FOUND),
    Hostile("a byte order mark", "\ufeffMachanga Great Lakes Trading", FOUND),
    Hostile("a word joiner", "Machanga\u2060 Great Lakes Trading", FOUND),
    Hostile("right-to-left override", "\u202eMachanga Great Lakes Trading\u202c", FOUND),
    Hostile("isolates", "\u2066Machanga\u2069 Great Lakes \u2067Trading\u2069", FOUND),
    Hostile("no-break spaces", "Machanga\u00a0Great\u202fLakes\u2007Trading", FOUND),
    Hostile("full-width letters", "\uff2d\uff41\uff43\uff48\uff41\uff4e\uff47\uff41 Great Lakes Trading", FOUND),
    Hostile("mathematical letters", "\U0001d40c\U0001d41a\U0001d41c\U0001d421\U0001d41a\U0001d427\U0001d420\U0001d41a"
            " Great Lakes Trading", FOUND),
    Hostile("Cyrillic a and e", "M\u0430ch\u0430ng\u0430 Gr\u0435\u0430t L\u0430k\u0435s Tr\u0430ding", FOUND),
    Hostile("Greek capitals", "\u039cACHANGA GREAT LAK\u0395S TRADING", FOUND),
    Hostile("scripts mixed word by word", "Machanga \u0433\u0440\u0435\u0439\u0442 \u30ec\u30a4\u30af\u30b9 Trading", ("answered",)),
    Hostile("emoji after the name", "Machanga Great Lakes Trading \U0001f3ed", FOUND),
    Hostile("decomposed letters", unicodedata.normalize("NFD", "M\u00e1changa Gr\u00e9at L\u00e1kes Tr\u00e1ding"), FOUND),
    Hostile("a few marks on each letter", "".join(f"{c}\u0323\u0301" if c.isalpha() else c for c in LISTED), FOUND),
    Hostile("10,000 combining marks", "M" + "\u0301" * 10_000 + "achanga Great Lakes Trading", REFUSED),
    Hostile("1 MB of one letter", "a" * 1_000_000, REFUSED),
    Hostile("1 MB of words", "Machanga " * 110_000, REFUSED),
    Hostile("1 MB of words that differ", " ".join(f"w{n:x}" for n in range(150_000)), REFUSED),
    Hostile("1 MB of brackets", "(" * 500_000 + ")" * 500_000, REFUSED),
    Hostile("1 MB of Han characters", "\u91d1" * 350_000, REFUSED),
    Hostile("300 words", " ".join(["Machanga"] * 300), REFUSED),
    Hostile("the listed name behind 10 KB", "x " * 5_000 + LISTED, REFUSED),
    Hostile("the listed name behind 41 letters", "x " * 41 + LISTED, REFUSED),
    Hostile("the listed name behind letters that fold to many", "\u337f" * 90 + LISTED, REFUSED),
    Hostile("a lone surrogate", "Machanga \ud800 Great Lakes Trading", REFUSED),
    Hostile("only a lone surrogate", "\udfff", REFUSED),
    Hostile("a private-use letter", "Machanga \ue000 Great Lakes Trading", FOUND),
    Hostile("a noncharacter", "Machanga \uffff Great Lakes Trading", FOUND),
    Hostile("the replacement character", "Mach\ufffdnga Great Lakes Trading", ("answered",)),
    Hostile("a spreadsheet formula", '=HYPERLINK("http://x","Machanga")', ("answered",)),
    Hostile("SQL", "Machanga'; DROP TABLE party; --", ("answered",)),
    Hostile("wildcards", "%_*?[a-z]", NOTHING),
    Hostile("mark-up", "<script>alert(1)</script>", NOTHING),
    Hostile("an escaped NUL", "Machanga\\u0000", ("answered",)),
    Hostile("ligatures and digraphs", "Ma\u010danga \ufb01 \u01c4", ("answered",)),
    Hostile("a ligature that folds to many words", "\ufdfa" * 40, REFUSED),
)  # fmt: skip
