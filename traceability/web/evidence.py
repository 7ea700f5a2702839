"""What a finding rests on, said for people: JSON Pointers into the facts (RFC 6901) become sentences and links."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from traceability.diligence.sources import list_title, version_words
from traceability.services.releases import CountedFinding
from traceability.services.states import SubjectState
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.session import opens

_LONGEST = 300
_DECLARED = ("issuer_role", "issued_on", "declared_origin_country")
_BASES = {
    "identifier": N_("an identifier agrees"),
    "exact_name": N_("the names agree"),
    "fuzzy_name": N_("the names are similar"),
}
#: Sections that are made of cases: what one entry is, the page of its case, and where its id stands.
_CASES = {
    "grievances": (N_("grievance"), "grievance", "case_id"),
    "reports": (N_("reported risk"), "grievance", "report_id"),
    "mitigation_plans": (N_("mitigation plan"), "plan", "plan_id"),
    "authority_requests": (N_("notice"), "notice", "request_id"),
    "supplier_information_requests": (N_("request for information"), "request_thread", "request_id"),
}
_ENTRY = re.compile(r"/lists/([a-z_]+)/entries/([0-9]+)")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})(?:#[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place a finding rests on: what kind of thing it is, what it says, and where to look at it.

    ``machine`` is said of what a program read in a document: ``read by machine`` or ``signal``.
    """

    kind: str
    text: str
    href: str | None = None
    quote: str | None = None
    machine: str | None = None


