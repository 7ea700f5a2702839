"""The report of a pack: for an authority, in words first; PDF/A-3 with its data attached.

It says nothing that does not stand in the pack or follow from it, and names nothing later than the checkpoint.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from traceability.diligence.status import worst
from traceability.ledger.note import VerifierKey
from traceability.services import disclose
from traceability.services.batches import passed_down
from traceability.services.evidence import words
from traceability.services.evidence.blocks import Block, items, rows
from traceability.services.evidence.chapters import CHAPTERS
from traceability.services.evidence.draft import Draft
from traceability.services.evidence.private import Records
from traceability.services.evidence.requested import as_json
from traceability.services.evidence.typeset import typeset
from traceability.services.printable import printable
from traceability.services.releases import SERIOUS

FORMAT = "traceability-report@v1"
_FOOTER = 70  # characters of the batch: its telling end


_STEPS = (
    (
        "Get the log's key, or a policy that names it, from somebody you trust: another authority, a witness, an "
        "earlier receipt. Compare its fingerprint with the one above; do not trust it because it stands here."
    ),
    (
        "In the pack this report lies in: python3 verify.py PACK.zip --policy YOUR.policy. It needs Python 3.11, the "
        "package cryptography, and no network. It names each event, record, document, assessment and decision with "
        "its verdict; its exit code is 0 only when all hold."
    ),
    "Give it receipts that you were given earlier as well: it proves that this log begins with the one of then.",
    (
        "This report is a reading of the files beside it, which are what counts. Its data are attached to it as "
        "evidence.json; the pack's manifest, signed by the log, holds the SHA-256 of this file."
    ),
)


def report(draft: Draft) -> bytes:
    """Return the PDF.

    Raises:
        Unavailable: it could not be set.

    """
    data = orjson.dumps(evidence(draft), default=printable, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    return typeset(content(draft), data.decode(), datetime.fromisoformat(draft.manifest.as_of))


def content(draft: Draft) -> dict[str, Any]:
    """Return what the pages say: title, the answer in sentences, and the sections."""
    manifest, at = draft.manifest, words.moment(draft.manifest.as_of)
    return {
        "title": f"Evidence about the batch {manifest.batch}",
        "subtitle": f"As of {manifest.size} entries of the log {manifest.origin}, signed {at}",
        "footer": f"{manifest.batch[-_FOOTER:]} · as of {manifest.size} entries",
        "lead": _answer(draft),
        "bound": _bound(draft),
        "sections": [{"title": title, "blocks": chapter(draft)} for title, chapter in CHAPTERS],
        "appendix": [{"title": "How to verify this without us", "blocks": _verify(draft)}],
    }


def evidence(draft: Draft) -> dict[str, Any]:
    """Return the data behind the pages, as they are attached: nothing is shortened or written in other letters."""
    manifest = draft.manifest
    return {
        "format": FORMAT, "batch": manifest.batch, "as_of": manifest.as_of, "upstream": draft.upstream,
        "log": {"origin": manifest.origin, "size": manifest.size, "root": manifest.root, "key": manifest.log_key},
        "layer": manifest.layer, "view": manifest.view, "downstream": draft.downstream, "parties": draft.parties,
        **draft.graph, "lists": draft.lists, "importers": [_records(one) for one in draft.records],
    }  # fmt: skip


def _records(one: Records) -> dict[str, Any]:
    return {
        **disclose.named(one.importer),
        "subjects": [
            {**disclose.assessed(state), "facts": state.assessment and _said(state.assessment.facts)}
            for state in one.states
        ],
        "decisions": [disclose.decision(row) for row in one.decisions],
        "documents": [paper.line for paper in one.papers],
        "requests": as_json(one.requests),
        "contests": as_json(one.contests),
    }


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts but for the chain and the lists, which stand elsewhere in the data."""
    return {name: value for name, value in facts.items() if name not in ("custody_events", "lists")}


def _answer(draft: Draft) -> list[str]:
    if not draft.private:
        said = "This pack shows the chain of custody alone. Assessments, findings, documents and decisions are"
        return [f"{said} {words.WITHHELD}."]
    if not draft.records:
        return ["No importer whose records the reader may see has assessed this batch: nothing is concluded about it."]
    return [_sentence(one, draft.key) for one in draft.records]


def _sentence(one: Records, batch: str) -> str:
    """Return the verdict for one importer: the worst of its records of the batch and of what reaches it upstream."""
    about, above = one.about(batch), one.above(batch)
    state = worst(*(item.state for item in about), *map(passed_down, above))
    findings = [finding for item in about for finding in item.findings]
    reasons = list(dict.fromkeys(reason for item in about for reason in item.pending))
    parts = [part for part in (words.counts(findings), "; ".join(reasons)) if part]
    parts += [f"{len(above)} records about what it was made of were looked at as well"] if above else []
    said = f"{words.opening(state)}{': ' + '; '.join(parts) if parts else ''}"
    serious = [one.code for one in findings if one.severity in SERIOUS and not one.advisory and not one.covered]
    said += f" ({', '.join(dict.fromkeys(serious))})" if serious else ""
    return f"For {one.importer.name} ({one.importer.did}): {said}."


def _bound(draft: Draft) -> str:
    return (
        f"Everything here stood in the log at {draft.manifest.size} entries; nothing that came later is named. "
        "A finding is an indicator for a person to look at, made by a rule from what was recorded; a section for which "
        f"there is no record says “{words.NOTHING}”."
    )


def _verify(draft: Draft) -> list[Block]:
    manifest, key = draft.manifest, VerifierKey.parse(draft.manifest.log_key)
    return [
        rows([
            ("Log", manifest.origin), ("Fingerprint of the log's key", key.fingerprint),
            ("Signed head", f"{manifest.size} entries, root {manifest.root}"),
            ("Signed at", words.moment(manifest.as_of)), ("Made for", _reader(draft)),
        ]),
        items(_STEPS),
    ]  # fmt: skip


def _reader(draft: Draft) -> str:
    chains = {"everything": "a reader who may see every chain"}
    seen = chains.get(draft.manifest.view, "a reader who sees the chain of what its party had")
    private = f"and the private records of {', '.join(draft.manifest.importers)}" if draft.records else ""
    return f"{seen} {private}".strip()
