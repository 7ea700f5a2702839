"""The record of processing activities (GDPR Art. 30): what this service does with data of persons, and why.

What only the controller can say - contact details, transfers, measures outside the service - is a gap, never a guess.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from traceability.diligence.reports.model import About, Column, Gap, Report, Section, Table
from traceability.diligence.retention import ACCESS, REPORTER, Ground

KIND, TITLE, ARTICLE = "gdpr-record", "Record of processing activities", "GDPR Art. 30"
_BY_HAND = "the record itself (DOCX), by the person who answers for it"


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing the service does with data of persons; ``basis`` is None where the controller has to state it.

    ``term`` is the code of a ground of retention with a length of its own; None where the record it belongs to decides.
    """

    name: str
    title: str
    purpose: str
    persons: str
    data: str
    recipients: str
    basis: str | None
    term: str | None = None


_CHAIN = "parties of the same chain as far as they hold it; regulators and auditors under a mandate; nobody in public"
_OWN = "officers and importers of the party; regulators and auditors under a mandate"
_DUTY = "Art. 6(1)(c): records of Reg. (EU) 2017/821 Art. 4 to 7"
ACTIVITIES: Final = (
    Activity(
        "accounts", "Accounts", "sign-in; to tell who decided, confirmed and read", "people who sign in",
        "sign-in name, role, party, hash of the password, e-mail address where one was given",
        "the operator's admins; the name stands beside decisions and reads", None,
    ),
    Activity(
        "decisions", "Decisions", "to keep who decided what about findings, and why", "officers",
        "sign-in name, time, reason", _OWN, _DUTY,
    ),
    Activity(
        "openings", "Personal values beside signed events",
        "traceability of who did a step, apart from the signed event", "miners and others who act in a chain",
        "values that a sender deposited under a salted commitment",
        "the party that deposited them; regulators and auditors under a mandate, each read logged", _DUTY,
    ),
    Activity(
        "events", "Captures of custody events", "traceability of a batch, signed by who did a step",
        "sole traders who are parties of a chain", "name and identifiers of the party, places, what it did and when",
        _CHAIN, _DUTY,
    ),
    Activity(
        "shipments", "Shipment records", "due diligence on the chain of a consignment",
        "sole traders who are parties or suppliers", "name, address, identifiers, what they supplied", _OWN, _DUTY,
    ),
    Activity(
        "documents", "Documents", "evidence of origin, audit and trade", "persons whom a paper names",
        "whatever the paper says; passages that a rule marked, with their quotation", _OWN, _DUTY,
    ),
    Activity(
        "screenings", "Screening of names", "comparing parties and names with lists of areas, parties and goods",
        "parties, sole traders, persons asked about",
        "name, where given day of birth, identifiers, likeness to listed names, the verdict of a person; an allegation "
        "stands with its source and date, and no person is marked as criminal (Art. 10)",
        _OWN, "Art. 6(1)(f): screening nobody is bound to; where an act demands it, Art. 6(1)(c)",
    ),
    Activity(
        "grievances", "Grievances and mitigation plans", "early warning, and measures against risks",
        "persons whom a text names, though officers are asked to leave them out",
        "the text, its channel, what it is about", _OWN, _DUTY,
    ),
    Activity(
        "reporters", "Who reported a grievance", "to answer the person who reported", "persons who report",
        "who it is, apart from the grievance", "the officer who took it down; the dpo; each read logged", None,
        REPORTER.code,
    ),
    Activity(
        "reads", "Log of reads", "to show who read private records, under which mandate and for what",
        "regulators, auditors, dpos",
        "sign-in name, time, what was read, purpose", "the dpo of the party concerned; the operator's dpo", None,
        ACCESS.code,
    ),
    Activity(
        "mandates", "Mandates", "to let authorities and auditors read, and nobody else", "regulators and auditors",
        "sign-in name, authority, article, purpose, days", "the operator's admins",
        "Art. 6(1)(e), of the authority; what the operator keeps of it: to be stated",
    ),
)  # fmt: skip

