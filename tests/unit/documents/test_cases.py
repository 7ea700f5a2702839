"""Sentences as auditors, suppliers and authorities write them, one file per language, each with how it is meant.

A line of ``assertions.<lang>.txt`` is the assertion and the sentence with its target in double brackets; a line of
``passages.<lang>.txt`` is the labels (NONE for none) and the passage, further labels after it.
"""

from pathlib import Path

import pytest

from traceability.documents import batch

CASES = Path(__file__).parent / "cases"


def lines(name):
    return [line.split("|") for line in (CASES / name).read_text("utf-8").splitlines() if line]


def row(number, marked, lang):
    start, end = marked.index("[["), marked.index("]]") - 2
    text = marked.replace("[[", "").replace("]]", "")
    return {"id": str(number), "text": text, "target": {"start": start, "end": end}, "lang": lang}


@pytest.mark.parametrize("lang", ["en", "de", "nl", "fr", "es", "pt", "it", "zh"])
def test_how_a_target_is_meant(lang):
    # A table row holds the separator of the file, too: only the first one separates.
    wanted = [(line[0], "|".join(line[1:])) for line in lines(f"assertions.{lang}.txt")]
    got = batch.assertions([row(number, marked, lang) for number, (_, marked) in enumerate(wanted)])
    wrong = [
        (marked, want, answer["assertion"])
        for (want, marked), answer in zip(wanted, got, strict=True)
        if want != answer["assertion"]
    ]
    assert wrong == []


@pytest.mark.parametrize("lang", ["en", "de", "nl", "fr", "es", "pt", "it", "zh"])
def test_labels_of_passages(lang):
    wanted = [
        (set(",".join([line[0], *line[2:]]).split(",")) - {"NONE"}, line[1]) for line in lines(f"passages.{lang}.txt")
    ]
    got = batch.passages([{"id": str(n), "text": text, "lang": lang} for n, (_, text) in enumerate(wanted)])
    wrong = [
        (text, sorted(labels ^ set(answer["labels"])))
        for (labels, text), answer in zip(wanted, got, strict=True)
        if labels != set(answer["labels"])
    ]
    assert wrong == []
