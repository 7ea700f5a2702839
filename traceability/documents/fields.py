"""Labelled fields of a paper: "Country of origin: Rwanda", a label at a line's start, cells under a header row."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from traceability.documents.extraction.extracted import Block, Extracted
from traceability.documents.rulefiles import read_list
from traceability.documents.text import lowered

_LABEL_MAX = 48
_VALUE_MAX = 200
_STOP = re.compile(r"[.;](?:\s|$)|\t")
_FIRST_WORD = re.compile(r"[\s.*\u2022]{0,8}([^\W\d_]+)")
_COLON = re.compile(r"[:\uff1a]")
# Labels that are also ordinary words need their colon.
_NEEDS_COLON = frozenset(
    {
        "report", "reference", "ref", "order", "date", "dated", "issued", "data", "sender", "supplier", "client",
        "material",
        "product", "goods", "ore", "metal", "net", "weight", "quantity", "gross", "lot", "batch", "tags", "labels",
        "mine",
        "province", "place", "status", "id", "location", "facility", "carrier", "seller", "buyer", "vendor", "customer",
        "smelter", "refiner", "refinery", "laboratory", "auditor", "assessor", "origin", "mineral", "minerals",
        "commodity",
        "substance", "notify", "partij", "los", "charge", "hs", "labor", "received on", "sample received", "ware",
        "origine", "herkomst", "origen", "origem", "ursprung", "oorsprong", "mina", "grube", "mijn", "fecha", "datum",
        "nummer", "menge", "gewicht", "poids", "produit", "minerai", "matière", "lote", "lotto", "cid",
        "mineraal", "description", "company", "number", "no", "beschreibung", "omschrijving", "descripción",
        "descrição", "descrizione", "désignation",
    }
)  # fmt: skip

_COUNTRY = frozenset({"country", "land", "pays", "país", "paese", "国家"})
_ABBREVIATIONS = frozenset({"b.v", "n.v", "s.a", "s.a.s", "ltd", "co", "inc", "no", "d.r", "s.a.r.l", "s.a.c", "u.s"})


_Head = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled value; offsets of the value in the whole text. ``row`` joins the cells of one table row.

    ``label`` is what stands on the paper; it is ``sure`` with a colon or as the head of a column or row, and not where
    an everyday word at the beginning of a line was taken for one.
    """

    name: str
    value: str
    page: int
    start: int
    end: int
    row: int | None = None
    label: str = ""
    sure: bool = True


@lru_cache(maxsize=1)
def labels() -> dict[str, str]:
    """Return field names by label in lower case."""
    found: dict[str, str] = {}
    for name, words in read_list("fields.list.yml").items():
        for word in words:
            found.setdefault(lowered(str(word)), name)
    return found


def read_fields(extracted: Extracted) -> list[Field]:
    """Return every labelled field of the document in reading order."""
    text = extracted.text
    found = list(_tables(text, extracted.blocks))
    in_tables = {(field.start, field.end) for field in found}
    lines = list(_lines(extracted))
    sure = [_is_labelled(text[start:end]) for _, start, end in lines]
    for index, (page, start, end) in enumerate(lines):
        # Between two labelled lines of a form an everyday word at the line's start is a label, too.
        form = 0 < index < len(lines) - 1 and sure[index - 1] and sure[index + 1]
        fields = _line_fields(text, page, start, end, form=form)
        found.extend(field for field in fields if (field.start, field.end) not in in_tables)
    return sorted(found, key=lambda field: field.start)


def _lines(extracted: Extracted) -> Iterator[tuple[int, int, int]]:
    at = 0
    for number, text in extracted.pages:
        for line in text.split("\n"):
            yield number, at, at + len(line)
            at += len(line) + 1
        # PAGE_BREAK is two characters; the split has counted one.
        at += 1


def _is_labelled(line: str) -> bool:
    """Whether a line begins with a label that needs no colon, or has one with its colon."""
    if not line.strip():
        return False
    return _bare_label(line, 0) is not None or any(_label_before(line, each.start()) for each in _COLON.finditer(line))


def _line_fields(text: str, page: int, start: int, end: int, *, form: bool = False) -> Iterator[Field]:
    line = text[start:end]
    colons = [match.start() for match in _COLON.finditer(line)]
    marks = [mark for mark in (_label_before(line, colon) for colon in colons) if mark is not None]
    sure = {mark[0] for mark in marks}
    for at in _openings(line):
        bare = _bare_label(line, at, form=form and at == 0)
        if bare is not None and not any(mark[0] <= bare[1] and bare[0] <= mark[1] for mark in marks):
            marks.append(bare)
    marks.sort()
    for index, (at, value_start, name) in enumerate(marks):
        stop = marks[index + 1][0] if index + 1 < len(marks) else len(line)
        where = _value_at(text, (start + value_start, start + stop), end)
        if where[0] < where[1]:
            label = line[at:value_start].strip(" :\uff1a")
            yield Field(name, text[where[0] : where[1]], page, *where, label=label, sure=at in sure)


def _value_at(text: str, span: tuple[int, int], line_end: int) -> tuple[int, int]:
    start, end = span
    if not text[start:end].strip() and end >= line_end:
        # The label stands alone: its value is the next line.
        start, end = line_end + 1, _line_end(text, line_end + 1)
    elif end >= line_end and text[line_end - 1 : line_end] != "." and text[line_end : line_end + 1] == "\n":
        end = _continued(text, line_end)
    return _trim(text, start, min(end, start + _VALUE_MAX))


