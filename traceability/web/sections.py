"""What one importer's records say of a batch: its verdict, findings, notes, documents, decisions, and whose they are.

An importer and its officers see one section, their own. A regulator sees one for each importer: a decision holds for
the importer that made it, and one verdict over all of them would be nobody's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from traceability.services import disclose, documents
from traceability.services.access import Actor
from traceability.services.mandates import UNDER_MANDATE
from traceability.services.states import SubjectState
from traceability.storage.tables import Document, Party
from traceability.web import decided, evidence, papers, verdict, words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Row, Table, cells_of, table
from traceability.web.session import opens, service

_IMPORTERS = (
    Column("importer", "Importer"),
    Column("did", "Identifier", "id"),
    Column("state", "State of this batch for it"),
    Column("rules", "Rules"),
)
_INHERITED = (
    Column("ancestor", "Ancestor", "id"),
    Column("subject", "Shipment record"),
    Column("state", "Its state"),
    Column("rules", "Rules"),
    Column("decision", "Decision there, which clears nothing here"),
)


@dataclass(frozen=True, slots=True)
class Section:
    """One importer's view of a batch; ``suffix`` tells its tables and anchors from those of the next importer."""

    number: int
    behind: disclose.ImporterState
    papers: Sequence[Document]
    unsigned: int
    anchors: Mapping[str, int]
    mandated: bool
    shown: frozenset[str]
    """Ids of the decisions that the chain query showed this reader."""

    @property
    def importer(self) -> Party:
        """Return whose section it is."""
        return self.behind.importer

    @property
    def suffix(self) -> str:
        """Return what is added to the names of its tables; nothing for the first."""
        return "" if self.number == 1 else f"-{self.number}"

    @property
    def whose(self) -> str:
        """Return what is added to its headings where a reader sees more than its own."""
        return " " + gettext("of %(name)s", name=self.importer.name) if self.mandated else ""

    @property
    def subjects(self) -> Sequence[SubjectState]:
        """Return the shipment records, or the batch by itself."""
        return self.behind.state.subjects

    @property
    def verdict(self) -> "verdict.Verdict":
        """Return the verdict on the batch for this importer."""
        return verdict.verdict(self.behind.state.state, self.subjects, self.unsigned)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Return the findings with their evidence, and whose they are."""
        names = {row.sha256: row.filename for row in self.papers}
        found = [item for one in self.subjects for item in evidence.findings(one, self.anchors, names)]
        return [{**item, "importer": disclose.named(self.importer)} for item in found]

    @property
    def notes(self) -> list[dict[str, Any]]:
        """Return the notes of custody and rules, each once."""
        return notes(self.subjects)

    @property
    def tables(self) -> list[Table]:
        """Return what the section shows as tables."""
        did = self.importer.did if self.mandated else None
        return [
            _inherited(self),
            papers.listing(self.papers, self.suffix, self.whose, did),
            decided.listing(self.subjects, self.suffix, self.whose, self.shown),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the section as JSON data."""
        subjects = [disclose.assessed(subject) for subject in self.subjects]
        said = {"state": self.behind.state.state, "verdict": self.verdict.as_dict()}
        return {**disclose.named(self.importer), **said, "findings": self.findings, "subjects": subjects}


def sections(who: Actor, chain: Mapping[str, Any], unsigned: int, anchors: Mapping[str, int]) -> list[Section]:
    """Return a section for each importer whose private records the chain query showed this reader."""
    shown = disclose.behind(service(), chain)
    mandated = who.role in UNDER_MANDATE
    may_see = frozenset(row["id"] for row in chain["decisions"])
    return [
        Section(number, one, own_papers(who, chain["batch"], one.importer), unsigned, anchors, mandated, may_see)
        for number, one in enumerate(shown, 1)
    ]


def own_papers(who: Actor, batch: str, importer: Party | None = None) -> Sequence[Document]:
    """Return the documents linked to a batch that the reader may see: its own party's, or those of an importer."""
    if not who.may("read_documents"):
        return []
    as_reader = papers.reader(who, importer.did if importer else None, f"documents of {batch}")
    return documents.documents(service(), as_reader, batch=batch)


def overview(shown: Sequence[Section]) -> Table:
    """Return the importers a regulator sees, each with the state of the batch for it."""
    rows = [_importer(one) for one in shown]
    return table("importers", "Importers whose records concern this batch", _IMPORTERS, rows, N_("No importer has it."))


def _importer(one: Section) -> Row:
    state = one.behind.state
    values: dict[str, Any] = {
        "importer": Cell(one.importer.name, href=f"#importer-{one.number}"),
        "did": one.importer.did,
        "state": Cell(words.MARKS[state.state].word, mark=state.state),
        "rules": ", ".join(state.codes) or gettext("none above info"),
    }
    return Row(cells_of(values))


def _inherited(one: Section) -> Table:
    rows = [_ancestor(ancestor, subject) for ancestor, subject in one.behind.state.inherited]
    empty = N_("No ancestor has a shipment record of its own, or was critical before.")
    caption = gettext("Inherited from ancestors") + one.whose
    return table(f"inherited{one.suffix}", caption, _INHERITED, rows, empty)


def _ancestor(ancestor: str, subject: SubjectState) -> Row:
    values: dict[str, Any] = {
        "ancestor": Cell(words.short(ancestor), href=url_for("web.batch", id=ancestor), whole=ancestor),
        "subject": (
            Cell(subject.subject, href=opens("shipment", ("officer", "importer"), id=subject.subject))
            if subject.kind == "shipment"
            else gettext("none")
        ),
        "state": Cell(words.MARKS[subject.state].word, mark=subject.state),
        "rules": ", ".join(subject.codes),
        "decision": _disposition(subject),
    }
    return Row(cells_of(values))


def _disposition(subject: SubjectState) -> str:
    if subject.reopened:
        return f"{words.sentence(subject.reopened.decision.disposition)}, {subject.reopened.said}"
    return words.sentence(subject.decision.disposition) if subject.decision else gettext("none")


def notes(subjects: Sequence[SubjectState]) -> list[dict[str, Any]]:
    """Return the notes of the custody room and of the engine, each once."""
    said: dict[str, dict[str, Any]] = {}
    for subject in subjects:
        for note in subject.notes:
            said.setdefault(note["message"], dict(note))
        for text in subject.assessment.result["notes"] if subject.assessment else ():
            said.setdefault(text, {"kind": "rules", "message": text, "review": False})
    return list(said.values())
