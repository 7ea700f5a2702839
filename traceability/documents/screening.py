"""The screening child's work: blocks to windows, windows to statements, statements to findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from traceability.documents import declared as facts
from traceability.documents import language
from traceability.documents.engine import Context, engine_for
from traceability.documents.extraction.extracted import Block, Extracted
from traceability.documents.fields import Field, labels, read_fields
from traceability.documents.matching import hits
from traceability.documents.places import of_attention, shown
from traceability.documents.report import Claim, Cue, Finding, Note, Report
from traceability.documents.sentences import sentence_spans
from traceability.documents.statements import Statement, statements
from traceability.documents.text import Normalised, collapse, normalise

_MAJOR = frozenset({"FORCED_LABOUR", "CHILD_LABOUR", "ARMED_GROUP"})
_KEPT = frozenset({"historical", "remediated"})
_RAISED = frozenset({"affirmed", "reported"})
_REPEATED = 3
_WINDOW = 1


@dataclass(frozen=True, slots=True)
class _Piece:
    """A window of a block in one language: its normalised text, its sentences, where it begins in the document."""

    block: Block
    text: str
    normal: Normalised
    shift: int
    base: int
    spans: tuple[tuple[int, int], ...]
    lang: str
    context: Context

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the whole text of a span in this window."""
        first, last = self.normal.original(self.shift + start, self.shift + end)
        return self.base + first, self.base + last


def screen_extracted(extracted: Extracted) -> dict[str, Any]:
    """Screen extracted text; the answer holds findings, facts, type, language and notes as JSON values."""
    text = extracted.text
    blocks = _blocks(extracted)
    languages = language.of_blocks([text[block.start : block.end] for block in blocks])
    whole = _main_language(blocks, languages)
    fields = read_fields(extracted)
    findings = _label_findings(fields)
    claims: list[Claim] = []
    for piece in _pieces(text, blocks, languages):
        for statement in statements(engine_for(piece.lang).read(piece.text, piece.context, piece.spans), piece.lang):
            findings.extend(_finding(statement, piece, text))
            claims.extend(_claim(statement))
    kind, facts_type = facts.document_type(text)
    declared = facts.declared(fields, whole if whole in language.LANGUAGES else "en", tuple(dict.fromkeys(claims)))
    findings = _distinct(findings)
    report = Report("", "parsed", None, kind, facts_type, whole, (), None, "", declared, tuple(findings))
    body = report.to_dict()
    body["notes"] = [
        {"code": note.code, "message": note.message, "page": note.page} for note in _language_notes(blocks, languages)
    ]
    return body


def _blocks(extracted: Extracted) -> list[Block]:
    """Split blocks where a known label begins a line: fields of a form are not one sentence."""
    text = extracted.text
    out: list[Block] = []
    for block in extracted.blocks:
        start = block.start
        for at in _field_lines(text, block):
            if at > start:
                out.append(Block(block.page, block.kind, start, at, ()))
                start = at
        out.append(Block(block.page, block.kind, start, block.end, block.cells if start == block.start else ()))
    return out


def _field_lines(text: str, block: Block) -> Iterator[int]:
    at = block.start
    known = labels()
    for line in text[block.start : block.end].split("\n"):
        words = line.split()[:6]
        if any(" ".join(words[:count]).lower().strip(" .:") in known for count in range(2, len(words) + 1)):
            yield at
        at += len(line) + 1


def _main_language(blocks: Sequence[Block], languages: Sequence[str]) -> str | None:
    weights: dict[str, int] = {}
    for block, lang in zip(blocks, languages, strict=True):
        weights[lang] = weights.get(lang, 0) + block.end - block.start
    return max(weights, key=lambda lang: weights[lang]) if weights else None


def _pieces(text: str, blocks: Sequence[Block], languages: Sequence[str]) -> Iterator[_Piece]:
    heading: frozenset[str] = frozenset()
    lead: frozenset[str] = frozenset()
    seen: dict[str, int] = {}
    for index, (block, lang) in enumerate(zip(blocks, languages, strict=True)):
        if lang not in language.LANGUAGES:
            continue
        normal = normalise(text[block.start : block.end])
        engine = engine_for(lang)
        if block.kind == "heading":
            heading, lead = engine.heading(normal.text, lead_in=False), frozenset()
            continue
        seen[normal.lower] = seen.get(normal.lower, 0) + 1
        if seen[normal.lower] > 1 and len(normal.text) < 200:  # noqa: PLR2004 - headers and footers are short; each is read once
            continue
        context = Context(block.kind, heading | lead if block.kind != "paragraph" else heading)
        if block.kind == "paragraph":
            lead = frozenset()
            if normal.text.rstrip().endswith(":") and index + 1 < len(blocks):
                lead = engine.heading(_last_sentence(normal.text), lead_in=True)
        following = _follower(text, blocks, index)
        yield from _windows(engine.prefilter, normal, block, lang, context, following)


def _last_sentence(text: str) -> str:
    start, end = sentence_spans(text)[-1]
    return text[start:end]


def _follower(text: str, blocks: Sequence[Block], index: int) -> str:
    """The next block when it only tells the status of this one: "Closed: returned on 2 May"."""
    if index + 1 >= len(blocks) or blocks[index].kind not in {"table_row", "list_item"}:
        return ""
    following = blocks[index + 1]
    start = text[following.start : following.end].lstrip()[:8].lower()
    same = following.kind == "paragraph" and following.page == blocks[index].page
    return text[following.start : following.end] if same and start.startswith(("closed", "resolved")) else ""


