"""From rules to spaCy matchers, and the Aho-Corasick prefilter generated from the same rules (documents.md 2 and 6)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import sub
from typing import Any

from traceability.documents.rulefiles import Rule, Slot
from traceability.documents.sequences import Chain, SequenceIndex, Tokenise
from traceability.documents.text import lowered

_CJK = "\u2e80"
# A sequence is announced by its least usual group of words: how often a word stands in a paper, roughly.
_EVERYWHERE = frozenset(
    {
        "where", "under", "below", "about", "off", "year", "years", "made", "let", "after", "before", "over", "through",
        "out of", "up", "two", "ten", "six", "unter", "über", "nach", "vor", "où", "dove", "donde", "dónde", "onde",
        "waar", "wo", "sous", "sotto", "bajo", "sob", "onder", "ans", "años", "anos", "anni", "jaar",
        "a", "all", "also", "any", "are", "as", "at", "aus", "avec", "be", "been", "both", "but", "by",
        "can", "com", "con", "could", "da", "dans", "de", "del", "des", "di", "did", "do", "does", "door",
        "du", "each", "een", "ein", "eine", "el", "em", "en", "es", "est", "foi", "for", "foram", "from",
        "fue", "für", "geen", "ha", "haben", "had", "han", "has", "hat", "have", "he", "hebben", "heeft", "há",
        "in", "is", "ist", "it", "jamais", "kein", "keine", "la", "las", "le", "les", "los", "mai", "may",
        "met", "mit", "muss", "named", "nicht", "nie", "niet", "no", "non", "none", "nooit", "not", "nunca",
        "não", "of", "on", "only", "ont", "os", "out", "par", "para", "pas", "per", "por", "pour", "sem",
        "senza", "she", "should", "sie", "sin", "sind", "so", "son", "sono", "sont", "stato", "são", "that",
        "the", "their", "them", "then", "there", "they", "to", "uit", "un", "une", "us", "van", "von", "voor",
        "war", "waren", "was", "we", "were", "what", "which", "will", "wir", "with", "without", "worden",
        "wordt", "would", "wurde", "wurden", "zijn", "è", "é", "été",
    }
)  # fmt: skip
_EVERYDAY = frozenset(
    {
        "never", "nobody", "cannot", "unable", "month", "months", "week", "weeks", "hour", "hours", "day",
        "night", "paid", "pay", "pays", "worked", "working", "contract", "contracts", "women", "persons",
        "staff", "source", "sources", "mine", "mines", "uses", "using", "take", "takes", "took", "taken",
        "aged", "record", "records", "file", "files", "document", "documents", "data", "let", "gets", "ten",
        "nine", "eight", "seven", "six", "five", "four", "three", "two", "one", "twelve", "found", "find",
        "finds", "seen", "see", "saw", "leave", "leaves", "left", "lock", "locked", "makes", "force", "forces",
        "forced", "evidence", "proof", "information", "lack", "missing", "absence", "nothing", "said", "say",
        "says", "tell", "told", "know", "knows", "knew", "known", "show", "shows", "state", "states", "stated",
        "given", "give", "gives", "provided", "provide", "confirm", "confirmed", "identify", "identified",
        "determine", "determined", "establish", "established", "verify", "verified", "disclose", "disclosed",
        "number", "hold", "holds", "held", "keep", "keeps", "kept", "collect", "collects", "collected", "run",
        "runs", "ran", "owns", "sell", "sells", "sold", "buy", "buys", "bought", "receive", "receives",
        "received", "trade", "traded", "site", "sites", "share", "cut", "fee", "fees", "demand", "demands",
        "control", "controls", "controlled", "support", "supported", "present", "presence", "case", "cases",
        "issue", "issues", "company", "supplier", "suppliers", "management", "help", "helped", "trained",
        "train", "helps", "carry", "carries", "load", "move", "push", "open", "closed", "close", "mineral",
        "minerals", "metal", "ore", "gold", "material", "list", "lists", "olds", "year-old", "still", "half",
        "some", "part", "second", "who", "zahlen", "arbeiten", "arbeitet", "jahre", "jahren", "stunden", "tag",
        "woche", "jaar", "uur", "dag", "werken", "werkt", "heures", "jour", "semaine", "travail",
        "travaillent", "paie", "payer", "fueron", "años", "horas", "día", "semana", "trabajan", "pagar",
        "anos", "dia", "stata", "della", "anni", "giorno", "settimana", "0", "1", "2", "3", "4", "5", "6", "7",
        "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "20", "24", "30", "40", "60", "70",
        "72", "80", "84", "90", "100", "不", "没有", "未", "有", "在", "到", "至", "could not", "would not",
        "will not", "do not", "does not", "did not", "is not", "are not", "was not", "were not", "has been",
        "have been", "can not", "against", "age", "first", "get", "got", "here", "made", "make", "men", "must",
        "name", "old", "own", "people", "rest", "use", "used", "where", "where it", "where the", "work",
        "works", "year", "years",
    }
)  # fmt: skip

Needs = tuple[tuple[tuple[str, ...], ...], int]
"""Groups of words of which each has to be there with one word, and within how many characters of the term.