def _line_end(text: str, start: int) -> int:
    found = text.find("\n", start)
    return len(text) if found < 0 else found


def _continued(text: str, line_end: int) -> int:
    following = text[line_end + 1 : line_end + 2]
    # Only a value that runs on in lower case is continued; a capital begins the next field or sentence.
    return _line_end(text, line_end + 1) if following.islower() else line_end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    stop = _STOP.search(text, start, end)
    while stop is not None and _is_abbreviation(text, stop.start()):
        stop = _STOP.search(text, stop.end(), end)
    if stop is not None:
        end = stop.start()
    while start < end and text[start] in " \t\n:=.-":
        start += 1
    while end > start and text[end - 1] in " \t\n,;":
        end -= 1
    return start, end


def _is_abbreviation(text: str, dot: int) -> bool:
    before = text[max(0, dot - 8) : dot].replace(",", " ").rsplit(None, 1)
    word = before[-1].lower() if before else ""
    return word in _ABBREVIATIONS or len(word) == 1


def _label_before(line: str, colon: int) -> tuple[int, int, str] | None:
    """Return the longest known label that ends at ``colon``: (start, start of the value, field)."""
    known = labels()
    low = max(0, colon - _LABEL_MAX)
    words = [match.start() for match in re.finditer(r"\S+", line[low:colon])]
    for word in words:
        label = lowered(line[low + word : colon]).strip(" .*•\t")
        if label in known or label + "." in known:
            return low + word, colon + 1, known.get(label) or known[label + "."]
    return None


def _openings(line: str) -> list[int]:
    """Where a label without a colon may stand: at the start of the line and of each sentence in it."""
    return [0, *(match.end() for match in re.finditer(r"[.;]\s+(?=[^\W\d_])", line))]


def _bare_label(line: str, at: int, *, form: bool = False) -> tuple[int, int, str] | None:
    first = _FIRST_WORD.match(line, at)
    if first is not None and lowered(first.group(1)) not in _first_words():
        return None
    words = list(re.finditer(r"\S+", line[at : at + _LABEL_MAX + 20]))
    for count in range(min(6, len(words)), 0, -1):
        start, stop = at + words[0].start(), at + words[count - 1].end()
        name = _known(line[start:stop])
        if name is None:
            continue
        value = line[stop:].strip()
        if not value:
            # Alone on a line in capitals, the label of the line below.
            return (start, stop, name) if line.isupper() else None
        if _bare_counts(line[start:stop], name, value, plain=form or line.isupper()):
            return start, stop, name
    return None


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    """The words that labels begin with, as far as their first sign that is no letter."""
    found = (_FIRST_WORD.match(label) for label in labels())
    return frozenset(first.group(1) for first in found if first)


def _bare_counts(label: str, name: str, value: str, *, plain: bool) -> bool:
    first = value.split(maxsplit=1)[0]
    ends = (first, " ".join(value.split()[-2:]))
    if _known(value) or (name.startswith("party.") and any(_known(word) for word in ends)):
        # "Shipper Consignee Notify party" is a row of labels.
        return False
    if name == "number":
        return len(first) > 3 and any(char.isdigit() for char in first)  # noqa: PLR2004 - "Report 4" is a heading
    if not (first[:1].isupper() or first[:1].isdigit()):
        return False
    return plain or lowered(label).strip(" .") not in _NEEDS_COLON


def _known(label: str) -> str | None:
    plain = lowered(" ".join(label.split())).strip(" .*•")
    return labels().get(plain) or labels().get(plain + ".")


def _tables(text: str, blocks: Sequence[Block]) -> Iterator[Field]:
    header: list[_Head] = []
    previous = -2
    for index, block in enumerate(blocks):
        if block.kind != "table_row" or not block.cells:
            continue
        heads = _heads(text, block)
        names = [name for name, _ in heads]
        if index != previous + 1:
            header = []
        previous = index
        if sum(name is not None for name in names) >= max(2, len(names) // 2):
            header = heads
        elif header and len(header) == len(block.cells):
            yield from _cells(text, block, header, index)
        elif names and names[0] is not None and len(block.cells) > 1:
            start, end = block.cells[1]
            if text[start:end].strip():
                yield Field(names[0], text[start:end].strip(), block.page, start, end, label=heads[0][1])


def _heads(text: str, block: Block) -> list[_Head]:
    """Return what the cells of a row would be as heads of columns: the field each names, and its words."""
    words = [text[start:end].strip() for start, end in block.cells]
    names = _of_smelters([_cell_label(cell) for cell in words], text, block)
    return list(zip(names, words, strict=True))


def _cells(text: str, block: Block, header: Sequence[_Head], row: int) -> Iterator[Field]:
    for (name, label), (start, end) in zip(header, block.cells, strict=True):
        if name is not None and text[start:end].strip():
            yield Field(name, text[start:end].strip(), block.page, start, end, row, label)


def _of_smelters(names: list[str | None], text: str, block: Block) -> list[str | None]:
    """In a table of smelters the column "Country" says where each works."""
    if "smelter" not in names:
        return names
    cells = [lowered(text[start:end]).strip(" :") for start, end in block.cells]
    return ["smelter_country" if cell in _COUNTRY else name for name, cell in zip(names, cells, strict=True)]


def _cell_label(cell: str) -> str | None:
    return _known(cell.strip(" :"))
