"""The language of a block: py3langid restricted to the languages with rules; short blocks inherit (documents.md 5)."""

from functools import lru_cache
from typing import Any

LANGUAGES = ("en", "fr", "de", "nl", "es", "pt", "it", "zh")
"""Languages with rules, ISO 639-1."""

# Told apart so that a text in one of them is not called one of ours; each block of theirs is a coverage gap.
_NEIGHBOURS = (
    "ru", "uk", "pl", "tr", "ar", "sw", "sv", "da", "no", "fi", "cs", "ro", "hu", "ja", "ko", "id", "vi", "el",
)  # fmt: skip
# Small words that no other of these languages has, neighbours included: "of", "is" and "we" are Dutch too, "to" and
# "by" Polish, "for" is Portuguese. English papers are most.
_OWN_WORDS = {
    "en": frozenset(
        {
            "the", "and", "that", "this", "these", "those", "which", "with", "from", "were", "their", "they", "our",
            "it", "its", "not", "there", "would", "should", "could", "who", "when", "where", "any", "because",
            "between", "both", "cannot", "did", "does", "during", "each", "every", "into", "many", "may", "must",
            "only", "other", "some", "such", "than", "then", "through", "until", "while", "within", "without", "you",
            "your", "his", "she",
        }
    ),
}  # fmt: skip
_ENOUGH = 8
_ONE_IN = 6
_MIN_CHARACTERS = 20
_SAMPLE = 600
_SURE = 0.85


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LANGUAGES, *_NEIGHBOURS])
    return identifier


def detect(text: str) -> tuple[str, bool]:
    """Return the ISO 639-1 code of ``text`` and whether the answer is sure enough to overrule its neighbours."""
    language, probability = _identifier().classify(text[:_SAMPLE])
    return language, probability >= _SURE


def of_blocks(texts: list[str]) -> list[str]:
    """Return one language per text. Short or doubtful texts take the language of the whole."""
    whole = detect(_sample(texts))[0] if any(text.strip() for text in texts) else "en"
    return [_of_block(text, whole) for text in texts]


def _of_block(text: str, whole: str) -> str:
    if len(text) < _MIN_CHARACTERS * 2 or _reads_as(text, whole):
        return whole
    if sum(char.isalpha() for char in text) < _MIN_CHARACTERS * 2:
        return whole
    found, sure = detect(text)
    return found if sure else whole


def _reads_as(text: str, lang: str) -> bool:
    """Whether the small words that only ``lang`` has make up enough of ``text``; the model costs far more."""
    own = _OWN_WORDS.get(lang)
    if own is None:
        return False
    words = text[:_SAMPLE].lower().split()
    return len(words) >= _ENOUGH and sum(word in own for word in words) * _ONE_IN >= len(words)


def _sample(texts: list[str]) -> str:
    parts: list[str] = []
    left = 4 * _SAMPLE
    for text in sorted(texts, key=len, reverse=True)[:12]:
        parts.append(text[: _SAMPLE // 2])
        left -= len(parts[-1])
        if left <= 0:
            break
    # The identifier reads bytes; its own sample is cut there, so the longest blocks come first.
    return " ".join(parts)[:_SAMPLE]