The characters are those of so many words, none of them longer than any word of a language: see `_WithoutEndless`.
"""
_NO_NEEDS: Needs = ((), 0)
_LONG_WORD, _LONGEST_PHRASE = 16, 4
_LONGEST_WORD = 32


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched the tokens [start, end) of a document; ``parts`` are the words of the rule among them."""

    rule: Rule
    start: int
    end: int
    parts: Chain = field(default=(), compare=False)

    def __hash__(self) -> int:
        return hash((self.rule.id, self.start, self.end))

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it shares a token with [start, end)."""
        return self.start < end and start < self.end

    def uses(self, start: int, end: int) -> bool:
        """Whether the rule's own words, not those between them, share a token with [start, end)."""
        return any(first < end and start < last for first, last in self.parts or ((self.start, self.end),))

    def within(self, start: int, end: int) -> bool:
        """Whether it lies inside [start, end)."""
        return start <= self.start and self.end <= end


class RuleMatcher:
    """Finds every match of a set of rules in a spaCy document; of nested matches of one rule the longest stays."""

    def __init__(self, nlp: Any, rules: Sequence[Rule]) -> None:
        from spacy.matcher import Matcher, PhraseMatcher

        self._rules = {rule.id: rule for rule in rules}
        self._strings = nlp.vocab.strings
        self._exact = PhraseMatcher(nlp.vocab, attr="ORTH")
        self._tokens = Matcher(nlp.vocab)
        self._sequences = SequenceIndex(_tokeniser(nlp))
        for rule in rules:
            self._add(nlp, rule)

    def __call__(self, doc: Any, words: Sequence[str]) -> list[Match]:
        """Return the matches in reading order; ``words`` are the tokens of ``doc`` in lower case."""
        found: dict[str, dict[tuple[int, int], Chain]] = {}
        for name, chain in self._sequences.find(words):
            parts = chain if len(chain) > 1 else ()
            found.setdefault(name, {}).setdefault((chain[0][0], chain[-1][1]), parts)
        for matcher in (self._exact, self._tokens):
            if len(matcher):
                for key, start, end in matcher(doc):
                    found.setdefault(self._strings[key], {})[start, end] = ()
        matches = [
            Match(self._rules[name], *span, spans[span]) for name, spans in found.items() for span in _longest(spans)
        ]
        return sorted(matches, key=lambda match: (match.start, match.end))

    def _add(self, nlp: Any, rule: Rule) -> None:
        if rule.exact:
            self._exact.add(rule.id, [nlp.make_doc(phrase) for phrase in rule.literals])
        elif rule.literals:
            self._sequences.add(rule.id, (tuple(_variants(rule.literals)),))
        for sequence in rule.sequences:
            self._sequences.add(rule.id, sequence)
        if rule.patterns:
            self._tokens.add(rule.id, [list(pattern) for pattern in rule.patterns], greedy="LONGEST")


def _tokeniser(nlp: Any) -> Tokenise:
    """Return how the words of rules are cut: as spaCy does, which is asked only where blanks do not say it."""
    special = getattr(nlp.tokenizer, "rules", None)
    by_letter = special is None

    def tokens(phrase: str) -> tuple[str, ...]:
        words = phrase.split(" ")
        if not by_letter and all(word.isalpha() and word not in (special or ()) for word in words):
            return tuple(words)
        return tuple(token.lower_ for token in nlp.make_doc(phrase))

    return tokens


def prefilter_terms(rules: Iterable[Rule]) -> set[str]:
    """Return, in lower case, words of which at least one stands in every text that any of ``rules`` matches.

    A term that ends in ``*`` is a word's beginning, one that begins with it a word's end, any other whole words.
    """
    return {term for term, _ in _needs(rules)}