def _windows(
    prefilter: Any, normal: Normalised, block: Block, lang: str, context: Context, following: str
) -> Iterator[_Piece]:
    ends = list(hits(prefilter, normal.lower))
    if not ends:
        return
    spans = sentence_spans(normal.text) if block.kind != "table_row" else [(0, len(normal.text))]
    wanted: set[int] = set()
    position = 0
    for end in ends:
        while position < len(spans) - 1 and spans[position][1] <= end:
            position += 1
        wanted.update(range(max(0, position - _WINDOW), min(len(spans), position + _WINDOW + 1)))
    for first, last in _runs(sorted(wanted)):
        shift, stop = spans[first][0], spans[last][1]
        text = normal.text[shift:stop]
        local = [(start - shift, end - shift) for start, end in spans[first : last + 1]]
        if following:
            addition = " " + normalise(following).text
            local.append((len(text) + 1, len(text) + len(addition)))
            text += addition
        yield _Piece(block, text, normal, shift, block.start, tuple(local), lang, context)


def _runs(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = previous = indices[0]
    for index in indices[1:]:
        if index != previous + 1:
            yield start, previous
            start = index
        previous = index
    yield start, previous


def _finding(statement: Statement, piece: _Piece, text: str) -> Iterator[Finding]:
    severity = _severity(statement)
    if severity is None or statement.start >= len(piece.normal.text) - piece.shift:
        return
    start, end = piece.original(statement.start, statement.end)
    sentence = piece.original(*statement.sentence)
    if piece.block.kind == "table_row":
        start, end = sentence
    cues = tuple(Cue(cue.rule.id, *sentence) for cue in statement.decision.cues)
    yield Finding(
        rule=statement.rule,
        rule_version=statement.version,
        kind=statement.kind,
        topic=statement.topic,
        assertion=statement.assertion,
        actor=statement.actor,
        severity=severity,
        quote=collapse(text[start:end]),
        page=piece.block.page,
        start=start,
        end=end,
        sentence=sentence,
        cues=cues,
        country=statement.country,
        region=shown(statement.region),
        why=statement.why,
    )


def _severity(statement: Statement) -> str | None:
    """Return the severity of document-labels.md 6; None for what is neither shown nor kept."""
    if statement.assertion == "negated":
        return "info" if statement.topic == "sourcing" else None
    # An action taken is no case: it says how the case beside it is meant.
    shown_at_all = statement.evidence and statement.kind != "MITIGATION"
    if statement.assertion not in _RAISED | _KEPT or not shown_at_all:
        return None
    if statement.assertion in _KEPT:
        return "info" if statement.topic is not None else None
    if statement.kind in _MAJOR:
        return "major"
    if statement.kind == "SMELTER" or statement.topic == "origin_undetermined":
        return "minor"
    return "major" if statement.attention else "info"


def _claim(statement: Statement) -> Iterator[Claim]:
    if statement.topic == "sourcing" and statement.assertion == "negated":
        kind = "no_covered_country_sourcing" if statement.country == "CD" else "no_sourcing"
        yield Claim(kind, statement.country, None)


def _label_findings(fields: Sequence[Field]) -> list[Finding]:
    """An origin, mine or place of loading in a labelled field is a statement of the paper itself."""
    found = []
    for field in fields:
        if field.name not in {"origin", "mine", "place"}:
            continue
        country, region = facts.place_of(field.value)
        attention = of_attention(country, region)
        if country is not None and (attention or field.name == "origin"):
            found.append(_label_finding(field, country, region, attention=attention))
    return found


def _label_finding(field: Field, country: str, region: str | None, *, attention: bool) -> Finding:
    return Finding(
        rule=f"xx.field.{field.name}",
        rule_version=1,
        kind="MINERAL_SOURCING" if field.name == "mine" else "ORIGIN",
        topic="sourcing" if attention else None,
        assertion="affirmed",
        actor="supplier",
        severity="major" if attention else "info",
        quote=collapse(field.value),
        page=field.page,
        start=field.start,
        end=field.end,
        sentence=(field.start, field.end),
        country=country,
        region=region,
        why="Read by machine from a labelled field.",
    )


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """One finding per passage and topic: a labelled field is not reported again as running text."""
    kept: list[Finding] = []
    for finding in findings:
        same = [
            other
            for other in kept
            if other.topic == finding.topic
            and other.assertion == finding.assertion
            and other.start < finding.end
            and finding.start < other.end
            and (other.country == finding.country or finding.topic != "sourcing")
        ]
        if not same:
            kept.append(finding)
    return sorted(kept, key=lambda finding: (finding.start, finding.end))


def _language_notes(blocks: Sequence[Block], languages: Sequence[str]) -> Iterator[Note]:
    missing: dict[str, Block] = {}
    for block, lang in zip(blocks, languages, strict=True):
        if lang not in language.LANGUAGES:
            missing.setdefault(lang, block)
    for lang, block in missing.items():
        message = f"Text in language {lang} was not screened: there are no rules for it."
        yield Note("language_not_covered", message, block.page)
