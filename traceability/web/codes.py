"""Words of codes that services tell and pages print (``words.sentence``), collected here for the files of languages.

A code that is not here stands on a Dutch page in English, as its underscores made blanks; nothing depends on one.
"""

from typing import Final

from traceability.web.language import N_

ROLES: Final = (
    N_("supplier"), N_("importer"), N_("officer"), N_("regulator"), N_("auditor"), N_("dpo"), N_("admin"),
)  # fmt: skip
#: What decisions, cases, documents and holds are about.
SUBJECTS: Final = (
    N_("batch"), N_("shipment"), N_("party"), N_("site"), N_("document"), N_("correction"), N_("hit"), N_("signal"),
    N_("doc type"),
)  # fmt: skip
DISPOSITIONS: Final = (
    N_("released"), N_("released with mitigation"), N_("suspended"), N_("disengaged"), N_("reported to authority"),
    N_("rejected"), N_("confirmed"), N_("accepted"), N_("refused"), N_("read by person"),
)  # fmt: skip
REASON_CODES: Final = (
    N_("evidence sufficient"), N_("record corrected"), N_("risk mitigated"), N_("risk confirmed"), N_("other"),
)  # fmt: skip
#: Plans and grievances (services/case_forms.py).
CASES: Final = (
    N_("on track"), N_("improved"), N_("no improvement"), N_("completed"), N_("failed"),
    N_("open"), N_("under investigation"), N_("closed"), N_("answered"), N_("withdrawn"),
    N_("grievance"), N_("incident report"), N_("own"), N_("joint"), N_("external"),
    N_("substantiated"), N_("not substantiated"), N_("remediated"),
)  # fmt: skip
RISKS: Final = (
    N_("torture cruel treatment"), N_("forced labour"), N_("worst forms child labour"), N_("gross human rights abuse"),
    N_("war crimes"), N_("non state armed groups"), N_("security forces"), N_("bribery"),
    N_("origin misrepresentation"), N_("money laundering"), N_("unpaid taxes"), N_("environmental harm"),
    N_("health and safety"), N_("discrimination"),
    N_("trade union restriction"), N_("community harm"),
)  # fmt: skip
JOB_STATES: Final = (N_("waiting"), N_("running"), N_("failed"))
EVENT_TYPES: Final = (
    N_("extraction"), N_("separation"), N_("recycling"), N_("consolidation"), N_("processing"), N_("smelting"),
    N_("refining"), N_("dispatch"), N_("transport"), N_("transit"), N_("receipt"), N_("transfer"), N_("weighing"),
    N_("assay"), N_("export"), N_("import"), N_("other"), N_("packing"), N_("unpacking"),
)  # fmt: skip
#: What an event did with kilograms, where nobody proved to have had them.
BOOKED: Final = (N_("used"), N_("born"))
DOCUMENTS: Final = (
    N_("certificate of origin"), N_("export certificate"), N_("invoice"), N_("packing list"), N_("bill of lading"),
    N_("purchase order"), N_("contract"), N_("proof of payment"), N_("customs declaration"), N_("assay report"),
    N_("weighbridge ticket"), N_("melt log"), N_("intake invoice"), N_("kyc file"), N_("supplier letter"),
    N_("inventory statement"), N_("date stamp record"), N_("warehouse receipt"), N_("tax receipt"), N_("flow sheet"),
    N_("audit report"), N_("policy"), N_("supply chain map"), N_("production record"), N_("site visit report"),
    N_("impact note"),
)  # fmt: skip
DECLARED: Final = (N_("issuer role"), N_("issued on"), N_("declared origin country"))
#: What a passage is about, and how it says it.
SIGNALS: Final = (
    N_("child labour"), N_("armed group"), N_("sourcing"), N_("origin undetermined"),
    N_("affirmed"), N_("reported"), N_("negated"), N_("hypothetical"), N_("definition"), N_("historical"),
    N_("pending"),
)  # fmt: skip
NOTES: Final = (
    N_("actor unknown"), N_("ambiguous party"), N_("coordinates only"), N_("disputed signature"), N_("disputed site"),
    N_("foreign birth"), N_("future time"), N_("hash mismatch"), N_("late report"), N_("no weight"), N_("not a mass"),
    N_("origin differs"), N_("shared transformation"), N_("signer not actor"), N_("site contradicted"),
    N_("unknown bag"), N_("unknown party"), N_("unknown site"), N_("unreadable term"), N_("double spend"),
    N_("excess output"), N_("excess weight"), N_("implausible loss"), N_("not the holder"), N_("seal missing"),
    N_("seal reused"), N_("tag missing"), N_("tag reused"), N_("unknown input"), N_("no birth"), N_("cycle"),
    N_("correction outstanding"), N_("correction waits"), N_("correction held"), N_("confirm again"),
    N_("listed goods"), N_("not assessed"), N_("own areas alone"), N_("party not screened"), N_("place in words"),
    N_("weight contradicted"), N_("lot contradicted"), N_("tags contradicted"), N_("date contradicted"),
    N_("smelter contradicted"), N_("origin contradicted"), N_("denial contradicted"), N_("other lots"),
    N_("read in part"), N_("region unknown"), N_("rules"), N_("vessel number"),
    N_("grievance not assessed"), N_("plan not assessed"), N_("notice not assessed"),
)  # fmt: skip
#: Titles of errors: ours, and those of the framework.
ERRORS: Final = (
    N_("A person has to do this"),
    N_("Internal error"), N_("Invalid input"), N_("Invalid query parameter"), N_("Not authenticated"),
    N_("Not allowed"), N_("Purpose needed"), N_("Not found"), N_("Not acceptable"), N_("Conflict"), N_("Erased"),
    N_("Length required"), N_("Too large"), N_("URI too long"), N_("Unsupported media type"),
    N_("Content cannot be accepted"), N_("Too many requests"), N_("Unavailable"),
    N_("Signature missing"), N_("Signature malformed"), N_("Bad signature"), N_("Credential not valid"),
    N_("Invalid key"), N_("Proof does not verify"), N_("Ledger damaged"), N_("Ledger quarantined"),
    N_("Clock outside tolerance"), N_("Behind"), N_("Forked log"),
    N_("Bad Request"), N_("Not Found"), N_("Method Not Allowed"), N_("Request Entity Too Large"),
)  # fmt: skip