def build_prefilter(rules: Iterable[Rule]) -> Any:
    """Return an Aho-Corasick automaton over the terms of ``rules``, each with what else its sequences need."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    entries: dict[str, tuple[bool, bool, set[Needs]]] = {}
    for term, needs in _needs(rules):
        word = term.strip("*")
        begun, open_ended, every = entries.get(word, (False, False, set()))
        entries[word] = (begun or term.startswith("*"), open_ended or term.endswith("*"), every | {needs})
    for word, (begun, open_ended, every) in entries.items():
        # Where one rule needs nothing else, no other has to be asked.
        farthest = max(reach for _, reach in every)
        needed = () if _NO_NEEDS in every else tuple(every)
        automaton.add_word(word, (len(word), begun, open_ended, needed, farthest))
    automaton.make_automaton()
    return automaton


def hits(automaton: Any, lower: str) -> Iterator[int]:
    """Yield the offset of the last character of each term of the prefilter that stands as a word in ``lower``.

    A term of a sequence counts only where a word of each of its other groups stands near it, too.
    """
    short: _WithoutEndless | None = None
    for end, (length, begun, open_ended, every, farthest) in automaton.iter(lower):
        if not ((begun or _is_edge(lower, end - length + 1)) and (open_ended or _is_edge(lower, end + 1))):
            continue
        if not every or any(_are_near(needs, lower, end) for needs in every):
            yield end
            continue
        short = short or _WithoutEndless(lower)
        if short.hold(every, farthest, end):
            yield end


class _WithoutEndless:
    """A text without its endless words, so that what stands so many words away stands so many characters away."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for word in _endless(text):
            self._starts.append(text.index(word, self._ends[-1] if self._ends else 0))
            self._ends.append(self._starts[-1] + len(word))
        kept = zip([0, *self._ends], [*self._starts, len(text)], strict=True)
        self.text = "".join([text[start:end] for start, end in kept])
        self._gone = [0, *accumulate(map(sub, self._ends, self._starts))]

    def hold(self, every: Iterable[Needs], farthest: int, end: int) -> bool:
        """Return whether what a term needs stands near it where endless words do not count.

        Args:
            every: what it needs, one or another.
            farthest: the most characters within which any of that has to stand.
            end: where the term ends in the whole text.

        """
        before = bisect_right(self._starts, end)
        left = end - self._ends[before - 1] if before else len(self.text)
        right = self._starts[before] - end if before < len(self._starts) else len(self.text)
        distance = min(left, right)
        if not 0 <= distance < farthest:
            return False
        here = end - self._gone[before]
        return any(distance < needs[1] and _are_near(needs, self.text, here) for needs in every)


def _endless(text: str) -> list[str]:
    """Return the words that are longer than any of a language: an address of the web is one word to the rules."""
    return [word for word in text.split() if len(word) > _LONGEST_WORD and max(word) < _CJK]


def _are_near(needs: Needs, lower: str, end: int) -> bool:
    groups, reach = needs
    around = lower[max(0, end - reach) : end + reach]
    return all(any(word in around for word in group) for group in groups)


def _needs(rules: Iterable[Rule]) -> Iterator[tuple[str, Needs]]:
    """Yield the terms of the prefilter, each with the groups of words that have to stand beside it."""
    for rule in rules:
        yield from ((lowered(literal), _NO_NEEDS) for literal in _variants(rule.literals))
        for sequence in rule.sequences:
            chosen, others = _rarest(sequence)
            yield from ((lowered(word), others) for word in chosen)
        for pattern in rule.patterns:
            yield from ((lowered(str(word)), _NO_NEEDS) for word in _pattern_words(pattern))


def _is_edge(text: str, at: int) -> bool:
    """Whether no word runs on over ``at``; languages without spaces have an edge everywhere."""
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    return not (before.isalpha() and after.isalpha()) or before >= _CJK or after >= _CJK


def _variants(literals: Iterable[str]) -> Iterator[str]:
    # "child labour" is also written "child-labour".
    for literal in literals:
        yield literal
        if literal.count(" ") == 1 and literal.replace(" ", "").isalpha():
            yield literal.replace(" ", "-")


def _rarest(sequence: tuple[Slot, ...]) -> tuple[tuple[str, ...], Needs]:
    """Return the group that announces a sequence, and the other ones that can be told apart from everyday text."""
    slots = [slot for slot in sequence if not isinstance(slot, int)]
    chosen = min(slots, key=lambda slot: sum(_usual(word) for word in slot))
    # The shortest groups first: what is not there is found out soonest.
    others = sorted((slot for slot in slots if slot is not chosen), key=len)
    reach = _LONG_WORD * sum(slot if isinstance(slot, int) else _LONGEST_PHRASE for slot in sequence)
    return chosen, (tuple(tuple(lowered(word).strip("*") for word in slot) for slot in others), reach)


def _usual(word: str) -> int:
    if word in _EVERYWHERE or (len(word) <= 2 and word.isalpha() and word < _CJK):  # noqa: PLR2004 - no word so short says much
        return 3000
    return 100 if word in _EVERYDAY else 1


def _pattern_words(pattern: tuple[dict[str, Any], ...]) -> set[str]:
    required = [token["LOWER"] for token in pattern if "LOWER" in token and token.get("OP", "1") in {"1", "+"}]
    groups = [set(word["IN"]) if isinstance(word, dict) and "IN" in word else {word} for word in required]
    return max(groups, key=lambda group: min(len(str(word)) for word in group))


def _longest(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if not any(start < other_end and other_start < end for other_start, other_end in kept):
            kept.append((start, end))
    return kept