_WHY = (
    Column("activity", "Activity"), Column("purpose", "Purpose"), Column("persons", "Categories of persons"),
    Column("data", "Categories of data"), Column("stored", "Stored on the day"),
)  # fmt: skip
_HOW = (
    Column("activity", "Activity"), Column("basis", "Basis in Art. 6, as read here"),
    Column("recipients", "Categories of recipients"), Column("term", "Time limit for erasure"),
)  # fmt: skip
_WHAT = (Column("what", "What"), Column("stated", "As recorded"))
_MEASURES = (
    "Every role may do what a table allows and nothing else; a party sees its own records and the chain it holds.",
    "Authorities and auditors read under a mandate, with a purpose stated for each read, and every read is logged.",
    (
        "Ledger entries are hashes. Names of persons have their place beside signed events, under salted commitments, "
        "and can be erased there without breaking a signature; a sender may still have written one into an event."
    ),
    "Passwords and API keys are kept as hashes. Papers are read in a child process of their own.",
    "The service finds what is due for erasure; a dpo approves it, and backups have to expire by themselves.",
)
_NUMBERS = (
    "Numbers are those stored on the day of this report; reads are those of the period. An article is named where the "
    "service knows the duty it serves; the controller confirms it. Consent of miners is never the basis."
)


def record(
    about: About, address: str | None, dpos: Sequence[tuple[str, str | None]], stored: Mapping[str, int],
    grounds: Sequence[Ground] | None,
) -> Report:  # fmt: skip
    """Return the record of a controller.

    Args:
        about: whose it is.
        address: of the controller; None where none is recorded.
        dpos: sign-in name and e-mail address of each data protection officer.
        stored: how much of each activity is stored, by its name; what is absent is not counted.
        grounds: of retention that bind the controller's records; None where they are not known.

    """
    lines = tuple((one.title, one.purpose, one.persons, one.data, stored.get(one.name)) for one in ACTIVITIES)
    limits = tuple((one.title, one.basis, one.recipients, _term(one, grounds)) for one in ACTIVITIES)
    tables = (
        Table("purposes", "Purposes, persons and data", _WHY, lines, _NUMBERS),
        Table("limits", "Basis, recipients and time limits", _HOW, limits),
    )
    sections = (
        Section("Controller and data protection officer", (), (_controller(about, address, dpos),)),
        Section("What is processed", (), tables),
        Section("Measures of this service", _MEASURES, law="GDPR Art. 25, 30"),
    )
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=about.party_id, party_name=about.party_name, period=about.period,
        as_of=about.as_of, sections=sections, gaps=tuple(_gaps(address, dpos, grounds)), audience="authority",
    )  # fmt: skip


def _controller(about: About, address: str | None, dpos: Sequence[tuple[str, str | None]]) -> Table:
    rows = [("Name", about.party_name), ("Identifier", about.party_id), ("Address", address)]
    named: list[str | None] = [f"{name}, {mail or 'no address'}" for name, mail in dpos]
    rows += [("Data protection officer (sign-in name and e-mail address)", one) for one in named or [None]]
    return Table("controller", "Who answers for it", _WHAT, tuple(rows))


def _term(one: Activity, grounds: Sequence[Ground] | None) -> str | None:
    """Return for how long an activity's records are kept, in words; None where that is not known."""
    own = {ground.code: ground for ground in (ACCESS, REPORTER)}.get(one.term or "")
    if own is not None:
        return _said(own)
    if one.name == "accounts":
        return "the sign-in name stays after the account is closed, as decisions and reads name who made them"
    if one.name == "mandates":
        return "kept with the ledger entry that stands for it"
    if not grounds:
        return None
    longest = max(ground.years for ground in grounds)
    said = "; ".join(_said(ground) for ground in grounds if ground.years == longest)
    return f"{said}; a personal value earlier, on the dpo's word" if one.name == "openings" else said


def _said(ground: Ground) -> str:
    return f"{ground.years} year{'s' * (ground.years != 1)} after {ground.starts} ({ground.law_ref})"


def _gaps(
    address: str | None, dpos: Sequence[tuple[str, str | None]], grounds: Sequence[Ground] | None
) -> Iterator[Gap]:
    if not address:
        yield Gap("the address of the controller", ARTICLE, "the party's registration, or the record itself")
    if not dpos:
        yield Gap("a data protection officer: no account of that role", ARTICLE, "the operator's admin: users add")
    if any(mail is None for _, mail in dpos):
        yield Gap(
            "how the data protection officer is reached", ARTICLE, "traceability users email, or the page Password"
        )
    if not grounds:
        said = "the time limits for erasure: which acts bind the records is not known"
        yield Gap(said, ARTICLE, "the importer profile, POST /v1/profile")
    for one in ACTIVITIES:
        if one.basis is None:
            yield Gap(f"the basis in Art. 6 for: {one.title.lower()}", "GDPR Art. 6", _BY_HAND)
    yield Gap("joint controllers, processors and their contracts, the operator's part among them", ARTICLE, _BY_HAND)
    yield Gap("transfers to third countries: who there reads, receives or stores", ARTICLE, _BY_HAND)
    yield Gap("measures outside this service: hosting, backups, devices, staff", ARTICLE, _BY_HAND)