def findings(
    subject: SubjectState, anchors: Mapping[str, int], papers: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return a subject's findings with their evidence.

    ``anchors`` are event ids and their rows in the custody table, ``papers`` documents' sha256 and file names.
    """
    facts = subject.assessment.facts if subject.assessment else {}
    return [_finding(subject, item, facts, anchors) | _said_of(item, papers or {}) for item in subject.findings]


def _said_of(item: CountedFinding, papers: Mapping[str, str]) -> dict[str, str]:
    """Return message and law reference for people: documents by their file name, our own rules named as such."""

    def named(found: re.Match[str]) -> str:
        return papers.get(found[1]) or gettext("document %(hash)s", hash=f"{found[1][:12]}\u2026")

    message = _SHA256.sub(named, item.body["message"])
    law = item.body["law_ref"]
    return {"message": message, "law_ref": gettext("a rule of this service's own") if law == "design" else law}


def _finding(
    subject: SubjectState, item: CountedFinding, facts: Mapping[str, Any], anchors: Mapping[str, int]
) -> dict[str, Any]:
    shown = [asdict(evidence(facts, pointer, subject, anchors)) for pointer in item.body["evidence"]]
    once = list({orjson.dumps(one): one for one in shown}.values())
    about = {"kind": subject.kind, "subject": subject.subject}
    return {"id": item.id, **item.body, "covered": item.covered, "about": about, "shown": once}


def evidence(facts: Mapping[str, Any], pointer: str, subject: SubjectState, anchors: Mapping[str, int]) -> Evidence:
    """Return what stands at a pointer into the facts."""
    listed = _listed(facts, pointer)
    if listed is not None:
        return listed
    section, _, rest = pointer.removeprefix("/").partition("/")
    number = rest.partition("/")[0]
    members = facts.get(section)
    say = _SAID.get(section)
    if say is None or not isinstance(members, list) or not number.isdigit() or int(number) >= len(members):
        return Evidence(words.sentence(section) or gettext("facts"), _plain(facts, pointer))
    return say(members[int(number)], subject, anchors)


def _event(event: Mapping[str, Any], _subject: SubjectState, anchors: Mapping[str, int]) -> Evidence:
    place = event.get("subdivision") or event.get("country") or gettext("place unknown")
    status = words.MARKS.get(event["signature_status"])
    signed = status.word if status else gettext("unsigned")
    kind = event["type"]
    said = f"{gettext(kind)}, {words.day(event['event_time'])}, {place}, {signed}"
    row = anchors.get(event["event_id"])
    return Evidence(gettext("custody event"), said, href=None if row is None else f"#event-{row}")


def _hit(hit: Mapping[str, Any], subject: SubjectState, _anchors: Mapping[str, int]) -> Evidence:
    basis = _BASES[hit["match_basis"]]
    details = [gettext(basis)]
    details += [gettext("score %(score)s", score=hit["score"])] if "score" in hit else []
    details += [gettext("in force until %(day)s", day=hit["valid_to"])] if hit.get("valid_to") else []
    said = gettext(
        "%(party)s in the chain, %(listed)s on the list %(list)s (entry %(entry)s; %(details)s)",
        party=hit["party_name"], listed=hit["listed_name"], list=hit["list_code"],
        entry=hit.get("entry_id", gettext("without id")), details=", ".join(details),
    )  # fmt: skip
    key = {"list_code": hit["list_code"], "entry": hit.get("entry_id", ""), "party": hit["party_name"]}
    href = opens("hit", ("officer",), kind=subject.kind, id=subject.subject, **key)
    return Evidence(gettext("list entry"), _judged(said, hit), href=href)


def _signal(signal: Mapping[str, Any], _subject: SubjectState, _anchors: Mapping[str, int]) -> Evidence:
    assertion = signal["assertion"]
    said = f"{words.sentence(signal['topic'])}, {gettext(assertion)}"
    sha256 = signal["document_id"].removeprefix("sha256:")
    key = f"{sha256}|{signal['topic']}|{signal.get('start')}-{signal.get('end')}"
    href = opens("judge", ("officer",), kind="signal", id=key)
    return Evidence(
        gettext("document"), _judged(said, signal), href=href, quote=signal.get("quote"), machine=gettext("signal")
    )


def _judged(said: str, thing: Mapping[str, Any]) -> str:
    """Return what is said of a hit or signal, and what a person said of it, if anybody did."""
    verdict = thing.get("disposition")
    return gettext("%(said)s; a person said: %(verdict)s", said=said, verdict=gettext(verdict)) if verdict else said


def _document(document: Mapping[str, Any], _subject: SubjectState, _anchors: Mapping[str, int]) -> Evidence:
    said = [words.sentence(document["type"])]
    said += [f"{words.sentence(key)} {document[key]}" for key in _DECLARED if key in document]
    sha256 = document["document_id"].removeprefix("sha256:").partition("#")[0]
    return Evidence(
        gettext("document"),
        ", ".join(said),
        href=opens("document_by_hash", ("officer", "importer"), sha256=sha256),
        machine=gettext("read by machine"),
    )


def _case(section: str) -> Callable[[Mapping[str, Any], SubjectState, Mapping[str, int]], Evidence]:
    """Return what says an entry that comes of a case, with a link to the case."""
    kind, page, name = _CASES[section]

    def say(entry: Mapping[str, Any], _subject: SubjectState, _anchors: Mapping[str, int]) -> Evidence:
        case_id = str(entry[name]).partition("#")[0]
        told = {key: part for key, part in entry.items() if key != name}
        return Evidence(gettext(kind), value(told), opens(page, ("officer", "importer"), case_id=case_id))

    return say


_SAID: Mapping[str, Callable[[Mapping[str, Any], SubjectState, Mapping[str, int]], Evidence]] = {
    "custody_events": _event,
    "entity_hits": _hit,
    "text_signals": _signal,
    "documents": _document,
    **{section: _case(section) for section in _CASES},
}


def _plain(facts: Any, pointer: str) -> str:
    """Return a place of the facts in words with its value; what is absent is said to be so."""
    node = facts
    said: list[str] = []
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
            number = gettext("no. %(number)s", number=int(name) + 1)
            said[-1:] = [f"{said[-1]} {number}"] if said else [number]
        elif isinstance(node, Mapping) and name in node:
            node = node[name]
            said.append(words.sentence(name))
        else:
            return gettext("%(what)s: not stated", what=", ".join([*said, words.sentence(name)]))
    if pointer.count("/") == 1:  # a whole section, which stands beside it already
        return gettext("does not state it") if isinstance(node, Mapping) else value(node)
    return f"{', '.join(said[1:] or said) or gettext('the facts')}: {value(node)}"


def value(node: Any) -> str:
    """Return a value of the facts in words, at most 300 characters; of what has parts, how many or which."""
    if isinstance(node, str):
        return node[:_LONGEST]
    if isinstance(node, bool):
        return gettext("yes") if node else gettext("no")
    if isinstance(node, Mapping) and all(not isinstance(part, (Mapping, list)) for part in node.values()):
        return ", ".join(f"{words.sentence(key)} {value(part)}" for key, part in node.items())[:_LONGEST]
    if isinstance(node, Sequence):
        return words.plural(len(node), "entry") if node else gettext("none")
    if isinstance(node, Mapping):
        return gettext("stated: %(what)s", what=", ".join(words.sentence(key) for key in node))[:_LONGEST]
    return str(node)


def _listed(facts: Mapping[str, Any], pointer: str) -> Evidence | None:
    """Return an entry of an area or goods list as what is listed, on which list, and since when."""
    found = _ENTRY.fullmatch(pointer)
    section = facts.get("lists", {}).get(found[1], {}) if found else {}
    entries = section.get("entries", [])
    if found is None or int(found[2]) >= len(entries):
        return None
    entry = entries[int(found[2])]
    on = f"{list_title(found[1])}, {version_words(section.get('list_version'))}"
    said = [gettext("%(what)s stands on the list of %(on)s", what=entry.get("code") or _goods(entry), on=on)]
    said += [gettext("in force since %(day)s", day=entry["valid_from"])] if entry.get("valid_from") else []
    said += [gettext("in force until %(day)s", day=entry["valid_to"])] if entry.get("valid_to") else []
    return Evidence(gettext("list entry"), ", ".join(said))


def _goods(entry: Mapping[str, Any]) -> str:
    goods, country = entry.get("material", gettext("a product")), entry.get("country", gettext("any country"))
    return gettext("%(goods)s from %(country)s", goods=goods, country=country)
